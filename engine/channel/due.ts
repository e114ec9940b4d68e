import { dueText, overdueText } from './closing-cause.ts';
import type { Env } from './env.ts';
import type { Add } from './ledger.ts';
import { trimThreshold } from './ledger/load.ts';
import { feerateOf, LOCAL, REMOTE, SIGNED_REMOTE } from './ledger/view.ts';
import { isLive, type Core, type Durable } from './state.ts';

type Now = Pick<Env, 'height' | 'config'>;
type Channel = Pick<Core, 'ledger' | 'params'>;

const CURRENT = [
  ['local', LOCAL],
  ['remote', REMOTE],
  ['remote', SIGNED_REMOTE],
] as const;

/**
 * Whether the chain could decide about it. One that is trimmed is in no "current commitment transaction": a close would
 * bring nothing of it home, and cost a channel; it waits for the peer, however long that is away.
 */
export const hasOutput = ({ ledger, params }: Channel, { amount, direction }: Add): boolean =>
  CURRENT.some(
    ([owner, view]) =>
      amount >= trimThreshold(params, owner, direction, feerateOf(ledger, view, params.opener)),
  );

/**
 * BOLT 2 §cltv_expiry_delta: "for each HTLC it is attempting to fulfill: MUST estimate a fulfillment deadline." It is
 * `config.fulfillSafety` before the expiry.
 * Why the chain has to decide at once, with or without the peer; null when it has not.
 */
export function expiring(now: Now, channel: Channel): string | null {
  const [first] = fulfilledDue(now, channel);
  return first === undefined ? null : dueText(first.id);
}

export const fulfilledDue = ({ height, config }: Now, channel: Channel): Add[] =>
  [...channel.ledger.incoming.values()]
    // BOLT 2 §cltv_expiry_delta: "if an HTLC it has fulfilled is in either node's current commitment transaction, AND is
    // past this fulfillment deadline: SHOULD send an `error` to the offering peer (if connected). MUST fail the channel."
    .filter(
      ({ add, removal }) =>
        removal?.tag === 'fulfill' &&
        height >= add.cltvExpiry - config.fulfillSafety &&
        hasOutput(channel, add),
    )
    .map(({ add }) => add);

export function timedOut({ height, config }: Now, channel: Channel): string | null {
  // BOLT 2 §cltv_expiry_delta: "if an HTLC which it offered is in either node's current commitment transaction, AND is
  // past this timeout deadline: SHOULD send an `error` to the receiving peer (if connected). MUST fail the channel."
  for (const { add, step } of channel.ledger.outgoing.values())
    if (step > 0 && height >= add.cltvExpiry + config.expiryGrace && hasOutput(channel, add))
      return overdueText(add.id);
  return null;
}

/** Of a channel whose peer is not talked to any more: why it may not wait any longer; null while it may. */
export const dueAlone = (durable: Durable, now: Now): string | null =>
  isLive(durable) ? (expiring(now, durable) ?? timedOut(now, durable)) : null;
