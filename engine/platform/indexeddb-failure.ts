import type { StoreFailure } from '../storage/store.ts';

const CODES: Readonly<Record<string, StoreFailure['code']>> = {
  QuotaExceededError: 'quota',
  VersionError: 'newer-version',
  // What browsers say when a file behind the database is gone or damaged.
  NotReadableError: 'corrupt',
  DataError: 'corrupt',
  NotFoundError: 'corrupt',
};

/** What the browser's error means for us. */
export function failureOf(error: unknown): StoreFailure {
  if (!(error instanceof Error)) return { code: 'unavailable', detail: String(error) };
  return { code: CODES[error.name] ?? 'unavailable', detail: `${error.name}: ${error.message}` };
}
