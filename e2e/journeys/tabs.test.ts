import type { Page } from '@playwright/test';
import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import { until } from '../world/until.ts';
import { crashingTabs } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { SEED } from './kills/plans.ts';
import { beginAccount, funded, mined, opened, payment, SITE, synced, type Played } from './kills/played.ts';
import { expect, test } from './stage/test.ts';

const STEPS = Number(process.env['LEYDEN_STEPS'] ?? 40);
const MOST_TABS = 5;

const tagOf = async (tab: KilledEngine): Promise<string> => (await tab.state()).tag;

/** Of each tab that is there; of one that died while it was asked, that. */
const tagsOf = (tabs: readonly KilledEngine[]): Promise<readonly string[]> =>
  Promise.all(tabs.map(async (tab) => (tab.isThere ? tagOf(tab).catch(() => 'dead') : 'dead')));

/** The tab that has the wallet, as soon as one has, and no other with it. */
const holderOf = (tabs: readonly KilledEngine[]): Promise<KilledEngine> =>
  until(
    async () => {
      const tags = await tagsOf(tabs);
      const [holder, ...others] = tabs.filter((_tab, index) => tags[index] === 'open');
      return holder === undefined || others.length > 0 ? null : holder;
    },
    { what: 'one tab to have the wallet', describe: () => tagsOf(tabs) },
  );

const ACTS = ['open', 'open', 'close', 'crash', 'take', 'force', 'we', 'they', 'we', 'they'] as const;

test('five tabs are opened, closed, crashed and take the wallet from each other at random while it pays and is paid', async ({
  browser,
  world,
}) => {
  const first = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played: Played = { engine: first, world };
  const random = seeded(SEED + 2);
  /** The one that made the wallet among them: it is closed and crashed as any other. */
  let tabs: readonly KilledEngine[] = [first];
  const paying: Promise<unknown>[] = [];
  const pick = (): KilledEngine => tabs[wholeBetween(random, 0, tabs.length - 1)] ?? first;
  const open = async (): Promise<void> => {
    const tab = await first.another();
    await tab.start();
    tabs = [...tabs, tab];
  };
  /** By whichever tab has the wallet: one that was to take it before may do so while it is asked. */
  const asked = (who: 'we' | 'they'): ReturnType<typeof payment> =>
    until(
      async () => {
        played.engine = await holderOf(tabs);
        return payment(played, who).catch(() => null);
      },
      { what: `a payment to be begun: ${who} pay`, describe: () => tagsOf(tabs) },
    );
  const did: Record<string, number> = {};
  const count = (what: string): void => void (did[what] = (did[what] ?? 0) + 1);
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    for (let step = 0; step < STEPS; step++) {
      const what = ACTS[wholeBetween(random, 0, ACTS.length - 1)] ?? 'open';
      count(what);
      if (what === 'open' && tabs.length < MOST_TABS) await open();
      else if (what === 'close' || what === 'crash') {
        const gone = pick();
        if (gone === first) count(`${what} the first`);
        if ((await tagOf(gone)) === 'open') count(`${what} the one with the wallet`);
        if (what === 'close') await gone.close();
        else await gone.die();
        tabs = tabs.filter(({ isThere }) => isThere);
        // Nobody is left: as when a person opens the wallet again.
        if (tabs.length === 0) await open();
      } else if (what === 'take' || what === 'force') await pick().ask('takeOver', what === 'force');
      else if (what === 'we' || what === 'they') {
        played.engine = await holderOf(tabs);
        // Another tab may take it at any moment: then nothing was asked for.
        const pay = await payment(played, what).catch(() => null);
        if (pay !== null) paying.push(pay());
      }
    }
    // Whatever was drawn: all five are there, and the one with the wallet goes in either way, while it pays and is paid.
    while (tabs.length < MOST_TABS) await open();
    for (const end of ['close', 'die'] as const) {
      if (tabs.length < 2) await open();
      for (const who of ['we', 'they'] as const) paying.push((await asked(who))());
      await played.engine[end]();
      tabs = tabs.filter(({ isThere }) => isThere);
      if (tabs.length === 0) await open();
      played.engine = await holderOf(tabs);
    }
    await Promise.all(paying);
    await account();
    console.log(`${paying.length} payments in ${STEPS} steps: ${JSON.stringify(did)}`);
    expect((await tagsOf(tabs)).filter((tag) => tag === 'open')).toHaveLength(1);
    expect((await played.engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await first.stop();
  }
});

test('a frozen tab loses the wallet to one that takes it by force; awake again, it says and writes nothing', async ({
  browser,
  world,
}) => {
  const asleep = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played: Played = { engine: asleep, world };
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    const client = await asleep.cdp();
    const other = await asleep.another();
    await other.start();
    expect(await tagOf(other)).toBe('elsewhere');
    const theyPay = await payment(played, 'they');
    const wePay = await payment(played, 'we');

    const wePaid = wePay();
    await client.send('Page.setWebLifecycleState', { state: 'frozen' });
    const theyPaid = theyPay();
    expect(await other.tell('takeOver', true)).toEqual({ ok: true, value: undefined });
    await other.opened();
    played.engine = other;
    await account();
    await (
      await payment(played, 'we')
    )();
    await (
      await payment(played, 'they')
    )();
    await theyPaid;
    await account();

    await client.send('Page.setWebLifecycleState', { state: 'active' });
    await until(async () => (await tagOf(asleep)) === 'elsewhere', {
      what: 'the one that slept to know its place',
      describe: () => asleep.state(),
    });
    await wePaid;
    await (
      await payment(played, 'they')
    )();
    await account();

    // And back, by asking.
    expect(await asleep.tell('takeOver')).toEqual({ ok: true, value: undefined });
    played.engine = asleep;
    await account();
    expect(await tagOf(other)).toBe('elsewhere');
    await other.stop();
  } finally {
    await asleep.stop();
  }
});

test('a tab freezes in the middle of a look at the chain: awake again, it offers nobody what the one after it has cancelled', async ({
  browser,
  world,
}) => {
  const tabs = await crashingTabs(browser);
  const pages: Page[] = [];
  const newPage = async (): Promise<Page> => {
    const page = await tabs.newPage();
    pages.push(page);
    return page;
  };
  const asleep = await KilledEngine.open({ ...tabs, newPage }, world, SITE);
  try {
    await funded({ engine: asleep, world });
    const to = await world.chain.newAddress();
    const cheap = { satPerVb: 1 };
    const { txId } = await asleep.value<{ readonly txId: string }>('node.sendToAddress', to, 100_000n, cheap);

    const [page] = pages;
    const asked: string[] = [];
    page?.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    let wake: () => void = () => undefined;
    const awake = new Promise<void>((resolve) => (wake = resolve));
    let held = 0;
    await page?.route('**/blocks/tip/hash', async (route) => {
      held++;
      await awake;
      await route.continue();
    });
    await until(() => held > 0, { what: 'it to ask for the best block' });
    const client = await asleep.cdp();
    await client.send('Page.setWebLifecycleState', { state: 'frozen' });

    const other = await asleep.another();
    await other.start();
    expect(await other.tell('takeOver', true)).toEqual({ ok: true, value: undefined });
    await other.opened();
    await synced(other);
    await other.value('node.cancelSend', txId, { satPerVb: 5 });
    await mined({ engine: other, world });

    wake();
    await client.send('Page.setWebLifecycleState', { state: 'active' });
    // After what it would offer again it looks for coins.
    const last = (path: string): number => asked.findLastIndex((line) => line.includes(path));
    await until(() => last(`/tx/${txId}`) >= 0 && last('/scripthash/') > last(`/tx/${txId}`), {
      what: 'the look at the chain to go on',
      describe: () => asked,
    });
    expect(asked.filter((line) => line.startsWith('POST'))).toEqual([]);
    expect(await tagOf(asleep)).toBe('elsewhere');
    await other.stop();
  } finally {
    await asleep.stop();
  }
});

test('a worker that outlives its page gives the wallet to the next page, and may have it again when nobody does', async ({
  browser,
  world,
}) => {
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played: Played = { engine, world };
  try {
    await funded(played);
    await opened(played);
    const account = await beginAccount(played);
    for (let life = 0; life < 2; life++) {
      // The first time the worker with the wallet, the second time the one that stands by for it.
      if (life === 0) await engine.abandon();
      await engine.start();
      await until(async () => (await tagOf(engine)) !== 'open', { what: 'the other worker to have it' });
      expect(await engine.tell('takeOver')).toEqual({ ok: true, value: undefined });
      await engine.opened();
      for (const who of ['we', 'they'] as const) {
        await (
          await payment(played, who)
        )();
        await account();
      }
    }
  } finally {
    await engine.stop();
  }
});
