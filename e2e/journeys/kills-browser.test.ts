import { seeded } from '../real/scenarios/values.ts';
import { until } from '../world/until.ts';
import { crashingTabs, killedBrowser, type Habitat } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { killsOf, SEED } from './kills/plans.ts';
import { beginAccount, funded, opened, payment, SITE, type Played } from './kills/played.ts';
import { expectHits, measured, quiet, Tally } from './kills/tally.ts';
import { expect, test } from './stage/test.ts';

const KILLS = killsOf(1 / 12);

/** Pays and is paid, and dies with all around it at some instant of each payment. */
async function payAndDie(played: Played, habitat: string): Promise<void> {
  const { engine } = played;
  const random = seeded(SEED + habitat.length);
  await funded(played);
  await opened(played);
  const account = await beginAccount(played);
  const whole = (who: 'we' | 'they') =>
    measured(engine, 2, async () => {
      const pay = await payment(played, who);
      return async () => {
        await pay();
        await account();
      };
    });
  const tallies = {
    we: new Tally(`paying, as the ${habitat} dies`, await whole('we'), random),
    they: new Tally(`being paid, as the ${habitat} dies`, await whole('they'), random),
  };
  for (let round = 0; round < KILLS; round++) {
    const who = round % 2 === 0 ? 'we' : 'they';
    const pay = await payment(played, who);
    await quiet(engine);
    await engine.plan(null);
    const doing = pay();
    let isOver = false;
    account().then(
      () => (isOver = true),
      () => undefined,
    );
    const { commits, ms } = tallies[who].moment();
    await until(() => isOver || engine.commitsSincePlan.length >= commits, { what: 'a commit', everyMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, ms));
    tallies[who].killed(await engine.die());
    await engine.restart();
    await doing;
    await account();
  }
  expectHits(tallies.we, tallies.they);
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
