import type { Clock } from '../base/ports.ts';
import { err, type Result } from '../base/result.ts';
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
  /** An effect or a listener threw: our own invariant failed, with nothing left half-done. */
  readonly onBug: (error: unknown) => void;
  /**
   * An input threw, or the disk refused the turn for too long (`Stale`). What inputs of this turn changed in memory cannot
   * be told from what they were about to change, so nothing of the turn is saved or said, and this driver does nothing any
   * more: the state is to be read from disk again.
   */
  readonly onHalt: (error: unknown) => void;
  /** The disk refuses or does not answer (with how), or takes writes again (null). Nothing is said to anybody in between. */
  readonly onStorage: (failure: string | null) => void;
  /** The effects of a turn ran: what the page shows may have changed. */
  readonly onSettled: () => void;
};

/** The driver ended before it could answer: what was asked for was not done, or it is not known whether it was saved. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** The disk refused a turn for too long. */
export class Stale extends Error {
  override readonly name = 'Stale';
}

/** So that one flood of inputs does not hold back the effects of the first of them. */
const INPUTS_PER_TURN = 512;
/** As long as the browser has for its first answer (indexeddb-store.ts). */
const SILENT_SECONDS = 20;
const RETRY_MS: readonly number[] = [50, 200, 1_000, 3_000, 10_000];
/**
 * A turn that the disk did not take for so long is not tried any more: what it decided may be wrong by now (an HTLC to
 * fulfil may have expired). Nobody was told of it, so it is as if the process had ended before it.
 */
const STALE_SECONDS = 600;

type Reader = { readonly run: () => void; readonly end: () => void };

/**
 * The only place where state becomes durable and effects run. All inputs that are waiting form one turn and share one
 * transaction; while it is being written the next ones gather. When a write fails, the same transaction is tried again
 * until it goes through or is stale; until then no effect runs and nobody reads, so nothing is signed, revoked or shown that is not
 * on disk.
 */
export class Driver {
  #inputs: Input[] = [];
  #running: Promise<void> | null = null;
  /** Takes no inputs any more. */
  #over = false;
  /** What is in memory is not, or not yet, what is on disk. */
  #unsaved = false;
  #readers: Reader[] = [];
  #retryNow: () => void = () => undefined;
  readonly #ports: DriverPorts;

  constructor(ports: DriverPorts) {
    this.#ports = ports;
  }

  /** Queues an input. Ignored once the driver is over. */
  submit(input: Input): void {
    if (this.#over) return;
    this.#inputs.push(input);
    this.#running ??= this.#run();
  }

  /** What `look` sees once memory and disk agree, at once where they do. @throws {Ended} when they never will. */
  read<T>(look: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(look());
        } catch (error) {
          reject(error);
        }
      };
      const end = (): void => reject(new Ended('what is in memory is not on disk'));
      if (!this.#unsaved) run();
      else if (this.#over && this.#running === null) end();
      else this.#readers.push({ run, end });
    });
  }

  /** Resolves when everything submitted so far, and what that led to, is durable and its effects have run. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** No further input is taken. Resolves when the turn under way has ended: saved, or refused by the disk once more. */
  async stop(): Promise<void> {
    this.#over = true;
    this.#inputs = [];
    this.#retryNow();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Let the caller finish: inputs submitted in one go share a turn.
    await Promise.resolve();
    while (this.#inputs.length > 0) {
      const turn = this.#take();
      if (turn === null) break;
      if (turn.commits && !(await this.#save(turn.writes))) break;
      this.#unsaved = false;
      for (const effect of turn.effects) this.#guard(effect);
      for (const { run } of this.#readers.splice(0)) run();
      this.#guard(this.#ports.onSettled);
    }
    this.#running = null;
    for (const { run, end } of this.#readers.splice(0))
      if (this.#unsaved) end();
      else run();
  }

  /** Null when one of the inputs threw. */
  #take(): Turn | null {
    const turn = new Turn();
    this.#unsaved = true;
    try {
      for (let taken = 0; taken < INPUTS_PER_TURN; taken++) {
        // Inputs that inputs submit (a settled HTLC answers another channel) join the same turn.
        const input = this.#inputs.shift();
        if (input !== undefined) {
          input(turn);
          continue;
        }
        this.#ports.onDrained(turn);
        if (this.#inputs.length === 0) break;
      }
      return turn;
    } catch (error) {
      this.#halt(error);
      return null;
    }
  }

  #halt(error: unknown): void {
    this.#over = true;
    this.#inputs = [];
    this.#guard(() => this.#ports.onHalt(error));
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#ports.onBug(error);
    }
  }

  /** False when the driver was stopped before the disk took it, or it took too long. */
  async #save(writes: readonly Write[]): Promise<boolean> {
    const { clock } = this.#ports;
    const began = { at: clock.now(), monotonicMs: clock.monotonicMs() };
    let told = false;
    const tell = (failure: string | null): void => {
      told = failure !== null;
      this.#guard(() => this.#ports.onStorage(failure));
    };
    for (let attempt = 0; ; attempt++) {
      // It is not tried again while it may still answer.
      const cancel = clock.after(SILENT_SECONDS * 1_000, () => tell(`no answer for ${SILENT_SECONDS} s`));
      const outcome = await this.#commit(writes);
      cancel();
      if (outcome.ok) {
        if (told) tell(null);
        return true;
      }
      tell(outcome.error.detail);
      if (this.#over) return false;
      // By either clock: one stands still while the machine sleeps, the other may be set.
      const waited = Math.max(
        Math.abs(clock.now() - began.at),
        (clock.monotonicMs() - began.monotonicMs) / 1_000,
      );
      if (waited > STALE_SECONDS) {
        this.#halt(new Stale(`not on disk after ${Math.round(waited)} s: ${outcome.error.detail}`));
        return false;
      }
      await new Promise<void>((resolve) => {
        const delay = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 10_000;
        const cancel = clock.after(delay, resolve);
        this.#retryNow = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  async #commit(writes: readonly Write[]): ReturnType<Commit> {
    try {
      return await this.#ports.commit(writes);
    } catch (error) {
      return err({ detail: String(error) });
    }
  }
}
