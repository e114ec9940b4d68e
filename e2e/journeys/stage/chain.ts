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

/** What a transaction really paid, by bitcoind's word: its inputs less its outputs. */
export async function chainFeeSat({ chain }: World, txId: string): Promise<bigint> {
  const { vin, vout } = await chain.rpc.call<Verbose>('getrawtransaction', txId, true);
  let fee = 0n;
  for (const { txid, vout: index } of vin) {
    const parent = await chain.rpc.call<Verbose>('getrawtransaction', txid, true);
    fee += satOf(parent.vout[index]?.value ?? 0);
  }
  for (const { value } of vout) fee -= satOf(value);
  return fee;
}

/** What a block mined now would hold: the engine saves first and broadcasts then. */
export async function untilBroadcast({ chain }: World, txId: string): Promise<void> {
  await until(
    async () => {
      try {
        return await chain.rpc.call('getmempoolentry', txId);
      } catch (error) {
        if (error instanceof RpcError) return null;
        throw error;
      }
    },
    { what: `${txId} to be broadcast` },
  );
}

/** What its first input comes from. */
export async function parentOf({ chain }: World, txId: string): Promise<string> {
  const { vin } = await chain.rpc.call<Verbose>('getrawtransaction', txId, true);
  return vin[0]?.txid ?? '';
}

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
