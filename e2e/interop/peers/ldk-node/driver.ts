import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

type Call = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };
type Heard = {
  readonly ready?: string;
  readonly failed?: string;
  readonly event?: DriverEvent;
  readonly id?: number;
  readonly ok?: unknown;
  readonly err?: string;
};
type DriverEvent = {
  /** The hash of a payment that waits to be claimed. */
  readonly held?: string;
  readonly amount_msat?: string;
  readonly failed?: string | null;
  readonly closed?: string;
  readonly reason?: string;
};

const KEPT_WORDS = 4_000;

/** The program around ldk-node, in a process of its own: it ends when its input does, so also when we are gone. */
export class Driver {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Call>();
  readonly exited: Promise<void>;
  readonly events: DriverEvent[] = [];
  #isRunning = true;
  #lastCall = 0;
  #lastWords = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-KEPT_WORDS);
    });
    child.stdin?.on('error', () => {
      // It is gone: its calls are rejected at `exit`.
    });
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#isRunning = false;
        const error = new Error(`ldk-node ended (${signal ?? code}): ${this.#lastWords}`);
        for (const call of this.#calls.values()) call.reject(error);
        this.#calls.clear();
        resolve();
      });
    });
  }

  /** Resolves with it and its node id when it listens. */
  static start(program: string, config: object): Promise<{ readonly driver: Driver; readonly id: string }> {
    const child = spawn(program, [JSON.stringify(config)], { stdio: 'pipe', detached: true });
    const driver = new Driver(child);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      void driver.exited.then(() => reject(new Error(`ldk-node did not start: ${driver.#lastWords}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const heard = JSON.parse(line) as Heard;
        if (heard.ready !== undefined) resolve({ driver, id: heard.ready });
        else if (heard.failed !== undefined) reject(new Error(`ldk-node did not start: ${heard.failed}`));
        else driver.#hear(heard);
      });
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  call<T>(cmd: string, args: object = {}): Promise<T> {
    if (!this.#isRunning) return Promise.reject(new Error('ldk-node is not running'));
    const id = ++this.#lastCall;
    return new Promise<T>((resolve, reject) => {
      const fail = (error: Error): void => reject(new Error(`${cmd}: ${error.message}`));
      this.#calls.set(id, { resolve: (value) => resolve(value as T), reject: fail });
      this.#child.stdin?.write(`${JSON.stringify({ id, cmd, ...args }, asText)}\n`);
    });
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.exited;
  }
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #hear({ event, id, ok, err }: Heard): void {
    if (event !== undefined) this.events.push(event);
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (call === undefined || id === undefined) return;
    this.#calls.delete(id);
    if (err === undefined) call.resolve(ok);
    else call.reject(new Error(err));
  }
}

const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
