import type { Browser, BrowserContext, BrowserContextOptions } from '@playwright/test';
import { LOOPBACK } from '../../world/free-port.ts';
import type { Site } from '../../world/site.ts';
import type { World } from '../../world/world.ts';
import { App } from '../pages/app.ts';
import { Gate } from './gate.ts';
import { Witness } from './witness.ts';

/** A browser of its own, with nothing in it: one person's phone. */
export class Device {
  readonly context: BrowserContext;
  readonly gate: Gate;
  readonly witness: Witness;
  readonly #site: Site;
  readonly #world: World;

  private constructor(context: BrowserContext, gate: Gate, witness: Witness, site: Site, world: World) {
    this.context = context;
    this.gate = gate;
    this.witness = witness;
    this.#site = site;
    this.#world = world;
  }

  static async unpack(
    browser: Browser,
    site: Site,
    world: World,
    options: BrowserContextOptions,
  ): Promise<Device> {
    const gate = await Gate.open([site.url, namedUrl(site), ...serversOf(world)]);
    const context = await browser.newContext({ ...options, proxy: gate.proxy });
    return new Device(context, gate, await Witness.in(context), site, world);
  }

  /** A new tab with the app in it. */
  async openApp(): Promise<App> {
    const page = await this.context.newPage();
    await page.goto(this.#site.url);
    return new App(page);
  }

  /** The same, under a name: passkeys belong to names, and an address of numbers has none. */
  async openNamedApp(): Promise<App> {
    const page = await this.context.newPage();
    await page.goto(namedUrl(this.#site));
    return new App(page);
  }

  /** The page itself still loads; nothing that it asks for the wallet's sake does. */
  cutServers(): void {
    this.witness.expectUnreachableServers();
    this.gate.close(serversOf(this.#world));
  }

  /** What no journey may have caused. */
  findings(): readonly string[] {
    return [...this.witness.complaints(), ...[...this.gate.strays].map((host) => `a request to ${host}`)];
  }

  async putAway(): Promise<void> {
    await this.context.close();
    await this.gate.stop();
  }
}

function serversOf(world: World): readonly string[] {
  const { esplora, proxies, pushRelay, faucet } = world.config().networks.regtest;
  return [...esplora, ...proxies, pushRelay, faucet];
}

const namedUrl = (site: Site): string => site.url.replace(LOOPBACK, 'localhost');
