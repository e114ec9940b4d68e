import type { LightningQuote } from '../../../engine/node/api.ts';
import { feePercent } from '../../format/money.ts';
import { send } from '../../i18n/en.ts';

type CostFact = {
  readonly name: string;
  readonly msat: bigint | null;
  readonly note?: string;
  readonly strong?: boolean;
};

/** What a Lightning payment costs: what is expected, what it may be at most, and all of it. */
export const costFacts = (quote: LightningQuote | null): readonly CostFact[] => [
  quote === null
    ? { name: send.review.fee, msat: null }
    : { name: send.review.fee, msat: quote.feeMsat, note: feePercent(quote.feeMsat, quote.amountMsat) },
  { name: send.review.bound, msat: quote?.maxFeeMsat ?? null },
  { name: send.review.total, msat: quote === null ? null : quote.amountMsat + quote.feeMsat, strong: true },
];
