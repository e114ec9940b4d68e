import type { Cancel, Clock } from '../engine/base/ports.ts';
import { decodeUtf8, encodeUtf8 } from '../engine/base/utf8.ts';
import type { LogLine } from '../engine/node/service-api.ts';
import type { Cell } from '../engine/platform/indexeddb-cell.ts';
import type { LogRing } from './log-ring.ts';

/** Of each run of the engine at most these many of its last lines stay, those of runs before among them. */
const KEPT = 500;
/** A line of every day may wait for others; what went wrong is there before what comes of it. */
const USUAL_MS = 3_000;
const WRONG_MS = 500;

/** Encrypts and decrypts what stands beside the wallet's own disk. */
export type Aside = {
  readonly seal: (bytes: Uint8Array) => Uint8Array;
  /** Null: not of this wallet, or changed since. */
  readonly open: (bytes: Uint8Array) => Uint8Array | null;
};

/**
 * The last lines of the log outlive the worker, so that a person can send what happened before a crash. Nothing waits
 * for this, and nothing but lines of a log is lost when it cannot be written or read.
 */
export class KeptLog {
  readonly #ring: LogRing;
  readonly #cell: Cell;
  readonly #aside: Aside;
  readonly #clock: Clock;
  #loading: Promise<void> | null = null;
  #due: { readonly atMs: number; readonly cancel: Cancel } | null = null;
  #ended = false;

  constructor(ring: LogRing, cell: Cell, aside: Aside, clock: Clock) {
    this.#ring = ring;
    this.#cell = cell;
    this.#aside = aside;
    this.#clock = clock;
    ring.onLine = (level) => this.#later(level === 'error' || level === 'warn' ? WRONG_MS : USUAL_MS);
  }

  /** Once: what runs before this one wrote is put in front. */
  load(): Promise<void> {
    this.#loading ??= this.#read().then(
      (lines) => {
        if (!this.#ended) this.#ring.before(lines);
      },
      () => undefined,
    );
    return this.#loading;
  }

  /** Nothing is read or written from now on. */
  end(): void {
    this.#ended = true;
    this.#ring.onLine = null;
    this.#due?.cancel();
  }

  #later(delayMs: number): void {
    const atMs = this.#clock.monotonicMs() + delayMs;
    if (this.#due !== null && this.#due.atMs <= atMs) return;
    this.#due?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#due = null;
      void this.#write();
    });
    this.#due = { atMs, cancel };
  }

  async #write(): Promise<void> {
    await this.load();
    if (this.#ended) return;
    const sealed = this.#aside.seal(encodeLines(this.#ring.lines().slice(-KEPT)));
    // The disk is full, or going: the next line tries again.
    await this.#cell.save(sealed).catch(() => undefined);
  }

  async #read(): Promise<readonly LogLine[]> {
    const stored = await this.#cell.load();
    const opened = stored === null ? null : this.#aside.open(stored);
    return opened === null ? [] : decodeLines(opened);
  }
}

type Stored = { readonly version: 1; readonly lines: readonly (readonly [number, string, string, string])[] };

function encodeLines(lines: readonly LogLine[]): Uint8Array {
  const stored: Stored = {
    version: 1,
    lines: lines.map(({ at, level, scope, message }) => [at, level, scope, message]),
  };
  return encodeUtf8(JSON.stringify(stored));
}

/** None where another version wrote them: they are no more than lines of a log. @throws {SyntaxError} for no JSON */
function decodeLines(bytes: Uint8Array): readonly LogLine[] {
  const { version, lines } = JSON.parse(decodeUtf8(bytes) ?? '{}') as Partial<Stored>;
  if (version !== 1 || lines === undefined) return [];
  return lines.map(([at, level, scope, message]) => ({ at, level, scope, message }));
}
