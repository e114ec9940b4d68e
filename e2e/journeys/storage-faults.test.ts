import type { CDPSession } from '@playwright/test';
import { newSecret } from '../real/scenarios/values.ts';
import { until } from '../world/until.ts';
import { crashingTabs } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import {
  AMOUNT,
  beginAccount,
  funded,
  opened,
  payment,
  request,
  SITE,
  usableOnBoth,
} from './kills/played.ts';
import { measured, quiet } from './kills/tally.ts';
import { chainFeeSat, untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

/** A payment may take fewer commits than it does most times: then what was planned is tried again. */
const TRIES = 4;
/** Bytes: enough to go on, and soon used up. */
const LITTLE = 150_000;

/** Resolves when the browser has no more room for the wallet. It grants some for half a minute ahead. */
async function fill(engine: KilledEngine, client: CDPSession): Promise<void> {
  await client.send('Storage.overrideQuotaForOrigin', { origin: engine.origin, quotaSize: 1 });
  type Answer = { readonly ok: boolean; readonly error?: { readonly code: string } };
  const refused = await until(
    async () => {
      const answer = await engine.tell<Answer>('lock.setIdle', 5);
      return answer.ok ? null : answer.error?.code;
    },
    { what: 'the disk to be full', timeoutMs: 60_000 },
  );
  expect(refused).toBe('storage-full');
}

/** Resolves at once: what was refused is tried again. */
async function makeRoom({ origin }: KilledEngine, client: CDPSession): Promise<void> {
  const { usage } = await client.send('Storage.getUsageAndQuota', { origin });
  await client.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + LITTLE });
}

/** Nothing goes out while what the engine wants to keep is refused. */
async function untilRefused(engine: KilledEngine): Promise<void> {
  await until(async () => (await engine.status()).alarms.some(({ code }) => code === 'storage-full'), {
    what: 'the alarm',
  });
  const sent = await engine.sent();
  const refused = await engine.commits();
  await until(async () => (await engine.commits()) > refused + 1, { what: 'more attempts' });
  expect(await engine.sent()).toBe(sent);
}

test('a transaction that the browser aborts, at each commit of paying and of being paid: it is tried again, and nothing is lost', async ({
  browser,
  world,
}) => {
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    for (const who of ['we', 'they'] as const) {
      const whole = await measured(engine, 3, async () => {
        const pay = await payment(played, who);
        return async () => {
          await pay();
          await account();
        };
      });
      for (let commit = 1; commit <= whole.commits; commit++) {
        const before = await engine.aborted();
        for (let tries = 0; tries < TRIES && (await engine.aborted()) === before; tries++) {
          const pay = await payment(played, who);
          await quiet(engine);
          await engine.plan({ at: 'abort', commit });
          await pay();
          await account();
        }
        expect(await engine.aborted(), `commit ${commit} of ${whole.commits} when ${who} pay`).toBe(
          before + 1,
        );
      }
    }
    expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await engine.stop();
  }
});

test('the browser closes the database, with all that is in it, while the wallet pays and is paid: nothing is said meanwhile, and nothing is lost', async ({
  browser,
  world,
}) => {
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    const rounds = 3;
    for (let round = 0; round < rounds; round++)
      for (const who of ['we', 'they'] as const) {
        const pay = await payment(played, who);
        const paid = pay();
        await engine.closeDatabases();
        await engine.opened();
        await paid;
        await account();
      }
    const { times, sent } = await engine.closed();
    expect(times).toBeGreaterThanOrEqual(2 * rounds);
    expect(sent).toBe(0);
    expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await engine.stop();
  }
});

test('the browser deletes the database while payments are under way both ways: nothing is said or published from then on, and no channel closes', async ({
  browser,
  world,
}) => {
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  const { ldk, chain } = world;
  try {
    await funded(played);
    await opened(played);
    const [channel] = await engine.channels();
    // One payment is the peer's to end, one is ours.
    const [out, inwards] = [newSecret(), newSecret()];
    const theirs = await ldk.createInvoice({ amountMsat: AMOUNT, paymentHash: out.paymentHash });
    await engine.value('node.bolt11.send', theirs.bolt11);
    const { invoice, paymentId } = await engine.value<{
      readonly invoice: string;
      readonly paymentId: string;
    }>('node.bolt11.receiveForHash', {
      amountMsat: AMOUNT,
      description: '',
      paymentHash: inwards.paymentHash,
    });
    ldk.pay(invoice).catch(() => null);
    await ldk.waitForHeld(out.paymentHash);
    const held = async (): Promise<boolean> =>
      (await engine.value<{ readonly state: string }>('node.payment', paymentId)).state === 'claimable';
    await until(held, { what: 'the payment to us to be held' });

    await engine.emptyDatabases();
    await until(async () => (await engine.state()).tag === 'none', { what: 'the wallet to be missed' });
    const sent = await engine.sent();
    await ldk.waitForChannel(({ isUsable }) => !isUsable, 'a channel without its peer');
    await ldk.claim(out.preimage);
    await world.mine();

    const { times, sent: meanwhile } = await engine.closed();
    expect(times).toBeGreaterThanOrEqual(1);
    expect(meanwhile).toBe(0);
    expect(await engine.sent()).toBe(sent);
    expect(await engine.state()).toEqual({ tag: 'none' });
    // The world is that of every journey before: their channels may well have closed.
    const closed = ldk.events.filter(
      (event) => event.type === 'channel-closed' && event.channelId === channel?.channelId,
    );
    expect(closed).toEqual([]);
    const unspent = await chain.rpc.call('gettxout', channel?.fundingTxId, channel?.fundingIndex, true);
    expect(unspent, 'the funding output').not.toBeNull();
  } finally {
    await engine.stop();
  }
});

test('a full disk: the channel freezes and says so, sends nothing, and goes on once there is room', async ({
  browser,
  world,
}) => {
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  const { ldk } = world;
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    const theyPay = await payment(played, 'they');
    const wePay = await payment(played, 'we');
    const ended = (): number =>
      ldk.events.filter(({ type }) => type === 'payment-sent' || type === 'payment-received').length;
    const before = ended();

    const client = await engine.cdp();
    const { origin } = engine;
    await fill(engine, client);

    const theyPaid = theyPay();
    await until(async () => (await engine.status()).alarms.some(({ code }) => code === 'storage-full'), {
      what: 'the alarm',
    });
    const sent = await engine.sent();
    const wePaid = wePay();
    // A refused transaction later, nobody was told anything.
    const refused = await engine.commits();
    await until(async () => (await engine.commits()) > refused + 1, { what: 'more attempts' });
    expect(await engine.sent()).toBe(sent);
    expect(ended()).toBe(before);

    await makeRoom(engine, client);
    await theyPaid;
    await wePaid;
    expect(await account(), 'as much in as out').toBe(0n);
    expect(ended()).toBe(before + 2);

    // Full again, and the worker dies: the next one does not open what it cannot write to.
    await fill(engine, client);
    await engine.start();
    expect(await engine.state()).toMatchObject({ tag: 'unreadable', code: 'storage-full' });
    await client.send('Storage.overrideQuotaForOrigin', { origin });
    await engine.opened();
    await account();
  } finally {
    await engine.stop();
  }
});

test('a full disk while a channel opens and closes, at each step: nothing is said meanwhile, and it goes on once there is room', async ({
  browser,
  world,
}) => {
  test.setTimeout(600_000);
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  try {
    await funded(played);
    const client = await engine.cdp();
    // While the disk refuses, nobody reads what is not on it: channels and balances are asked for afterwards.
    const onFullDisk = async <T>(act: () => Promise<T>): Promise<T> => {
      await fill(engine, client);
      const acted = act();
      await untilRefused(engine);
      await makeRoom(engine, client);
      return acted;
    };
    type Opened = { readonly channelId: string; readonly fundingTxId: string };
    const { channelId, fundingTxId } = await onFullDisk(() =>
      engine.value<Opened>('node.openChannel', request(world)),
    );
    await untilBroadcast(world, fundingTxId);
    await onFullDisk(() => world.mine());
    await usableOnBoth(played, channelId);

    await onFullDisk(() => engine.value('node.closeChannel', channelId));
    const closing = await until(
      async () => (await engine.channels()).find((one) => one.channelId === channelId)?.closing?.txId ?? null,
      { what: 'the close to be agreed on' },
    );
    await untilBroadcast(world, closing);
    await onFullDisk(() => world.mine());
    const fees = (await chainFeeSat(world, fundingTxId)) + (await chainFeeSat(world, closing));
    await until(async () => (await engine.balances()).onchain.confirmedSat === 1_000_000n - fees, {
      what: 'every satoshi',
      describe: async () => ({ balances: await engine.balances(), channels: await engine.channels() }),
    });
    expect(await engine.balances()).toMatchObject({ lightning: { localMsat: 0n }, closingSat: 0n });
    expect(await engine.channels()).toMatchObject([{ closing: { kind: 'cooperative' } }]);
    expect((await engine.status()).alarms).toEqual([]);
  } finally {
    await engine.stop();
  }
});

test('a bit flips in a record, any one, of a wallet with a channel: it says so, says nothing to the peer, keeps everything, and is whole again with the bit', async ({
  browser,
  world,
}) => {
  test.setTimeout(600_000);
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    for (const who of ['we', 'they'] as const) await (await payment(played, who))();
    await account();
    await quiet(engine);
    await engine.killIn(0);
    await engine.dead();
    const records = await engine.records();
    const tables = new Set(records.map(({ table }) => table));
    expect([...tables]).toEqual(expect.arrayContaining(['meta', 'wallet', 'channel', 'payment']));
    const sent = await engine.sent();
    for (const [i, record] of records.entries()) {
      const bit = i * 7919;
      await engine.flip(record, bit);
      const before = await engine.records();
      await engine.start();
      expect(await engine.state(), `${record.table} ${record.key}`).toMatchObject({
        tag: 'unreadable',
        code: 'storage-corrupt',
      });
      await engine.killIn(0);
      await engine.dead();
      expect(await engine.records()).toEqual(before);
      await engine.flip(record, bit);
    }
    expect(await engine.records()).toEqual(records);
    expect(await engine.sent()).toBe(sent);
    await engine.restart();
    expect(await account()).toBe(0n);
    expect((await engine.channels()).map(({ closing }) => closing)).toEqual([null]);
    console.log(`${records.length} records of ${[...tables].join(', ')}`);
  } finally {
    await engine.stop();
  }
});
