import type { NodeApi } from '../../../engine/node/api.ts';
import { buildNode, type BuildOptions, type BuiltNode } from '../../../engine/platform/build-node.ts';
import { CrashStore } from '../../../engine/testkit/crash-store.ts';
import { LOOPBACK } from '../free-port.ts';
import type { PeerAddress } from '../real-peer.ts';
import { callable, callByPath } from './callable.ts';
import type { ListeningLeyden } from './leyden.ts';

export type LocalLeydenOptions = Pick<BuildOptions, 'mnemonic' | 'esplora' | 'syncEveryMs' | 'lsps'>;

const KEPT_LOG = 2000;

/** Leyden in the test's own process, over a store that can die at any commit. Starts again only when told to. */
export class LocalLeyden implements ListeningLeyden {
  id = '';
  address: PeerAddress = { host: LOOPBACK, port: 0 };
  readonly log: string[] = [];
  /** Where one is set, peers are not asked for the map from the next connection on: it stays as it is. */
  readonly snapshots: string[] = [];
  /** Where a crash is planned. Another one after each `restart`. */
  store = new CrashStore();
  readonly #options: LocalLeydenOptions;
  #node: BuiltNode | null = null;

  private constructor(options: LocalLeydenOptions) {
    this.#options = options;
  }

  /** Resolves when it listens. */
  static async start(options: LocalLeydenOptions): Promise<LocalLeyden> {
    const leyden = new LocalLeyden(options);
    await leyden.#start();
    return leyden;
  }

  /** What is asked of one that dies, or is dead, is rejected. */
  readonly api = callable((method, args) => this.#call(method, args)) as NodeApi;

  isRunning(): boolean {
    return this.#node !== null && !this.store.dead;
  }

  async stop(): Promise<void> {
    const node = this.#node;
    this.#node = null;
    if (node === null) return;
    const stopped = node.stop();
    // A dead store answers nothing: there is no end to wait for.
    if (!this.store.dead) await stopped;
  }

  kill(): Promise<void> {
    this.store.crash();
    return this.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.store = this.store.restart();
    await this.#start();
  }

  #call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#node === null || this.store.dead) return Promise.reject(new Error('Leyden is not running'));
    const { crashed } = this.store;
    return Promise.race([
      callByPath(this.#node, method, args),
      crashed.then(() => {
        throw new Error('Leyden died');
      }),
    ]);
  }

  async #start(): Promise<void> {
    const { store } = this;
    const built = await buildNode({
      ...this.#options,
      snapshots: this.snapshots,
      network: 'regtest',
      storage: store,
      listen: this.address,
      log: (level, scope, message, detail) => {
        if (level === 'debug') return;
        this.log.push(JSON.stringify([level, scope, message, detail]));
        if (this.log.length > KEPT_LOG) this.log.shift();
      },
    });
    if (!built.ok) throw new Error(`no node: ${JSON.stringify(built.error)}`);
    const node = built.value;
    this.#node = node;
    // What the dead leave is cut off at once, as the system does with a process's sockets.
    void store.crashed.then(() => node.stop());
    const started = await node.start();
    if (!started.ok) throw new Error(`not started: ${JSON.stringify(started.error)}`);
    const id = await node.nodeId();
    if (id.ok) this.id = id.value;
    this.address = { host: LOOPBACK, port: node.listeningPort ?? 0 };
  }
}
