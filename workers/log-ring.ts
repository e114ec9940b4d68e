import type { Log } from '../engine/base/ports.ts';
import type { LogLine } from '../engine/node/service-api.ts';

const LINES = 2_000;

/** The last lines of the engine's log, for the person to read or download. Nothing is sent anywhere. */
export class LogRing {
  readonly #lines: LogLine[] = [];

  readonly log: Log = (level, scope, message, detail) => {
    const extra =
      detail === undefined || Object.keys(detail).length === 0 ? '' : ` ${JSON.stringify(detail)}`;
    this.#lines.push({ at: Date.now() / 1000, level, scope, message: message + extra });
    if (this.#lines.length > LINES) this.#lines.splice(0, LINES / 10);
  };

  lines(): readonly LogLine[] {
    return this.#lines.slice();
  }
}
