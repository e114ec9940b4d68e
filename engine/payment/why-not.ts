import { msat, type Msat } from '../base/units.ts';
import type { ChannelStatus } from '../channel/refusal.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import { feeOfRoute, type FindRoutes, type PayChannel, type RouteQuery } from './route.ts';

/** 90,000 bitcoin: more than any channel holds. */
const WIDE = msat(Number.MAX_SAFE_INTEGER);
/** What no node on the way is likely to find too small: a thousand satoshis. */
const LARGE = 1_000_000n;

/** Its peer may be back, and what was ours in it is not. */
const ENDING: ReadonlySet<ChannelStatus> = new Set([
  'shutting-down',
  'negotiating-close',
  'closing',
  'force-closing',
  'data-loss',
  'closed',
]);

/** Takes whatever comes. */
const FREE = { slots: 1_000, each: msat(0), spare: msat(0), dustBelow: msat(0), dustRoom: msat(0) };

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

/** Ours in the channel, without what is under way. */
const held = ({ local = msat(0), htlcs = [] }: PayChannel): bigint =>
  local - sum(htlcs.flatMap(({ direction, amount }) => (direction === 'outgoing' ? [amount] : [])));

/** Of that, what may leave it. */
const free = (channel: PayChannel): bigint => {
  const rest = held(channel) - (channel.reserve ?? 0n) * 1000n;
  return rest > 0n ? rest : 0n;
};

/**
 * What stands in the way of a payment that no route was found for, so that a person knows what to do: asked of the same
 * finder, with one thing after the other made easier.
 */
export function whyNot(query: RouteQuery, refusal: RouteRefusal, findRoutes: FindRoutes): RouteRefusal {
  if (refusal.code !== 'no-path' && refusal.code !== 'insufficient-balance') return refusal;
  const { amount } = query;
  const channels = query.channels.filter(({ status }) => status === undefined || !ENDING.has(status));
  if (channels.length === 0) return { code: 'no-path', reason: 'no-channel' };
  const usable = channels.filter(({ isUsable }) => isUsable);
  const offline = { code: 'no-path', reason: 'peer-offline' } as const;
  if (usable.length === 0) return offline;
  const find = (change: Partial<RouteQuery>) => findRoutes({ ...query, ...change });
  const wide = usable.map((channel) => ({ ...channel, sendable: WIDE, together: FREE }));

  const throughWide = find({ channels: wide });
  if (throughWide.ok) {
    const sendable = mostOf(usable, query);
    const fee = sum(throughWide.value.map(feeOfRoute));
    const ours = sum(usable.map(held));
    const can = msat(sendable > fee ? sendable - fee : 0n);
    const away = channels
      .filter(({ isUsable }) => !isUsable)
      .map((channel) => ({ ...channel, sendable: msat(free(channel)) }));
    // The money is there, but our channels do not take it in the parts that the way asks for.
    if (can >= amount) return away.length > 0 ? offline : { code: 'no-path', reason: 'liquidity' };
    if (mostOf([...usable, ...away], query) - fee >= amount)
      return { code: 'insufficient-balance', sendable: can, away: mostOf(away, query) };
    const full = usable.filter(({ together }) => together?.slots === 0);
    const later = sendable + sum(full.map(free));
    if (full.length > 0 && later - fee >= amount) return { code: 'no-path', reason: 'channels-full' };
    const kept = ours - fee >= amount && ours > later ? { kept: msat(ours - later) } : {};
    return { code: 'insufficient-balance', sendable: can, ...kept };
  }

  const awake = channels.map((channel) => ({ ...channel, isUsable: true, sendable: WIDE, together: FREE }));
  if (usable.length < channels.length && find({ channels: awake }).ok) return offline;
  const minimum = usable.map((channel) => channel.remoteHtlcMinimum).reduce((a, b) => (a < b ? a : b));
  if (amount < minimum) return { code: 'amount-too-small', minimum };
  for (let larger = amount * 10n; larger / 10n < LARGE; larger *= 10n)
    if (find({ channels: wide, amount: msat(larger), maxFee: query.maxFee }).ok)
      return { code: 'amount-too-small', minimum: msat(larger) };
  const tenth = msat(amount / 10n);
  return {
    code: 'no-path',
    reason: tenth > 0n && find({ channels: wide, amount: tenth }).ok ? 'liquidity' : 'no-route',
  };
}

/** The most that channels can send to this payee: together, or, when it takes it only whole, the largest. */
const mostOf = (channels: readonly PayChannel[], { maxParts }: RouteQuery): Msat => {
  const rooms = channels.map(({ sendable }) => sendable);
  return maxParts > 1 ? msat(sum(rooms)) : msat(rooms.reduce((a, b) => (a > b ? a : b), 0n));
};
