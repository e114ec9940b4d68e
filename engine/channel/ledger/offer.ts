import { unreachable } from '../../base/assert.ts';
import { feeratePerKw, msat, type FeeratePerKw, type Msat } from '../../base/units.ts';
import type { Side } from '../../commitment/params.ts';
import type { ChannelConfig } from '../env.ts';
import type { Ledger } from '../ledger.ts';
import type { ChannelParams } from '../params.ts';
import type { ChannelRefusal } from '../refusal.ts';
import type { Proposals } from '../session.ts';
import { commitmentCost, loadOf, trimThreshold, type Load } from './load.ts';
import { EVENTUAL_LOCAL, NEXT_LOCAL, NEXT_REMOTE, type View } from './view.ts';

/** One commitment that a new HTLC would be in, and how dear it is now and with a fee spike. */
type Prospect = {
  readonly now: Load;
  readonly threshold: bigint;
  /** What the opener must be able to pay with `more` outputs added. */
  readonly cost: (more: number) => bigint;
};

/** Bounds of one HTLC that one side may offer now. `minimum` > `maximum`: none. */
export type Room = {
  readonly minimum: Msat;
  readonly maximum: Msat;
  /** What keeps it from being more. */
  readonly limit: 'balance' | 'in-flight' | 'count' | 'dust';
};

/** What HTLCs that are offered together take from one another, beside their amounts. */
export type Together = {
  /** How many there may be, for whoever receives them and for whoever pays for their outputs. */
  readonly slots: number;
  /** What each after the first takes for its output, once `spare` is used up. */
  readonly each: Msat;
  readonly spare: Msat;
  /** Those below `dustBelow` may be `dustRoom` together. */
  readonly dustBelow: Msat;
  readonly dustRoom: Msat;
};

/** More than a payment has parts. */
const MANY = 30;

/** Of HTLCs that we offer at once, the largest of which `offerRoom` bounds. */
export function offeredTogether(
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  config: ChannelConfig,
): Together {
  const { prospects, room } = oursOf(params, ledger, proposals, config);
  const { maximum } = room;
  const isOurs = params.opener === 'local';
  let slots = MANY;
  let [each, spare, dustBelow, dustRoom] = [0n, MOST_MSAT, 0n, MOST_MSAT];
  for (const { now, threshold, cost } of prospects) {
    slots = Math.min(slots, params.remote.maxAcceptedHtlcs - now.outgoing.count);
    if (isOurs) {
      const [one, two] = [cost(1), cost(2)];
      each = most(each, two - one);
      spare = least(spare, now.toLocal - params.remote.reserve * 1000n - one - maximum);
    } else {
      const left = now.toRemote - params.local.reserve * 1000n;
      const isPaid = (more: number): boolean =>
        left >= commitmentCost(params, now.feerate, now.untrimmed + more);
      while (slots > 1 && !isPaid(slots)) slots--;
    }
    dustBelow = most(dustBelow, threshold);
    dustRoom = least(dustRoom, config.maxDustExposure - now.dust);
  }
  return {
    slots: Math.max(0, slots),
    each: msat(each),
    spare: msat(most(spare, 0n)),
    dustBelow: msat(dustBelow),
    dustRoom: msat(most(dustRoom, 0n)),
  };
}

/** What we may offer. */
export const offerRoom = (
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  config: ChannelConfig,
): Room => oursOf(params, ledger, proposals, config).room;

/** What the peer may offer, if it keeps to all recommendations. */
export const receiveRoom = (
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  config: ChannelConfig,
): Room => roomOf(params, config, 'remote', prospectsOf(params, ledger, proposals, 'remote'));

type Ours = {
  readonly params: ChannelParams;
  readonly proposals: Proposals;
  readonly config: ChannelConfig;
  readonly prospects: readonly Prospect[];
  readonly room: Room;
};

/** The last of each ledger, which never changes: a payment asks what we may offer, what together, and for its own HTLC. */
const ours = new WeakMap<Ledger, Ours>();

function oursOf(params: ChannelParams, ledger: Ledger, proposals: Proposals, config: ChannelConfig): Ours {
  const known = ours.get(ledger);
  if (known?.proposals === proposals && known.params === params && known.config === config) return known;
  const prospects = prospectsOf(params, ledger, proposals, 'local');
  const made = { params, proposals, config, prospects, room: roomOf(params, config, 'local', prospects) };
  ours.set(ledger, made);
  return made;
}

const prospectsOf = (
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  offerer: Side,
): readonly Prospect[] =>
  offerer === 'local'
    ? [
        prospect(params, ledger, proposals, 'outgoing', 'remote', NEXT_REMOTE),
        prospect(params, ledger, proposals, 'outgoing', 'local', EVENTUAL_LOCAL),
      ]
    : [prospect(params, ledger, proposals, 'incoming', 'local', NEXT_LOCAL)];

function prospect(
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  direction: 'outgoing' | 'incoming',
  owner: Side,
  view: View,
): Prospect {
  const now = loadOf(params, ledger, owner, view, proposals);
  const spiked = feeratePerKw(2 * now.feerate);
  // Where HTLC transactions are free of fees, the fee rate trims nothing.
  const threshold = trimThreshold(params, owner, direction, now.feerate);
  const sameTrimming = trimThreshold(params, owner, direction, spiked) === threshold;
  const atSpike = sameTrimming ? now : loadOf(params, ledger, owner, view, proposals, spiked);
  return {
    now,
    threshold,
    cost: (more) => {
      const exact = commitmentCost(params, now.feerate, now.untrimmed + more);
      // BOLT 2 §update_add_htlc: "It is recommended that this "fee spike buffer" can handle twice the current
      // `feerate_per_kw`" with "a future additional non-dust HTLC"
      const buffer = commitmentCost(params, spiked, atSpike.untrimmed + more + 1);
      return exact > buffer ? exact : buffer;
    },
  };
}

function roomOf(
  params: ChannelParams,
  config: ChannelConfig,
  offerer: Side,
  prospects: readonly Prospect[],
): Room {
  const receiver = offerer === 'local' ? params.remote : params.local;
  const minimum = receiver.htlcMinimum > 0n ? receiver.htlcMinimum : msat(1);
  const bounds: [Room['limit'], bigint][] = [];
  for (const one of prospects) {
    const { now } = one;
    const offered = offerer === 'local' ? now.outgoing : now.incoming;
    const own = offerer === 'local' ? now.toLocal : now.toRemote;
    const others = offerer === 'local' ? now.toRemote : now.toLocal;
    const ownReserve = receiver.reserve * 1000n;
    const othersReserve = (offerer === 'local' ? params.local : params.remote).reserve * 1000n;

    // BOLT 2 §update_add_htlc: "if result would be offering more than the remote's `max_accepted_htlcs` HTLCs, in the
    // remote commitment transaction: MUST NOT add an HTLC."
    if (offered.count >= receiver.maxAcceptedHtlcs) bounds.push(['count', 0n]);
    // BOLT 2 §update_add_htlc: "if the total value of offered HTLCs would exceed the remote's
    // `max_htlc_value_in_flight_msat`: MUST NOT add an HTLC."
    bounds.push(['in-flight', receiver.maxInFlight - offered.amount]);

    if (params.opener === offerer) {
      // BOLT 2 §update_add_htlc: "MUST NOT offer `amount_msat` if, after adding that HTLC to its commitment
      // transaction, it cannot pay the fee for either the local or remote commitment transaction at the current
      // `feerate_per_kw` while maintaining its channel reserve"
      // BOLT 2 §update_add_htlc: "MUST be able to additionally pay for `to_local_anchor` and `to_remote_anchor` above
      // its reserve."
      const withOutput = own - ownReserve - one.cost(1);
      const trimmed = own - ownReserve - one.cost(0);
      bounds.push(['balance', withOutput >= one.threshold ? withOutput : least(trimmed, one.threshold - 1n)]);
    } else {
      bounds.push(['balance', own - ownReserve]);
      // BOLT 2 §update_add_htlc: "SHOULD NOT offer `amount_msat` if, once the remote node adds that HTLC to its
      // commitment transaction, it cannot pay the fee for the updated local or remote transaction at the current
      // `feerate_per_kw` while maintaining its channel reserve."
      const spare = (more: number): bigint =>
        others - othersReserve - commitmentCost(params, now.feerate, now.untrimmed + more);
      if (spare(0) < 0n) bounds.push(['balance', 0n]);
      else if (spare(1) < 0n) bounds.push(['balance', one.threshold - 1n]);
    }
  }
  let [limit, maximum] = bounds.reduce((a, b) => (b[1] < a[1] ? b : a));
  for (const { now, threshold } of prospects) {
    const left = config.maxDustExposure - now.dust;
    if (maximum < threshold && left < maximum) [limit, maximum] = ['dust', left];
  }
  return { minimum, maximum: msat(maximum > 0n ? maximum : 0n), limit };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** 21 million bitcoin. */
const MOST_MSAT = 2_100_000_000_000_000_000n;

/** Why we may not offer `amount`; null when we may. */
export function offerRefusal(
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  config: ChannelConfig,
  amount: Msat,
): ChannelRefusal | null {
  const { prospects, room } = oursOf(params, ledger, proposals, config);
  const { minimum, maximum, limit } = room;
  const dust: ChannelRefusal = { code: 'dust-exposure', maximum: config.maxDustExposure };
  // BOLT 2 §update_add_htlc: "MUST offer `amount_msat` greater than 0."
  // BOLT 2 §update_add_htlc: "MUST NOT offer `amount_msat` below the receiving node's `htlc_minimum_msat`"
  if (amount < minimum) return { code: 'amount-too-small', minimum };
  // BOLT 2 §max_dust_htlc_exposure_msat: "if the `amount_msat` plus the dust balance of the remote transaction is
  // greater than `max_dust_htlc_exposure_msat`: SHOULD NOT send this HTLC"
  if (
    prospects.some(({ now, threshold }) => amount < threshold && now.dust + amount > config.maxDustExposure)
  )
    return dust;
  if (amount <= maximum) return null;
  switch (limit) {
    case 'balance':
      return { code: 'insufficient-balance', sendable: maximum };
    case 'in-flight':
      return { code: 'amount-too-large', maximum };
    case 'count':
      return { code: 'too-many-htlcs', maximum: params.remote.maxAcceptedHtlcs };
    case 'dust':
      return dust;
    default:
      return unreachable(limit);
  }
}

/** Whether we, who pay, can afford this fee rate. */
export function affords(params: ChannelParams, ledger: Ledger, feerate: FeeratePerKw): boolean {
  const load = loadOf(params, ledger, 'remote', NEXT_REMOTE, undefined, feerate);
  return load.toLocal - params.remote.reserve * 1000n >= commitmentCost(params, feerate, load.untrimmed);
}
