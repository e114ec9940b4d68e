import type { Table } from '../../base/write.ts';
import { msat, sat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { Env } from '../../channel/env.ts';
import type { ChannelType } from '../../wire/channel-type.ts';
import { TwoPeers } from '../two-peer.ts';
import { firstWallet, type FirstWallet } from './law-wallet.ts';

type Rows = ReadonlyMap<Table, ReadonlyMap<string, Uint8Array>>;

/** Two disks with one channel between them, ready, and its funding transaction. */
export type Opened = {
  readonly disks: { readonly alice: Rows; readonly bob: Rows };
  readonly envs: { readonly alice: Env; readonly bob: Env };
  readonly fundingTx: Tx;
  readonly wallets: { readonly alice: FirstWallet; readonly bob: FirstWallet };
};

/** Of 1,000,000 sat, 400,000 of them bob's. Alice opened it. */
export function openedChannel(base: ChannelType['base']): Opened {
  const character = { config: { formats: [base] } } as const;
  const { alice, bob, fundingTx } = TwoPeers.ready(
    { amount: sat(1_000_000), push: msat(400_000_000) },
    character,
    character,
  );
  const wallets = { alice: firstWallet('alice'), bob: firstWallet('bob') };
  return {
    disks: {
      alice: new Map(alice.disk).set('wallet', new Map(wallets.alice.rows)),
      bob: new Map(bob.disk).set('wallet', new Map(wallets.bob.rows)),
    },
    wallets,
    envs: { alice: alice.env, bob: bob.env },
    fundingTx,
  };
}
