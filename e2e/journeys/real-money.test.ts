import { lock, networks, setup } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { startSite } from '../world/site.ts';
import type { App } from './pages/app.ts';
import { expect, SITE, test as base } from './stage/test.ts';

/** An operator that offers mainnet beside the playground's chain. No wallet is made on it here: nothing asks its servers. */
const test = base.extend({
  site: [
    async ({ world }, use) => {
      const config = world.config();
      const { esplora, proxies } = config.networks.regtest;
      const mainnet = { esplora, proxies, peers: [], faucet: null };
      const site = await startSite({
        folder: SITE,
        config: () => ({ ...config, networks: { ...config.networks, mainnet } }),
      });
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],
});

const heading = ({ page }: App, name: string) => page.getByRole('heading', { name, exact: true });

/** As if its address had been typed: the page begins anew, and the tab keeps what was chosen in it. */
async function openAt({ page }: App, place: string): Promise<void> {
  const { origin } = new URL(page.url());
  await page.goto('about:blank');
  await page.goto(`${origin}/${place}`);
}

for (const [what, door, from, to, title] of [
  ['a new wallet', setup.welcome.create, links.setupCreate, links.setupLock, lock.choose.title],
  ['a restore', setup.welcome.restore, links.setupRestore, links.setupRestoreWords, setup.restore.title],
] as const)
  test(`${what} with real money: nothing leads past the warning but its tick`, async ({ app }) => {
    const { page } = app;
    const next = page.getByRole('button', { name: setup.network.next, exact: true });
    const need = page.getByRole('alert').getByText(setup.network.needAgree);
    await page.getByRole('link', { name: door, exact: true }).click();
    await page.getByRole('radio', { name: networks.mainnet.name }).check();
    for (const point of setup.network.mainnet.points) await expect(page.getByText(point)).toBeVisible();
    await expect(need).toBeHidden();

    await next.click();
    await expect(need).toBeVisible();
    await expect(page.getByRole('checkbox', { name: setup.network.mainnet.agree })).toBeFocused();
    await expect(heading(app, setup.network.title)).toBeVisible();
    await expect(heading(app, title)).toBeHidden();

    await openAt(app, to);
    await expect(heading(app, setup.network.title)).toBeVisible();
    await expect(page.getByRole('radio', { name: networks.mainnet.name })).toBeChecked();
    expect(new URL(page.url()).hash).toBe(from);

    await page.getByRole('checkbox', { name: setup.network.mainnet.agree }).check();
    await next.click();
    await expect(heading(app, title)).toBeVisible();
    expect(new URL(page.url()).hash).toBe(to);
    // Agreed to once, its address leads there.
    await openAt(app, to);
    await expect(heading(app, title)).toBeVisible();
  });
