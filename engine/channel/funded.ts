import type { BlockHeight } from '../base/units.ts';
import type { Core, Durable } from './state.ts';

type Funded = Pick<Core, 'params' | 'active'>;

/**
 * BOLT 2 §open_channel: "The receiving node MUST NOT: consider funds received, using `push_msat`, to be received until the
 * funding transaction has reached sufficient depth."
 * The funding transaction is in a block. A reorganisation may take it out for good, by another one that spends its
 * inputs: until it is back, nothing may be promised or given for what the channel holds. Where no confirmation was asked
 * for (minimum_depth 0), the opener is trusted once its transaction was seen, for as long as nothing takes its place.
 */
export const isInBlock = ({ params, active: [{ confirmed, rival, fundingTx }] }: Funded): boolean =>
  confirmed !== null ||
  (params.minimumDepth === 0 && rival === undefined && (params.opener === 'local' || fundingTx !== null));

/** Nobody has shown the funding transaction yet: nothing is known against it, either. */
export const isUnseen = ({ active: [{ confirmed, rival, fundingTx }] }: Pick<Core, 'active'>): boolean =>
  confirmed === null && fundingTx === null && rival === undefined;

/** So deep again as it had to be at first. A height below it is one of before the chain was looked at. */
export const isDeepEnough = (channel: Funded, height: BlockHeight): boolean => {
  const {
    params: { minimumDepth },
    active: [{ confirmed }],
  } = channel;
  if (!isInBlock(channel) || confirmed === null) return isInBlock(channel);
  return height < confirmed.height || height - confirmed.height + 1 >= minimumDepth;
};

/** Another transaction was seen that takes the coins of the funding transaction, and neither is settled yet. */
export const hasRival = ({ phase, active: [{ confirmed, rival }] }: Durable): boolean =>
  phase !== 'closed' && confirmed === null && rival !== undefined;
