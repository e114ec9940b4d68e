import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CDPSession, Page } from '@playwright/test';
import type { Result } from '../../../engine/base/result.ts';
import type { Balances, ChannelDetails, NodeStatus } from '../../../engine/node/api.ts';
import type { Refusal } from '../../../engine/node/refusal.ts';
import type { WalletState } from '../../../engine/node/service-api.ts';
import { startSite } from '../../world/site.ts';
import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';
import { bundle } from '../stage/bundle.ts';
import { closeDatabases, emptyDatabases, flipBit, sealedRecords, type SealedRecord } from '../stage/disk.ts';
import type { Asked, EnginePage, Kill, OnCommit } from './engine-page.ts';
import type { KillPlan } from './kill-switch.ts';
import type { Habitat } from './habitat.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
type Global = { readonly engine: EnginePage };

/** Of a call that its engine did not outlive. */
export class Dead extends Error {}

/** The built engine in workers of one page, with a switch before it that kills it at a chosen commit. */
export class KilledEngine {
  /** Where the page comes from. */
  readonly origin: string;
  readonly #habitat: Habitat;
  readonly #stop: () => Promise<void>;
  #page: Page | null = null;
  /** Of pages that died. */
  #killsBefore = 0;
  /** When each of its transactions began that were heard of since it was told of a plan, or of none. */
  #commits: number[] = [];

  private constructor(origin: string, habitat: Habitat, stop: () => Promise<void>) {
    this.origin = origin;
    this.#habitat = habitat;
    this.#stop = stop;
  }

  static async open(habitat: Habitat, world: World, site: string): Promise<KilledEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'leyden-kills-'));
    await cp(site, folder, { recursive: true });
    const built = (await readdir(join(folder, 'assets'))).find((name) => /^engine-worker-.*\.js$/.test(name));
    if (built === undefined) throw new Error(`no engine in ${site}`);
    await writeFile(join(folder, 'assets/switch.js'), await bundle(here('kill-switch.ts')));
    await writeFile(join(folder, 'assets/killed.js'), `import './switch.js';\nimport './${built}';\n`);
    await writeFile(join(folder, 'kills.html'), '<link rel="icon" href="data:,"><title>Kills</title>');
    const served = await startSite({ folder, config: () => world.config() });
    const engine = new KilledEngine(served.url, habitat, async () => {
      await habitat.end();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await engine.#openPage();
    return engine;
  }

  /** Another tab of the same browser, with nothing running in it yet. What is planned or counted is common to all. */
  async another(): Promise<KilledEngine> {
    const other: KilledEngine = new KilledEngine(this.origin, this.#habitat, async () => {
      if (other.isThere) await other.close();
    });
    await other.#openPage();
    return other;
  }

  /** The worker goes on without a page: what is started next is another one. */
  async abandon(): Promise<void> {
    await this.#open.evaluate(() => (globalThis as unknown as Global).engine.abandon());
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** This tab is closed, and what ran in it ends; the browser, and who serves it, stay. */
  async close(): Promise<void> {
    const page = this.#open;
    this.#page = null;
    await page.close();
  }

  /** Whether its page is there: it dies with another one when the browser had them in one process. */
  get isThere(): boolean {
    return this.#page !== null;
  }

  async kills(): Promise<number> {
    const now =
      this.#page === null
        ? 0
        : await this.#page.evaluate(() => (globalThis as unknown as Global).engine.kills);
    return this.#killsBefore + now;
  }

  /** Of the page with the engine. */
  cdp(): Promise<CDPSession> {
    return this.#open.context().newCDPSession(this.#open);
  }

  /** A fresh worker. Whoever runs is killed. */
  async start(plan: KillPlan | null = null): Promise<void> {
    if (this.#page === null) await this.#openPage();
    await this.#open.evaluate(
      (given) => (globalThis as unknown as Global).engine.start('/assets/killed.js', given),
      plan,
    );
  }

  /** A fresh worker that nothing kills, with the wallet open in it. */
  async restart(): Promise<void> {
    await this.start();
    await this.opened();
  }

  async opened(): Promise<void> {
    await until(async () => (await this.state()).tag === 'open', {
      what: 'the wallet to open',
      describe: () => this.state(),
    });
  }

  /** The page, or the whole browser, dies at once with all that runs in it. */
  async die(): Promise<Kill> {
    const page = this.#open;
    this.#killsBefore = (await this.kills()) + 1;
    this.#page = null;
    await this.#habitat.kill(page);
    return { at: 'instant', commits: this.#commits.length };
  }

  /** In this page. */
  async lastKill(): Promise<Kill> {
    const kill = await this.#open.evaluate(() => (globalThis as unknown as Global).engine.lastKill);
    if (kill === null) throw new Error('nobody was killed');
    return kill;
  }

  /** From when each of its commits is counted as well. */
  async plan(plan: KillPlan | null): Promise<void> {
    this.#commits = [];
    await this.#open.evaluate((given) => (globalThis as unknown as Global).engine.plan(given), plan);
  }

  async killIn(milliseconds: number): Promise<void> {
    await this.#open.evaluate((ms) => (globalThis as unknown as Global).engine.killIn(ms), milliseconds);
  }

  dead(): Promise<void> {
    return this.#open.evaluate(() => (globalThis as unknown as Global).engine.dead());
  }

  /** How many messages the engine has sent to its peers over all its lives in this page, but for pings and their answers. */
  sent(): Promise<number> {
    return this.#open.evaluate(() => (globalThis as unknown as Global).engine.sent);
  }

  get commitsSincePlan(): readonly number[] {
    return this.#commits;
  }

  /** How many transactions it asked its disk for, tried again or not. */
  commits(): Promise<number> {
    return this.#open.evaluate(() => (globalThis as unknown as Global).engine.commits);
  }

  /** How often the browser closed the wallet's database under it, and how many messages to peers went out meanwhile. */
  closed(): Promise<{ readonly times: number; readonly sent: number }> {
    return this.#open.evaluate(() => {
      const { closes: times, sentClosed } = (globalThis as unknown as Global).engine;
      return { times, sent: sentClosed };
    });
  }

  /** By the browser, with all that is in it. */
  closeDatabases(): Promise<void> {
    return closeDatabases(this.#open.context());
  }

  /** The browser removes them, with all that was in them. */
  emptyDatabases(): Promise<void> {
    return emptyDatabases(this.#open.context(), this.origin);
  }

  /** All that is on its disk; it must not run. */
  records(): Promise<readonly SealedRecord[]> {
    return sealedRecords(this.#open);
  }

  flip(record: SealedRecord, bit: number): Promise<void> {
    return flipBit(this.#open, record, bit);
  }

  aborted(): Promise<number> {
    return this.#open.evaluate(() => (globalThis as unknown as Global).engine.aborted);
  }

  async ask(path: string, ...args: readonly unknown[]): Promise<Asked> {
    const page = this.#open;
    try {
      return await page.evaluate(
        ([names, given]) => (globalThis as unknown as Global).engine.ask(names, given),
        [path.split('.'), args] as const,
      );
    } catch (error) {
      if (page === this.#page) throw error;
      return { tag: 'dead' };
    }
  }

  /** The answer of a call during which nobody is killed. */
  async tell<T>(path: string, ...args: readonly unknown[]): Promise<T> {
    const asked = await this.ask(path, ...args);
    if (asked.tag === 'dead') throw new Dead(`dead while asked for ${path}`);
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

  get #open(): Page {
    if (this.#page === null) throw new Error('the page is dead');
    return this.#page;
  }

  async #openPage(): Promise<void> {
    const page = await this.#habitat.newPage();
    page.on('crash', () => {
      if (this.#page === page) this.#page = null;
    });
    const committed: OnCommit['committed'] = () => this.#commits.push(performance.now());
    await page.exposeFunction('committed', committed);
    await page.goto(`${this.origin}/kills.html`);
    await page.evaluate(await bundle(here('engine-page.ts')));
    this.#page = page;
  }
}
