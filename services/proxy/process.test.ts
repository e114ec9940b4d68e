import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { connected, nextFrame, openPage, ORIGIN } from './fixtures/page.ts';
import { CLOSE } from './protocol.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
type Started = { readonly child: ChildProcess; readonly url: string };

/** As `npm run proxy` runs it. */
async function proxyProcess(port: string): Promise<Started> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PROXY_PORT: port, PROXY_ALLOW: '127.0.0.0/8', PROXY_ORIGINS: ORIGIN },
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: /ws:\S+/.exec(line.toString())?.[0] ?? '' };
}

async function echoPeer(): Promise<{ path: string; first: Promise<Socket> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  // Told to the proxy by the kernel, and so to the page, before it is told to us.
  const first = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path: `/v1/127.0.0.1/${(server.address() as AddressInfo).port}`, first };
}

test('kill -9 of the proxy ends both sides, and a new one at its place serves them again', async () => {
  const peer = await echoPeer();
  const first = await proxyProcess('0');
  const page = await connected(openPage(first, peer.path));
  const left = once(await peer.first, 'close');
  first.child.kill('SIGKILL');
  expect((await page.ended).code).toBe(1006);
  await left;
  const second = await proxyProcess(new URL(first.url).port);
  expect(second.url).toBe(first.url);
  const again = await connected(openPage(second, peer.path));
  again.socket.send(Buffer.from('after'));
  while (again.received().toString() !== 'after') await nextFrame(again);
});

test('SIGTERM tells the page why, and the program ends in order', async () => {
  const peer = await echoPeer();
  const proxy = await proxyProcess('0');
  const page = await connected(openPage(proxy, peer.path));
  const gone = once(proxy.child, 'exit');
  proxy.child.kill('SIGTERM');
  expect((await page.ended).code).toBe(CLOSE.stopping);
  expect(await gone).toEqual([0, null]);
});
