import type { Clock } from '../base/ports.ts';
import type { Result } from '../base/result.ts';
import type { Write } from '../base/write.ts';
import { Turn } from './turn.ts';

/** One input: synchronous, reads and changes the state in memory, and says through the turn what to save and then do. */
export type Input = (turn: Turn) => void;

export type Commit = (writes: readonly Write[]) => Promise<Result<void, { readonly detail: string }>>;

export type DriverPorts = {
  readonly commit: Commit;
  readonly clock: Clock;
  /** No input waits any more and the turn is about to be saved: what was left to the last of them is done now. */
  readonly onDrained: Input;
  /** An input threw: our own invariant failed. What it had asked for so far is dropped. */
  readonly onBug: (error: unknown) => void;
  /** The disk refuses (with how), or takes writes again (null). Nothing is said to anybody in between. */
  readonly onStorage: (failure: string | null) => void;
  /** The effects of a turn ran: what the page shows may have changed. */
  readonly onSettled: () => void;
};

/** So that one flood of inputs does not hold back the effects of the first of them. */
const INPUTS_PER_TURN = 512;
const RETRY_MS: readonly number[] = [50, 200, 1_000, 3_000, 10_000];

/**
 * The only place where state becomes durable and effects run. All inputs that are waiting form one turn and share one
 * transaction; while it is being written the next ones gather. When a write fails, the same transaction is tried again
 * until it goes through; until then no effect runs, so nothing is signed or revoked over a state that is not on disk.
 */
export class Driver {
  #inputs: Input[] = [];
  #running: Promise<void> | null = null;
  #stopped = false;
  readonly #ports: DriverPorts;

  constructor(ports: DriverPorts) {
    this.#ports = ports;
  }

  /** Queues an input. Ignored after `stop`. */
  submit(input: Input): void {
    if (this.#stopped) return;
    this.#inputs.push(input);
    this.#running ??= this.#run();
  }

  /** Resolves when everything submitted so far, and what that led to, is durable and its effects have run. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** No further input is taken. Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#inputs = [];
    await this.#running;
  }

  /** More inputs wait: the channel machine may leave its signature to the last of them. */
  get moreToCome(): boolean {
    return this.#inputs.length > 0;
  }

  async #run(): Promise<void> {
    // Let the caller finish: inputs submitted in one go share a turn.
    await Promise.resolve();
    while (this.#inputs.length > 0) {
      const turn = this.#take();
      if (turn.writes.length > 0 && !(await this.#save(turn.writes))) break;
      for (const effect of turn.effects) this.#guard(effect);
      this.#ports.onSettled();
    }
    this.#running = null;
  }

  #take(): Turn {
    const turn = new Turn();
    for (let taken = 0; taken < INPUTS_PER_TURN; taken++) {
      // Inputs that inputs submit (a settled HTLC answers another channel) join the same turn.
      const input = this.#inputs.shift();
      if (input !== undefined) {
        this.#apply(input, turn);
        continue;
      }
      this.#apply(this.#ports.onDrained, turn);
      if (this.#inputs.length === 0) break;
    }
    return turn;
  }

  #apply(input: Input, turn: Turn): void {
    const undo = turn.mark();
    if (!this.#guard(() => input(turn))) undo();
  }

  #guard(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.#ports.onBug(error);
      return false;
    }
  }

  /** False when the driver was stopped before the disk took it. */
  async #save(writes: readonly Write[]): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#ports.commit(writes);
      if (outcome.ok) {
        if (attempt > 0) this.#ports.onStorage(null);
        return true;
      }
      this.#ports.onStorage(outcome.error.detail);
      if (this.#stopped) return false;
      await new Promise<void>((resolve) => {
        this.#ports.clock.after(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 10_000, resolve);
      });
    }
  }
}
