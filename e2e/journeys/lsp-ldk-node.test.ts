import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lsp as words, receive } from '../../web/i18n/en.ts';
import { LdkNodePeer } from '../interop/peers/ldk-node/ldk-node-peer.ts';
import type { LdkPeer } from '../world/ldk/ldk-peer.ts';
import { startSite } from '../world/site.ts';
import { until } from '../world/until.ts';
import { wayBetween } from '../world/way-to-lsp.ts';
import { World } from '../world/world.ts';
import { factSat } from './pages/amounts.ts';
import type { App } from './pages/app.ts';
import { untilBroadcast } from './stage/chain.ts';
import { ask, fromNothing } from './stage/first-sats.ts';
import { expect, SITE, test as base } from './stage/test.ts';

const ALIAS = 'ldk-node';
const FUND_SAT = 100_000_000n;
/** What the payee may be paid. */
const PAID_MSAT = 5_000_000_000n;
/** Of each of the two ways that lead from the payer to the LSP. */
const WAY_SAT = 800_000n;
/** More than one of them carries, and less than both do. */
const IN_PARTS = 900_000n;
const CHOSEN = 300_000n;
const ASKED = 50_000n;
const DEEP = 6;
/** After which a wallet uses the channel of an LSP that it does not trust. */
const CONFIRMED = 3;

type Shop = { readonly lsp: LdkNodePeer; readonly payer: LdkPeer; readonly payee: LdkPeer };

/** Both ways between the payer and the LSP carry. */
async function withBothWays({ lsp, payer }: Shop): Promise<void> {
  const usable = (other: string) => (one: { counterparty: string; isUsable: boolean }) =>
    one.counterparty === other && one.isUsable;
  await until(
    async () =>
      (await payer.channels()).filter(usable(lsp.id)).length === 2 &&
      (await lsp.channels()).filter(usable(payer.id)).length === 2,
    { what: 'both ways to the LSP', timeoutMs: 60_000 },
  );
}

/** It runs again, and everybody has found it. */
async function back({ lsp, payer, payee }: Shop): Promise<void> {
  await lsp.restart();
  await lsp.sync();
  for (const other of [payer, payee]) await other.connect(lsp.id, lsp.address);
}

/** ldk-node's own LSPS2 service sells the channels; LDK pays, and is paid. */
const test = base.extend<object, { readonly shop: Shop }>({
  world: [
    async ({ browserName: _any }, use) => {
      const peers = ['Payer', 'Payee'].map((alias) => ({ alias, fundSat: FUND_SAT }));
      const world = await World.start({ peers });
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  shop: [
    async ({ world }, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'leyden-ldk-node-'));
      const lsp = await LdkNodePeer.start(world.chain, { alias: ALIAS, folder, forwards: true });
      await lsp.fund(FUND_SAT);
      const [payer, payee] = world.peers;
      if (payer === undefined || payee === undefined) throw new Error('who pays and who is paid are needed');
      const shop = { lsp, payer, payee };
      await payer.connect(lsp.id, lsp.address);
      for (let ways = 0; ways < 2; ways++) {
        await payer.openChannel({ nodeId: lsp.id, capacitySat: WAY_SAT });
        await world.mine(DEEP);
      }
      await wayBetween(world, payee, lsp, PAID_MSAT);
      await lsp.sync();
      await withBothWays(shop);
      await use(shop);
      await lsp.stop();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  site: [
    async ({ world, shop: { lsp } }, use) => {
      const config = world.config();
      const lsps = [{ alias: ALIAS, nodeId: lsp.id, ...lsp.address, token: null, trusted: true }];
      const networks = { regtest: { ...config.networks.regtest, lsps } };
      const site = await startSite({ folder: SITE, config: () => ({ ...config, networks }) });
      await use(site);
      await site.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

/** What a channel before left over of the LSP's coins is good for the next, and the LSP knows it. */
test.beforeEach(async ({ world, shop }) => {
  await world.mine();
  await shop.lsp.sync();
});

/** @returns the invoice that the page shows for the first payment, once what it costs was agreed to */
async function agreed({ page, receive: screen }: App, button: RegExp | string): Promise<string> {
  await page.getByRole('button', { name: button }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  return screen.invoice();
}

async function expectFirst({ home, receive: screen }: App, gotSat: bigint): Promise<void> {
  await screen.expectReceived();
  await home.open();
  await home.expectHoldings({ lightning: gotSat });
}

// Those in which it is started again come first: with each channel that it sold it may more likely not be (`differences.ts` of e2e/interop).
test('an amount that the payer chooses, from ldk-node, which is killed and back while the code is shown', async ({
  app,
  shop,
}) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();
  await page.getByRole('button', { name: words.open }).click();
  await expect(page.getByText(words.quote.between)).toBeVisible();
  expect(await factSat(page, words.quote.fee)).toBe(1_000n);
  const invoice = await agreed(app, words.quote.askAny);

  await shop.lsp.kill();
  await expect(page.getByText(words.gone.sentence(ALIAS))).toBeVisible();
  await back(shop);
  await withBothWays(shop);
  await expect(page.getByText(receive.waiting)).toBeVisible({ timeout: 60_000 });

  await shop.payer.pay(invoice, { amountMsat: CHOSEN * 1_000n });
  // 1 % is more than the least fee.
  await expectFirst(app, (CHOSEN * 99n) / 100n);
});

test('ldk-node is not trusted, and killed while the chain has its channel to confirm: the payment arrives once both are there', async ({
  app,
  world,
  shop,
}) => {
  const { page } = app;
  const { lsp, payer } = shop;
  await app.setup.create();
  await app.settings.openLsps();
  await page.getByRole('checkbox', { name: words.settings.trust }).uncheck();
  await page.getByRole('button', { name: words.settings.save, exact: true }).click();
  await expect(page.getByText(words.settings.saved).first()).toBeVisible();

  await app.receive.openEmpty();
  await ask(app, ASKED);
  await expect(page.getByText(words.quote.waiting)).toBeVisible();
  const known = new Set((await lsp.channels()).map(({ channelId }) => channelId));
  const paid = payer.pay(await agreed(app, /^Ask for/));
  const { fundingTxId } = await lsp.waitForChannel(
    (one) => !known.has(one.channelId) && one.fundingTxId !== null,
    'the channel that was sold',
  );
  await untilBroadcast(world, fundingTxId ?? '');

  await lsp.kill();
  await expect(page.getByText(words.gone.sentence(ALIAS))).toBeVisible();
  await world.mine(CONFIRMED);
  await back(shop);
  await paid;
  await expectFirst(app, ASKED - 1_000n);
});

test('ldk-node sells the channel: from nothing to the first satoshis, on to paying and being paid', async ({
  app,
  shop,
}) => {
  // The least fee, and 1,000 sat that have to be left of a payment.
  await fromNothing(app, { feeSat: 1_000n, tooLittle: 1_999n, least: /2\D?000 sat/ }, shop);
});

test('a payment in parts, for which ldk-node opens the channel once it has all of them', async ({
  app,
  shop: { lsp, payer },
}) => {
  const outbound = async (): Promise<ReadonlyMap<string, bigint>> => {
    const ways = (await payer.channels()).filter(({ counterparty }) => counterparty === lsp.id);
    return new Map(ways.map(({ channelId, outboundMsat }) => [channelId, outboundMsat]));
  };
  const before = await outbound();
  await app.setup.create();
  await app.receive.openEmpty();
  await ask(app, IN_PARTS);
  await payer.pay(await agreed(app, /^Ask for/));
  await expectFirst(app, (IN_PARTS * 99n) / 100n);
  // Each way carried some of it.
  const after = await outbound();
  expect([...before].map(([way, had]) => had > (after.get(way) ?? had))).toEqual([true, true]);
});
