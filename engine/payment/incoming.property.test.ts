import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { blockHeight, msat } from '../base/units.ts';
import { decode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { DEFAULT_PAYMENT_CONFIG } from './env.ts';
import { commandId, envOf, HEIGHT, NOW, sats, testChannelId, testNode } from './fixtures/pay-world.ts';
import { incomingTransition, type IncomingEvent, type IncomingState } from './incoming-machine.ts';
import { incomingRecord } from './incoming-record.ts';
import { newInvoice } from './receive-request.ts';

const us = testNode(1);
const PREIMAGE = new Uint8Array(32).fill(9);
const HASH = paymentHash(toHex(sha256(PREIMAGE)));

const part = fc.record({
  channel: fc.integer({ min: 1, max: 2 }),
  id: fc.nat(3),
  amount: fc.constantFrom(0, 300, 400, 600, 1000, 1500, 2001),
  total: fc.constantFrom(1000, 1000, 1000, 1100, 2000, 2001, 999),
  cltv: fc.constantFrom(20, 40, 144),
  secret: fc.constantFrom(true, true, true, false),
});
const happening = fc.oneof(
  { weight: 6, arbitrary: part.map((value) => ({ tag: 'offer', ...value }) as const) },
  { weight: 1, arbitrary: fc.constant({ tag: 'claim' } as const) },
  { weight: 1, arbitrary: fc.constant({ tag: 'fail' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      tag: fc.constant('time' as const),
      seconds: fc.nat(70),
      blocks: fc.constantFrom(20, 0, 1, 8, 30),
      // No timer runs while a machine sleeps.
      asleep: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ tag: 'restart' } as const) },
);

it('never gives the preimage for less than was asked, never in part or too late, never an HTLC two answers', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.array(happening, { maxLength: 25 }),
      (isHold, anyAmount, happenings) => {
        const made = newInvoice(
          {
            amount: anyAmount ? null : sats(1000),
            description: { tag: 'text', text: '' },
            ...(isHold ? { paymentHash: HASH } : {}),
          },
          us.source,
          envOf(us),
        );
        if (!made.ok) throw new Error(made.error.code);
        let state: IncomingState = { payment: made.value, set: null };
        let disk: IncomingState['payment'] = made.value;
        let now = NOW;
        let height = HEIGHT;
        /** What channels have: HTLCs that wait, and those that were answered. */
        const waiting = new Map<string, { readonly event: Extract<IncomingEvent, { tag: 'offered' }> }>();
        const answers = new Map<string, 'fulfilled' | 'failed'>();

        const deliver = (event: IncomingEvent): void => {
          const before = state.payment.status.tag;
          const step = incomingTransition(state, event, envOf(us, { now, height }));
          state = step.next;
          for (const write of step.commit) {
            if (write.op !== 'put') throw new Error('nothing is ever deleted');
            const stored = decode(incomingRecord, write.value);
            if (!stored.ok) throw new Error(stored.error.code);
            disk = stored.value;
          }
          const fulfilled: string[] = [];
          for (const effect of step.after) {
            if (effect.tag !== 'command') continue;
            const { command } = effect;
            if (command.tag !== 'fulfill-htlc' && command.tag !== 'fail-htlc') throw new Error(command.tag);
            const key = `${effect.channelId}:${command.id}`;
            const answer = command.tag === 'fulfill-htlc' ? 'fulfilled' : 'failed';
            const expiry = waiting.get(key)?.event.htlc.cltvExpiry ?? 0;
            if (answer === 'fulfilled')
              expect(expiry - DEFAULT_PAYMENT_CONFIG.claimBuffer).toBeGreaterThan(height);
            // One HTLC, one answer: the same again at most for one that was fulfilled before a restart.
            if (!waiting.delete(key)) throw new Error(`answered twice: ${key}`);
            answers.set(key, answer);
            if (answer === 'fulfilled') fulfilled.push(key);
          }
          if (fulfilled.length === 0) return;
          // Only in the step that records it, for the whole set and at least what was asked.
          expect(before).not.toBe('received');
          const { status } = state.payment;
          if (status.tag !== 'received') throw new Error('not recorded');
          expect(disk).toEqual(state.payment);
          expect(status.parts.map(({ channelId, id }) => `${channelId}:${id}`).toSorted()).toEqual(
            fulfilled.toSorted(),
          );
          expect(status.parts.reduce((sum, { amount }) => sum + amount, 0n)).toBe(status.amount);
          expect(status.amount).toBeGreaterThanOrEqual(made.value.amount ?? 1n);
        };

        for (const next of happenings) {
          if (next.tag === 'time') {
            now += next.seconds;
            height += next.blocks;
            if (!next.asleep) deliver({ tag: 'tick' });
          } else if (next.tag === 'restart') {
            state = { payment: disk, set: null };
            const offeredAgain = [...waiting.values()];
            for (const { event } of offeredAgain) deliver(event);
          } else if (next.tag === 'claim') deliver({ tag: 'claim', id: commandId(1), preimage: PREIMAGE });
          else if (next.tag === 'fail') deliver({ tag: 'fail', id: commandId(1) });
          else {
            const key = `${testChannelId(next.channel)}:${next.id}`;
            // A channel uses an id once.
            if (answers.has(key)) continue;
            const cltvExpiry = blockHeight(height + next.cltv);
            const htlc = {
              channelId: testChannelId(next.channel),
              id: BigInt(next.id),
              amount: sats(next.amount),
              paymentHash: made.value.paymentHash,
              cltvExpiry,
              onion: new Uint8Array(1366),
            };
            const event: Extract<IncomingEvent, { tag: 'offered' }> = waiting.get(key)?.event ?? {
              tag: 'offered',
              htlc,
              receive: {
                tag: 'receive',
                onion: htlc.onion,
                sharedSecret: new Uint8Array(32).fill(1),
                blinding: 'none',
                isFinal: true,
                amount: htlc.amount,
                total: msat(next.total * 1000),
                cltvExpiry,
                paymentSecret: next.secret ? made.value.paymentSecret : new Uint8Array(32),
                paymentMetadata: null,
                keysendPreimage: null,
                pathId: null,
                custom: [],
              },
            };
            waiting.set(key, { event });
            deliver(event);
          }
        }
        // Nothing is kept for ever: time gives back what is not claimed.
        now += 1000;
        height += 1000;
        deliver({ tag: 'tick' });
        expect(waiting.size).toBe(0);
        // All or nothing.
        const total = state.payment.status.tag === 'received' ? state.payment.status.parts.length : 0;
        expect([...answers.values()].filter((answer) => answer === 'fulfilled').length).toBe(total);
      },
    ),
    { numRuns: 150 },
  );
});
