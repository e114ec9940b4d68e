import { equalBytes } from '../../../base/bytes.ts';
import { msat, sat, type FeeratePerKw, type Msat, type Sat } from '../../../base/units.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import { isShutdownScript } from '../../../bitcoin/script-form.ts';

import { isPoint } from '../../../crypto/secp256k1.ts';
import type { AcceptChannel, OpenChannel } from '../../../wire/channel-open.ts';
import type { ChannelType } from '../../../wire/channel-type.ts';
import { negotiated } from '../../../wire/features.ts';
import type { Env } from '../../env.ts';
import { commitmentCost } from '../../ledger/load.ts';
import type { Terms } from '../../params.ts';

/** A rule that a message broke, and how. */
export type Fault = { readonly rule: string; readonly detail: string };

/** BOLT 3 §Dust Limits: the least that any dust limit may be. */
export const LEAST_DUST_LIMIT: Sat = sat(354);
/** BOLT 2 §open_channel: "`max_accepted_htlcs` is greater than 483" fails the channel. */
export const MOST_HTLCS = 483;
/** BOLT 2 §open_channel: without option_support_large_channel, "less than 2^24 satoshi". */
export const LARGE_CHANNEL: Sat = sat(1 << 24);

/** What we ask for a channel of this size. `otherDust` is the peer's dust limit, where it is known. */
export function localTerms(env: Env, amount: Sat, shutdownScript: Uint8Array, otherDust: Sat): Terms {
  const { config, signer } = env;
  const share = sat((amount * BigInt(config.reservePerMille)) / 1000n);
  return {
    dustLimit: config.dustLimit,
    maxInFlight: msat((amount * 1000n * BigInt(config.maxInFlightPercent)) / 100n),
    // BOLT 2 §open_channel: "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis`."
    // BOLT 2 §accept_channel: "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis` from
    // the `open_channel` message."
    reserve: most(share, config.dustLimit, otherDust),
    htlcMinimum: config.htlcMinimum,
    toSelfDelay: config.toSelfDelay,
    maxAcceptedHtlcs: config.maxAcceptedHtlcs,
    basepoints: signer.basepoints,
    shutdownScript,
  };
}

const most = (...amounts: readonly Sat[]): Sat => amounts.reduce((a, b) => (b > a ? b : a));

export const remoteTerms = (message: OpenChannel | AcceptChannel): Terms => ({
  dustLimit: message.dustLimit,
  maxInFlight: message.maxHtlcValueInFlight,
  reserve: message.channelReserve,
  htlcMinimum: message.htlcMinimum,
  toSelfDelay: message.toSelfDelay,
  maxAcceptedHtlcs: message.maxAcceptedHtlcs,
  basepoints: {
    payment: message.paymentBasepoint,
    delayedPayment: message.delayedPaymentBasepoint,
    htlc: message.htlcBasepoint,
    revocation: message.revocationBasepoint,
  },
  shutdownScript: message.upfrontShutdownScript ?? new Uint8Array(),
});

/**
 * What open_channel and accept_channel have in common. BOLT 2 §accept_channel: "Other fields have the same requirements as
 * their counterparts in `open_channel`."
 */
export function termsFault(
  message: OpenChannel | AcceptChannel,
  amount: Sat,
  env: Env,
  remoteFeatures: Uint8Array,
): Fault | null {
  const { config } = env;
  const section = `BOLT 2 §${message.name}`;
  // BOLT 2 §open_channel: "MUST fail the channel if: `to_self_delay` is unreasonably large."
  if (message.toSelfDelay > config.maxToSelfDelay)
    return {
      rule: `${section}: "\`to_self_delay\` is unreasonably large"`,
      detail: `to_self_delay ${message.toSelfDelay} is more than ${config.maxToSelfDelay}`,
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: `max_accepted_htlcs` is greater than 483."
  if (message.maxAcceptedHtlcs > MOST_HTLCS)
    return {
      rule: `${section}: "\`max_accepted_htlcs\` is greater than 483"`,
      detail: `max_accepted_htlcs ${message.maxAcceptedHtlcs} is more than ${MOST_HTLCS}`,
    };
  // BOLT 2 §open_channel: "it considers `max_accepted_htlcs` too small."
  if (message.maxAcceptedHtlcs < config.minAcceptedHtlcs)
    return {
      rule: `${section}: "it considers \`max_accepted_htlcs\` too small"`,
      detail: `max_accepted_htlcs ${message.maxAcceptedHtlcs} is less than ${config.minAcceptedHtlcs}`,
    };
  // BOLT 2 §open_channel: "it considers `max_htlc_value_in_flight_msat` too small."
  if (message.maxHtlcValueInFlight < 1000n || message.maxHtlcValueInFlight < message.htlcMinimum)
    return {
      rule: `${section}: "it considers \`max_htlc_value_in_flight_msat\` too small"`,
      detail: 'max_htlc_value_in_flight_msat lets nothing be sent',
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: `dust_limit_satoshis` is smaller than `354 satoshis`"
  if (message.dustLimit < LEAST_DUST_LIMIT)
    return {
      rule: `${section}: "\`dust_limit_satoshis\` is smaller than \`354 satoshis\`"`,
      detail: `dust_limit_satoshis ${message.dustLimit} is less than ${LEAST_DUST_LIMIT}`,
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: `dust_limit_satoshis` is greater than `channel_reserve_satoshis`."
  if (message.dustLimit > message.channelReserve)
    return {
      rule: `${section}: "\`dust_limit_satoshis\` is greater than \`channel_reserve_satoshis\`"`,
      detail: `dust_limit_satoshis ${message.dustLimit} is more than ${message.channelReserve}`,
    };
  // BOLT 2 §open_channel: "it considers `dust_limit_satoshis` too large"
  if (message.dustLimit > config.maxDustLimit)
    return {
      rule: `${section}: "it considers \`dust_limit_satoshis\` too large"`,
      detail: `dust_limit_satoshis ${message.dustLimit} is more than ${config.maxDustLimit}`,
    };
  // BOLT 2 §open_channel: "it considers `htlc_minimum_msat` too large."
  if (message.htlcMinimum > config.maxHtlcMinimum)
    return {
      rule: `${section}: "it considers \`htlc_minimum_msat\` too large"`,
      detail: `htlc_minimum_msat ${message.htlcMinimum} is more than ${config.maxHtlcMinimum}`,
    };
  // BOLT 2 §open_channel: "it considers `channel_reserve_satoshis` too large."
  const mostReserve = most(sat((amount * BigInt(config.maxReservePerMille)) / 1000n), LEAST_DUST_LIMIT);
  if (message.channelReserve > most(mostReserve, config.dustLimit, message.dustLimit))
    return {
      rule: `${section}: "it considers \`channel_reserve_satoshis\` too large"`,
      detail: `channel_reserve_satoshis ${message.channelReserve} is more than ${mostReserve}`,
    };
  return pointsFault(message, section) ?? scriptFault(message, env, remoteFeatures, section);
}

function pointsFault(message: OpenChannel | AcceptChannel, section: string): Fault | null {
  const points = {
    funding_pubkey: message.fundingPubkey,
    revocation_basepoint: message.revocationBasepoint,
    htlc_basepoint: message.htlcBasepoint,
    payment_basepoint: message.paymentBasepoint,
    delayed_payment_basepoint: message.delayedPaymentBasepoint,
    first_per_commitment_point: message.firstPerCommitmentPoint,
  };
  for (const [name, point] of Object.entries(points))
    // BOLT 2 §open_channel: "MUST fail the channel if: `funding_pubkey`, `revocation_basepoint`, `htlc_basepoint`,
    // `payment_basepoint`, or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
    if (!isPoint(point))
      return { rule: `${section}: "not valid secp256k1 pubkeys"`, detail: `${name} is not a point` };
  return null;
}

function scriptFault(
  message: OpenChannel | AcceptChannel,
  env: Env,
  remoteFeatures: Uint8Array,
  section: string,
): Fault | null {
  const script = message.upfrontShutdownScript;
  if (script === undefined || script.length === 0 || isClosable(script, env, remoteFeatures)) return null;
  // BOLT 2 §open_channel: "if both nodes advertised the `option_upfront_shutdown_script` feature: MUST include
  // `upfront_shutdown_script` with either a valid `shutdown_scriptpubkey` as required by `shutdown` `scriptpubkey`, or
  // a zero-length `shutdown_scriptpubkey`"
  return {
    rule: `${section}: "a valid \`shutdown_scriptpubkey\` as required by \`shutdown\` \`scriptpubkey\`"`,
    detail: 'upfront_shutdown_script has a form that shutdown may not have',
  };
}

/** BOLT 2 §shutdown: the forms that its script may have between us and this peer. */
export const isClosable = (script: Uint8Array, env: Env, remoteFeatures: Uint8Array): boolean =>
  isShutdownScript(script, {
    anySegwit: negotiated(env.features, remoteFeatures, 'option_shutdown_anysegwit'),
    simpleClose: negotiated(env.features, remoteFeatures, 'option_simple_close'),
  });

/** What we would pay in commitment transactions now: with anchors enough to be relayed, else enough to be mined. */
export function commitmentFeerate(type: Pick<ChannelType, 'base'>, env: Env): FeeratePerKw {
  const { minimum, normal, urgent, dearer } = env.feerates;
  // Where servers are far apart the dearer counts: what is too low is not relayed, and nothing can be added to it alone.
  const soon = dearer?.urgent ?? 0;
  const wanted =
    type.base === 'anchors'
      ? Math.max(minimum, Math.min(Math.max(normal, soon), ANCHORS_CAP))
      : Math.max(urgent, soon, WITHOUT_ANCHORS_FLOOR);
  return Math.min(COMMITMENT_CEILING, Math.max(wanted, FEERATE_FLOOR)) as FeeratePerKw;
}

/** 400 sat/vB. Mempools asked for more for hours, which deadlines leave room for; a server that lies does for good. */
const COMMITMENT_CEILING = 100_000;

/**
 * 4 sat/vB. Without anchors what HTLC transactions pay is signed at the rate of the commitment, and nobody can add to it:
 * their one output waits for its delay, so that no child can lift them, not in a package either. In quiet days the rate
 * would fall to what any busier mempool drops.
 */
const WITHOUT_ANCHORS_FLOOR = 4 * FEERATE_FLOOR;

/** 10 sat/vB: what is missing to be mined is added by a child. */
export const ANCHORS_CAP = 2500;

/** Whether the fee rate that a channel begins with is between too slow and unreasonable. */
export function feerateFault(
  feerate: FeeratePerKw,
  type: Pick<ChannelType, 'base'>,
  env: Env,
): string | null {
  const { least, greatest } = feerateBounds(type, env);
  if (feerate < least) return `feerate_per_kw ${feerate} is less than ${least}`;
  return feerate > greatest ? `feerate_per_kw ${feerate} is more than ${greatest}` : null;
}

export function feerateBounds(
  type: Pick<ChannelType, 'base'>,
  env: Env,
): { readonly least: number; readonly greatest: number } {
  const { background } = env.feerates;
  const { urgent } = env.feerates.dearer ?? env.feerates;
  const least = type.base === 'anchors' ? FEERATE_FLOOR : Math.max(FEERATE_FLOOR, Math.floor(background / 2));
  return { least, greatest: env.config.maxFeerateFactor * Math.max(urgent, ANCHORS_CAP) };
}

/** Whether the opener can pay for the first commitment, and one of both has something to lose. */
export function balanceFault(
  amount: Sat,
  push: Msat,
  feerate: FeeratePerKw,
  type: ChannelType,
  reserves: { readonly opener: Sat; readonly accepter: Sat },
): Fault | null {
  const toOpener = amount * 1000n - push - commitmentCost({ type }, feerate, 0);
  // BOLT 2 §open_channel: "MUST fail the channel if: the funder's amount for the initial commitment transaction is not
  // sufficient for full fee payment."
  if (toOpener < 0n)
    return {
      rule: 'BOLT 2 §open_channel: "not sufficient for full fee payment"',
      detail: 'the funder cannot pay for the first commitment',
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: both `to_local` and `to_remote` amounts for the initial
  // commitment transaction are less than or equal to `channel_reserve_satoshis`"
  if (toOpener <= reserves.opener * 1000n && push <= reserves.accepter * 1000n)
    return {
      rule: 'BOLT 2 §open_channel: "both `to_local` and `to_remote` amounts […] are less than or equal to `channel_reserve_satoshis`"',
      detail: 'nobody has more than the reserve',
    };
  return null;
}

/** Our script in a mutual close must be this one, if the peer knows of one. */
export const isBound = (terms: Terms, script: Uint8Array): boolean =>
  terms.shutdownScript.length === 0 || equalBytes(terms.shutdownScript, script);
