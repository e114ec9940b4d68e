import type { LspQuote } from '../../../engine/node/api.ts';
import { no, ok } from '../../../web/testkit/fake-wallet.ts';
import { NOW, channel, hex, nodeIdOf, peer, snapshots } from '../../../web/testkit/snapshots.ts';
import { wallet, type Scene } from '../scene.ts';
import { lsps, noOrders, roomScenes } from './rooms.ts';

const offer = (at: 0 | 1, change: Partial<LspQuote> = {}): LspQuote => ({
  quoteId: `${at}`,
  lsp: { nodeId: nodeIdOf(at), alias: lsps[at]?.alias ?? '' },
  amountMsat: 50_000_000n,
  feeMsat: 2_000_000n,
  minFeeMsat: 2_000_000n,
  proportionalMillionths: 4_000,
  minimumMsat: 3_000_000n,
  maximumMsat: 4_000_000_000n,
  validUntil: NOW + 3_600,
  trusted: at === 0,
  isDear: false,
  ...change,
});

const empty = (lsp: object = {}) =>
  wallet({
    servers: { lsps },
    node: {
      lsp: {
        quote: () => ok({ offers: [offer(0)], refused: [] }),
        receive: () => no({ code: 'quote-expired' }),
        conduct: () => ok(null),
        orders: noOrders,
        ...lsp,
      },
    },
  });

const asked = { 'draft/receive-asked': { amountSat: '50000', note: 'Lunch', expiry: '3600' } };
const see: Scene['steps'] = async (page) => {
  await page.getByRole('button', { name: 'See what it costs' }).click();
  await page.getByRole('heading', { name: 'What it costs' }).waitFor();
};

export const lspScenes: readonly Scene[] = [
  ...roomScenes,
  { name: 'receive-lsp-amount', hash: '#/receive', scenario: () => empty() },
  { name: 'receive-lsp-quote', hash: '#/receive', scenario: () => empty(), kept: asked, steps: see },
  {
    name: 'receive-lsp-dear',
    hash: '#/receive',
    scenario: () =>
      empty({
        quote: () =>
          ok({
            offers: [offer(1, { feeMsat: 8_000_000n, isDear: true }), offer(0, { feeMsat: 9_000_000n })],
            refused: [],
          }),
      }),
    kept: asked,
    steps: see,
  },
  {
    name: 'receive-lsp-any',
    hash: '#/receive',
    scenario: () =>
      empty({
        quote: () => ok({ offers: [offer(0, { amountMsat: null, feeMsat: null })], refused: [] }),
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Let the payer choose' }).click();
      await page.getByRole('heading', { name: 'What it costs' }).waitFor();
    },
  },
  {
    name: 'receive-lsp-replaced',
    hash: '#/receive',
    scenario: () =>
      empty({
        quote: () =>
          ok({
            offers: [offer(0)],
            refused: [
              {
                lsp: { nodeId: nodeIdOf(1), alias: 'LSP of before' },
                refusal: { code: 'lsp-failed', reason: 'no-answer' },
              },
            ],
          }),
      }),
    kept: asked,
    onDevice: { 'lsp-choice': { nodeId: nodeIdOf(1) } },
    steps: see,
  },
  {
    name: 'receive-lsp-any-dear',
    hash: '#/receive',
    scenario: () =>
      empty({
        quote: () =>
          ok({
            offers: [
              offer(0, { amountMsat: null, feeMsat: null, proportionalMillionths: 30_000, isDear: true }),
            ],
            refused: [
              {
                lsp: { nodeId: nodeIdOf(1), alias: 'Second LSP' },
                refusal: { code: 'amount-too-large', maximumMsat: 10_000_000n },
              },
            ],
          }),
      }),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Let the payer choose' }).click();
      await page.getByRole('heading', { name: 'What it costs' }).waitFor();
    },
  },
  {
    name: 'receive-lsp-unreachable',
    hash: '#/receive',
    scenario: () => empty({ quote: () => no({ code: 'peer-unreachable', detail: 'refused' }) }),
    kept: asked,
    steps: async (page) => {
      await page.getByRole('button', { name: 'See what it costs' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'receive-away',
    hash: '#/receive',
    scenario: () => {
      const base = empty();
      return {
        ...base,
        snapshots: snapshots({ ...base.snapshots, channels: [channel(0, 'offline', 250_000n, 0n)] }),
      };
    },
  },
  {
    name: 'receive-lsp-misconduct',
    hash: '#/receive',
    scenario: () =>
      empty({
        conduct: () => ok('fee-refused'),
        receive: () =>
          ok({
            paymentId: '20'.repeat(32),
            invoice: `lnbcrt500u1p${'20'.repeat(140)}`,
            paymentHash: '20'.repeat(32),
            amountMsat: 50_000_000n,
            expiresAt: NOW + 3_600,
            receivableMsat: 50_000_000n,
          }),
      }),
    kept: asked,
    steps: async (page) => {
      await see(page);
      await page.getByRole('button', { name: /^Ask for/ }).click();
      await page.getByText('wanted to keep more').waitFor();
    },
  },
  ...[lsps, lsps.slice(0, 1)].map((set): Scene => {
    const base = empty({
      receive: () =>
        ok({
          paymentId: '20'.repeat(32),
          invoice: `lnbcrt500u1p${'20'.repeat(140)}`,
          paymentHash: '20'.repeat(32),
          amountMsat: 50_000_000n,
          expiresAt: NOW + 3_600,
          receivableMsat: 50_000_000n,
        }),
    });
    return {
      name: set.length > 1 ? 'receive-lsp-gone' : 'receive-lsp-gone-the-only-one',
      hash: '#/receive',
      scenario: () => ({
        ...base,
        servers: { lsps: set },
        snapshots: snapshots({ peers: [peer(0, { state: 'disconnected' })] }),
      }),
      kept: asked,
      steps: async (page) => {
        await see(page);
        await page.getByRole('button', { name: /^Ask for/ }).click();
        await page.getByText('cannot be reached').waitFor();
      },
    };
  }),
  {
    name: 'receive-lsp-expired',
    hash: '#/receive',
    scenario: () =>
      empty({
        conduct: () => ok('not-forwarded'),
        receive: () =>
          ok({
            paymentId: '20'.repeat(32),
            invoice: `lnbcrt500u1p${'20'.repeat(140)}`,
            paymentHash: '20'.repeat(32),
            amountMsat: 50_000_000n,
            expiresAt: NOW - 1,
            receivableMsat: 50_000_000n,
          }),
      }),
    kept: asked,
    steps: async (page) => {
      await see(page);
      await page.getByRole('button', { name: /^Ask for/ }).click();
      await page.getByText('opened its channel').waitFor();
    },
  },
  {
    name: 'receive-lsp-too-small',
    hash: '#/receive',
    scenario: () => empty({ quote: () => no({ code: 'amount-too-small', minimumMsat: 3_000_000n }) }),
    kept: { 'draft/receive-asked': { amountSat: '500', note: '', expiry: '3600' } },
    steps: async (page) => {
      await page.getByRole('button', { name: 'See what it costs' }).click();
      await page.getByText('That is too little').waitFor();
    },
  },
  {
    name: 'receive-lsp-down',
    hash: '#/receive',
    scenario: () => empty({ quote: () => no({ code: 'lsp-failed', reason: 'no-answer' }) }),
    kept: asked,
    steps: async (page) => {
      await page.getByRole('button', { name: 'See what it costs' }).click();
      await page.getByText('does not answer').waitFor();
    },
  },
  {
    name: 'receive-lsp-code',
    hash: '#/receive',
    scenario: () =>
      empty({
        receive: () =>
          ok({
            paymentId: '20'.repeat(32),
            invoice: `lnbcrt500u1p${'20'.repeat(140)}`,
            paymentHash: '20'.repeat(32),
            amountMsat: 50_000_000n,
            expiresAt: NOW + 3_600,
            receivableMsat: 50_000_000n,
          }),
      }),
    kept: asked,
    steps: async (page) => {
      await see(page);
      await page.getByRole('button', { name: /^Ask for/ }).click();
      await page.getByRole('button', { name: 'Enlarge the code' }).waitFor();
    },
  },
  {
    name: 'channel-unconfirmed',
    hash: `#/channels/${hex(40)}`,
    scenario: () => {
      const one = { ...channel(0, 'ready', 48_000n, 550_000n), confirmations: 0, confirmationsRequired: 0 };
      return wallet({ snapshots: snapshots({ channels: [one] }) });
    },
  },
  {
    name: 'receive-lsp-onchain',
    hash: '#/receive',
    scenario: () => empty(),
    kept: { 'draft/receive-way': { onchain: true } },
    steps: (page) => page.getByRole('button', { name: 'Be paid in seconds instead' }).waitFor(),
  },
  {
    name: 'settings-lsps',
    hash: '#/settings/lsps',
    scenario: () => wallet({ servers: { lsps } }),
    steps: (page) => page.getByText('FRIENDS').or(page.getByLabel('Token')).first().waitFor(),
  },
  {
    name: 'settings-notifications',
    hash: '#/settings/notifications',
    scenario: () => wallet({ servers: { lsps, pushRelay: 'https://push.example.org' } }),
    steps: (page) => page.getByText('push.example.org').waitFor(),
  },
];
