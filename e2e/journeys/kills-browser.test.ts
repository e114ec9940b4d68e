import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import { crashingTabs, killedBrowser, type Habitat } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { killsOf, SEED } from './kills/plans.ts';
import { beginAccount, funded, opened, payment, SITE, type Played } from './kills/played.ts';
import { expect, test } from './stage/test.ts';

const KILLS = killsOf(1 / 12);

/** Pays and is paid, and dies with all around it at some instant of each payment. */
async function payAndDie(played: Played, habitat: string): Promise<void> {
  const { engine } = played;
  const random = seeded(SEED + habitat.length);
  await funded(played);
  await opened(played);
  const account = await beginAccount(played);
  for (let round = 0; round < KILLS; round++) {
    const pay = await payment(played, round % 2 === 0 ? 'we' : 'they');
    const doing = pay();
    await new Promise((resolve) => setTimeout(resolve, wholeBetween(random, 0, 200)));
    await engine.die();
    await engine.restart();
    await doing;
    await account();
  }
  console.log(`${await engine.kills()} kills of the ${habitat}`);
  expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
}

test('the page crashes while it pays and is paid: nothing is lost', async ({ browser, world }) => {
  test.setTimeout(120_000 + KILLS * 20_000);
  const habitat: Habitat = await crashingTabs(browser);
  const engine = await KilledEngine.open(habitat, world, SITE);
  try {
    await payAndDie({ engine, world }, 'page');
  } finally {
    await engine.stop();
  }
});

test('the browser is killed while it pays and is paid: what it wrote to its disk is there', async ({
  world,
}) => {
  test.setTimeout(120_000 + KILLS * 30_000);
  const habitat: Habitat = await killedBrowser(process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium');
  const engine = await KilledEngine.open(habitat, world, SITE);
  try {
    await payAndDie({ engine, world }, 'browser');
  } finally {
    await engine.stop();
  }
});
