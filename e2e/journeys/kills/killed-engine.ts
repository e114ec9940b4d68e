import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import type { Result } from '../../../engine/base/result.ts';
import type { Balances, ChannelDetails, NodeStatus } from '../../../engine/node/api.ts';
import type { Refusal } from '../../../engine/node/refusal.ts';
import type { WalletState } from '../../../engine/node/service-api.ts';
import { startSite } from '../../world/site.ts';
import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';
import { bundle } from '../stage/bundle.ts';
import type { Asked, EnginePage } from './engine-page.ts';
import type { KillPlan } from './kill-switch.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
type Global = { readonly engine: EnginePage };

/** The built engine in workers of one page, with a switch before it that kills it at a chosen commit. */
export class KilledEngine {
  readonly #page: Page;
  readonly #stop: () => Promise<void>;

  private constructor(page: Page, stop: () => Promise<void>) {
    this.#page = page;
    this.#stop = stop;
  }

  static async open(browser: Browser, world: World, site: string): Promise<KilledEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'leyden-kills-'));
    await cp(site, folder, { recursive: true });
    const engine = (await readdir(join(folder, 'assets'))).find((name) =>
      /^engine-worker-.*\.js$/.test(name),
    );
    if (engine === undefined) throw new Error(`no engine in ${site}`);
    await writeFile(join(folder, 'assets/switch.js'), await bundle(here('kill-switch.ts')));
    await writeFile(join(folder, 'assets/killed.js'), `import './switch.js';\nimport './${engine}';\n`);
    await writeFile(join(folder, 'kills.html'), '<link rel="icon" href="data:,"><title>Kills</title>');
    const served = await startSite({ folder, config: () => world.config() });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${served.url}/kills.html`);
    await page.evaluate(await bundle(here('engine-page.ts')));
    return new KilledEngine(page, async () => {
      await context.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  kills(): Promise<number> {
    return this.#page.evaluate(() => (globalThis as unknown as Global).engine.kills);
  }

  /** A fresh worker. Whoever runs is killed. */
  async start(plan: KillPlan | null = null): Promise<void> {
    await this.#page.evaluate(
      (given) => (globalThis as unknown as Global).engine.start('/assets/killed.js', given),
      plan,
    );
  }

  /** A fresh worker that nothing kills, with the wallet open in it. */
  async restart(): Promise<void> {
    await this.start();
    await until(async () => (await this.state()).tag === 'open', {
      what: 'the wallet to open',
      describe: () => this.state(),
    });
  }

  async plan(plan: KillPlan): Promise<void> {
    await this.#page.evaluate((given) => (globalThis as unknown as Global).engine.plan(given), plan);
  }

  async killIn(milliseconds: number): Promise<void> {
    await this.#page.evaluate((ms) => (globalThis as unknown as Global).engine.killIn(ms), milliseconds);
  }

  dead(): Promise<void> {
    return this.#page.evaluate(() => (globalThis as unknown as Global).engine.dead());
  }

  async ask(path: string, ...args: readonly unknown[]): Promise<Asked> {
    return this.#page.evaluate(
      ([names, given]) => (globalThis as unknown as Global).engine.ask(names, given),
      [path.split('.'), args] as const,
    );
  }

  /** The answer of a call during which nobody is killed. */
  async tell<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    const asked = await this.ask(path, ...args);
    if (asked.tag === 'dead') throw new Error(`dead while asked for ${path}`);
    return asked.value as T;
  }

  /** The value of a call that has to go well. */
  async value<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    const answer = await this.tell<Result<T, Refusal>>(path, ...args);
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(answer.error)}`);
    return answer.value;
  }

  state = (): Promise<WalletState> => this.tell('state');
  balances = (): Promise<Balances> => this.tell('node.listBalances');
  channels = (): Promise<readonly ChannelDetails[]> => this.tell('node.listChannels');
  status = (): Promise<NodeStatus> => this.tell('node.status');
}
