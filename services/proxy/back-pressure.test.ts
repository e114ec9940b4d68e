import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { connected, openPage, ORIGIN, type Page } from './fixtures/page.ts';
import { startProxy, type Proxy } from './proxy.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const MEGABYTE = 1 << 20;
const TOTAL = 48 * MEGABYTE;
/** What the kernel and the two programs' own queues may hold between them; far less than all. */
const MOST_IN_BETWEEN = 16 * MEGABYTE;
const CHUNK = randomBytes(MEGABYTE / 4);

async function start(serve: (socket: Socket) => void): Promise<{ proxy: Proxy; path: string }> {
  const proxy = await startProxy({
    port: 0,
    allow: ['127.0.0.0/8'],
    origins: [ORIGIN],
    burst: 1000,
    maxConnectionsPerAddress: 1000,
    graceMs: 200,
  });
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await proxy.stop();
  });
  return { proxy, path: `/v1/127.0.0.1/${(server.address() as AddressInfo).port}` };
}

/** Resolves when the number has not changed for a while: whoever makes it is blocked. */
async function standstill(read: () => number): Promise<number> {
  for (let last = -1, quiet = 0; ;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = read();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    if (quiet === 10 && now > 0) return now;
  }
}

/** Writes as much as the other side takes, and counts what has left this program. */
async function flood(socket: Socket): Promise<void> {
  for (let sent = 0; sent < TOTAL; sent += CHUNK.length) {
    if (!socket.write(CHUNK)) await once(socket, 'drain');
  }
}

test('a page that stops reading makes its peer wait, and then gets every byte', async () => {
  let peer: Socket | null = null;
  const { proxy, path } = await start((socket) => {
    peer = socket;
    void flood(socket);
  });
  const page = await connected(openPage(proxy, path));
  page.socket.pause();
  const stuck = await standstill(() => peer?.bytesWritten ?? 0);
  expect(stuck).toBeLessThan(MOST_IN_BETWEEN);
  page.socket.resume();
  const hash = createHash('sha256');
  let length = 0;
  const take = (bytes: Buffer): void => {
    hash.update(bytes);
    length += bytes.length;
  };
  for (const frame of page.frames.splice(0)) if (typeof frame !== 'string') take(frame);
  await drainInto(page, take, () => length >= TOTAL);
  const expected = createHash('sha256');
  for (let sent = 0; sent < TOTAL; sent += CHUNK.length) expected.update(CHUNK);
  expect(length).toBe(TOTAL);
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
});

async function drainInto(page: Page, take: (bytes: Buffer) => void, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await once(page.socket, 'message');
    for (const frame of page.frames.splice(0)) if (typeof frame !== 'string') take(frame);
  }
}

test('a peer that stops reading makes the page wait, and then gets every byte', async () => {
  let peer: Socket | null = null;
  let received = 0;
  const { proxy, path } = await start((socket) => {
    peer = socket;
    socket.pause();
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    socket.pause();
  });
  const page = await connected(openPage(proxy, path));
  for (let sent = 0; sent < TOTAL; sent += CHUNK.length) page.socket.send(CHUNK);
  const left = await standstill(() => page.socket.bufferedAmount);
  expect(TOTAL - left).toBeLessThan(MOST_IN_BETWEEN);
  const socket = peer as unknown as Socket;
  socket.resume();
  for (const isDone = () => received >= TOTAL; !isDone();) await once(socket, 'data');
  expect(received).toBe(TOTAL);
});

test('one stalled page does not hold up the others', async () => {
  const { proxy, path } = await start((socket) => void flood(socket));
  const stalled = await connected(openPage(proxy, path));
  stalled.socket.pause();
  const page = await connected(openPage(proxy, path));
  let length = 0;
  await drainInto(
    page,
    (bytes) => (length += bytes.length),
    () => length >= TOTAL,
  );
  expect(length).toBe(TOTAL);
});

test('200 connections at once, each with its own bytes', async () => {
  const { proxy, path } = await start((socket) => {
    socket.pipe(socket);
  });
  const pages = await Promise.all(Array.from({ length: 200 }, () => connected(openPage(proxy, path))));
  expect(proxy.connections()).toBe(200);
  await Promise.all(
    pages.map(async (page, i) => {
      const sent = Buffer.alloc(20_000, i);
      page.socket.send(sent);
      while (page.received().length < sent.length) await once(page.socket, 'message');
      expect(page.received().equals(sent)).toBe(true);
      page.socket.close();
      await page.ended;
    }),
  );
  expect(proxy.connections()).toBe(0);
});
