import type { Server, Socket } from 'node:net';
import { clientKey } from './client.ts';

/** So many sockets at once of one address, whatever it says on them: who says nothing at all must not take every place. */
export function limitSockets(server: Server, mostOfAddress: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const client = clientKey(socket.remoteAddress ?? '');
    const before = open.get(client) ?? 0;
    if (before >= mostOfAddress) return socket.destroy();
    open.set(client, before + 1);
    socket.once('close', () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left === 0) open.delete(client);
      else open.set(client, left);
    });
    return socket;
  });
}
