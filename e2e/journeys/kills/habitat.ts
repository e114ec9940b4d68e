import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { until } from '../../world/until.ts';

/** Where pages live and die. What is on its disk outlives them. */
export type Habitat = {
  readonly newPage: () => Promise<Page>;
  /** Ends the page at once, in the way of this place. */
  readonly kill: (page: Page) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Pages in one browser; they die as when a tab runs out of memory. */
export async function crashingTabs(browser: Browser): Promise<Habitat> {
  const context = await browser.newContext();
  return {
    newPage: () => context.newPage(),
    kill: async (page) => {
      const client = await context.newCDPSession(page);
      const crashed = page.waitForEvent('crash');
      // Nobody is left to answer.
      client.send('Page.crash').catch(() => undefined);
      await crashed;
      await page.close();
    },
    end: () => context.close(),
  };
}

/** A browser with a profile on disk that is killed as a whole, as by the system or a power cut, and started again. */
export async function killedBrowser(executable: string): Promise<Habitat & { readonly profile: string }> {
  const profile = await mkdtemp(join(tmpdir(), 'leyden-profile-'));
  let running: { readonly process: ChildProcess; readonly browser: Browser } | null = null;

  const kill = async (): Promise<void> => {
    if (running === null) return;
    const { process: child, browser } = running;
    running = null;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // It leads a group of its own: its renderers and helpers with it.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    await browser.close().catch(() => undefined);
  };
  const start = async (): Promise<Browser> => {
    if (running !== null) return running.browser;
    const portFile = join(profile, 'DevToolsActivePort');
    await rm(portFile, { force: true });
    const child = spawn(
      executable,
      [
        '--headless=new',
        '--no-sandbox',
        '--remote-debugging-port=0',
        `--user-data-dir=${profile}`,
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        'about:blank',
      ],
      { detached: true, stdio: 'ignore' },
    );
    const port = await until(
      async () => {
        const text = await readFile(portFile, 'utf8').catch(() => '');
        return text.includes('\n') ? Number(text.split('\n')[0]) : null;
      },
      { what: 'the browser to listen' },
    );
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    running = { process: child, browser };
    return browser;
  };
  return {
    profile,
    newPage: async () => {
      const [context] = (await start()).contexts();
      if (context === undefined) throw new Error('the browser has no profile');
      return context.newPage();
    },
    kill,
    end: async () => {
      await kill();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
