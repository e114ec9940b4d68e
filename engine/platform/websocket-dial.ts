import type { Dial, PeerAddress, Socket, SocketClose, SocketHandlers } from '../base/ports.ts';

/** Past this many bytes not yet taken by the network, `send` asks to slow down. */
const HIGH_WATER = 1 << 20;
const CONNECT_TIMEOUT_MS = 20_000;
/** A proxy passes on what TCP gives it, which comes in far smaller pieces. */
const MAX_FRAME_BYTES = 1 << 20;

/** IPv6 addresses stand in brackets inside the path, as they would in an authority. */
const proxyUrl = (proxy: string, { host, port }: PeerAddress): string =>
  `${proxy.replace(/\/+$/, '')}/v1/${encodeURIComponent(host)}/${port}`;

/**
 * Reaches peers through WebSocket proxies (services/proxy). Each dial uses the next proxy in turn, so that a proxy
 * that is down costs one attempt. The proxy sees only BOLT 8 ciphertext.
 */
export function webSocketDial(proxies: () => readonly string[]): Dial {
  let turn = 0;
  return (address, handlers) => {
    const offered = proxies();
    const proxy = offered[turn++ % Math.max(1, offered.length)];
    if (proxy === undefined)
      return unreachable(handlers, { code: 'no-proxy', detail: 'no proxy is configured' });
    return connect(proxyUrl(proxy, address), handlers);
  };
}

function unreachable(handlers: SocketHandlers, reason: SocketClose): Socket {
  queueMicrotask(() => handlers.onClose(reason));
  return { send: () => false, close: () => undefined, buffered: () => 0 };
}

function connect(url: string, handlers: SocketHandlers): Socket {
  let webSocket: WebSocket;
  try {
    webSocket = new WebSocket(url);
  } catch (error) {
    return unreachable(handlers, { code: 'bad-proxy', detail: String(error) });
  }
  webSocket.binaryType = 'arraybuffer';
  let state: 'connecting' | 'open' | 'closed' = 'connecting';

  const finish = (reason: SocketClose): void => {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(timer);
    webSocket.close();
    handlers.onClose(reason);
  };
  const timer = setTimeout(
    () => finish({ code: 'timeout', detail: 'no connection in time' }),
    CONNECT_TIMEOUT_MS,
  );

  webSocket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (state === 'closed') return;
    if (data instanceof ArrayBuffer) {
      if (data.byteLength > MAX_FRAME_BYTES)
        return finish({ code: 'bad-proxy', detail: `a frame of ${data.byteLength} bytes` });
      return state === 'open' ? handlers.onData(new Uint8Array(data)) : undefined;
    }
    // The proxy's one text frame: the TCP side is up. An open WebSocket alone says nothing about the peer.
    if (state === 'connecting') {
      state = 'open';
      clearTimeout(timer);
      handlers.onOpen();
    }
    return undefined;
  });
  webSocket.addEventListener('close', ({ code, reason }) =>
    finish({ code: `proxy-${code}`, detail: reason.slice(0, 200) }),
  );

  return {
    send: (bytes) => {
      if (state !== 'open') return false;
      webSocket.send(bytes as Uint8Array<ArrayBuffer>);
      return webSocket.bufferedAmount < HIGH_WATER;
    },
    close: () => finish({ code: 'closed-here', detail: '' }),
    buffered: () => webSocket.bufferedAmount,
  };
}
