import { app as words } from '../../web/i18n/en.ts';
import type { World } from '../world/world.ts';
import { killedBrowser } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { funded, SITE } from './kills/played.ts';
import { flipInLog, leaveTornRecord } from './kills/torn-log.ts';
import { expect, test } from './stage/test.ts';

const CHROMIUM = process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium';

type Killed = { readonly engine: KilledEngine; readonly habitat: Awaited<ReturnType<typeof killedBrowser>> };

/** A wallet with coins, in a browser that dies as a whole. Its page of kills leaves no mark that there is a wallet. */
async function withCoins(world: World, play: (killed: Killed) => Promise<void>): Promise<void> {
  test.setTimeout(120_000);
  const habitat = await killedBrowser(CHROMIUM);
  const engine = await KilledEngine.open(habitat, world, SITE);
  try {
    await funded({ engine, world });
    await play({ engine, habitat });
  } finally {
    await engine.stop();
  }
}

test('a browser that was killed in the middle of a write to its disk: the wallet is there at each start after it', ({
  world,
}) =>
  withCoins(world, async ({ engine, habitat }) => {
    for (let death = 0; death < 3; death++) {
      await engine.die();
      await leaveTornRecord(habitat.profile);
      await engine.restart();
      // Written behind it.
      await engine.value('node.newAddress');
      await engine.die();
      await engine.restart();
      expect((await engine.balances()).onchain.confirmedSat).toBe(1_000_000n);
    }
  }));

test('a database that the browser removes because it cannot read it is not taken for one that never was', ({
  world,
}) =>
  withCoins(world, async ({ engine, habitat }) => {
    await engine.die();
    await flipInLog(habitat.profile);
    for (let start = 0; start < 2; start++) {
      await engine.start();
      expect(await engine.state()).toEqual({ tag: 'none', missed: true });
      await engine.die();
    }
  }));

test('nor is it by the page, in a browser that removed its mark of the wallet as well', ({ world }) =>
  withCoins(world, async ({ engine, habitat }) => {
    await engine.die();
    await flipInLog(habitat.profile);
    for (let start = 0; start < 2; start++) {
      const page = await habitat.newPage();
      await page.goto(engine.origin);
      await expect(page.getByRole('heading', { name: words.gone.title })).toBeVisible({ timeout: 30_000 });
      await habitat.kill(page);
    }
  }));
