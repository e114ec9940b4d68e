import { lsp as words, receive } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { factSat } from './pages/amounts.ts';
import { test } from './stage/lsp-world.ts';
import { expect } from './stage/test.ts';

const { settings } = words;

test('an LSP is removed, and one is added with a token, trust and a cap of one’s own: kept over a reload, and asked for a price', async ({
  app,
  world,
}) => {
  const { page } = app;
  const lsp = world.peers.find(({ isLsp }) => isLsp);
  if (lsp === undefined) throw new Error('a world with an LSP is needed');
  const field = (name: string) => page.getByLabel(name, { exact: true });
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const save = async (): Promise<void> => {
    await press(settings.save);
    await expect(page.getByText(settings.saved).first()).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { name: settings.title, level: 1 })).toBeVisible();
  };
  const limit = field(settings.limit);
  const trust = page.getByRole('checkbox', { name: settings.trust });

  await app.setup.create();
  await app.settings.openLsps();
  await press(settings.removeOf('Playground LSP'));
  await save();
  await expect(page.getByText(settings.empty)).toBeVisible();

  // Nobody could open a channel now: what there is to do instead is offered, and leads there.
  await app.receive.open();
  await expect(page.getByText(words.none)).toBeVisible();
  await page.getByRole('link', { name: settings.add, exact: true }).click();
  await expect(page).toHaveURL((url) => url.hash === links.settingsLsps);

  await field(settings.alias).fill('Corner shop');
  await field(settings.uri).fill(`${lsp.id}@${lsp.address.host}:${lsp.address.port}`);
  await press(settings.add);
  // With that it is kept: nothing else need be pressed.
  await expect(page.getByText(settings.saved).first()).toBeVisible();
  await page.reload();
  await expect(page.getByText('Corner shop', { exact: true })).toBeVisible();
  await field(settings.token).fill('of-a-friend');
  await limit.fill('1999');
  // Typed and not saved: it outlives a look elsewhere and a reload, and is not in force.
  await app.home.open();
  await app.settings.openLsps();
  await page.reload();
  await expect(field(settings.token)).toHaveValue('of-a-friend');
  await expect(limit).toHaveValue('1999');
  await save();
  await expect(page.getByText('Corner shop', { exact: true })).toBeVisible();
  await expect(field(settings.token)).toHaveValue('of-a-friend');
  await expect(limit).toHaveValue('1999');
  await expect(trust).not.toBeChecked();

  // What it asks is 2,000 sat: the cap holds, whoever makes the offer.
  const ask = async (): Promise<void> => {
    await app.receive.openEmpty();
    await page.getByLabel(words.amount).fill('50000');
    await page.getByRole('button', { name: words.see }).click();
    await expect(page.getByRole('heading', { name: words.quote.title })).toBeVisible();
    expect(await factSat(page, words.quote.fee)).toBe(2_000n);
  };
  await ask();
  await expect(page.getByText(words.quote.waiting)).toBeVisible();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(app.receive.problem).toContainText(/1\D?999 sat/);

  await app.settings.openLsps();
  await trust.check();
  await limit.fill('2000');
  await save();
  await expect(trust).toBeChecked();
  await expect(limit).toHaveValue('2000');
  await ask();
  await expect(page.getByText(words.quote.trusted('Corner shop'))).toBeVisible();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
});
