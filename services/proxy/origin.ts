import type { IncomingHttpHeaders } from 'node:http';

/** Whether a page may use the proxy, by the origin that its browser states. `settings.ts` says what the rules mean. */
export function isOriginAllowed(
  origins: readonly string[],
  { origin, host }: Pick<IncomingHttpHeaders, 'origin' | 'host'>,
): boolean {
  if (origins.includes('*')) return true;
  // No browser: then only where anybody may.
  if (origin === undefined) return false;
  if (origins.includes(origin)) return true;
  return origins.includes('same') && hostOf(origin) === host?.toLowerCase();
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
