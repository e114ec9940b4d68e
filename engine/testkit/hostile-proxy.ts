import type { Socket, SocketHandlers } from '../base/ports.ts';
import type { MemoryNetwork } from './memory-network.ts';

/** What becomes of bytes on their way; at a null the connection is cut. `total`: bytes before these, in this direction. */
export type Tamper = (
  bytes: Uint8Array,
  total: number,
  direction: 'up' | 'down',
) => readonly (Uint8Array | null)[];

/** Stands between a node and its peer, and does with their bytes what it is told. */
export class HostileProxy {
  /** As an honest one. */
  tamper: Tamper = (bytes) => [bytes];
  /** Says that it is connected, and talks to nobody. */
  silent = false;
  /** Connections that were asked of it. */
  dials = 0;

  /** Nodes that dial `host` reach `target` through it. */
  constructor(network: MemoryNetwork, host: string, target: string) {
    network.listen(host, (near) => {
      this.dials++;
      if (this.silent) return { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined };
      const totals = { up: 0, down: 0 };
      const pass = (bytes: Uint8Array, direction: 'up' | 'down', to: () => Socket): void => {
        const sent = this.tamper(bytes, totals[direction], direction);
        totals[direction] += bytes.length;
        for (const piece of sent)
          if (piece !== null) to().send(piece);
          else {
            near.close();
            far.close();
          }
      };
      const fromFar: SocketHandlers = {
        onOpen: () => undefined,
        onData: (bytes) => pass(bytes, 'down', () => near),
        onClose: () => near.close(),
      };
      const far = network.dial({ host: target, port: 9735 }, fromFar);
      return {
        onOpen: () => undefined,
        onData: (bytes) => pass(bytes, 'up', () => far),
        onClose: () => far.close(),
      };
    });
  }
}
