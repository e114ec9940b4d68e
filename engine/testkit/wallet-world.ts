import { fromHex } from '../base/bytes.ts';
import type { Result } from '../base/result.ts';
import { feeratePerKw, sat, timestamp, type FeeratePerKw, type Sat } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import { Secret } from '../crypto/secret.ts';
import { newAddress } from '../wallet/addresses.ts';
import type { ScriptKind } from '../wallet/key-origin.ts';
import { KeyTree } from '../wallet/key-tree.ts';
import { createWallet } from '../wallet/open-wallet.ts';
import { scanNews } from '../wallet/scan.ts';
import { applyFacts, type Receipt } from '../wallet/wallet-facts.ts';
import type { WalletState, WalletStep } from '../wallet/wallet-state.ts';
import { FakeChain, paying } from './fake-chain.ts';
import { FakeEsplora, httpOver } from './fake-esplora.ts';

export const value = <T, E>(result: Result<T, E>): T => {
  if (!result.ok)
    throw new Error(
      `refused: ${JSON.stringify(result.error, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))}`,
    );
  return result.value;
};

export const RATE: FeeratePerKw = feeratePerKw(1_000);

/** A wallet on a fake chain, with what it wrote. */
export class WalletWorld {
  readonly chain = new FakeChain(110);
  readonly esplora = new FakeEsplora('https://esplora.test', this.chain);
  readonly keys: KeyTree;
  readonly disk = new Map<string, Uint8Array>();
  readonly follower: ChainFollower;
  state: WalletState;
  now = 1_750_000_000;
  #turn = 0;

  constructor(seed = '00'.repeat(32)) {
    this.keys = new KeyTree(new Secret(fromHex(seed)), 'regtest');
    this.state = this.take(createWallet(this.keys, 'regtest')).state;
    this.follower = new ChainFollower({
      network: 'regtest',
      servers: [this.esplora.url],
      http: httpOver(this.esplora),
      clock: { now: () => timestamp(this.now) },
      random: (length) => new Uint8Array(length),
    });
  }

  /** Writes, then goes on from there. */
  take<S extends WalletStep>(step: S): S {
    this.write(step.commit);
    this.state = step.state;
    return step;
  }

  write(writes: readonly Write[]): void {
    for (const write of writes)
      if (write.op === 'put') this.disk.set(write.key, write.value);
      else this.disk.delete(write.key);
  }

  address(kind: ScriptKind = 'p2wpkh'): string {
    return this.take(newAddress(this.state, { kind })).address;
  }

  /** From somebody else, to a new address; in the mempool. */
  pay(amount: bigint, kind: ScriptKind = 'p2wpkh'): Tx {
    const script = value(scriptOfAddress(this.address(kind), 'regtest'));
    const tx = paying([script, amount]);
    this.chain.add(tx);
    return tx;
  }

  /** Follows the chain and looks for news. */
  async sync(): Promise<readonly Receipt[]> {
    const before = this.follower.tip()?.hash;
    const report = await this.follower.sync();
    const tip = report.tip;
    if (tip === null) return [];
    const scan = await scanNews(this.follower.reader, this.state, {
      tipHeight: tip.height,
      newBlock: tip.hash !== before,
      turn: this.#turn++,
      now: timestamp(this.now),
    });
    return this.take(applyFacts(this.state, value(scan).facts, timestamp(this.now))).received;
  }

  /** Coins of these amounts, confirmed and seen. */
  async fund(...amounts: readonly bigint[]): Promise<void> {
    for (const [i, amount] of amounts.entries()) this.pay(amount, i % 2 === 0 ? 'p2wpkh' : 'p2tr');
    this.chain.mine();
    await this.sync();
  }

  /** Gives it to the chain, as a server would take it. */
  publish(tx: Tx): void {
    const spends = new Set(tx.inputs.map(({ outPoint }) => `${outPoint.txId}:${outPoint.index}`));
    this.chain.mempool = this.chain.mempool.filter(
      ({ inputs }) => !inputs.some(({ outPoint }) => spends.has(`${outPoint.txId}:${outPoint.index}`)),
    );
    this.chain.add(tx);
  }
}

export const sats = (amount: bigint | number): Sat => sat(amount);
