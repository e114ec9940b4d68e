import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import type { LspServer, NodeApi, NodeStatus } from '../../../engine/node/api.ts';
import type { LogLine, WalletState } from '../../../engine/node/service-api.ts';
import { startProxy, type Proxy } from '../../../services/proxy/proxy.ts';
import { killedBrowser, type Habitat } from '../../journeys/kills/habitat.ts';
import { Witness } from '../../journeys/stage/witness.ts';
import { keepWorkers, PageEngine } from '../../journeys/stage/page-engine.ts';
import { callable } from '../../world/leyden/callable.ts';
import type { Leyden } from '../../world/leyden/leyden.ts';
import { startSite, type Site } from '../../world/site.ts';
import { until } from '../../world/until.ts';

/** The build that is played with. */
const SITE = process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../../dist/site', import.meta.url));
const CHROMIUM = process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium';
/** Beside it a browser tells of servers that were away, as scenarios have them. */
const COMPLAINT = /^(uncaught|content security policy): /;
/** What the log says is read beside what is asked, and not more often. */
const LOG_EVERY_MS = 2_000;

export type ChromiumOptions = {
  readonly mnemonic: string;
  readonly esplora: readonly string[];
  readonly lsps?: readonly LspServer[];
};
type Tab = { readonly page: Page; readonly engine: PageEngine };
type Servers = { readonly site: Site; readonly proxy: Proxy; readonly habitat: Habitat };

/**
 * Leyden as people have it: the built page in a Chromium of its own, with a profile on disk, its engine in a worker, its
 * peers behind the proxy. `kill` is kill -9 of the whole browser, `restart` closes the tab and opens the page again.
 */
export class ChromiumLeyden implements Leyden {
  readonly api: NodeApi;
  id = '';
  log: readonly string[] = [];
  readonly #begin: (engine: PageEngine) => Promise<void>;
  readonly #servers: Servers;
  /** One for each life of the browser. */
  readonly #witnesses = new Map<BrowserContext, Witness>();
  #tab: Tab | null = null;
  #logReadAt = 0;

  private constructor(begin: (engine: PageEngine) => Promise<void>, servers: Servers) {
    this.#begin = begin;
    this.#servers = servers;
    this.api = callable((method, args) => this.#call(method, args)) as NodeApi;
  }

  /** A new wallet. Resolves when it has looked at the chain. */
  static start(options: ChromiumOptions): Promise<ChromiumLeyden> {
    return ChromiumLeyden.#in(options, async (engine) => {
      await engine.value('create', options.mnemonic.split(' '), 'regtest');
      await engine.value('wordsConfirmed');
    });
  }

  /** From words that had one; its coins are found. */
  static restore(options: ChromiumOptions): Promise<ChromiumLeyden> {
    return ChromiumLeyden.#in(options, (engine) =>
      engine.value('restore', options.mnemonic.split(' '), 'regtest'),
    );
  }

  static async #in(
    { esplora, lsps = [] }: ChromiumOptions,
    begin: (engine: PageEngine) => Promise<void>,
  ): Promise<ChromiumLeyden> {
    if (!existsSync(`${SITE}/index.html`))
      throw new Error(`There is no built app in ${SITE}: run "npm run build" first.`);
    const proxies: string[] = [];
    const regtest = { esplora, proxies, peers: [], lsps };
    const site = await startSite({
      folder: SITE,
      config: () => ({ defaultNetwork: 'regtest', networks: { regtest } }),
    });
    // Scenarios dial as often as no person does.
    const proxy = await startProxy({
      port: 0,
      allow: ['127.0.0.0/8'],
      origins: [site.url],
      burst: 1_000,
      perMinute: 6_000,
      graceMs: 1_000,
    });
    proxies.push(proxy.url);
    const leyden = new ChromiumLeyden(begin, {
      site,
      proxy,
      habitat: await killedBrowser(CHROMIUM),
    });
    try {
      await leyden.#open('anew');
      return leyden;
    } catch (error) {
      await leyden.stop();
      throw error;
    }
  }

  /** What nobody caught, and what the page's policy forbade, in all its lives. */
  complaints(): readonly string[] {
    return [...this.#witnesses.values()]
      .flatMap((witness) => witness.complaints())
      .filter((line) => COMPLAINT.test(line));
  }

  isRunning(): boolean {
    return this.#tab !== null;
  }

  /** For good: the browser and its disk, and the servers of this page, go with it. */
  async stop(): Promise<void> {
    const { site, proxy, habitat } = this.#servers;
    await this.#closeTab();
    await habitat.end();
    await proxy.stop();
    await site.stop();
  }

  async kill(): Promise<void> {
    const tab = this.#tab;
    this.#tab = null;
    if (tab !== null) await this.#servers.habitat.kill(tab.page);
  }

  async restart(): Promise<void> {
    await this.#closeTab();
    await this.#open('again');
  }

  async #closeTab(): Promise<void> {
    const tab = this.#tab;
    this.#tab = null;
    await tab?.page.close();
  }

  /** `anew`: where no wallet was yet. Later there has to be one. */
  async #open(how: 'anew' | 'again'): Promise<void> {
    const page = await this.#servers.habitat.newPage();
    const context = page.context();
    if (!this.#witnesses.has(context)) this.#witnesses.set(context, await Witness.in(context));
    await keepWorkers(page);
    await page.goto(this.#servers.site.url);
    const engine = await PageEngine.of(page);
    const tab = { page, engine };
    page.on('crash', () => {
      if (this.#tab === tab) this.#tab = null;
    });
    if (how === 'anew') await this.#begin(engine);
    else if ((await engine.tell<WalletState>('state')).tag === 'none')
      throw new Error('the page was opened again, and knows of no wallet');
    this.id = await until(() => idOnceSynced(engine), {
      what: 'the wallet in the page to have seen the chain',
      describe: () => engine.tell('state'),
    });
    this.#tab = tab;
  }

  async #call(method: string, args: readonly unknown[]): Promise<unknown> {
    const { engine } = this.#tab ?? {};
    if (engine === undefined) throw new Error('Leyden is not running');
    const answer = await engine.tell(`node.${method}`, ...args);
    await this.#readLog(engine);
    return answer;
  }

  async #readLog(engine: PageEngine): Promise<void> {
    if (Date.now() - this.#logReadAt < LOG_EVERY_MS) return;
    this.#logReadAt = Date.now();
    // Who dies meanwhile has answered what was asked.
    const lines = await engine.tell<readonly LogLine[]>('logs').catch(() => []);
    if (lines.length > 0)
      this.log = lines.filter(({ level }) => level !== 'debug').map((line) => JSON.stringify(line));
  }
}

/** Null until the node has started and asked its server once. */
async function idOnceSynced(engine: PageEngine): Promise<string | null> {
  if ((await engine.tell<WalletState>('state')).tag !== 'open') return null;
  const { running, nodeId, chain } = await engine.tell<NodeStatus>('node.status');
  return running && chain.lastSyncAt !== null ? nodeId : null;
}
