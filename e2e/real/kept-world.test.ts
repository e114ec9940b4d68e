import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { atPortOrElsewhere, freePort, listen } from '../world/free-port.ts';
import { startKept } from '../world/kept-world.ts';
import { startSite } from '../world/site.ts';
import { World } from '../world/world.ts';

let folder: string;
const taken: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leyden-kept-'));
});
afterEach(async () => {
  for (const server of taken.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

async function take(port: number): Promise<number> {
  const server = createServer();
  taken.push(server);
  return listen(server, port);
}
const start = (firstPort?: number): Promise<World> =>
  World.start({ folder, peers: [], ...(firstPort === undefined ? {} : { firstPort }) });
const answers = async (world: World): Promise<boolean> =>
  (await fetch(`${world.esplora.url}/blocks/tip/height`)).ok && (await fetch(world.relay.url)).status > 0;

test('a world and a site answer all the same when others listen where they wanted to', async () => {
  const port = await take(0);
  const site = await startSite({ folder, config: () => ({ here: true }), port });
  expect(site.url).not.toContain(`:${port}`);
  expect(await (await fetch(`${site.url}/config.json`)).json()).toEqual({ here: true });
  await site.stop();

  // The next ones may be somebody's already, which is as good.
  for (let next = 1; next < 4; next++) await take(port + next).catch(() => 0);
  const world = await start(port);
  expect(await answers(world)).toBe(true);
  const used = [world.proxy.url, world.esplora.url, world.control.url, world.relay.url];
  expect(used.map((url) => Number(new URL(url).port) - port).filter((n) => n >= 0 && n < 4)).toEqual([]);
  await world.stop();
});

test('a port that is taken after it was looked at is asked for anew, once; other failures are told', async () => {
  const wanted = await freePort();
  const asked: number[] = [];
  const got = await atPortOrElsewhere(wanted, async (port) => {
    asked.push(port);
    if (port !== 0) await take(port);
    const server = createServer();
    taken.push(server);
    return listen(server, port);
  });
  expect(asked).toEqual([wanted, 0]);
  expect(got).not.toBe(wanted);
  await expect(
    atPortOrElsewhere(wanted, () => Promise.reject(new Error('no room on the disk'))),
  ).rejects.toThrow('no room on the disk');
});

test('a start that fails keeps the chain; a chain that cannot be read begins anew', async () => {
  const said: string[] = [];
  const say = (sentence: string): void => void said.push(sentence);
  const first = await startKept(folder, start, say);
  const tip = await first.chain.mine(3);
  await first.stop();

  const fails = (): Promise<World> => Promise.reject(new Error('listen EADDRINUSE'));
  await expect(startKept(folder, fails, say)).rejects.toThrow(/EADDRINUSE\n.*kept.*--fresh/);
  expect(said).toEqual([]);
  const second = await startKept(folder, start, say);
  expect(await second.chain.rpc.call('getblockheader', tip[2])).toMatchObject({ hash: tip[2] });
  await second.stop();

  const index = join(folder, 'bitcoind', 'regtest', 'blocks', 'index');
  for (const name of await readdir(index)) await writeFile(join(index, name), 'not a database');
  const third = await startKept(folder, start, say);
  expect(said).toEqual([expect.stringContaining('damaged'), expect.stringContaining('begins anew')]);
  await expect(third.chain.rpc.call('getblockheader', tip[2])).rejects.toThrow();
  await third.stop();
}, 120_000);
