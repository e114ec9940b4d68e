import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer, type WebSocket as ProxySide } from 'ws';
import type { Socket, SocketClose } from '../base/ports.ts';
import { webSocketDial } from './websocket-dial.ts';

/** As in a browser, closing what is not open yet is no error. */
class BrowserLike extends NodeWebSocket {
  constructor(url: string) {
    super(url);
    this.on('error', () => undefined);
  }
}

let proxy: WebSocketServer;
let behave: (page: ProxySide) => void;
const open: Socket[] = [];

beforeEach(async () => {
  vi.stubGlobal('WebSocket', BrowserLike);
  proxy = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  proxy.on('connection', (page) => behave(page));
  await new Promise((resolve) => proxy.once('listening', resolve));
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
  for (const page of proxy.clients) page.terminate();
  proxy.close();
  vi.unstubAllGlobals();
});

type Heard = { readonly data: number[]; opened: number; closed: SocketClose[] };

/** Dials through the proxy; resolves when the connection is over. */
function dial(during: (socket: Socket) => void = () => undefined): Promise<Heard> {
  const url = `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const heard: Heard = { data: [], opened: 0, closed: [] };
  return new Promise((resolve) => {
    const socket = webSocketDial(() => [url])(
      { host: 'peer.example', port: 9735 },
      {
        onOpen: () => {
          heard.opened++;
          during(socket);
        },
        onData: (bytes) => heard.data.push(...bytes),
        onClose: (reason) => {
          heard.closed.push(reason);
          resolve(heard);
        },
      },
    );
    open.push(socket);
  });
}

it('says nothing to a peer before the proxy has said that it is there, and hears nothing', async () => {
  const received: unknown[] = [];
  behave = (page) => {
    page.on('message', (data) => received.push(data));
    page.send(Uint8Array.of(1, 2, 3));
    page.close(4002);
  };
  const heard = await dial();
  expect(heard).toEqual({ data: [], opened: 0, closed: [{ code: 'proxy-4002', detail: '' }] });
  expect(received).toEqual([]);
});

it('is open once, however often the proxy says so, and takes no text for bytes of the peer', async () => {
  behave = (page) => {
    for (let i = 0; i < 100; i++) page.send('open');
    page.send(Uint8Array.of(7));
    page.send('{"more":"text"}');
    page.close(1000);
  };
  expect(await dial()).toMatchObject({ opened: 1, data: [7] });
});

it('hangs up on a proxy whose frames no TCP connection makes', async () => {
  behave = (page) => {
    page.send('open');
    page.send(new Uint8Array((1 << 20) + 1));
    page.send(Uint8Array.of(9));
  };
  const heard = await dial();
  expect(heard.closed).toEqual([{ code: 'bad-proxy', detail: 'a frame of 1048577 bytes' }]);
  expect(heard.data).toEqual([]);
});

it('a proxy that is cut off is told of once, and its reason is one line', async () => {
  behave = (page) => {
    page.send('open');
    page.close(4001, 'x'.repeat(123));
  };
  const heard = await dial();
  expect(heard.closed).toEqual([{ code: 'proxy-4001', detail: 'x'.repeat(123) }]);
});

it('a proxy that never answers is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const connected = new Promise<void>((resolve) => {
      behave = () => resolve();
    });
    const over = dial();
    await connected;
    vi.advanceTimersByTime(20_000);
    expect((await over).closed).toEqual([{ code: 'timeout', detail: 'no connection in time' }]);
  } finally {
    vi.useRealTimers();
  }
});
