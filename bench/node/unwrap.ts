import type { Result } from '../../engine/base/result.ts';

/** @throws {Error} with the refusal's code and fields */
export function unwrapOk<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(
    JSON.stringify(result.error, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}` : item)),
  );
}
