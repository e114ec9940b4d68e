import type { Result } from '../../engine/base/result.ts';
import type { Refusal } from '../../engine/node/refusal.ts';

/** The engine answers with values; a rejection is a bug or a worker that is gone, and is told as such. */
export async function ask<T>(answer: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> {
  try {
    return await answer();
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    return { ok: false, error: { code: 'internal', detail } };
  }
}
