import { sat, timestamp } from '../../base/units.ts';

import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { LawChain } from './law-chain.ts';
import { Secret } from '../../crypto/secret.ts';
import { newAddress } from '../../wallet/addresses.ts';
import { KeyTree } from '../../wallet/key-tree.ts';
import { createWallet, loadWallet } from '../../wallet/open-wallet.ts';
import { noteTx } from '../../wallet/record-tx.ts';
import type { WalletState, WalletStep } from '../../wallet/wallet-state.ts';
import { paying } from '../fake-chain.ts';
import { seeded } from '../two-peer-env.ts';
import { law } from './law.ts';

/** What each wallet begins with, to pay for claims: so many coins of so many satoshis. */
const COINS = 4;
const COIN = 250_000n;
export const COINS_AT_FIRST = BigInt(COINS) * COIN;

/** The keys of a wallet, its rows on disk, and where its coins come from. */
export type FirstWallet = {
  readonly keys: KeyTree;
  readonly rows: ReadonlyMap<string, Uint8Array>;
  readonly coins: Tx;
};

export function firstWallet(name: string): FirstWallet {
  const keys = new KeyTree(new Secret(seeded(name, 'words')), 'regtest');
  const rows = new Map<string, Uint8Array>();
  const take = <S extends WalletStep>(step: S): S => {
    for (const write of step.commit)
      if (write.op === 'put') rows.set(write.key, write.value);
      else rows.delete(write.key);
    return step;
  };
  const { state } = take(newAddress(take(createWallet(keys, 'regtest')).state, { kind: 'p2wpkh' }));
  const [own] = state.scripts.values();
  law(own !== undefined, 'a wallet has an address');
  const coins = paying(...Array.from({ length: COINS }, () => [own.script, sat(COIN)] as const));
  take(noteTx(state, { tx: coins, at: null }, timestamp(1_700_000_000)));
  return { keys, rows, coins };
}

export function walletOf(rows: ReadonlyMap<string, Uint8Array>): WalletState {
  const read = loadWallet(rows, 'regtest');
  law(read.ok && read.value !== null, 'a wallet can be read');
  return read.value;
}

/** Where the chain has what this wallet knows of. */
export function followed(wallet: WalletState, chain: LawChain, now: number): WalletStep {
  let state = wallet;
  const commit: WalletStep['commit'][number][] = [];
  for (const { tx } of wallet.txs.values()) {
    const at = chain.placeOf(txIdOf(tx))?.at ?? null;
    const step = noteTx(state, { tx, at }, timestamp(now), chain.height);
    state = step.state;
    commit.push(...step.commit);
  }
  return { state, commit };
}
