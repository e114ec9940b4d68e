import { expect, it } from 'vitest';
import type { CommandId } from '../base/ids.ts';
import { paymentHash } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { blockHeight, msat, timestamp } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import type { ChannelSummary } from '../channel/summary.ts';
import { PaymentBook } from '../payment/book.ts';
import { payChannel, recipientOf, testNode } from '../payment/fixtures/pay-world.ts';
import type { RouteMap } from '../payment/graph-routes.ts';
import type { SendRequest } from '../payment/outgoing-machine.ts';
import { outgoingIdOf } from '../payment/send-request.ts';
import { chainMap } from '../testkit/chain-map.ts';
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

/** Each slice takes ten milliseconds; `pauses` are the times that others are served. */
function stage() {
  const map = chainMap(nodes, 2);
  let shown: RouteMap | null = map;
  let ms = 0;
  const seen = { pauses: 0, adds: [] as Add[], told: [] as string[] };
  const take = (input: (turn: Turn) => void): void => {
    const turn = new Turn();
    input(turn);
    for (const effect of turn.effects) effect();
  };
  /** What a later turn searches for itself, it does not find. */
  const submit = (input: (turn: Turn) => void): void => {
    shown = null;
    take(input);
    shown = map;
  };
  const core = {
    channels: {
      get: () => ({ frozen: false }),
      command: (_turn: Turn, _channel: unknown, command: Add) => void seen.adds.push(command),
    },
    payments: new PaymentBook(),
    height: blockHeight(500),
    network: NETWORKS.regtest,
    tell: (_turn: Turn, { tag }: { readonly tag: string }) => void seen.told.push(tag),
    onBug: (error: unknown) => {
      throw error;
    },
    driver: { submit },
    options: {
      clock: {
        now: () => timestamp(1_000_000),
        monotonicMs: () => (ms += 10),
        after: (_: number, run: () => void) => {
          seen.pauses++;
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
      const ours = [1, 2, 3].map((seed) => payChannel(seed, nodes[0]!, { sendable: msat(10n ** 10n) }));
      return ours as unknown as readonly ChannelSummary[];
    }
  }
  const desk = new Desk(core, { map: () => shown, learn: () => undefined });
  take((turn) => {
    desk.ask(
      turn,
      (id: CommandId) => core.payments.send(id, request, desk.env()),
      () => undefined,
    );
  });
  const lose = (add: Add): void => take((turn) => expect(desk.onSettle(turn, add.origin, LOST)).toBe(true));
  return { desk, seen, lose };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

it('the next way of a refused part is looked for between turns, and others are served meanwhile', async () => {
  const { seen, lose } = stage();
  expect(seen.adds.length).toBe(2);
  const [first] = seen.adds.splice(0);
  lose(first!);
  expect(seen.adds).toEqual([]);
  await turns();
  expect(seen.pauses).toBeGreaterThan(2);
  expect(seen.adds.map(({ amount, origin }) => [amount > 0n, origin.attempt])).toEqual([[true, 2]]);
  expect(seen.told).toEqual([]);
});

it('parts that come back together are looked for together', async () => {
  const { seen, lose } = stage();
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
  const { desk, seen, lose } = stage();
  const [first] = seen.adds.splice(0);
  lose(first!);
  desk.stop();
  await turns();
  expect(seen.adds).toEqual([]);
});
