import { createConnection, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Dial, PeerAddress, Socket, SocketHandlers } from '../base/ports.ts';

const CONNECT_TIMEOUT_MS = 20_000;

/** Dials peers over TCP, in Node.js. */
export const tcpDial: Dial = (address, handlers) => {
  const tcp = createConnection(address);
  tcp.setTimeout(CONNECT_TIMEOUT_MS, () => tcp.destroy(new Error('no connection in time')));
  tcp.once('connect', () => tcp.setTimeout(0));
  tcp.once('connect', handlers.onOpen);
  return wrap(tcp, handlers);
};

/**
 * Listens for peers on `address` (port 0: any free one). `accept` gives the handlers of one incoming connection; they
 * are not called before it returns. Resolves with the port.
 */
export function tcpListen(
  address: PeerAddress,
  accept: (socket: Socket) => SocketHandlers,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const open = new Set<TcpSocket>();
  const server: Server = createServer((tcp) => {
    open.add(tcp);
    tcp.once('close', () => open.delete(tcp));
    const later: { handlers: SocketHandlers | null } = { handlers: null };
    const socket = wrap(tcp, {
      onOpen: () => undefined,
      onData: (bytes) => later.handlers?.onData(bytes),
      onClose: (reason) => later.handlers?.onClose(reason),
    });
    try {
      later.handlers = accept(socket);
      later.handlers.onOpen();
    } catch {
      // It costs this connection, never the process: nobody stands above to catch it.
      tcp.destroy();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      // Too many open files, say: who is dialling is not taken in, those that stand stay, and later ones are.
      server.removeListener('error', reject);
      server.on('error', () => undefined);
      const bound = server.address();
      resolve({
        port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const tcp of open) tcp.destroy();
          }),
      });
    });
  });
}

function wrap(tcp: TcpSocket, handlers: SocketHandlers): Socket {
  tcp.setNoDelay(true);
  let failure = '';
  tcp.on('data', (bytes) => handlers.onData(bytes));
  tcp.on('error', (error) => {
    failure = error.message;
  });
  tcp.once('close', () =>
    handlers.onClose({ code: failure === '' ? 'closed' : 'tcp-error', detail: failure }),
  );
  return {
    send: (bytes) => !tcp.destroyed && tcp.write(bytes),
    close: () => tcp.destroy(),
    buffered: () => tcp.writableLength,
  };
}
