import { err, ok, type Result } from '../../base/result.ts';
import { feeOf, msatToSat, weight, type FeeratePerKw } from '../../base/units.ts';
import { dustLimitOf } from '../../bitcoin/dust.ts';
import { feeAtLeast, feerateToSatPerVb } from '../../bitcoin/fee.ts';
import { p2wpkh, p2wsh } from '../../bitcoin/script.ts';
import { ANCHOR_AMOUNT } from '../../commitment/anchors-zero-fee.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { blocksAt } from '../../chain/fee-estimates.ts';
import { haggledMax, most, openerFees } from '../../channel/closing-room.ts';
import { summary } from '../../channel/machine.ts';
import { commitmentWeight, liftFee } from '../../commitment/expected-weights.ts';
import { raiseOf, type Raise } from '../../channel/raise.ts';
import type { Session } from '../../channel/session.ts';
import type { CloseTalk, Durable } from '../../channel/state.ts';
import { sharesOf, type ChannelSummary } from '../../channel/summary.ts';
import { negotiated } from '../../wire/features.ts';
import type { CloseQuote, CloseQuotes, RaiseQuote, TogetherQuote } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import { PATIENT_PART } from '../claims/budget.ts';
import type { Core } from '../core.ts';
import { FEATURES } from '../features.ts';
import type { Refusal } from '../refusal.ts';

/** One input that claims the delayed output, one output to the wallet. */
const CLAIM_WEIGHT = 483;
/** What our wallet hands out. */
const SOME_SCRIPT = p2wpkh(Uint8Array.of(2, ...new Uint8Array(32)));
/** The longest that pays somebody, without `option_shutdown_anysegwit` and with it: see bitcoin/script-form.ts. */
const LONGEST_SCRIPT = p2wsh(new Uint8Array(0));
const LONGEST_ANY_SEGWIT = new Uint8Array(42);

/**
 * What each way of closing would cost now, and how long the money would be held.
 * @param rate what `closeChannel` would be asked for with
 */
export function quoteClose(
  core: Core,
  { state }: HostedChannel,
  rate: FeeratePerKw = core.feerates.normal,
): Result<CloseQuotes, Refusal> {
  const { durable, session } = state;
  const known = summary(state, core.height);
  if (known === null || durable === null) return err({ code: 'unknown-channel' });
  const together =
    known.closing === null &&
    (known.status === 'ready' || known.status === 'shutting-down' || known.status === 'negotiating-close');
  const raise = raiseOf(state, FEATURES);
  return ok({
    cooperative: together ? togetherQuote(known, durable, session, rate, core.feerates) : null,
    raise: raise === null ? null : raiseQuote(known, raise, rate, core.feerates),
    force: quoteOf('force', known, forceFee(known, core.feerates), durable.params.remote.toSelfDelay),
  });
}

/**
 * With `option_simple_close` whoever asks pays, and chooses the fee. Without, only the opener pays for the transaction,
 * and the peer may choose any fee in the range that we offer: what is quoted is its upper end, whichever way of agreeing
 * the peer knows (see closing-offer.ts and simple-offer.ts in channel/). While the peer is away, the dearer of the two. Where
 * the peer has not said where it is paid to, the longest script is reckoned with. What would have no output is fee: below
 * the higher of the two dust limits, by closing_complete below that of relaying.
 */
function togetherQuote(
  known: ChannelSummary,
  durable: Durable,
  session: Session,
  rate: FeeratePerKw,
  feerates: Feerates,
): TogetherQuote {
  const { isKnown, ...scripts } = scriptsOf(durable, session);
  const { fair, max } = openerFees(rate, feerates, scripts, msatToSat(sharesOf(known).local));
  const haggled = known.isOpener ? haggledMax(max, fair) : 0n;
  const { local, remote } = durable.params;
  const dustLimit = most(local.dustLimit, remote.dustLimit);
  const quote = (feeSat: bigint, isAtMost: boolean, least: bigint = dustLimit): TogetherQuote => {
    const quoted = quoteOf('cooperative', known, feeSat, blocksAt(rate, feerates));
    const { feeSat: fee, receivedSat } = quoted;
    // No output is made of so little.
    const paid = receivedSat < least ? { feeSat: fee + receivedSat, receivedSat: 0n } : {};
    return { ...quoted, ...paid, isAtMost, feerateSatPerVb: feerateToSatPerVb(rate) };
  };
  if (!('remoteFeatures' in session)) return quote(fair > haggled ? fair : haggled, true);
  return negotiated(FEATURES, session.remoteFeatures, 'option_simple_close')
    ? quote(fair, !isKnown, dustLimitOf(scripts.localScript))
    : quote(haggled, known.isOpener);
}

/** Where a closing transaction would pay to. `isKnown`: the peer is bound to it; else what it said last, or the longest. */
function scriptsOf(
  durable: Durable,
  session: Session,
): Pick<CloseTalk, 'localScript' | 'remoteScript'> & { readonly isKnown: boolean } {
  const { local, remote } = durable.params;
  const talk = durable.phase === 'shutting-down' || durable.phase === 'negotiating' ? durable : null;
  const isKnown = remote.shutdownScript.length > 0;
  const said = talk?.remoteScript ?? (isKnown ? remote.shutdownScript : null);
  return {
    localScript: talk?.localScript ?? (local.shutdownScript.length > 0 ? local.shutdownScript : SOME_SCRIPT),
    remoteScript: said ?? longestOf(session),
    isKnown,
  };
}

const longestOf = (session: Session): Uint8Array =>
  'remoteFeatures' in session && !negotiated(FEATURES, session.remoteFeatures, 'option_shutdown_anysegwit')
    ? LONGEST_SCRIPT
    : LONGEST_ANY_SEGWIT;

/** The rate that is asked for, or what takes the place of what waits where that is more. */
function raiseQuote(
  known: ChannelSummary,
  raise: Raise,
  asked: FeeratePerKw,
  feerates: Feerates,
): RaiseQuote {
  const rate = asked > raise.rate ? asked : raise.rate;
  return {
    ...quoteOf('cooperative', known, raise.feeAt(rate), blocksAt(rate, feerates)),
    feerateSatPerVb: feerateToSatPerVb(rate),
  };
}

/**
 * About what it comes to at rates that stay as they are: our share of the commitment's fee and of its anchors, the child that
 * lifts it where it pays less than what can wait pays now (see node/claims/), and the claim. Payments under way cost more.
 */
function forceFee(known: ChannelSummary, { normal, background }: Feerates): bigint {
  const { isOpener, type, feerate, htlcs } = known;
  const size = commitmentWeight(type.base, htlcs.length);
  const commitment = feeOf(feerate, size);
  const claim = feeAtLeast(normal, weight(CLAIM_WEIGHT));
  const own = isOpener ? claim + commitment : claim;
  if (type.base !== 'anchors') return own;
  const lacking = liftFee(background, { weight: size, fee: commitment });
  const most = msatToSat(sharesOf(known).local) / PATIENT_PART;
  const child = feerate >= background ? 0n : lacking < most ? lacking : most;
  return own + child + (isOpener ? 2n * ANCHOR_AMOUNT : 0n);
}

function quoteOf(
  kind: CloseQuote['kind'],
  known: ChannelSummary,
  feeSat: bigint,
  delayBlocks: number,
): CloseQuote {
  const held = msatToSat(sharesOf(known).local);
  const fee = feeSat < held ? feeSat : held;
  return { kind, feeSat: fee, receivedSat: held - fee, delayBlocks };
}
