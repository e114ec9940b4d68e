import { expect, it } from 'vitest';
import type { CommandId } from '../base/ids.ts';
import { paymentHash } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { err } from '../base/result.ts';
import { blockHeight, msat, timestamp, type Msat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import type { ChannelSummary } from '../channel/summary.ts';
import { PaymentBook } from '../payment/book.ts';
import { payChannel, recipientOf, testNode } from '../payment/fixtures/pay-world.ts';
import { declined, NOTHING } from '../payment/outcome.ts';
import type { SendRequest } from '../payment/outgoing-machine.ts';
import { firstWays } from '../payment/plan.ts';
import { outgoingIdOf } from '../payment/send-request.ts';
import { chainMap } from '../testkit/chain-map.ts';
import { countArrays } from '../testkit/counted-arrays.ts';
import { PaymentDesk, type PaymentDeskCore } from './payment-desk.ts';
import { Turn } from './turn.ts';

const [us, ...nodes] = Array.from({ length: 8 }, (_, i) => testNode(i + 1).id);
const payee = nodes.at(-1)!;
const HASH = paymentHash('77'.repeat(32));
const LOST: HtlcResult = { tag: 'abandoned', cause: 'not-sent' };

const request: SendRequest = {
  id: outgoingIdOf(HASH),
  paymentHash: HASH,
  kind: 'bolt11',
  // More than one channel on the way carries.
  amount: msat(1_500_000_000),
  maxFee: msat(10_000_000),
  recipient: recipientOf(payee),
  payBefore: null,
  invoice: 'lnbcrt1',
  description: '',
};

type Add = Extract<ChannelCommand, { tag: 'add-htlc' }>;

const turns = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Each slice takes ten milliseconds; `pauses` are the times that others are served, and `searched` what turns read of the
 * map.
 */
async function stage(served: (pauses: number) => void = () => undefined, isMapLate = false) {
  const counted = countArrays();
  const read = chainMap(nodes, 2);
  let map = isMapLate ? null : read;
  counted.stop();
  let ms = 0;
  let sendable = msat(10n ** 10n);
  const seen = { pauses: 0, searched: 0, adds: [] as Add[], told: [] as string[], replies: [] as unknown[] };
  const take = (input: (turn: Turn) => void): void => {
    const turn = new Turn();
    counted.steps();
    input(turn);
    seen.searched += counted.steps();
    for (const effect of turn.effects) effect();
  };
  const core = {
    channels: {
      get: () => ({ frozen: false }),
      command: (_turn: Turn, _channel: unknown, command: Add) => void seen.adds.push(command),
    },
    payments: new PaymentBook(),
    givenBack: { stop: () => undefined },
    height: blockHeight(500),
    network: NETWORKS.regtest,
    tell: (_turn: Turn, { tag }: { readonly tag: string }) => void seen.told.push(tag),
    onBug: (error: unknown) => {
      throw error;
    },
    driver: { submit: take },
    inTurn: (run: Parameters<PaymentDeskCore['inTurn']>[0]) =>
      new Promise((resolve) => {
        // The turn has to wait for the disk.
        map = read;
        take((turn) => run(turn, (value, answering = turn) => answering.after(() => resolve(value))));
      }),
    options: {
      clock: {
        now: () => timestamp(1_000_000),
        monotonicMs: () => (ms += 10),
        after: (_: number, run: () => void) => {
          seen.pauses++;
          served(seen.pauses);
          queueMicrotask(run);
          return () => undefined;
        },
      },
      random: (length: number) => new Uint8Array(length).fill(seen.adds.length + 1),
    },
    running: { identity: { nodeId: us! } },
  } as unknown as PaymentDeskCore;
  class Desk extends PaymentDesk {
    override channels(): readonly ChannelSummary[] {
      const ours = [1, 2, 3].map((seed) => payChannel(seed, nodes[0]!, { sendable }));
      return ours as unknown as readonly ChannelSummary[];
    }
  }
  const desk = new Desk(core, { map: () => map, learn: () => undefined });
  const send = (one = request): void =>
    void desk.withWays<undefined>(
      (env) => firstWays(one, env),
      (turn, env, done) => {
        desk.ask(
          turn,
          (id: CommandId) => core.payments.send(id, one, env),
          (_, answer) => void seen.replies.push(answer),
        );
        done(undefined);
      },
    );
  send();
  await turns();
  expect(seen.pauses).toBeGreaterThan(2);
  const lose = (add: Add): void => take((turn) => expect(desk.onSettle(turn, add.origin, LOST)).toBe(true));
  const change = (to: Msat): void => void (sendable = to);
  return { desk, seen, send, lose, change };
}

it('the ways of a payment are looked for between turns, and others are served meanwhile', async () => {
  const { seen, lose } = await stage();
  expect(seen.adds.length).toBe(2);
  const { pauses } = seen;
  const [first] = seen.adds.splice(0);
  lose(first!);
  expect(seen.adds).toEqual([]);
  await turns();
  expect(seen.pauses).toBeGreaterThan(pauses + 2);
  expect(seen.searched).toBe(0);
  expect(seen.adds.map(({ amount, origin }) => [amount > 0n, origin.attempt])).toEqual([[true, 2]]);
  expect(seen.told).toEqual([]);
});

it('parts that come back together are looked for together', async () => {
  const { seen, lose } = await stage();
  for (const add of seen.adds.splice(0)) lose(add);
  await turns();
  const again = seen.adds.splice(0);
  expect(again.map(({ origin }) => origin.attempt)).toEqual([2, 3]);
  // Over the last of our channels, and then no more.
  for (const add of again) lose(add);
  await turns();
  for (const add of seen.adds.splice(0)) lose(add);
  await turns();
  expect(seen.adds).toEqual([]);
  expect(seen.told).toEqual(['payment-failed']);
});

it('nothing is sent once the desk has stopped', async () => {
  const { desk, seen, lose } = await stage();
  const [first] = seen.adds.splice(0);
  lose(first!);
  desk.stop();
  await turns();
  expect(seen.adds).toEqual([]);
});

it('where our channels change meanwhile the way is looked for again, and no turn searches', async () => {
  let change: ((to: Msat) => void) | null = null;
  const { seen, lose, ...world } = await stage((pauses) => change?.(msat(10n ** 10n - BigInt(pauses))));
  const [first] = seen.adds.splice(0);
  const { pauses } = seen;
  change = world.change;
  lose(first!);
  await turns();
  // Every search was late; the last is tried all the same, for the channel refuses what it cannot take.
  expect(seen.pauses - pauses).toBeGreaterThan(10);
  expect(seen.adds.map(({ origin }) => origin.attempt)).toEqual([2]);
  expect(seen.searched).toBe(0);
  expect(seen.told).toEqual([]);
});

it('payments that are sent together take turns: the search of the next counts what the one before it sent', async () => {
  const { seen, send } = await stage();
  // Of the two channels after our peer, 500,000 sat are left.
  seen.adds.splice(0);
  for (const byte of ['78', '79']) {
    const hash = paymentHash(byte.repeat(32));
    send({ ...request, id: outgoingIdOf(hash), paymentHash: hash, amount: msat(300_000_000) });
  }
  await turns();
  expect(seen.searched).toBe(0);
  expect(new Set(seen.adds.map((add) => add.paymentHash.slice(0, 2)))).toEqual(new Set(['78']));
  expect(seen.replies).toMatchObject([{ ok: false, error: { code: 'no-path' } }]);
});

it('a map that is there by the turn is searched, if it was not when the payment was asked for', async () => {
  const { seen } = await stage(undefined, true);
  expect(seen.adds.length).toBe(2);
  expect(seen.searched).toBe(0);
});

it('who asked is answered, and nobody who asked meanwhile', async () => {
  const { desk } = await stage();
  const turn = new Turn();
  const ids: CommandId[] = [];
  const answers: unknown[] = [];
  for (const who of ['first', 'second'])
    desk.ask(
      turn,
      (id) => {
        ids.push(id);
        return NOTHING;
      },
      (_, answer) => void answers.push([who, answer]),
    );
  desk.apply(turn, declined(ids[1]!, { code: 'unknown-payment' }));
  desk.apply(turn, declined(ids[0]!, { code: 'own-invoice' }));
  expect(answers).toEqual([
    ['second', err({ code: 'unknown-payment' })],
    ['first', err({ code: 'own-invoice' })],
  ]);
});
