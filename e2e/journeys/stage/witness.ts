import type { BrowserContext } from '@playwright/test';

/** What a page whose servers are gone cannot keep the browser from writing to its console. */
const UNREACHABLE = /^Failed to load resource: net::ERR_|^WebSocket connection to .* failed/;

/** The report, and what Chromium writes beside it. */
const VIOLATION =
  /^content security policy: |content security policy|requires 'trusted(html|scripturl|script)'/i;

/** Hears every complaint of a browser's pages and workers: errors, rejections, console, content security policy. */
export class Witness {
  readonly #heard: string[] = [];
  #serversMayBeGone = false;
  #violationsWanted = false;

  private constructor() {}

  static async in(context: BrowserContext): Promise<Witness> {
    const witness = new Witness();
    await context.exposeBinding('leydenViolation', (_source, what: string) => {
      witness.#heard.push(`content security policy: ${what}`);
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        (globalThis as unknown as { leydenViolation: (what: string) => void }).leydenViolation(
          `${violatedDirective} ${blockedURI}`,
        );
      });
    });
    // Both tell of the page and of its workers.
    context.on('weberror', (error) => witness.#heard.push(`uncaught: ${String(error.error().stack)}`));
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        witness.#heard.push(`console ${message.type()}: ${message.text()}`);
    });
    return witness;
  }

  /** For journeys that take servers away. */
  expectUnreachableServers(): void {
    this.#serversMayBeGone = true;
  }

  /** For journeys that break the policy on purpose. @returns what was heard of it so far, each time it is called */
  expectViolations(): () => readonly string[] {
    this.#violationsWanted = true;
    return () => this.#heard.filter((line) => VIOLATION.test(line));
  }

  complaints(): readonly string[] {
    return this.#heard.filter(
      (line) =>
        !(this.#serversMayBeGone && UNREACHABLE.test(line.replace(/^console error: /, ''))) &&
        !(this.#violationsWanted && VIOLATION.test(line)),
    );
  }
}
