import type { World } from '../../world/world.ts';

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
