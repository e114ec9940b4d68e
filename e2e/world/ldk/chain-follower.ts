import { setImmediate as turn } from 'node:timers/promises';
import type { Rpc } from '../rpc.ts';
import { hash32, ldk, unhex } from './library.ts';

export type Best = { readonly hash: string; readonly height: number };
export type BlockSink = {
  readonly connected: (block: ConnectedBlock) => void;
  readonly disconnected: (header: Uint8Array, height: number) => void;
};
export type ConnectedBlock = { readonly hash: string; readonly height: number; readonly bytes: Uint8Array };

export const bestBlock = (best: Best): ldk.BestBlock =>
  ldk.BestBlock.constructor_new(hash32(best.hash), best.height);

type Header = { height: number; confirmations: number; previousblockhash: string };

/** Brings whatever knows the chain up to `from` to bitcoind's tip: down to the fork, then up block by block. */
export async function followChain(rpc: Rpc, from: Best, sink: BlockSink): Promise<Best> {
  let best = from;
  for (;;) {
    const tip = await rpc.call<string>('getbestblockhash');
    if (tip === best.hash) return best;
    for (;;) {
      const header = await rpc.call<Header>('getblockheader', best.hash);
      // -1: not in the best chain any more.
      if (header.confirmations >= 0) break;
      sink.disconnected(unhex(await rpc.call<string>('getblockheader', best.hash, false)), best.height);
      best = { hash: header.previousblockhash, height: best.height - 1 };
    }
    const { height: top } = await rpc.call<Header>('getblockheader', tip);
    for (let height = best.height + 1; height <= top; height++) {
      const hash = await rpc.call<string>('getblockhash', height);
      const header = await rpc.call<Header>('getblockheader', hash);
      // A reorganisation while reading: begin again.
      if (header.previousblockhash !== best.hash) break;
      sink.connected({ hash, height, bytes: unhex(await rpc.call<string>('getblock', hash, 0)) });
      best = { hash, height };
      // Peers must not starve while we catch up.
      await turn();
    }
  }
}

/** A block's transactions as a single monitor wants them. */
export async function monitorTransactions(rpc: Rpc, hash: string): Promise<ldk.TwoTuple_usizeTransactionZ[]> {
  const { tx } = await rpc.call<{ tx: { hex: string }[] }>('getblock', hash, 2);
  return tx.map(({ hex }, index) => ldk.TwoTuple_usizeTransactionZ.constructor_new(index, unhex(hex)));
}
