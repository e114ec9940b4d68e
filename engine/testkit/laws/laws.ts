import { isDeepStrictEqual } from 'node:util';
import { verifyRemoteSignatures } from '../../commitment/signatures.ts';
import { localCommitment, remoteCommitment } from '../../channel/commitments.ts';
import type { ChannelNotice } from '../../channel/effect.ts';
import { loadChannels } from '../../channel/load.ts';
import { isLive, type Durable } from '../../channel/state.ts';
import { decode } from '../../codec/field.ts';
import { queuedEventRecord } from '../../node/event-record.ts';
import type { LedgerEntry } from '../../payment/ledger.ts';
import { timestamp } from '../../base/units.ts';
import { paymentIdOf, type Bill } from './bills.ts';
import { law } from './law.ts';
import type { LawNode } from './law-node.ts';
import { other } from './law-node.ts';
import type { LawWorld } from './law-world.ts';

export function durableOf(world: LawWorld, node: LawNode): Durable {
  const { durable } = world.channelOf(node).state;
  law(durable !== null, 'a channel is never forgotten', () => node.who);
  return durable;
}

/**
 * Without anchors two that see other fees in the mempool may disagree about a fee rate, and talk again about it: that
 * ends a connection, and never a channel.
 */
const isDispute = (
  { violation }: ChannelNotice & { readonly tag: 'violation' },
  { params }: Durable,
): boolean =>
  params.type.base === 'static_remotekey' && /update_fee.*too low for timely/.test(violation.rule);

/** States that were found on disk as they are: they never change. */
const readBack = new WeakSet<Durable>();

/** What holds at every moment, whatever was lost. */
export function alwaysHolds(world: LawWorld): void {
  for (const node of world.nodes) {
    const { life, disk, who } = node;
    law(disk.bugs.length === 0, 'no bug', () => `${who}: ${described(disk.bugs[0])}`);
    if (node.isDead) continue;
    const channel = world.channelOf(node);
    law(!channel.frozen, 'no channel freezes', () => who);
    const durable = durableOf(world, node);
    // While the disk refuses, memory is ahead of it.
    if (life.storage === null && !readBack.has(durable)) {
      readBack.add(durable);
      const loaded = loadChannels((table) => disk.rows(table));
      law(
        loaded.ok && isDeepStrictEqual(loaded.value[0], durable),
        'what is read back is what was',
        () => who,
      );
    }
    const broken = life.notices.find((notice) => notice.tag === 'violation' && !isDispute(notice, durable));
    law(broken === undefined, 'honest peers break no rule', () => `${who} saw ${described(broken)}`);
    if (isLive(durable)) continue;
    law(durable.phase === 'closing' || durable.phase === 'closed', 'no data is lost', () => who);
    const { spend } = durable;
    const isMutual =
      spend?.kind === 'mutual' || (spend === null && durable.phase === 'closing' && durable.mutual !== null);
    law(
      isMutual ? world.closeAsked : world.mayForce,
      'no channel closes unless it was told to, or had to',
      () => `${who} ${durable.phase === 'closing' ? durable.failure : ''} ${spend?.kind}`,
    );
    law(spend?.kind !== 'revoked' && spend?.kind !== 'unknown', 'nobody publishes an old state', () => who);
  }
}

/** What holds when nothing is left to say, while the channel lives. */
export function agreementHolds(world: LawWorld): void {
  for (const node of world.nodes) {
    const one = durableOf(world, node);
    const two = durableOf(world, world[other(node.who)]);
    law(one.ledger.local === two.ledger.remote, 'both know the same balances');
    law(one.ledger.feerate === two.ledger.feerate, 'both know the same fee rate');
    const { params, ledger, active } = one;
    const env = node.envNow();
    const mine = localCommitment(params, ledger, active[0], env);
    const theirs = remoteCommitment(two.params, two.ledger, two.active[0]);
    law(mine.txId === theirs.txId, 'both agree on a commitment', () => node.who);
    const signatures = {
      signature: active[0].remoteSignature,
      htlcSignatures: active[0].remoteHtlcSignatures,
    };
    law(verifyRemoteSignatures(mine, signatures) === null, 'a commitment can be published', () => node.who);
  }
}

export const entryOf = (node: LawNode, bill: Bill): LedgerEntry | null =>
  node.life.payments.entry(paymentIdOf(bill), timestamp(Math.max(0, node.now)));

/** Every payment ended, once, and both know the same end. Returns what alice paid less what she was paid. */
export function paymentsHold(world: LawWorld, isOnChain: boolean): bigint {
  let moved = 0n;
  for (const bill of world.bills) {
    const payee = world[bill.payee];
    const payer = world[other(bill.payee)];
    const sent = entryOf(payer, bill);
    const received = entryOf(payee, bill);
    const where = (): string => `${bill.payee} is owed ${bill.amount}: ${sent?.state} / ${received?.state}`;
    law(!bill.accepted || sent !== null, 'a payment that was taken on is on record', where);
    law(sent?.state !== 'pending', 'every payment ends', where);
    law(received?.state !== 'claimable', 'what is held is given back or claimed', where);
    law(!bill.isWrong || (received === null && sent?.state !== 'succeeded'), 'nobody is paid unasked', where);
    const isPaid = received?.state === 'succeeded';
    // Answered, and too late for the chain: told when it was answered, and again when it was gone.
    const isBack = isOnChain && received?.failure?.code === 'taken-back';
    if (sent?.state === 'succeeded') law(isPaid || isBack, 'who paid has paid somebody', where);
    if (isPaid && !isOnChain) law(sent?.state === 'succeeded', 'who was paid was paid by somebody', where);
    if (isPaid) law(received.amount === bill.amount, 'once, and what was asked', where);
    if (sent?.state === 'succeeded') moved += payer.who === 'alice' ? bill.amount : -bill.amount;
    told(payer, 'payment-sent', bill, sent?.state === 'succeeded' ? 1 : 0);
    told(payee, 'payment-received', bill, isPaid || isBack ? 1 : 0);
  }
  return moved;
}

/** Events are on disk until they are read, and nobody reads them here. */
function told(node: LawNode, tag: 'payment-sent' | 'payment-received', bill: Bill, times: number): void {
  const events = [...node.disk.rows('event').values()].flatMap((bytes) => {
    const read = decode(queuedEventRecord, bytes);
    return read.ok ? [read.value.event] : [];
  });
  const found = events.filter((event) => event.tag === tag && event.paymentId === paymentIdOf(bill)).length;
  law(found === times, 'each thing is told once', () => `${node.who} ${tag} ${found} times, not ${times}`);
}

const described = (value: unknown): string =>
  value instanceof Error
    ? (value.stack ?? value.message)
    : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
