import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import type { PeerChannel } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import type { Seen } from './chain-money.ts';

/** Both sides hold the same channel, to the msat. Nothing may be in flight. */
export function expectSameBalances(ours: ChannelDetails, theirs: PeerChannel): void {
  expect(ours.localMsat + ours.remoteMsat).toBe(ours.capacitySat * 1000n);
  // What a side can receive at most is what the other has above the reserve that it must keep.
  const above = (held: bigint, reserve: bigint): bigint => (held > reserve ? held - reserve : 0n);
  const reserve = ours.reserveSat * 1000n;
  expect({ inbound: theirs.inboundMsat, pending: theirs.pendingIncoming + theirs.pendingOutgoing }).toEqual({
    inbound: above(ours.localMsat, reserve),
    pending: 0,
  });
}

export type ChainTx = {
  readonly txid: string;
  readonly fee: number;
  readonly vout: readonly { readonly value: number; readonly scriptpubkey_address?: string }[];
  readonly status: { readonly confirmed: boolean };
};

/** What spends the output, as soon as anything does. */
export function spendOf(
  stage: Seen,
  txId: string,
  index: number,
  describe: () => unknown = () => '',
): Promise<ChainTx> {
  // What was seen a moment ago may have been replaced since.
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${stage.esplora.url}${path}`);
    return answer.ok ? answer.json() : null;
  };
  return until(
    async () => {
      const spend = (await ask(`/tx/${txId}/outspend/${index}`)) as { spent: boolean; txid?: string } | null;
      return spend?.spent === true && spend.txid !== undefined
        ? ((await ask(`/tx/${spend.txid}`)) as ChainTx | null)
        : null;
    },
    { what: `a spend of ${txId}:${index}`, describe },
  );
}
