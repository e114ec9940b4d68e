import type { FeeratePerKw } from '../../base/units.ts';
import { formatOf } from '../../commitment/formats.ts';
import type { Side } from '../../commitment/params.ts';
import type { Add, Ledger } from '../ledger.ts';
import { formatIdOf, type ChannelParams } from '../params.ts';
import { NO_PROPOSALS, type Proposals } from '../session.ts';
import { eachHtlc, feerateOf, type View } from './view.ts';

/** What a commitment transaction carries, counted without building it. Amounts in millisatoshis. */
export type Load = {
  readonly feerate: FeeratePerKw;
  readonly toLocal: bigint;
  readonly toRemote: bigint;
  readonly outgoing: { readonly count: number; readonly amount: bigint };
  readonly incoming: { readonly count: number; readonly amount: bigint };
  /** HTLCs that have an output. */
  readonly untrimmed: number;
  /** In HTLCs that have none: lost to fees if this commitment is published. */
  readonly dust: bigint;
};

/** Below how many millisatoshis an HTLC has no output in a commitment of `owner`: BOLT 3 §Trimmed Outputs. */
export function trimThreshold(
  params: ChannelParams,
  owner: Side,
  direction: 'outgoing' | 'incoming',
  feerate: FeeratePerKw,
): bigint {
  const offered = (direction === 'outgoing') === (owner === 'local');
  const fee = formatOf(formatIdOf(params)).htlcFee(feerate, offered ? 'offered' : 'received');
  return (params[owner].dustLimit + fee) * 1000n;
}

type Counted = {
  readonly params: ChannelParams;
  readonly owner: Side;
  readonly view: View;
  readonly proposals: Proposals;
  readonly load: Load;
};

/** What was counted of a ledger, which never changes: a payment asks for the same loads several times on its way. */
const counted = new WeakMap<Ledger, Counted[]>();

/** The load of the commitment of `owner` in `view`; at another fee rate than its own if one is given. */
export function loadOf(
  params: ChannelParams,
  ledger: Ledger,
  owner: Side,
  view: View,
  proposals: Proposals = NO_PROPOSALS,
  feerate: FeeratePerKw = feerateOf(ledger, view, params.opener, proposals),
): Load {
  const known = counted.get(ledger) ?? [];
  const same = known.find(
    (one) =>
      one.view === view &&
      one.owner === owner &&
      one.proposals === proposals &&
      one.params === params &&
      one.load.feerate === feerate,
  );
  if (same !== undefined) return same.load;
  const load = count(params, ledger, owner, view, proposals, feerate);
  // A flood of proposals that the peer does not sign changes no ledger: only the newest are worth their place.
  counted.set(ledger, [{ params, owner, view, proposals, load }, ...known.slice(0, REMEMBERED - 1)]);
  return load;
}

const REMEMBERED = 4;

/** What a load is counted from. */
export type Updates = { readonly ledger: Ledger; readonly proposals: Proposals };

/**
 * `after` is `before` with `add` proposed, and nothing else: what was counted of `before` is known of it with that much more.
 * Each HTLC of a burst asks for the loads, and would walk over all that came before it.
 */
export function carryLoads(before: Updates, after: Updates, add: Add): void {
  const carried = (counted.get(before.ledger) ?? [])
    .filter(({ proposals }) => proposals === before.proposals)
    .map((one): Counted => {
      const { params, owner, view } = one;
      return { params, owner, view, proposals: after.proposals, load: withProposed(one, add) };
    });
  const known = counted.get(after.ledger) ?? [];
  counted.set(after.ledger, [...carried, ...known].slice(0, REMEMBERED));
}

function withProposed({ params, owner, view, load }: Counted, { direction, amount }: Add): Load {
  if (view[direction][0] > 0) return load;
  const trimmed = amount < trimThreshold(params, owner, direction, load.feerate);
  const more = { count: load[direction].count + 1, amount: load[direction].amount + amount };
  const isOurs = direction === 'outgoing';
  // Part by part: a copy whose parts are then changed takes longer than the rest of it.
  return {
    feerate: load.feerate,
    toLocal: isOurs ? load.toLocal - amount : load.toLocal,
    toRemote: isOurs ? load.toRemote : load.toRemote - amount,
    outgoing: isOurs ? more : load.outgoing,
    incoming: isOurs ? load.incoming : more,
    untrimmed: trimmed ? load.untrimmed : load.untrimmed + 1,
    dust: trimmed ? load.dust + amount : load.dust,
  };
}

function count(
  params: ChannelParams,
  ledger: Ledger,
  owner: Side,
  view: View,
  proposals: Proposals,
  feerate: FeeratePerKw,
): Load {
  const threshold = {
    outgoing: trimThreshold(params, owner, 'outgoing', feerate),
    incoming: trimThreshold(params, owner, 'incoming', feerate),
  };
  const outgoing = { count: 0, amount: 0n };
  const incoming = { count: 0, amount: 0n };
  let toLocal: bigint = ledger.local;
  let toRemote: bigint = ledger.remote;
  let untrimmed = 0;
  let dust = 0n;
  eachHtlc(ledger, proposals, ({ direction, amount }, step, removal) => {
    const [first, last] = view[direction];
    if (step < first) return;
    if (step <= last) {
      const sum = direction === 'outgoing' ? outgoing : incoming;
      sum.count++;
      sum.amount += amount;
      if (amount < threshold[direction]) dust += amount;
      else untrimmed++;
    } else if (removal?.tag === 'fulfill') {
      const gained = direction === 'incoming' ? amount : 0n - amount;
      toLocal += gained;
      toRemote -= gained;
    }
  });
  toLocal -= outgoing.amount;
  toRemote -= incoming.amount;
  return { feerate, toLocal, toRemote, outgoing, incoming, untrimmed, dust };
}

/** What the opener pays for a commitment, in millisatoshis: the fee, and the anchors where there are some. */
export function commitmentCost(
  params: Pick<ChannelParams, 'type'>,
  feerate: FeeratePerKw,
  untrimmed: number,
): bigint {
  const format = formatOf(formatIdOf(params));
  return (format.commitmentFee(feerate, untrimmed) + format.anchorCost) * 1000n;
}
