import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base } from '@playwright/test';
import { startSite, type Site } from '../../world/site.ts';
import { World } from '../../world/world.ts';
import type { App } from '../pages/app.ts';
import { Device } from './device.ts';

export const SITE =
  process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../../dist/site', import.meta.url));

type PerTest = {
  /** Another device, empty; all are inspected when the test is over. */
  readonly newDevice: () => Promise<Device>;
  readonly device: Device;
  /** The app on `device`, just opened, with no wallet. */
  readonly app: App;
};
type PerWorker = {
  /** One chain, one set of servers and one LDK peer for all journeys; each brings a wallet of its own. */
  readonly world: World;
  readonly site: Site;
};

/** A journey fails, whatever else it shows, when a page complained or asked for anything but its own servers. */
export const test = base.extend<PerTest, PerWorker>({
  world: [
    async ({ browserName: _any }, use) => {
      if (!existsSync(`${SITE}/index.html`))
        throw new Error(`There is no built app in ${SITE}: run "npm run build" before the journeys.`);
      const world = await World.start();
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  site: [
    async ({ world }, use) => {
      const site = await startSite({ folder: SITE, config: () => world.config() });
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],
  newDevice: async ({ browser, site, world, viewport, colorScheme }, use) => {
    const devices: Device[] = [];
    await use(async () => {
      const device = await Device.unpack(browser, site, world, { viewport, colorScheme });
      devices.push(device);
      return device;
    });
    const findings = devices.flatMap((device) => device.findings());
    await Promise.all(devices.map((device) => device.putAway()));
    base.expect(findings).toEqual([]);
  },
  device: async ({ newDevice }, use) => use(await newDevice()),
  app: async ({ device }, use) => use(await device.openApp()),
});

export { expect } from '@playwright/test';
