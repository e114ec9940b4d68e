import { equalBytes } from '../../../base/bytes.ts';
import type { ChainEvent } from '../../../bitcoin/watch.ts';
import { fundingLock } from '../../../commitment/funding.ts';
import { FAILURES } from '../../closing-cause.ts';
import type { Core, Durable } from '../../state.ts';
import type { Work } from '../../work.ts';
import { failChannel } from '../closing/fail.ts';
import { cameToBe } from '../closing/past.ts';
import { progress } from '../closing/progress.ts';
import { withoutRival } from './funding-rival.ts';

type Confirmed = ChainEvent & { readonly tag: 'confirmed' };

/** The funding transaction is in a block. */
export function onFundingConfirmed(work: Work, channel: Durable, event: Confirmed): void {
  const index = channel.active.findIndex(({ funding }) => funding.outPoint.txId === event.txId);
  const active = channel.active[index];
  if (active === undefined) return;
  const { funding, confirmed } = active;
  // Told again at each start.
  if (confirmed?.blockHash === event.at.blockHash && confirmed.index === event.at.index) return;
  const output = event.tx.outputs[funding.outPoint.index];
  const { script } = fundingLock(funding);
  // BOLT 2 §channel_ready: "MUST NOT send `channel_ready` unless outpoint of given by `funding_txid` and
  // `funding_output_index` in the `funding_created` message pays exactly `funding_satoshis` to the scriptpubkey
  // specified"
  if (output === undefined || output.amount !== funding.amount || !equalBytes(output.script, script)) {
    failChannel(work, FAILURES.falseFunding);
    return;
  }
  const alone = withoutRival(channel);
  // Its peer was told that it is over: what there is of it is taken from the chain.
  const back = alone.phase === 'closed' ? cameToBe(alone) : null;
  if (back !== null) {
    // What both signed has its time from now: it could not be mined before.
    const talk = back.talk && { ...back.talk, since: work.env.height };
    return progress(work, { ...back, talk, active: replaced(alone, index, event.at) });
  }
  work.durable = {
    ...alone,
    active: replaced(alone, index, event.at),
    // The peer signed for the place where the transaction stood before.
    announcement: index === 0 ? null : channel.announcement,
  };
}

export const replaced = (
  { active }: Core,
  index: number,
  confirmed: Core['active'][0]['confirmed'],
): Core['active'] => {
  const [first, ...rest] = active;
  if (index === 0) return [{ ...first, confirmed }, ...rest];
  return [first, ...rest.map((other, i) => (i === index - 1 ? { ...other, confirmed } : other))];
};
