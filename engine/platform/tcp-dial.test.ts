import { createConnection } from 'node:net';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { Socket, SocketHandlers } from '../base/ports.ts';
import { tcpDial, tcpListen } from './tcp-dial.ts';

const LOCAL = '127.0.0.1';
const quiet: SocketHandlers = { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined };

/** The reason for which a dialled connection ends. */
const ended = (port: number): Promise<unknown> =>
  new Promise((resolve) => tcpDial({ host: LOCAL, port }, { ...quiet, onClose: resolve }));

it('carries bytes both ways between one who dials and one who listens', async () => {
  const listening = await tcpListen({ host: LOCAL, port: 0 }, (socket) => ({
    ...quiet,
    onData: (bytes) => void socket.send(Uint8Array.from(bytes, (byte) => byte + 1)),
  }));
  const answer = new Promise<number[]>((resolve) => {
    const socket: Socket = tcpDial(
      { host: LOCAL, port: listening.port },
      {
        ...quiet,
        onOpen: () => void socket.send(Uint8Array.of(1, 2, 3)),
        onData: (bytes) => resolve([...bytes]),
      },
    );
  });
  expect(await answer).toEqual([2, 3, 4]);
  await listening.close();
});

it('says why there is no connection, and that one ended', async () => {
  const { port, close } = await tcpListen({ host: LOCAL, port: 0 }, (socket) => ({
    ...quiet,
    onOpen: () => socket.close(),
  }));
  expect(await ended(port)).toEqual({ code: 'closed', detail: '' });
  await close();
  expect(await ended(port)).toMatchObject({ code: 'tcp-error' });
});

it('rejects when the port is taken', async () => {
  const first = await tcpListen({ host: LOCAL, port: 0 }, () => quiet);
  await expect(tcpListen({ host: LOCAL, port: first.port }, () => quiet)).rejects.toThrow('EADDRINUSE');
  await first.close();
});

it('closing ends the connections too', async () => {
  const onClose = vi.fn();
  const { port, close } = await tcpListen({ host: LOCAL, port: 0 }, () => ({ ...quiet, onClose }));
  const peer = createConnection({ host: LOCAL, port });
  await once(peer, 'connect');
  peer.resume();
  const gone = once(peer, 'close');
  await close();
  await gone;
  expect(await ended(port)).toMatchObject({ code: 'tcp-error' });
});

it('one who cannot be taken in costs that connection, not those that stand', async () => {
  let taken = 0;
  const { port, close } = await tcpListen({ host: LOCAL, port: 0 }, (socket) => {
    taken++;
    if (taken === 1) throw new Error('no room');
    return { ...quiet, onOpen: () => void socket.send(Uint8Array.of(7)) };
  });
  expect(await ended(port)).toMatchObject({ code: 'closed' });
  const second = new Promise<number[]>((resolve) => {
    tcpDial({ host: LOCAL, port }, { ...quiet, onData: (bytes) => resolve([...bytes]) });
  });
  expect(await second).toEqual([7]);
  await close();
});
