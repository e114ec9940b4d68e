import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { connected, openPage, ORIGIN } from './fixtures/page.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { ProxySettings } from './settings.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function proxyAtHome(settings: Partial<ProxySettings> = {}): Promise<Proxy> {
  const proxy = await startProxy({
    port: 0,
    origins: [ORIGIN],
    allow: ['127.0.0.0/8'],
    graceMs: 200,
    ...settings,
  });
  cleanups.push(() => proxy.stop());
  return proxy;
}

async function raw(proxy: Proxy, text: string): Promise<Socket> {
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname);
  cleanups.push(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const upgrade = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'host: wallet.test',
    `origin: ${ORIGIN}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');

async function answered(socket: Socket, sentence: string): Promise<void> {
  for (let text = ''; !text.includes(sentence);)
    text += ((await once(socket, 'data')) as [Buffer])[0].toString();
}

test('paths that are no URL are refused, and cost nobody else', async () => {
  const proxy = await proxyAtHome();
  for (const path of ['//', 'http://[', '/v1/[::1', '*', '/%'])
    await answered(await raw(proxy, upgrade(path)), 'the path is /v1/{host}/{port}');
  const peer = createServer((socket) => socket.pipe(socket));
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  cleanups.push(() => peer.close());
  const page = await connected(openPage(proxy, `/v1/127.0.0.1/${(peer.address() as AddressInfo).port}`));
  page.socket.close();
  await page.ended;
});

test('garbage instead of HTTP, and instead of frames, ends that socket', async () => {
  const proxy = await proxyAtHome();
  await answered(await raw(proxy, '\0\x01\x02 nonsense\r\n\r\n'), '400 Bad Request');
  const socket = await raw(proxy, upgrade('/v1/127.0.0.1/9735'));
  await answered(socket, '101 Switching Protocols');
  socket.write(Buffer.alloc(4000, 0xff));
  await once(socket, 'close');
  await vi.waitFor(() => expect(proxy.connections()).toBe(0), 10_000);
});

async function peerAtHome(): Promise<string> {
  const peer = createServer((socket) => socket.pipe(socket));
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  cleanups.push(() => peer.close());
  return `/v1/127.0.0.1/${(peer.address() as AddressInfo).port}`;
}

test('who says nothing, however often from one address, does not keep others out', async () => {
  const path = await peerAtHome();
  const proxy = await proxyAtHome({ maxConnections: 4, maxConnectionsPerAddress: 4 });
  const { hostname, port } = new URL(proxy.url);
  let turnedAway = 0;
  for (let i = 0; i < 300; i++) {
    const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.2' });
    cleanups.push(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => turnedAway++);
    await once(socket, 'connect');
  }
  await vi.waitFor(() => expect(turnedAway).toBeGreaterThan(200), 10_000);
  expect((await connected(openPage(proxy, path))).frames).toHaveLength(1);
});

test('who is refused again and again and never hangs up is not waited for each time', async () => {
  const path = await peerAtHome();
  const proxy = await proxyAtHome({ trustForwardedFor: true, burst: 1, perMinute: 0 });
  let hungUp = 0;
  for (let i = 0; i < 60; i++) {
    const socket = await raw(
      proxy,
      upgrade(path).replace('\r\n\r\n', '\r\nx-forwarded-for: 192.0.2.1\r\n\r\n'),
    );
    // It reads, and does not answer the close.
    socket.resume();
    socket.on('close', () => hungUp++);
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  }
  await vi.waitFor(() => expect(hungUp).toBeGreaterThan(20), 1_000);
  const page = openPage(proxy, path, { headers: { 'x-forwarded-for': '192.0.2.2' } });
  await connected(page);
});
