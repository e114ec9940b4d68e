import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { connected, nextFrame, openPage, ORIGIN, type Page } from './fixtures/page.ts';
import { CLOSE, CONNECTED } from './protocol.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { ProxySettings } from './settings.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PLAYGROUND: Partial<ProxySettings> = {
  port: 0,
  allow: ['127.0.0.0/8'],
  origins: [ORIGIN],
  burst: 1000,
  graceMs: 500,
  maxConnectionsPerAddress: 1000,
};
async function proxyWith(settings: Partial<ProxySettings> = {}): Promise<Proxy> {
  const proxy = await startProxy({ ...PLAYGROUND, ...settings });
  cleanups.push(() => proxy.stop());
  return proxy;
}

type Peer = { readonly path: string; readonly server: Server; readonly sockets: Socket[] };
/** A TCP server that does with each connection what it is told. */
async function peerThat(serve: (socket: Socket) => void): Promise<Peer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path: `/v1/127.0.0.1/${(server.address() as AddressInfo).port}`, server, sockets };
}
const echo = (socket: Socket): void => {
  socket.pipe(socket);
};

async function receive(page: Page, length: number): Promise<Buffer> {
  while (page.received().length < length) {
    if ((await nextFrame(page)) === undefined) throw new Error(JSON.stringify(await page.ended));
  }
  return page.received();
}

test('says when TCP is up, then carries bytes both ways', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat(echo);
  const page = await connected(openPage(proxy, peer.path));
  expect(page.frames).toEqual([CONNECTED]);
  page.socket.send(Buffer.from('one'));
  page.socket.send(Buffer.from('two'));
  expect((await receive(page, 6)).toString()).toBe('onetwo');
  expect(proxy.connections()).toBe(1);
  page.socket.close();
  await once(peer.sockets[0]!, 'end');
});

test('bytes sent before TCP is up are not lost', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat(echo);
  const page = openPage(proxy, peer.path);
  page.socket.once('open', () => page.socket.send(Buffer.from('early')));
  await connected(page);
  expect((await receive(page, 5)).toString()).toBe('early');
});

test('what the peer sent before it closed arrives, then the reason', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat((socket) => socket.end('last words'));
  const page = openPage(proxy, peer.path);
  expect(await page.ended).toMatchObject({ code: CLOSE.peerClosed });
  expect(page.frames[0]).toBe(CONNECTED);
  expect(page.received().toString()).toBe('last words');
});

test('a broken connection is told apart from a closed one', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat(() => {});
  const page = await connected(openPage(proxy, peer.path));
  peer.sockets[0]!.resetAndDestroy();
  expect(await page.ended).toMatchObject({ code: CLOSE.peerReset });
});

test('what the page sent before it left reaches the peer', async () => {
  const proxy = await proxyWith();
  const got: Buffer[] = [];
  const peer = await peerThat((socket) => socket.on('data', (bytes) => got.push(bytes)));
  const page = await connected(openPage(proxy, peer.path));
  page.socket.send(Buffer.alloc(500_000, 7));
  page.socket.close();
  await once(peer.sockets[0]!, 'end');
  expect(Buffer.concat(got)).toHaveLength(500_000);
});

test('says why there is no connection', async () => {
  const proxy = await proxyWith({ connectTimeoutMs: 300 });
  const gone = await peerThat(() => {});
  gone.server.close();
  expect(await openPage(proxy, gone.path).ended).toMatchObject({ code: CLOSE.connectionRefused });
  expect(await openPage(proxy, '/v1/192.168.1.1/9735').ended).toMatchObject({ code: CLOSE.addressRefused });
  expect(await openPage(proxy, '/v1/127.0.0.1/22').ended).toMatchObject({ code: CLOSE.addressRefused });
  expect(await openPage(proxy, '/nowhere').ended).toMatchObject({ code: CLOSE.badRequest });
  const silent = await proxyWith({ connectTimeoutMs: 100, lookup: () => new Promise<never>(() => {}) });
  const late = await openPage(silent, '/v1/name.test/9735').ended;
  expect(late).toMatchObject({ code: CLOSE.connectTimeout, reason: 'no answer within 100 ms' });
  const nameless = await proxyWith({ lookup: () => Promise.reject(new Error('ENOTFOUND')) });
  expect(await openPage(nameless, '/v1/name.test/9735').ended).toMatchObject({ code: CLOSE.unknownHost });
});

test('refuses private addresses unless they are allowed, also behind a name', async () => {
  const peer = await peerThat(echo);
  const proxy = await proxyWith({
    allow: ['public'],
    lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
  for (const path of [peer.path, '/v1/innocent.example/9735', '/v1/%5B::ffff:127.0.0.1%5D/9735']) {
    expect(await openPage(proxy, path).ended, path).toMatchObject({ code: CLOSE.addressRefused });
  }
  expect(peer.sockets).toHaveLength(0);
});

test('connects to the address that it checked, whatever the name says later', async () => {
  const peer = await peerThat(echo);
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const proxy = await proxyWith({
    lookup: () => Promise.resolve((answers.shift() ?? []).map((address) => ({ address, family: 4 }))),
  });
  await connected(openPage(proxy, peer.path.replace('127.0.0.1', 'rebinding.example')));
  expect(peer.sockets).toHaveLength(1);
});

test('other origins, and programs without one, are refused', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat(echo);
  for (const origin of ['http://evil.test', undefined]) {
    const page = openPage(proxy, peer.path, origin === undefined ? { origin: '' } : { origin });
    expect(await page.ended).toMatchObject({ code: CLOSE.originRefused });
  }
  expect(peer.sockets).toHaveLength(0);
});

test('too many and too often are refused with different words', async () => {
  const peer = await peerThat(echo);
  const small = await proxyWith({ maxConnectionsPerAddress: 1 });
  await connected(openPage(small, peer.path));
  expect(await openPage(small, peer.path).ended).toMatchObject({ code: CLOSE.full });
  const strict = await proxyWith({ burst: 2, perMinute: 0 });
  await connected(openPage(strict, peer.path));
  await connected(openPage(strict, peer.path));
  expect(await openPage(strict, peer.path).ended).toMatchObject({ code: CLOSE.rateLimited });
});

test('behind a reverse proxy each client counts for itself', async () => {
  const peer = await peerThat(echo);
  const proxy = await proxyWith({ maxConnectionsPerAddress: 1, trustForwardedFor: true });
  const from = (address: string) =>
    openPage(proxy, peer.path, { headers: { 'x-forwarded-for': `9.9.9.9, ${address}` } });
  await connected(from('192.0.2.1'));
  await connected(from('192.0.2.2'));
  expect(await from('192.0.2.1').ended).toMatchObject({ code: CLOSE.full });
});

test('text from the page and frames past the limit end the connection', async () => {
  const proxy = await proxyWith();
  const peer = await peerThat(echo);
  const talker = await connected(openPage(proxy, peer.path));
  talker.socket.send('hello');
  expect(await talker.ended).toMatchObject({ code: CLOSE.badFrame });
  const shouter = await connected(openPage(proxy, peer.path));
  shouter.socket.send(Buffer.alloc(2_000_000));
  expect(await shouter.ended).toMatchObject({ code: 1009 });
});

test('a peer that never says anything is let go', async () => {
  const proxy = await proxyWith({ idleMs: 150 });
  const peer = await peerThat(() => {});
  const page = await connected(openPage(proxy, peer.path));
  const left = once(peer.sockets[0]!, 'end');
  expect(await page.ended).toMatchObject({ code: CLOSE.idle });
  await left;
});

test('a page that vanished without a word is let go, and so is its peer', async () => {
  const proxy = await proxyWith({ pingMs: 60 });
  const peer = await peerThat(() => {});
  const page = await connected(openPage(proxy, peer.path, { autoPong: false }));
  const left = once(peer.sockets[0]!, 'end');
  expect(await page.ended).toMatchObject({ code: 1006 });
  await left;
  expect(proxy.connections()).toBe(0);
});

test('a page that is there answers pings and stays', async () => {
  const proxy = await proxyWith({ pingMs: 30 });
  const peer = await peerThat(echo);
  const page = await connected(openPage(proxy, peer.path));
  for (let i = 0; i < 5; i++) await once(page.socket, 'ping');
  page.socket.send(Buffer.from('still here'));
  expect((await receive(page, 10)).toString()).toBe('still here');
});

test('stopping tells every page, whatever it is doing', async () => {
  const proxy = await startProxy({ ...PLAYGROUND, lookup: () => new Promise<never>(() => {}) });
  const peer = await peerThat(echo);
  const page = await connected(openPage(proxy, peer.path));
  const waiting = openPage(proxy, '/v1/name.test/9735');
  await once(waiting.socket, 'open');
  await proxy.stop();
  expect(await page.ended).toMatchObject({ code: CLOSE.stopping });
  expect(await waiting.ended).toMatchObject({ code: CLOSE.stopping });
  expect((await openPage(proxy, peer.path).ended).code).toBe(1006);
});

test('plain HTTP gets an answer', async () => {
  const proxy = await proxyWith();
  const base = proxy.url.replace('ws:', 'http:');
  expect(await (await fetch(`${base}/health`)).json()).toEqual({ connections: 0 });
  expect((await fetch(`${base}/v1/127.0.0.1/9735`)).status).toBe(404);
});

const ECHO = fileURLToPath(new URL('./fixtures/echo-server.ts', import.meta.url));
async function echoProcess(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', ECHO, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

test('kill -9 of the peer is seen at once, and it can be reached again when it is back', async () => {
  const proxy = await proxyWith();
  const first = await echoProcess(0);
  const path = `/v1/127.0.0.1/${first.port}`;
  const page = await connected(openPage(proxy, path));
  page.socket.send(Buffer.from('before'));
  await receive(page, 6);
  const gone = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  expect([CLOSE.peerClosed, CLOSE.peerReset]).toContain((await page.ended).code);
  // Its listening socket may outlive the connection by a moment.
  await gone;
  expect(await openPage(proxy, path).ended).toMatchObject({ code: CLOSE.connectionRefused });
  await echoProcess(first.port);
  const again = await connected(openPage(proxy, path));
  again.socket.send(Buffer.from('after'));
  expect((await receive(again, 5)).toString()).toBe('after');
});
