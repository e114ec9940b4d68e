import { sha256 } from '../crypto/hash.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import type { Clock, Dial, Random, Socket, SocketHandlers } from '../base/ports.ts';
import { ok } from '../base/result.ts';
import { sat, type Msat } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { Secret } from '../crypto/secret.ts';
import type { NodeApi, NodeEvent } from '../node/api.ts';
import { loadNode, type LeydenNode } from '../node/node.ts';
import type { NodeOptions } from '../node/node-options.ts';
import { CrashStore } from './crash-store.ts';
import { FakeChain, paying } from './fake-chain.ts';
import { FakeEsplora, httpOver } from './fake-esplora.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryNetwork } from './memory-network.ts';
import { seededRandom } from './session-config.ts';
import { value } from './wallet-world.ts';

const SYNC_MS = 1_000;

/** What one run of a node holds of the world; all of it goes with the run. */
type Life = {
  readonly node: LeydenNode;
  readonly sockets: Set<Socket>;
  /** False: the process is gone. Nothing of it runs or speaks any more. */
  alive: boolean;
};

/** Whole nodes over a fake chain and a network in memory, on one clock. */
export class NodeWorld {
  readonly clock = new ManualClock();
  readonly chain = new FakeChain(110);
  readonly esplora = new FakeEsplora('https://esplora.test', this.chain);
  /** What is reached over http besides. */
  readonly servers: Pick<FakeEsplora, 'url' | 'answer'>[] = [];
  readonly network = new MemoryNetwork();
  readonly seats: NodeSeat[] = [];

  seat(name: string): NodeSeat {
    const seat = new NodeSeat(this, name, this.seats.length + 1);
    this.seats.push(seat);
    return seat;
  }

  /** Until nobody has anything left to do without time going by. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      // All promise chains of nodes, stores and servers end before the next macrotask.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.network.pending > 0) quiet = -1;
      this.network.deliver();
    }
  }

  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.settle();
  }

  /** Blocks, of which every node that runs is told. */
  async mine(count = 1): Promise<void> {
    this.chain.mine(count);
    await this.pass(SYNC_MS + 1);
    await this.pass(SYNC_MS + 1);
  }

  /** Coins of somebody else to a new address of the node, confirmed. */
  async fund(seat: NodeSeat, amount: bigint): Promise<void> {
    const { address } = value(await this.ask(seat.api.newAddress()));
    this.chain.add(paying([value(scriptOfAddress(address, 'regtest')), sat(amount)]));
    await this.mine();
  }

  /** The answer, once everything that it takes has happened. */
  async ask<T>(answer: Promise<T>): Promise<T> {
    await this.settle();
    return answer;
  }
}

export type OpenedNodes = {
  readonly world: NodeWorld;
  readonly alice: NodeSeat;
  readonly bob: NodeSeat;
  readonly channelId: string;
};

/** Alice has a channel of 500,000 sat to Bob, usable, from 1,000,000 of hers. */
export async function openedNodes(): Promise<OpenedNodes> {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  const bob = world.seat('bob');
  await alice.start();
  await bob.start();
  await world.fund(alice, 1_000_000n);
  const { channelId } = value(
    await world.ask(
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n }),
    ),
  );
  await world.mine(6);
  return { world, alice, bob, channelId };
}

/** A node with its words and its disk, over as many runs as it takes. */
export class NodeSeat {
  readonly name: string;
  readonly world: NodeWorld;
  /** Seats of the same words are devices of one person. */
  words: string;
  store = new CrashStore();
  /** What the node is answered when it asks for its servers; held back by a test that wants it to wait. */
  servers: NodeOptions['servers'];
  receiveLimit: Msat | null = null;
  /** A search that no test waits for is not made. */
  strayEveryMs = 1e12;
  /** What the next run says of itself. */
  announcement: NodeOptions['announcement'];
  /** Where the next run keeps its map. */
  graphCache: NodeOptions['graphCache'];
  /** Runs before random bytes are given. */
  onRandom: () => void = () => undefined;
  /** Logged as warnings and errors, since the first run. */
  readonly complaints: string[] = [];
  #life: Life | null = null;
  readonly #random: Random;

  constructor(world: NodeWorld, name: string, number: number) {
    this.world = world;
    this.name = name;
    this.words = name;
    const random = seededRandom(number);
    this.#random = (length) => {
      this.onRandom();
      return random(length);
    };
    this.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [] }));
    world.network.listen(name, (socket) => this.#accept?.(socket) ?? nobody(socket));
  }

  get api(): NodeApi {
    return this.node.api;
  }

  get node(): LeydenNode {
    if (this.#life === null) throw new Error(`${this.name} does not run`);
    return this.#life.node;
  }

  #accept: ((socket: Socket) => SocketHandlers) | null = null;

  /** Loads the node from its disk. */
  async load(): Promise<LeydenNode> {
    const sockets = new Set<Socket>();
    const life: { alive: boolean } = { alive: true };
    const { world, store } = this;
    const http: NodeOptions['http'] = (request) => httpOver(world.esplora, ...world.servers)(request);
    const node = value(
      await loadNode({
        network: 'regtest',
        seed: new Secret(sha256(encodeUtf8(this.words))),
        servers: () => this.servers(),
        store,
        http: (request) => (life.alive ? http(request) : new Promise(() => undefined)),
        dial: whileAlive(life, sockets, world.network.dial),
        listen: (accept) => {
          this.#accept = (socket) => {
            if (!life.alive) return nobody(socket);
            sockets.add(socket);
            return guarded(life, accept(socket));
          };
          return Promise.resolve({ port: 9735, close: () => Promise.resolve() });
        },
        clock: clockOf(life, world.clock),
        random: this.#random,
        log: (level, scope, message, detail) => {
          if (level === 'warn' || level === 'error')
            this.complaints.push(`${scope}: ${message} ${JSON.stringify(detail ?? {})}`);
        },
        instantiateCurve: null,
        receiveLimit: () => this.receiveLimit,
        ...(this.announcement === undefined ? {} : { announcement: this.announcement }),
        ...(this.graphCache === undefined ? {} : { graphCache: this.graphCache }),
        syncEveryMs: SYNC_MS,
        strayEveryMs: this.strayEveryMs,
      }),
    );
    this.#life = Object.assign(life, { node, sockets });
    return node;
  }

  /** Loads and starts, and waits for the first look at the chain. */
  async start(): Promise<void> {
    await this.load();
    value(await this.world.ask(this.api.start()));
    await this.world.settle();
  }

  /** The process dies, as it stands. */
  die(): void {
    const life = this.#life;
    if (life === null) return;
    this.store.crash();
    life.alive = false;
    this.#accept = null;
    for (const socket of life.sockets) socket.close();
    this.#life = null;
  }

  /** Dies, and starts again from what is on disk. */
  async restart(): Promise<void> {
    this.die();
    this.store = this.store.restart();
    await this.start();
  }

  /** Whether `store` ended this run. */
  get isDead(): boolean {
    return this.store.dead;
  }

  async id(): Promise<string> {
    return value(await this.api.nodeId());
  }

  /** Events, acknowledged. */
  async events(): Promise<readonly NodeEvent[]> {
    const events: NodeEvent[] = [];
    for (;;) {
      const next = await this.world.ask(this.api.nextEvent());
      if (next === null) return events;
      events.push(next.event);
      value(await this.world.ask(this.api.eventHandled(next.cursor)));
    }
  }
}

function nobody(socket: Socket): SocketHandlers {
  socket.close();
  return { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined };
}

const guarded = (life: { readonly alive: boolean }, handlers: SocketHandlers): SocketHandlers => ({
  onOpen: () => life.alive && handlers.onOpen(),
  onData: (bytes) => life.alive && handlers.onData(bytes),
  onClose: (reason) => life.alive && handlers.onClose(reason),
});

const whileAlive =
  (life: { readonly alive: boolean }, sockets: Set<Socket>, dial: Dial): Dial =>
  (address, handlers) => {
    const socket = dial(address, guarded(life, handlers));
    sockets.add(socket);
    return socket;
  };

const clockOf = (life: { readonly alive: boolean }, clock: Clock): Clock => ({
  now: clock.now,
  monotonicMs: clock.monotonicMs,
  after: (delayMs, run) => clock.after(delayMs, () => life.alive && run()),
});
