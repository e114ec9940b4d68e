import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether a page may use a service, by the origin that its browser states. `origins` in `proxy/settings.ts` says what the
 * rules mean.
 * @param reachesPrivate Private addresses can be reached from here. A stranger's name can be made to point at this
 * machine (DNS rebinding), and its pages would then be `same`: so `same` holds for numbers and localhost only.
 */
export function isOriginAllowed(
  origins: readonly string[],
  { origin, host }: Pick<IncomingHttpHeaders, 'origin' | 'host'>,
  reachesPrivate = false,
): boolean {
  if (origins.includes('*')) return true;
  // No browser: then only where anybody may.
  if (origin === undefined) return false;
  if (origins.includes(origin)) return true;
  const from = urlOf(origin);
  if (!origins.includes('same') || from === null || from.host !== host?.toLowerCase()) return false;
  return !reachesPrivate || isNobodysName(from.hostname);
}

/** Nobody can register it. */
const isNobodysName = (hostname: string): boolean =>
  isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 || /^(.+\.)?localhost$/.test(hostname);

function urlOf(origin: string): URL | null {
  try {
    return new URL(origin);
  } catch {
    return null;
  }
}
