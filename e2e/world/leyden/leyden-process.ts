import { fork, type ChildProcess } from 'node:child_process';
import type { NodeApi } from '../../../engine/node/api.ts';
import { LOOPBACK } from '../free-port.ts';
import { programOf } from '../program.ts';
import type { PeerAddress } from '../real-peer.ts';
import { callable } from './callable.ts';
import type { FromLeyden, LeydenSettings, ToLeyden } from './control.ts';
import type { ListeningLeyden } from './leyden.ts';

export type LeydenOptions = Omit<LeydenSettings, 'network' | 'listen'>;

type Call = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };
type Process = { readonly child: ChildProcess; readonly exited: Promise<void> };

const KEPT_WORDS = 4000;
const KEPT_LOG = 2000;

const program = (): Promise<string> =>
  programOf({
    name: 'leyden',
    entry: new URL('./process.ts', import.meta.url),
    sources: [new URL('./', import.meta.url), new URL('../../../engine/', import.meta.url)],
    withPackages: false,
  });

/** Leyden in a process of its own, over a journal on disk: `kill` is kill -9. */
export class LeydenProcess implements ListeningLeyden {
  readonly api: NodeApi;
  id = '';
  address: PeerAddress = { host: LOOPBACK, port: 0 };
  readonly log: string[] = [];
  readonly #settings: LeydenSettings;
  readonly #calls = new Map<number, Call>();
  #process: Process | null = null;
  #lastCall = 0;
  #lastWords = '';

  private constructor(settings: LeydenSettings) {
    this.#settings = settings;
    this.api = callable((method, args) => this.#call(method, args)) as NodeApi;
  }

  /** Resolves when it listens. */
  static async start(options: LeydenOptions): Promise<LeydenProcess> {
    const leyden = new LeydenProcess({
      ...options,
      network: 'regtest',
      listen: { host: LOOPBACK, port: 0 },
    });
    await leyden.#start();
    return leyden;
  }

  isRunning(): boolean {
    return this.#process !== null;
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running === null) return;
    // It may have died on its own.
    await this.api.stop().catch(() => {});
    if (running.child.connected) running.child.disconnect();
    await running.exited;
  }

  async kill(): Promise<void> {
    const running = this.#process;
    running?.child.kill('SIGKILL');
    await running?.exited;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  async #start(): Promise<void> {
    const file = await program();
    return new Promise((resolve, reject) => {
      const child = fork(file, {
        execArgv: [],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      const exited = new Promise<void>((gone) => {
        child.once('exit', (code, signal) => {
          this.#process = null;
          const error = new Error(`Leyden ended (${signal ?? code}): ${this.#lastWords}`);
          for (const call of this.#calls.values()) call.reject(error);
          this.#calls.clear();
          reject(error);
          gone();
        });
      });
      this.#process = { child, exited };
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          this.#lastWords = (this.#lastWords + chunk.toString()).slice(-KEPT_WORDS);
        });
      }
      child.on('message', (message: FromLeyden) => {
        if (message.tag !== 'ready') return this.#heard(message);
        this.id = message.nodeId;
        this.address = { host: LOOPBACK, port: message.port };
        resolve();
      });
      this.#send({ tag: 'start', settings: { ...this.#settings, listen: this.address } });
    });
  }

  #heard(message: Exclude<FromLeyden, { tag: 'ready' }>): void {
    if (message.tag === 'log') {
      this.log.push(message.line);
      if (this.log.length > KEPT_LOG) this.log.shift();
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.tag === 'result') call?.resolve(message.value);
    else call?.reject(new Error(message.message));
  }

  #call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#process === null) return Promise.reject(new Error('Leyden is not running'));
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#send({ tag: 'call', id, method, args });
    });
  }

  #send(message: ToLeyden): void {
    this.#process?.child.send(message, () => {
      // A process that just died: its calls are rejected at `exit`.
    });
  }
}
