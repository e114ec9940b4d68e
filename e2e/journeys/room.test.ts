import { channels, receive, room } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { factSat } from './pages/amounts.ts';
import type { App } from './pages/app.ts';
import { untilBroadcast } from './stage/chain.ts';
import { ask } from './stage/first-sats.ts';
import { TOO_MUCH_ROOM, test } from './stage/lsp-world.ts';
import { expect } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

async function see({ page }: App, amountSat: bigint): Promise<void> {
  await page.getByLabel(room.amount).fill(amountSat.toString());
  await page.getByRole('button', { name: room.see }).click();
}

test('room bought ahead: paid on chain, then over Lightning out of what came through it', async ({
  app,
  world,
}) => {
  const { page } = app;
  await withCoins(app);
  await page.goto(`${new URL(page.url()).origin}/${links.channels}`);
  await page.getByRole('link', { name: room.action }).click();

  // Out of what the LSP sells: said before anything is ordered.
  await see(app, 1_000n);
  await expect(page.getByText(/Choose between/)).toContainText(/100\D?000 sat/);

  await see(app, 1_000_000n);
  await expect(page.getByRole('button', { name: /^Pay/ })).toBeVisible();
  expect(await factSat(page, room.fee)).toBe(3_000n);
  expect(await factSat(page, room.get)).toBe(1_000_000n);
  // There is nothing in channels to pay with.
  await expect(page.getByRole('radio', { name: new RegExp(room.ways.onchain) })).toBeChecked();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await expect(page.getByText(room.order.stages.confirming.title)).toBeVisible();

  // The order is on disk: a reload comes back to it.
  await app.reload();
  await expect(page.getByText(room.order.stages.confirming.title)).toBeVisible();
  await page.getByRole('link', { name: room.order.payment }).click();
  const txId = decodeURIComponent(new URL(page.url()).hash.split('/').at(-1) ?? '');
  await page.goBack();
  await untilBroadcast(world, txId);
  await world.mine();
  await expect(page.getByRole('heading', { name: room.order.stages.open.title })).toBeVisible();
  await page.getByRole('link', { name: room.order.channel }).click();
  await app.channels.expectState('ready');

  await app.receive.open();
  await app.receive.ask(600_000n, 'Much');
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();

  // Now there is Lightning money: it is offered first, and the LSP holds it until the channel is there.
  await page.goto(`${new URL(page.url()).origin}/${links.room}`);
  await see(app, 500_000n);
  await expect(page.getByRole('radio', { name: new RegExp(room.ways.lightning) })).toBeChecked();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await expect(page.getByRole('heading', { name: room.order.stages.open.title })).toBeVisible();
  await expect(page.getByText(room.order.proof)).toBeVisible();
  await page.getByRole('button', { name: room.order.forget }).click();
  await expect(page.getByRole('heading', { name: channels.title, exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: new RegExp(room.order.title) })).toHaveCount(1);
});

test('room bought ahead by a wallet with nothing: it shows a code, another wallet pays, the channel comes', async ({
  app,
  world,
}) => {
  const { page } = app;
  await app.setup.create();
  await page.goto(`${new URL(page.url()).origin}/${links.room}`);
  await see(app, 1_000_000n);
  // There is nothing here to pay with: so somebody else pays.
  await expect(page.getByRole('radio', { name: new RegExp(room.ways.elsewhere) })).toBeChecked();
  expect(await factSat(page, room.elsewhere.total)).toBe(3_000n);
  await page.getByRole('button', { name: /^Order for/ }).click();
  await expect(page.getByText(room.elsewhere.waiting)).toBeVisible();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();

  // The order is on disk, with its code.
  await app.reload();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  await page.getByText(receive.apart).click();
  await expect(page.getByRole('group', { name: receive.address })).toContainText(/bcrt1/);
  const invoice = await page.getByRole('group', { name: receive.invoice }).locator('code').innerText();
  await world.ldk.pay(invoice);
  await expect(page.getByRole('heading', { name: room.order.stages.open.title })).toBeVisible();
  await page.getByRole('link', { name: room.order.channel }).click();
  await app.channels.expectState('ready');

  await app.receive.open();
  await app.receive.ask(600_000n, 'Much');
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await app.home.open();
  // All of it: whoever paid for the room was not us, and what comes through it costs nothing.
  await app.home.expectHoldings({ lightning: 600_000n });
});

/** A wallet with nothing orders; whoever is to pay is shown how. @returns what the code says */
async function orderedElsewhere(app: App, roomSat: bigint, totalSat: bigint) {
  const { page } = app;
  await app.setup.create();
  await page.goto(`${new URL(page.url()).origin}/${links.room}`);
  await see(app, roomSat);
  expect(await factSat(page, room.elsewhere.total)).toBe(totalSat);
  await page.getByRole('button', { name: /^Order for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  await page.getByText(receive.apart).click();
  const part = (name: string): Promise<string> =>
    page.getByRole('group', { name }).locator('code').innerText();
  return {
    invoice: await part(receive.invoice),
    address: (await part(receive.address)).replaceAll(/\s/g, ''),
  };
}

test('room bought ahead, paid on chain by another wallet: seen once it is confirmed, and the channel comes', async ({
  app,
  world,
}) => {
  const { page } = app;
  const { address } = await orderedElsewhere(app, 1_000_000n, 3_000n);
  await untilBroadcast(world, await world.chain.send(address, 3_000n));
  await world.mine();
  await expect(page.getByRole('heading', { name: room.order.stages.open.title })).toBeVisible();
  await page.getByRole('link', { name: room.order.channel }).click();
  await app.channels.expectState('ready');
  await app.home.open();
  await app.home.expectHoldings({});
});

test('an LSP that cannot open what another wallet paid for: a Lightning payment returns to whoever paid', async ({
  app,
  world,
}) => {
  const { page } = app;
  const { invoice } = await orderedElsewhere(app, TOO_MUCH_ROOM, 32_000n);
  await expect(world.ldk.pay(invoice)).rejects.toThrow();
  await expect(page.getByRole('heading', { name: room.elsewhere.stages.refunded!.title })).toBeVisible();
  await app.home.open();
  await app.home.expectHoldings({});
});

test('an LSP that cannot open what another wallet paid for: coins come to this wallet’s own balance', async ({
  app,
  world,
}) => {
  const { page } = app;
  const { address } = await orderedElsewhere(app, TOO_MUCH_ROOM, 32_000n);
  await untilBroadcast(world, await world.chain.send(address, 32_000n));
  await world.mine();
  await expect(page.getByRole('heading', { name: room.elsewhere.stages.refunded!.title })).toBeVisible();
  await expect(page.getByRole('link', { name: room.order.refundTx })).toBeVisible();
  await world.mine();
  await app.home.open();
  // Less what the LSP pays to send them.
  await expect.poll(async () => (await app.home.holdings()).onchain).toBeGreaterThan(31_000n);
});

test('an LSP that cannot open what this wallet itself paid for: coins come back, less what sending them costs', async ({
  app,
  world,
}) => {
  const { page } = app;
  await withCoins(app);
  await page.goto(`${new URL(page.url()).origin}/${links.room}`);
  await see(app, TOO_MUCH_ROOM);
  await expect(page.getByRole('radio', { name: new RegExp(room.ways.onchain) })).toBeChecked();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByRole('link', { name: room.order.payment }).click();
  const txId = decodeURIComponent(new URL(page.url()).hash.split('/').at(-1) ?? '');
  await page.goBack();
  await untilBroadcast(world, txId);
  await world.mine();
  await expect(page.getByRole('link', { name: room.order.refundTx })).toBeVisible();
  await world.mine();
  await expect(page.getByRole('heading', { name: room.order.partBack.title })).toBeVisible();
  const back = await factSat(page, room.order.cameBack);
  expect(back).toBeGreaterThan(31_000n);
  expect(back).toBeLessThan(32_000n);
  await app.home.open();
  // What the order cost on its way there, and nothing else.
  await expect
    .poll(async () => (await app.home.holdings()).onchain)
    .toBeGreaterThan(960_000n + back - 31_000n);
});

test('an LSP that cannot open what this wallet itself paid for: a Lightning payment comes back whole', async ({
  app,
  world,
}) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();
  await ask(app, 100_000n);
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await page.goto(`${new URL(page.url()).origin}/${links.room}`);
  await see(app, TOO_MUCH_ROOM);
  await expect(page.getByRole('radio', { name: new RegExp(room.ways.lightning) })).toBeChecked();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await expect(page.getByRole('heading', { name: room.order.stages.refunded.title })).toBeVisible();
  await app.home.open();
  await expect.poll(async () => (await app.home.holdings()).lightning).toBe(98_000n);
});
