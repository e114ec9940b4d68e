import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { msat } from '../base/units.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import { decode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { installSecp256k1 } from '../crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { buildFailure, wrapFailure } from '../onion/failure-onion.ts';
import { session } from '../onion/session.ts';
import type { PaymentEnv } from './env.ts';
import { commandId, envOf, NOW, payChannel, recipientOf, testNode } from './fixtures/pay-world.ts';
import {
  newOutgoing,
  outgoingTransition,
  type OutgoingEvent,
  type OutgoingState,
  type SendRequest,
  waysAgain,
} from './outgoing-machine.ts';
import { outgoingRecord } from './outgoing-record.ts';
import { outgoingIdOf } from './send-request.ts';
import type { FindRoutes, FoundWays } from './route.ts';

// Curve arithmetic is not what is tried here.
const memo = new Map<string, Uint8Array | null>();
installSecp256k1({
  ...nobleSecp256k1,
  publicKey: (secret) => remembered(`p${toHex(secret)}`, () => nobleSecp256k1.publicKey(secret)) ?? secret,
  ecdh: (secret, point) =>
    remembered(`e${toHex(secret)}${toHex(point)}`, () => nobleSecp256k1.ecdh(secret, point)),
});
function remembered(key: string, make: () => Uint8Array | null): Uint8Array | null {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const made = make();
  memo.set(key, made);
  return made;
}

const us = testNode(1);
const payee = testNode(3);
const PREIMAGE = new Uint8Array(32).fill(7);
const HASH = paymentHash(toHex(sha256(PREIMAGE)));
const AMOUNT = 1_000_000n;
const MAX_FEE = 5_000n;
const CHANNELS = [1, 2, 3, 4, 5, 6].map((seed) => payChannel(seed, payee.id));

const request: SendRequest = {
  id: outgoingIdOf(HASH),
  paymentHash: HASH,
  kind: 'bolt11',
  amount: msat(AMOUNT),
  maxFee: msat(MAX_FEE),
  recipient: recipientOf(payee.id),
  payBefore: null,
  invoice: 'lnbcrt1',
  description: '',
};

/** Splits over two of the channels that are left, each part with a fee, as far as the limit goes. */
const findRoutes: FindRoutes = (query) => {
  const open = query.channels.filter(({ channelId }) => !query.avoid.channels.has(channelId)).slice(0, 2);
  if (open.length === 0) return { ok: false, error: { code: 'no-path', reason: 'no-route' } };
  const share = query.amount / BigInt(open.length);
  const fee = query.maxFee / BigInt(open.length);
  const { payee: nodeId, finalCltvExpiry: cltvExpiry } = query;
  return ok(
    open.map(({ channelId }, i) => {
      const amount = i === 0 ? query.amount - share * BigInt(open.length - 1) : share;
      const last = { nodeId, scid: null, amount: msat(amount), cltvExpiry };
      return { channelId, hops: [{ ...last, amount: msat(amount + fee) }, last] as const };
    }),
  );
};

const happening = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ tag: 'send' } as const) },
  { weight: 3, arbitrary: fc.record({ tag: fc.constant('added' as const), which: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ tag: fc.constant('refused' as const), which: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({ tag: fc.constant('failed' as const), which: fc.nat(5), how: fc.nat(5) }),
  },
  { weight: 3, arbitrary: fc.record({ tag: fc.constant('fulfilled' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('time' as const), seconds: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.constant({ tag: 'restart' } as const) },
  { weight: 3, arbitrary: fc.constant({ tag: 'retry' } as const) },
  { weight: 3, arbitrary: fc.constant({ tag: 'look' } as const) },
  { weight: 2, arbitrary: fc.constant({ tag: 'again' } as const) },
);
const FAILED: readonly HtlcResult[] = [
  { tag: 'failed', reason: new Uint8Array(292) },
  { tag: 'malformed', failureCode: 0xc005, onionHash: new Uint8Array(32) },
  { tag: 'abandoned', cause: 'not-sent' },
  { tag: 'abandoned', cause: 'timed-out-on-chain' },
];

it('never has more under way than the amount and the fee limit, never pays twice, always ends', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), fc.boolean(), (happenings, searchesLater) => {
      let state: OutgoingState = newOutgoing;
      let disk: Uint8Array | null = null;
      let now = NOW;
      /** What channels have: HTLCs of ours that nobody has ended. */
      const live = new Map<number, { readonly amount: bigint; taken: boolean }>();
      const ended: Extract<OutgoingEvent, { tag: 'settled' }>[] = [];
      let paid = 0n;
      let sent = 0;
      let drawn = 0;
      let retries = 0;
      /** What was looked for last: what becomes of the payment meanwhile it does not know. */
      let found: FoundWays | null = null;
      const envNow = (): PaymentEnv => envOf(us, { now, channels: CHANNELS, findRoutes, searchesLater });

      const deliver = (event: OutgoingEvent): void => {
        const before = state.payment?.status.tag;
        const step = outgoingTransition(state, event, {
          ...envNow(),
          ...(event.tag === 'retry' && found !== null ? { found } : {}),
          random: () => new Uint8Array(32).fill((drawn++ % 8) + 1),
        });
        state = step.next;
        for (const write of step.commit) disk = write.op === 'put' ? write.value : null;
        for (const effect of step.after) {
          if (effect.tag === 'notify' && effect.notice.tag === 'sent') sent += 1;
          if (effect.tag === 'retry') retries += 1;
          if (effect.tag !== 'command' || effect.command.tag !== 'add-htlc') continue;
          // Nothing new once it is paid, and no origin twice.
          expect(before).not.toBe('succeeded');
          const { attempt } = effect.command.origin;
          expect(live.has(attempt) || ended.some((end) => end.attempt === attempt)).toBe(false);
          live.set(attempt, { amount: effect.command.amount, taken: false });
        }
        // What left us, and what may still leave.
        const exposed = [...live.values()].reduce((sum, { amount }) => sum + amount, paid);
        expect(exposed).toBeLessThanOrEqual(AMOUNT + MAX_FEE);
        if (state.payment === null) expect(disk).toBeNull();
        else expect(disk && decode(outgoingRecord, disk)).toEqual(ok(state.payment));
      };
      const end = (number: number, result: HtlcResult): void => {
        const event = { tag: 'settled', attempt: number, result } as const;
        if (result.tag === 'fulfilled') paid += live.get(number)?.amount ?? 0n;
        live.delete(number);
        ended.push(event);
        deliver(event);
      };
      /** The payee says no, and means it. */
      const refusedForGood = (number: number): HtlcResult => {
        const attempt = state.payment?.attempts.find((one) => one.number === number);
        if (attempt === undefined) return { tag: 'abandoned', cause: 'not-sent' };
        const [first, second] = session(
          attempt.sessionKey,
          attempt.hops.map(({ nodeId }) => fromHex(nodeId)),
        ).hops.map(({ sharedSecret }) => sharedSecret);
        if (first === undefined || second === undefined) throw new Error('two hops');
        return { tag: 'failed', reason: wrapFailure(first, buildFailure(second, fromHex('6002'))) };
      };
      const pick = (which: number, taken: boolean): number | undefined => {
        const numbers = [...live].filter(([, htlc]) => htlc.taken === taken).map(([number]) => number);
        return numbers[which % Math.max(1, numbers.length)];
      };

      for (const next of happenings) {
        if (next.tag === 'send') deliver({ tag: 'send', id: commandId(1), request });
        else if (next.tag === 'time') now += next.seconds;
        else if (next.tag === 'look') found = waysAgain(state, envNow());
        else if (next.tag === 'retry') {
          // May come late, when another one went on with it.
          deliver(next);
          retries = Math.max(0, retries - 1);
        } else if (next.tag === 'again') {
          // Channels repeat how an HTLC ended until it is written down, and may once too often.
          const last = ended.at(-1);
          if (last !== undefined) deliver(last);
        } else if (next.tag === 'restart') {
          const stored = disk === null ? null : decode(outgoingRecord, disk);
          state = { payment: stored?.ok === true ? stored.value : null, replyTo: null };
          // The turn is one transaction: what no channel has taken is on no disk.
          for (const [number, { taken }] of live) if (!taken) live.delete(number);
          retries = 0;
          deliver({ tag: 'resumed', live: new Set(live.keys()) });
        } else if (next.tag === 'added' || next.tag === 'refused') {
          const number = pick(next.which, false);
          const htlc = number === undefined ? undefined : live.get(number);
          if (number === undefined || htlc === undefined) continue;
          if (next.tag === 'added') {
            htlc.taken = true;
            deliver({ tag: 'added', attempt: number });
          } else {
            live.delete(number);
            deliver({ tag: 'refused', attempt: number, refusal: { code: 'too-many-htlcs', maximum: 1 } });
          }
        } else {
          const number = pick(next.which, true);
          if (number === undefined) continue;
          if (next.tag === 'fulfilled') end(number, { tag: 'fulfilled', preimage: PREIMAGE });
          else end(number, FAILED[next.how] ?? refusedForGood(number));
        }
      }
      // Whatever is left comes back: the payment must end.
      now += 1000;
      for (; retries > 0; retries--) deliver({ tag: 'retry' });
      for (let number = pick(0, false); number !== undefined; number = pick(0, false)) {
        live.delete(number);
        deliver({ tag: 'refused', attempt: number, refusal: { code: 'peer-not-connected' } });
      }
      for (let number = pick(0, true); number !== undefined; number = pick(0, true))
        end(number, { tag: 'abandoned', cause: 'channel-closed' });
      expect(state.payment?.status.tag).not.toBe('pending');
      expect(state.payment?.status.tag === 'succeeded').toBe(paid > 0n);
      expect(sent).toBe(paid > 0n ? 1 : 0);
    }),
    { numRuns: 80 },
  );
});
