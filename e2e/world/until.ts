import { setTimeout as pause } from 'node:timers/promises';

export type Patience = {
  /** What is waited for, as the end of the sentence "timed out waiting for …". */
  readonly what: string;
  readonly timeoutMs?: number;
  /** How often to look again. */
  readonly everyMs?: number;
  /** Added to the error: what the world looked like when patience ended. */
  readonly describe?: () => unknown;
};

/**
 * Looks again and again until `check` gives something other than null, undefined or false.
 * @throws {Error} after `timeoutMs`; whatever `check` throws, at once.
 */
export async function until<T>(
  check: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  patience: Patience,
): Promise<T> {
  const deadline = Date.now() + (patience.timeoutMs ?? 30_000);
  for (;;) {
    const found = await check();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      const state = patience.describe === undefined ? '' : `: ${inspectable(await patience.describe())}`;
      throw new Error(`timed out waiting for ${patience.what}${state}`);
    }
    await pause(patience.everyMs ?? 15);
  }
}

const inspectable = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)) ?? '';
