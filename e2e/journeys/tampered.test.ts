import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { app } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { startSite } from '../world/site.ts';
import { App } from './pages/app.ts';
import { remove } from './stage/deployments.ts';
import { expect, test } from './stage/test.ts';

const BUILT = process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../dist/site', import.meta.url));

/** Of the build; `name`: without its hash. */
const assets = (name: string, kind: 'js' | 'css'): readonly string[] =>
  readdirSync(join(BUILT, 'assets')).filter((file) => new RegExp(`^${name}-[\\w-]{8}\\.${kind}$`).test(file));

/** A byte that changes nothing but the file: what ran would run all the same. */
function changed(folder: string, path: string): void {
  const file = join(folder, path);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.endsWith('\n') ? `${text.slice(0, -1)} ` : `${text}\n`);
}

type Seen = { readonly page: Page; readonly errors: readonly string[] };

/** A fresh browser opens what is served after `tamper` was at it. */
async function visit(
  browser: Browser,
  config: () => unknown,
  tamper: (folder: string) => void,
  look: (seen: Seen) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-tampered-'));
  cpSync(BUILT, folder, { recursive: true });
  tamper(folder);
  const site = await startSite({ folder, config });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.goto(site.url);
    await look({ page, errors });
  } finally {
    await context.close();
    await site.stop();
    remove(folder);
  }
}

const sentence = (page: Page) => page.getByText('Part of this page has not arrived');

/** No screen, no wallet, no worker; what the page says without a script is seen. */
async function nothingRan({ page, errors }: Seen, refused: string): Promise<void> {
  await expect(sentence(page)).toBeVisible();
  await expect
    .poll(() => errors.join('\n'))
    .toMatch(new RegExp(`integrity[^]*${refused}|${refused}[^]*integrity`));
  await expect(page.locator('#app')).toBeEmpty();
  const left = await page.evaluate(async () => ({
    databases: await indexedDB.databases(),
    kept: localStorage.length + sessionStorage.length,
  }));
  expect(left).toEqual({ databases: [], kept: 0 });
}

test('a page whose first script is not what was built runs nothing, and says so', async ({
  browser,
  world,
}) => {
  const [entry = ''] = assets('index', 'js');
  expect(readFileSync(join(BUILT, 'index.html'), 'utf8')).toContain(
    `src="./assets/${entry}" integrity="sha256-`,
  );
  await visit(
    browser,
    () => world.config(),
    (folder) => changed(folder, `assets/${entry}`),
    async (seen) => {
      await nothingRan(seen, entry);
      expect(seen.page.workers()).toEqual([]);
      // And what it says to do does it: the host has put the file right.
      await expect(seen.page.getByRole('link', { name: 'try again' })).toHaveAttribute('href', './');
    },
  );
});

/** What index.html names beside its entry. */
const named = (rel: 'modulepreload' | 'stylesheet'): readonly string[] => {
  const html = readFileSync(join(BUILT, 'index.html'), 'utf8');
  return [...html.matchAll(new RegExp(`<link rel="${rel}"[^>]*href="\\./(assets/[^"]+)"`, 'g'))].flatMap(
    ([, path]) => path ?? [],
  );
};

test('a part of the page that is not what was built is not drawn with', async ({ browser, world }) => {
  const parts = named('modulepreload');
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts)
    await visit(
      browser,
      () => world.config(),
      (folder) => changed(folder, part),
      async ({ page, errors }) => {
        await expect.poll(() => errors.join('\n')).toContain('integrity');
        await expect(sentence(page)).toBeVisible();
        await expect(page.locator('#app')).toBeEmpty();
      },
    );
});

test('a style that is not what was built changes nothing of how the page looks', async ({
  browser,
  world,
}) => {
  const [style = ''] = named('stylesheet');
  await visit(
    browser,
    () => world.config(),
    (folder) => changed(folder, style),
    async ({ page, errors }) => {
      await expect.poll(() => errors.join('\n')).toContain(style);
      expect(
        await page.evaluate(
          (path) => document.querySelector<HTMLLinkElement>(`link[href$="${path}"]`)?.sheet ?? 'none',
          style,
        ),
      ).toBe('none');
    },
  );
});

test('an engine that is not what was built is not started, and the page says so', async ({
  browser,
  world,
}) => {
  const [engine = ''] = assets('engine-worker', 'js');
  await visit(
    browser,
    () => world.config(),
    (folder) => changed(folder, `assets/${engine}`),
    async ({ page }) => {
      await expect(page.getByText('A part of Leyden did not load.')).toBeVisible();
      expect(page.workers()).toEqual([]);
      const names = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
      expect(names).not.toContain('leyden');
    },
  );
});

test('an engine that does not arrive is missed: the page does not wait for ever', async ({
  browser,
  world,
}) => {
  const [engine = ''] = assets('engine-worker', 'js');
  await visit(
    browser,
    () => world.config(),
    (folder) => rmSync(join(folder, `assets/${engine}`)),
    ({ page }) => expect(page.getByText('A part of Leyden did not load.')).toBeVisible(),
  );
});

test('another screen that is not what was built is not opened', async ({ browser, world }) => {
  const [about = ''] = assets('about', 'js');
  await visit(
    browser,
    () => world.config(),
    (folder) => changed(folder, `assets/${about}`),
    async ({ page, errors }) => {
      await new App(page).setup.create();
      await page.evaluate((to) => {
        location.hash = to;
      }, links.settingsAbout);
      await expect(page.getByText(app.partMissing.title)).toBeVisible();
      expect(errors.join('\n')).toContain(about);
    },
  );
});

test('where the host sends the headers of the build, the page and its engine have a process of their own', async ({
  app,
}) => {
  const { page } = app;
  await expect(page.locator('h1')).toHaveCount(1);
  expect(await page.evaluate(() => [crossOriginIsolated, window.opener === null])).toEqual([true, true]);
  const [engine] = page.workers();
  expect(await engine?.evaluate(() => crossOriginIsolated)).toBe(true);
});
