import { RpcError } from '../../world/rpc.ts';
import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';

/** What a commitment with anchors puts into each, and into both: the opener's. */
export const ANCHOR = 330n;
export const ANCHORS = 2n * ANCHOR;

type Verbose = {
  readonly vin: readonly { readonly txid: string; readonly vout: number }[];
  readonly vout: readonly { readonly value: number }[];
};

const satOf = (bitcoin: number): bigint => BigInt(Math.round(bitcoin * 1e8));

/** Of bitcoind's, as soon as it has it: the engine saves first and broadcasts then. */
const known = ({ chain }: World, txId: string): Promise<Verbose> =>
  unlessRefused(() => chain.rpc.call<Verbose>('getrawtransaction', txId, true), `${txId} to be broadcast`);

/** What a transaction really paid, by bitcoind's word: its inputs less its outputs. */
export async function chainFeeSat(world: World, txId: string): Promise<bigint> {
  const { chain } = world;
  const { vin, vout } = await known(world, txId);
  let fee = 0n;
  for (const { txid, vout: index } of vin) {
    const parent = await chain.rpc.call<Verbose>('getrawtransaction', txid, true);
    fee += satOf(parent.vout[index]?.value ?? 0);
  }
  for (const { value } of vout) fee -= satOf(value);
  return fee;
}

/** In the mempool: what a block mined now would hold. */
export async function untilBroadcast({ chain }: World, txId: string): Promise<void> {
  await unlessRefused(() => chain.rpc.call('getmempoolentry', txId), `${txId} to wait for a block`);
}

/** What its first input comes from. */
export async function parentOf(world: World, txId: string): Promise<string> {
  const { vin } = await known(world, txId);
  return vin[0]?.txid ?? '';
}

/** bitcoind refuses to tell of what it does not have. */
const unlessRefused = <T>(ask: () => Promise<T>, what: string): Promise<T> =>
  until(
    async () => {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof RpcError) return null;
        throw error;
      }
    },
    { what },
  );

/** Whether it is in a block or waits for one. */
export async function isKnown({ chain }: World, txId: string): Promise<boolean> {
  try {
    await chain.rpc.call('getrawtransaction', txId);
    return true;
  } catch (error) {
    if (error instanceof RpcError) return false;
    throw error;
  }
}
