import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen, LOOPBACK } from './free-port.ts';
import type { PeerAddress } from './real-peer.ts';

export type Direction = 'to-target' | 'from-target';

/** Where a connection is cut: at the `burst`-th piece of bytes that goes this way, counted from 1. */
export type Cut = {
  readonly direction: Direction;
  readonly burst: number;
  /** How much of that piece still arrives. */
  readonly passes: 'nothing' | 'half' | 'all';
};

/** A wire between whoever dials it and `target`, which breaks where it is told to. */
export class Relay {
  readonly address: PeerAddress;
  readonly #server: Server;
  readonly #target: () => PeerAddress;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut: Cut | null = null;
  #next: Cut | null = null;
  #seen: Record<Direction, number> = { 'to-target': 0, 'from-target': 0 };
  /** Connections broken as planned. */
  cuts = 0;

  private constructor(server: Server, port: number, target: () => PeerAddress) {
    this.#server = server;
    this.#target = target;
    this.address = { host: LOOPBACK, port };
    server.on('connection', (socket) => this.#join(socket));
  }

  static async start(target: () => PeerAddress): Promise<Relay> {
    const server = createServer();
    return new Relay(server, await listen(server, 0), target);
  }

  /** Counts anew from now on, and again once it is cut, for `next`; null: nothing more is cut. */
  plan(cut: Cut | null, next: Cut | null = null): void {
    this.#cut = cut;
    this.#next = next;
    this.#seen = { 'to-target': 0, 'from-target': 0 };
  }

  get isPlanned(): boolean {
    return this.#cut !== null;
  }

  /** Breaks what is connected now. */
  breakAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async stop(): Promise<void> {
    this.breakAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    const far = connect({ ...this.#target(), noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {
        // `close` follows.
      });
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const one of pair) one.destroy();
      });
    }
    near.on('data', (bytes) => this.#pass('to-target', bytes, far, pair));
    far.on('data', (bytes) => this.#pass('from-target', bytes, near, pair));
  }

  #pass(direction: Direction, bytes: Buffer, to: Socket, pair: readonly [Socket, Socket]): void {
    const cut = this.#cut;
    this.#seen[direction]++;
    if (cut === null || cut.direction !== direction || this.#seen[direction] < cut.burst) {
      to.write(bytes);
      return;
    }
    this.plan(this.#next);
    this.cuts++;
    const passed = { nothing: 0, half: bytes.length >> 1, all: bytes.length }[cut.passes];
    // What passes is in the other's hands before the line goes dead.
    to.write(bytes.subarray(0, passed), () => {
      for (const socket of pair) socket.destroy();
    });
  }
}
