import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { BackupDetails } from '../../engine/node/backup-api.ts';
import { activity, app as texts, backup, channels } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LeydenProcess } from '../world/leyden/leyden-process.ts';
import { until } from '../world/until.ts';
import type { World } from '../world/world.ts';
import type { App } from './pages/app.ts';
import { KEPT } from './pages/home.ts';
import { expectAccessible } from './stage/axe.ts';
import { ANCHORS, chainFeeSat, parentOf, untilBroadcast } from './stage/chain.ts';
import { PageEngine } from './stage/page-engine.ts';
import { untilSettled } from './stage/settled.ts';
import { expect, test } from './stage/test.ts';
import { withChannel, withCoins } from './stage/with-channel.ts';

const PAYMENTS = 50;
const EACH = 5_000n;
const PAID = BigInt(PAYMENTS) * EACH;

async function restoreWords(app: App, words: readonly string[]): Promise<void> {
  await app.setup.beginRestore();
  await app.setup.typeWords(words.join(' '));
  await app.setup.lock();
  await expect(app.page.getByRole('heading', { name: backup.restore.title })).toBeVisible();
}

/** Of the only channel: from the peer's close to the last of ours, every fee as it is shown and as the chain has it. */
async function broughtHome(app: App, world: World): Promise<bigint> {
  await app.channels.openFirst();
  await app.channels.expectState('force-closing');
  await expectAccessible(app.page, 'a channel that its peer closes');
  // What this device knew of it is old: no bar tells it.
  await expect(app.page.getByRole('group', { name: /^Balance of the channel/ })).toHaveCount(0);
  const closingFee = await app.channels.factSat(channels.facts.closingFee);
  const closingTx = await app.channels.recorded(channels.facts.closingTx);
  await untilBroadcast(world, closingTx);
  expect(closingFee).toBe((await chainFeeSat(world, closingTx)) + ANCHORS);
  await world.mine();
  const [claim, ...others] = await app.channels.movedBy(1);
  expect(others).toEqual([]);
  await untilBroadcast(world, claim ?? '');
  await world.mine();
  await expect(app.page.getByText(channels.homecoming.here)).toBeVisible();
  await world.mine(6);
  await app.channels.expectState('closed');
  const claimFee = await app.channels.factSat(channels.closingMoney.allFees);
  expect(claimFee).toBe(await chainFeeSat(world, claim ?? ''));
  await expectAccessible(app.page, 'a channel that came home');
  return closingFee + claimFee;
}

test('words and a file: fifty payments, the device is gone, another has it all but the fees that it shows', async ({
  device,
  newDevice,
  world,
}) => {
  const { app, engine } = await PageEngine.open(device);
  const { words, onchainSat, channelSat } = await withChannel(app, world);
  let file = '';
  for (let paid = 0; paid < PAYMENTS; paid++) {
    await engine.pay((await world.ldk.createInvoice({ amountMsat: EACH * 1000n })).bolt11);
    if (paid !== PAYMENTS / 2) continue;
    // Not the newest: who has a file rarely has the one of a minute ago.
    await app.backup.open();
    file = await app.backup.saveFile();
  }
  await app.home.open();
  await app.home.expectHoldings({ onchain: onchainSat, lightning: channelSat - PAID, kept: KEPT });
  const before = onchainSat + channelSat - PAID;
  await untilSettled(world);
  await app.page.close();

  const other = await (await newDevice()).openApp();
  await restoreWords(other, words);
  await other.backup.restoreFile(file);
  await expect(other.page.getByText(backup.restore.found(1))).toBeInViewport();
  await expectAccessible(other.page, 'a backup that was taken back');
  await other.page.getByRole('link', { name: backup.restore.done }).click();
  await expect(other.page).toHaveURL(new RegExp(`${links.home}$`));
  // Never as money that could be sent.
  expect((await other.home.firstHoldings()).lightning).toBe(0n);

  const fees = await broughtHome(other, world);
  await other.home.open();
  await other.home.expectHoldings({ onchain: before - fees });
  await other.reload();
  await other.home.expectHoldings({ onchain: before - fees });
});

test('words alone, and a peer that keeps a copy: fifty payments, and all but the fees again', async ({
  device,
  newDevice,
  world,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'leyden-keeper-'));
  const keeper = await LeydenProcess.start({
    mnemonic: WORDS[0] ?? '',
    esplora: [world.esplora.url],
    syncEveryMs: 1_000,
    folder,
  });
  try {
    const { app, engine } = await PageEngine.open(device);
    const words = await withCoins(app);
    const { channelId, fundingTxId } = await engine.value<{
      readonly channelId: string;
      readonly fundingTxId: string;
    }>('node.openChannel', {
      nodeId: keeper.id,
      ...keeper.address,
      amountSat: 500_000n,
    });
    await untilBroadcast(world, fundingTxId);
    await world.mine(6);
    await until(
      async () => {
        const all = await engine.tell<readonly ChannelDetails[]>('node.listChannels');
        return all.some((one) => one.channelId === channelId && one.isUsable);
      },
      { what: 'the channel to be usable' },
    );
    for (let paid = 0; paid < PAYMENTS; paid++) {
      const asked = await keeper.api.bolt11.receive({ amountMsat: EACH * 1000n, description: '' });
      if (!asked.ok) throw new Error(asked.error.code);
      await engine.pay(asked.value.invoice);
    }
    // It is given the latest within a minute: an older one has a payment in flight.
    const paidAt = Math.floor(Date.now() / 1000);
    await until(
      async () => {
        const [peer] = (await engine.tell<BackupDetails>('node.snapshot', 'backup')).peers;
        return peer?.state === 'kept' && (peer.sent?.at ?? 0) >= paidAt;
      },
      { what: 'the peer to keep the latest copy', timeoutMs: 90_000 },
    );
    const before = 1_000_000n - (await chainFeeSat(world, fundingTxId)) - PAID;
    await app.home.expectHoldings({ onchain: before - 250_000n, lightning: 250_000n, kept: KEPT });
    await app.page.close();

    const other = await (await newDevice()).openApp();
    await restoreWords(other, words);
    await other.backup.askPeer(`${keeper.id}@${keeper.address.host}:${keeper.address.port}`);
    await expect(other.page.getByText(backup.restore.found(1))).toBeInViewport();
    await other.page.getByRole('link', { name: backup.restore.done }).click();
    const fees = await broughtHome(other, world);
    await other.home.open();
    await other.home.expectHoldings({ onchain: before - fees });
    expect((await keeper.api.listBalances()).totalMsat).toBe(PAID * 1000n);
  } finally {
    await keeper.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

test('words alone, and nobody keeps anything: peers that the page knows are asked, close, and the chain has it all', async ({
  device,
  newDevice,
  world,
}) => {
  const { app, engine } = await PageEngine.open(device);
  const { words, onchainSat, channelSat } = await withChannel(app, world);
  for (let paid = 0; paid < PAYMENTS; paid++)
    await engine.pay((await world.ldk.createInvoice({ amountMsat: EACH * 1000n })).bolt11);
  await app.home.open();
  await app.home.expectHoldings({ onchain: onchainSat, lightning: channelSat - PAID, kept: KEPT });
  const before = onchainSat + channelSat - PAID;
  await untilSettled(world);
  await app.page.close();

  const other = await (await newDevice()).openApp();
  await restoreWords(other, words);
  await closedByItsPeer(other, world, before);
});

/** Asks the peers that the page knows, of which none keeps anything: what the channel held comes home on-chain. */
async function closedByItsPeer(app: App, world: World, before: bigint): Promise<void> {
  await app.backup.beAlone();
  await app.page.getByRole('button', { name: backup.restore.known }).click();
  await expect(app.page.getByText(backup.restore.none)).toBeInViewport();
  await expectAccessible(app.page, 'a peer that has nothing');
  // It was told that this device knows no channel, and closes it.
  await until(async () => (await mempool(world)).length > 0, { what: 'the peer to close' });
  await app.page.getByRole('link', { name: backup.restore.skip }).click();
  const closed = app.home.activity(activity.kinds['channel-close'].incoming);
  await expect(async () => {
    await world.mine();
    await expect(closed).toBeVisible({ timeout: 5_000 });
  }).toPass();
  const claim = await app.home.paymentId(closed);
  const close = await parentOf(world, claim);
  await world.mine();
  const claimFee = await chainFeeSat(world, claim);
  const fees = (await chainFeeSat(world, close)) + ANCHORS + claimFee;
  await app.home.expectHoldings({ onchain: before - fees });
  await app.activity.openPayment(claim);
  expect(await app.activity.feeSat()).toBe(claimFee);
}

const isUsable = (channel: ChannelDetails): boolean => channel.isUsable;
const mempool = ({ chain }: World): Promise<readonly string[]> => chain.rpc.call('getrawmempool');

test('the same words on two devices: one is told and leaves the channel, the other pays on; thrown away, the first has it all', async ({
  device,
  newDevice,
  world,
}) => {
  const opened = await PageEngine.open(device);
  const { words, onchainSat, channelSat } = await withChannel(opened.app, world);
  const pay = async ({ engine }: typeof opened, times: number): Promise<void> => {
    for (let paid = 0; paid < times; paid++)
      await engine.pay((await world.ldk.createInvoice({ amountMsat: EACH * 1000n })).bolt11);
    await untilSettled(world);
  };
  await pay(opened, 2);
  // A peer has one connection with one node: the other device is asleep while this one asks.
  await opened.app.page.close();

  const other = await (await newDevice()).openApp();
  await restoreWords(other, words);
  await other.setup.hadNoChannels();
  await other.home.expectHoldings({ onchain: onchainSat });
  await other.channels.priceOf(100_000n);
  await other.page.getByRole('button', { name: new RegExp(`^${channels.open.go}`) }).click();
  await expect(other.page.getByRole('alert')).toBeVisible();
  await other.home.open();
  const told = other.page.getByText(`${texts.alarms['runs-elsewhere'].title}.`);
  await expect(told).toBeVisible();
  await expectAccessible(other.page, 'a channel that another device may run');

  const again = await PageEngine.open(device);
  await until(
    async () => (await again.engine.tell<readonly ChannelDetails[]>('node.listChannels')).some(isUsable),
    { what: 'its channel to be usable again' },
  );
  await again.app.home.expectHoldings({ onchain: onchainSat, lightning: channelSat - 2n * EACH, kept: KEPT });
  await pay(again, 3);
  const left = channelSat - 5n * EACH;
  await again.app.home.expectHoldings({ onchain: onchainSat, lightning: left, kept: KEPT });
  await other.home.open();
  await expect(told).toBeVisible();
  await other.home.expectHoldings({ onchain: onchainSat });
  expect(await mempool(world)).toEqual([]);
  await again.app.page.close();

  await other.page.getByRole('link', { name: backup.restore.toRestore }).click();
  await closedByItsPeer(other, world, onchainSat + left);
  await other.home.open();
  await expect(told).toHaveCount(0);
});
