import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import type { LspQuote, LspServer } from '../../engine/node/api.ts';
import { listen } from '../world/free-port.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';

const START = fileURLToPath(new URL('../start.mjs', import.meta.url));
/** Two builds of the page and two worlds, on a machine that has other things to do. */
const PATIENCE_MS = 400_000;

/** Where the page and the programs of the first playground would listen. */
const WANTED = Array.from({ length: 8 }, (_, i) => 5180 + i);
const others: Server[] = [];

const cache = mkdtempSync(join(tmpdir(), 'leyden-cache-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const other of others) other.close();
  rmSync(cache, { recursive: true, force: true });
});

type Running = { readonly child: ChildProcess; readonly url: string };

/** As `npm start`, in places of its own. */
async function start(): Promise<Running> {
  const child = spawn(process.execPath, [START], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  children.push(child);
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    const url = /runs at (http\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error(`it ended: ${said.join('\n')}`);
}

/** Programs that a program started, and those that these started. */
function below(pid: number): readonly number[] {
  const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const children = pairs.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...below(child)]);
}

/** Those that still run; one that ended and that nobody asked after is not alive. */
const alive = (pids: readonly number[]): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => pids.includes(Number.parseInt(line, 10)) && !/^\d+\s+Z/.test(line));

type Servers = { readonly esplora: readonly string[]; readonly lsps: readonly LspServer[] };

/** What the page is told of servers. */
async function serversOf({ url }: Running): Promise<Servers> {
  const config = (await (await fetch(`${url.replace(/\/$/, '')}/config.json`)).json()) as {
    readonly networks: { readonly regtest: Servers };
  };
  return config.networks.regtest;
}

async function answers(running: Running): Promise<boolean> {
  const tip = await fetch(`${(await serversOf(running)).esplora[0]}/blocks/tip/height`);
  return tip.ok && Number(await tip.text()) > 0;
}

/** What a wallet with nothing in it is offered there for being paid 50,000 sat. */
async function quoteIn(running: Running): Promise<LspQuote> {
  const { esplora, lsps } = await serversOf(running);
  const wallet = await LocalLeyden.start({ mnemonic: WORDS[0] ?? '', esplora, lsps, syncEveryMs: 1_000 });
  try {
    return await until(
      async () => {
        const answer = await wallet.api.lsp.quote(50_000_000n);
        return answer.ok ? (answer.value.offers[0] ?? null) : null;
      },
      { what: 'an offer of the playground’s LSP' },
    );
  } finally {
    await wallet.stop();
  }
}

/** Somebody listens at each of these from now on, if not already. */
async function takeAll(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer();
    others.push(server);
    await listen(server, port).catch(() => 0);
  }
}

test(
  'ports that are taken are chosen anew; a second start stands beside the first; Ctrl-C stops all that one has started, and nothing of the other',
  async () => {
    await takeAll(WANTED);
    const first = await start();
    expect(WANTED).not.toContain(Number(new URL(first.url).port));
    const second = await start();
    expect(first.url).not.toBe(second.url);
    expect(await answers(first)).toBe(true);
    expect(await answers(second)).toBe(true);
    const offer = await quoteIn(first);
    expect(offer).toMatchObject({ lsp: { alias: 'Playground LSP' }, trusted: true, feeMsat: 2_000_000n });

    const programs = below(first.child.pid ?? 0);
    expect(programs.length).toBeGreaterThan(1);
    const ended = once(first.child, 'exit');
    first.child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    // What ends by itself once its starter is gone takes a moment.
    await vi.waitFor(() => expect(alive(programs)).toEqual([]), 20_000);

    expect(await answers(second)).toBe(true);
    const over = once(second.child, 'exit');
    second.child.kill('SIGTERM');
    expect(await over).toEqual([0, null]);
  },
  PATIENCE_MS,
);
