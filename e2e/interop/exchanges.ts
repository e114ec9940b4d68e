import type { WireMessage } from '../../engine/wire/wire-message.ts';
import type { ScenarioName } from './scenario-lines.ts';

type Name = WireMessage['name'];

/** What an exchange consists of: the line is cut before and after each of these, in each direction. */
export type Exchange = {
  /** Each side says all of these. */
  readonly us: readonly Name[];
  readonly them: readonly Name[];
  /** And some say these. */
  readonly maybe?: readonly Name[];
  /** Cut at the first of a name only: where each walk takes a channel of its own, or more than the exchange is heard. */
  readonly firstOnly?: true;
};

const PAYING = ['update_add_htlc', 'commitment_signed', 'revoke_and_ack', 'update_fulfill_htlc'] as const;
const GIVING_BACK = ['update_add_htlc', 'commitment_signed', 'revoke_and_ack', 'update_fail_htlc'] as const;
const REESTABLISHING = ['channel_reestablish', ...PAYING] as const;
const AGAIN = ['channel_reestablish'] as const;
const OPENER = ['open_channel', 'funding_created', 'channel_ready'] as const;
const ACCEPTER = ['accept_channel', 'funding_signed', 'channel_ready'] as const;
const FEE = ['update_fee', 'commitment_signed', 'revoke_and_ack'] as const;
const FEE_ANSWER = ['revoke_and_ack', 'commitment_signed'] as const;
const CLOSING = ['shutdown'] as const;
/** The one negotiation or the other; and with `closing_complete` what the other offers of its own. */
const NEGOTIATING = ['closing_signed', 'closing_complete', 'closing_sig'] as const;
const BUMPING = ['closing_complete', 'closing_sig'] as const;
const ANNOUNCING = ['announcement_signatures'] as const;
/** What goes that way just then. */
const GOSSIPING = ['channel_announcement', 'channel_update'] as const;

/** By scenario. What is said here is what each walks through: that a message was not cut fails it. */
export const EXCHANGES = {
  cuts: { us: PAYING, them: PAYING },
  'cuts-refused': { us: GIVING_BACK, them: GIVING_BACK },
  'cuts-reestablish': { us: REESTABLISHING, them: REESTABLISHING, firstOnly: true },
  'cuts-reestablish-opening': { us: AGAIN, them: AGAIN, firstOnly: true },
  'cuts-reestablish-closing': { us: AGAIN, them: AGAIN, firstOnly: true },
  'cuts-opening': { us: OPENER, them: ACCEPTER, firstOnly: true },
  'cuts-opening-by-them': { us: ACCEPTER, them: OPENER, firstOnly: true },
  'cuts-announcing': { us: ANNOUNCING, them: ANNOUNCING, maybe: GOSSIPING, firstOnly: true },
  'cuts-close-by-us': { us: CLOSING, them: CLOSING, maybe: NEGOTIATING, firstOnly: true },
  'cuts-close-by-them': { us: CLOSING, them: CLOSING, maybe: NEGOTIATING, firstOnly: true },
  'cuts-bump-by-us': { us: ['closing_complete'], them: ['closing_sig'], maybe: BUMPING, firstOnly: true },
  'cuts-bump-by-them': { us: ['closing_sig'], them: ['closing_complete'], maybe: BUMPING, firstOnly: true },
  'cuts-fees': { us: FEE, them: FEE_ANSWER, firstOnly: true },
  'cuts-fees-by-them': { us: FEE_ANSWER, them: FEE, firstOnly: true },
} as const satisfies Partial<Record<ScenarioName, Exchange>>;
