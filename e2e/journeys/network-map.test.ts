import { explainRefusal, networkMap as words, settings } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { expect as patient } from './pages/patient.ts';
import { MapServer } from './stage/map-server.ts';
import { test } from './stage/test.ts';

const HOUR = 3_600;
const hoursAgo = (hours: number): number => Math.floor(Date.now() / 1000) - hours * HOUR;

test('the map of the network and the scores of its channels: whose they are and how old, fetched anew, and in words why not', async ({
  app,
  device,
}) => {
  const { page } = app;
  const server = await MapServer.start();
  device.gate.allow(server.url);
  const scoresUrl = `${server.url}/scores`;
  const goTo = (hash: string): Promise<void> => page.evaluate((to) => void (location.hash = to), hash);
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const map = page.getByRole('region', { name: words.about, exact: true });
  const scores = page.getByRole('region', { name: words.scores, exact: true });
  const facts = (section: typeof map) => section.locator('dl > div');

  await app.setup.create();
  await goTo(links.settingsMap);
  await patient(facts(map)).toHaveText([
    `${words.nodes} 0`,
    `${words.channels} 0`,
    `${words.asOf} ${words.never}`,
    `${words.server} ${words.noServer}`,
  ]);
  await patient(map.getByText(words.noServerText)).toBeVisible();

  let told = server.has({ nodeCount: 40, known: 3, at: hoursAgo(5) });
  await map.getByRole('link', { name: words.setServer }).click();
  await page.getByLabel(settings.servers.snapshots).fill(server.url);
  await page.getByLabel(settings.servers.scores).fill(scoresUrl);
  await press(settings.servers.save);
  await patient(page.getByText(`${settings.servers.saved}.`)).toBeVisible();

  /** What the server has is here, and nothing is said to have failed. */
  const fetched = async (known: number, age: string): Promise<void> => {
    await press(words.refresh);
    await patient(page.getByText(words.refreshed)).toBeVisible();
    await press(words.refreshScores);
    await patient(page.getByText(words.scoresRefreshed)).toBeVisible();
    await patient(page.locator('.problem')).toHaveCount(0);
    await expectFacts(known, age);
  };
  const expectFacts = async (known: number, age: string): Promise<void> => {
    await patient(facts(map)).toHaveText([
      `${words.nodes} ${words.count(told.nodes)}`,
      `${words.channels} ${words.count(told.channels)}`,
      `${words.asOf} ${words.ago(age)}`,
      `${words.server} ${server.url}`,
    ]);
    await patient(facts(scores)).toHaveText([
      `${words.learnt} ${words.noteOf(0)}`,
      `${words.external} ${words.noteOf(known)}`,
      `${words.newest} ${words.ago(age)}`,
      `${words.server} ${scoresUrl}`,
    ]);
  };
  await goTo(links.settingsMap);
  await fetched(3, '5 hours');

  server.talksNonsense();
  for (const [section, button, title, code] of [
    [map, words.refresh, words.failed, 'snapshot-unavailable'],
    [scores, words.refreshScores, words.scoresFailed, 'scores-unavailable'],
  ] as const) {
    await press(button);
    const problem = section.locator('.problem');
    await patient(problem).toContainText(title);
    const [sentence] = explainRefusal({ code, detail: '' }).sentence;
    if (typeof sentence !== 'string') throw new Error('it says no sentence');
    await patient(problem).toContainText(sentence);
  }
  // It is as old as it was, and as much.
  await expectFacts(3, '5 hours');

  told = server.has({ nodeCount: 90, known: 8, at: hoursAgo(2) });
  await fetched(8, '2 hours');
  await server.stop();
});
