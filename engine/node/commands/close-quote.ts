import { err, ok, type Result } from '../../base/result.ts';
import { feeOf, msatToSat, weight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { FEERATE_FLOOR, feeAtLeast, feerateToSatPerVb } from '../../bitcoin/fee.ts';
import { p2wpkh } from '../../bitcoin/script.ts';
import { ANCHOR_AMOUNT } from '../../commitment/anchors-zero-fee.ts';
import { closingWeight } from '../../commitment/closing.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { haggledMax, openerMax } from '../../channel/closing-room.ts';
import { summary } from '../../channel/machine.ts';
import { commitmentWeight } from '../../commitment/expected-weights.ts';
import { raiseOf, type Raise } from '../../channel/raise.ts';
import type { Session } from '../../channel/session.ts';
import { sharesOf, type ChannelSummary } from '../../channel/summary.ts';
import { negotiated } from '../../wire/features.ts';
import type { CloseQuote, CloseQuotes, RaiseQuote } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import { FEATURES } from '../features.ts';
import type { Refusal } from '../refusal.ts';

/** One input that claims the delayed output, one output to the wallet. */
const CLAIM_WEIGHT = 483;
const SOME_SCRIPT = p2wpkh(Uint8Array.of(2, ...new Uint8Array(32)));

/** What each way of closing would cost now, and how long the money would be held. */
export function quoteClose(core: Core, channel: HostedChannel): Result<CloseQuotes, Refusal> {
  const known = summary(channel.state, core.height);
  const delay = channel.state.durable?.params.remote.toSelfDelay;
  if (known === null || delay === undefined) return err({ code: 'unknown-channel' });
  const together =
    known.closing === null &&
    (known.status === 'ready' || known.status === 'shutting-down' || known.status === 'negotiating-close');
  const raise = raiseOf(channel.state, FEATURES);
  return ok({
    cooperative: together
      ? quoteOf('cooperative', known, closingFee(known, channel.state.session, core.feerates), 1)
      : null,
    raise: raise === null ? null : raiseQuote(known, raise, core.feerates),
    force: quoteOf('force', known, forceFee(known, core.feerates.normal), delay),
  });
}

/**
 * With `option_simple_close` whoever asks pays, and chooses the fee. Without, only the opener pays for the transaction,
 * and the peer may choose any fee in the range that we offer: what is quoted is its upper end, whichever way of agreeing
 * the peer knows (see closing-offer.ts and simple-offer.ts in channel/). While the peer is away, the dearer of the two.
 */
function closingFee({ isOpener }: ChannelSummary, session: Session, { normal, urgent }: Feerates): bigint {
  const feeAt = (rate: FeeratePerKw): Sat => feeAtLeast(rate, closingWeight([SOME_SCRIPT, SOME_SCRIPT]));
  const asked = feeAt(normal > FEERATE_FLOOR ? normal : FEERATE_FLOOR);
  const haggled = isOpener ? haggledMax(openerMax(feeAt(normal), feeAt(urgent)), feeAt(normal)) : 0n;
  if (!('remoteFeatures' in session)) return asked > haggled ? asked : haggled;
  return negotiated(FEATURES, session.remoteFeatures, 'option_simple_close') ? asked : haggled;
}

/** The normal rate, or what takes the place of what waits where that is more. */
function raiseQuote(known: ChannelSummary, { rate, feeAt }: Raise, { normal }: Feerates): RaiseQuote {
  const wanted = normal > rate ? normal : rate;
  return {
    ...quoteOf('cooperative', known, feeAt(wanted), 1),
    feerateSatPerVb: feerateToSatPerVb(wanted),
  };
}

function forceFee({ isOpener, type, feerate, htlcs }: ChannelSummary, claimRate: FeeratePerKw): bigint {
  const claim = feeAtLeast(claimRate, weight(CLAIM_WEIGHT));
  if (!isOpener) return claim;
  const commitment = feeOf(feerate, commitmentWeight(type.base, htlcs.length));
  return claim + commitment + (type.base === 'anchors' ? 2n * ANCHOR_AMOUNT : 0n);
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
