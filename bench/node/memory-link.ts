import type { Dial, Socket, SocketHandlers } from '../../engine/base/ports.ts';
import type { Listen } from '../../engine/node/node-options.ts';

type End = { handlers: SocketHandlers | null; open: boolean };

/** A network in memory, delivering within the turn: who listens, and how the others dial it. */
export class MemoryLink {
  #accept: ((socket: Socket) => SocketHandlers) | null = null;

  readonly listen: Listen = (accept) => {
    this.#accept = accept;
    return Promise.resolve({ port: 9735, close: () => Promise.resolve() });
  };

  readonly dial: Dial = (_address, handlers) => {
    const near: End = { handlers, open: true };
    const far: End = { handlers: null, open: true };
    queueMicrotask(() => {
      far.handlers = this.#accept?.(socket(far, near)) ?? null;
      far.handlers?.onOpen();
      near.handlers?.onOpen();
    });
    return socket(near, far);
  };
}

function socket(from: End, to: End): Socket {
  return {
    send: (bytes) => {
      const copy = bytes.slice();
      queueMicrotask(() => {
        if (to.open) to.handlers?.onData(copy);
      });
      return true;
    },
    close: () => {
      if (!from.open) return;
      from.open = false;
      queueMicrotask(() => {
        if (to.open) to.handlers?.onClose({ code: 'closed', detail: '' });
        to.open = false;
      });
    },
    buffered: () => 0,
  };
}
