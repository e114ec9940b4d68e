import type { PaymentHop, PaymentPart } from '../../../engine/node/api.ts';
import { no, ok } from '../../../web/testkit/fake-wallet.ts';
import { NOW, channel, hex, nodeIdOf, page, payment, snapshots } from '../../../web/testkit/snapshots.ts';
import { wallet, type Scene } from '../scene.ts';
import { everyday } from '../wallets.ts';

const hop = (seed: number, alias: string | null, feeMsat = 0n): PaymentHop => ({
  nodeId: nodeIdOf(seed),
  alias,
  shortChannelId: BigInt(seed),
  amountMsat: 1_000_000n,
  feeMsat,
  heldMs: null,
});
const part = (number: number, change: Partial<PaymentPart> = {}): PaymentPart => ({
  number,
  state: 'fulfilled',
  channelId: hex(1),
  amountMsat: 50_000_000n,
  feeMsat: 12_345n,
  hops: [hop(1, 'Harbour Lights', 10_000n), hop(2, null, 2_345n), hop(3, 'Tea shop at the corner')],
  stoppedAt: null,
  failure: null,
  ...change,
});
const noRoom = { code: 'temporary', detail: 'temporary_channel_failure', bolt4Code: 0x1007, hop: 1 } as const;
const stopped = (number: number): PaymentPart =>
  part(number, { state: 'failed', stoppedAt: 1, failure: noRoom });

const one = payment(1, { attempts: 1 });
const several = payment(2, { attempts: 5, amountMsat: 123_456_789_012_000n, feeMsat: 24_690n });
const failed = payment(4, {
  state: 'failed',
  feeMsat: null,
  preimage: null,
  settledAt: NOW - 60,
  attempts: 3,
  failure: noRoom,
});
/** Of our own, from one channel to another. */
const moved = payment(3, {
  direction: 'outgoing',
  feeMsat: 2_000n,
  attempts: 1,
  description: 'Moved between channels',
});
/** Its peer is away. */
const waiting = payment(5, {
  direction: 'outgoing',
  state: 'pending',
  amountMsat: 100_000n,
  feeMsat: 1_000n,
  preimage: null,
  settledAt: null,
  attempts: 1,
});
const shown = [one, several, failed, moved];
const paid = () =>
  everyday({
    snapshots: snapshots({ payments: page(shown) }),
    payments: shown,
    parts: {
      [one.id]: [part(0)],
      [several.id]: [
        stopped(0),
        part(1, {
          amountMsat: 61_728_394_506_000n,
          hops: [hop(1, 'A name of thirty-two characters…', 12_345n), hop(3, 'Tea shop at the corner')],
        }),
        part(2, { amountMsat: 61_728_394_506_000n }),
        part(3, { state: 'failed', failure: { code: 'unreadable-error', detail: '' } }),
      ],
      [moved.id]: [part(0, { hops: [hop(1, 'Harbour Lights', 1_000n), hop(2, null, 1_000n), hop(9, null)] })],
      [failed.id]: [
        part(0, { state: 'failed', stoppedAt: -1, failure: { code: 'peer-offline', detail: '' } }),
        stopped(1),
      ],
    },
  });

const info = {
  nodes: 17_324,
  channels: 50_808,
  snapshotAt: NOW - 5_400,
  refreshing: false,
  lastError: null,
  scores: {
    learnt: 41,
    external: { channels: 38_112, newestAt: NOW - 900 },
    refreshing: false,
    lastError: null,
  },
};
const withServers = {
  snapshots: ['https://rapidsync.example/snapshot'],
  scores: ['https://scores.example/latest.bin'],
};

export const network: readonly Scene[] = [
  {
    name: 'payment-waits-for-peer',
    hash: `#/activity/${waiting.id}`,
    scenario: () =>
      everyday({
        snapshots: snapshots({
          channels: [channel(2, 'offline', 300_000n, 200_000n)],
          payments: page([waiting]),
        }),
        payments: [waiting],
        parts: { [waiting.id]: [part(0, { state: 'in-flight', channelId: hex(42), amountMsat: 100_000n })] },
      }),
    steps: (page) => page.getByText('waits for it').waitFor(),
  },
  { name: 'payment-way', hash: `#/activity/${one.id}`, scenario: paid },
  { name: 'payment-way-moved', hash: `#/activity/${moved.id}`, scenario: paid },
  {
    name: 'payment-way-parts',
    hash: `#/activity/${several.id}`,
    scenario: paid,
    steps: async (page) => {
      await page.locator('summary', { hasText: 'came to nothing' }).click();
      await page.getByRole('heading', { name: 'The way it took' }).scrollIntoViewIfNeeded();
    },
  },
  { name: 'payment-stopped', hash: `#/activity/${failed.id}`, scenario: paid },
  {
    name: 'payment-stopped-at',
    hash: `#/activity/${failed.id}`,
    scenario: paid,
    steps: (page) => page.locator('summary', { hasText: 'One try' }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'map',
    hash: '#/settings/map',
    scenario: () => everyday({ servers: withServers, graph: { info: () => Promise.resolve(info) } }),
  },
  { name: 'map-empty', hash: '#/settings/map', scenario: () => wallet() },
  {
    name: 'map-failing',
    hash: '#/settings/map',
    scenario: () =>
      everyday({
        servers: withServers,
        graph: {
          info: () => Promise.resolve(info),
          refresh: () =>
            no({ code: 'snapshot-unavailable', detail: 'https://rapidsync.example: status 503' }),
        },
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Fetch the map anew' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'map-failed-before',
    hash: '#/settings/map',
    scenario: () =>
      everyday({
        servers: withServers,
        graph: {
          info: () => Promise.resolve({ ...info, lastError: 'https://rapidsync.example: snapshot-invalid' }),
        },
      }),
    steps: (page) => page.getByRole('alert').waitFor(),
  },
  {
    name: 'map-scores-failed-before',
    hash: '#/settings/map',
    scenario: () =>
      everyday({
        servers: withServers,
        graph: {
          info: () =>
            Promise.resolve({
              ...info,
              scores: { ...info.scores, lastError: 'https://scores.example/latest.bin: status 503' },
            }),
        },
      }),
    steps: async (page) => {
      await page
        .getByRole('alert')
        .filter({ hasText: 'The scores are as they were.' })
        .scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'map-trying',
    hash: '#/settings/map',
    scenario: () =>
      everyday({
        servers: { ...withServers, probing: { everySeconds: 60, mostSat: 50_000 } },
        graph: { info: () => Promise.resolve(info) },
      }),
    steps: (page) => page.getByRole('checkbox').scrollIntoViewIfNeeded(),
  },
  {
    name: 'map-search',
    hash: '#/settings/map',
    scenario: () =>
      everyday({
        servers: withServers,
        graph: {
          info: () => Promise.resolve(info),
          findNodes: () =>
            ok([
              { nodeId: nodeIdOf(1), alias: 'Harbour Lights' },
              {
                nodeId: nodeIdOf(2),
                alias: 'Harbour master of the northern sea',
              },
            ]),
        },
      }),
    steps: async (page) => {
      await page.getByRole('textbox').fill('harbour');
      await page.locator('summary', { hasText: 'Harbour Lights' }).click();
    },
  },
];
