import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { AllowRule } from './address-policy.ts';

export type ProxySettings = {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** Which addresses pages may reach through us. */
  readonly allow: readonly AllowRule[];
  /** Lowest port that pages may reach: below are mail, login and other services that a relay must not be lent to. */
  readonly lowestPort: number;
  /**
   * Origins whose pages may use us: `https://example.org`; `same`: the host they reach us by (with private addresses in
   * `allow` only when that is a number or localhost); `*`: any, or none.
   */
  readonly origins: readonly string[];
  /** Take the client's address from the last entry of X-Forwarded-For: only behind a proxy that sets it. */
  readonly trustForwardedFor: boolean;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** New connections from one address: so many at once, then so many a minute. */
  readonly burst: number;
  readonly perMinute: number;
  readonly connectTimeoutMs: number;
  /** A connection on which nothing moved for so long is closed. */
  readonly idleMs: number;
  /** How often we look whether the page is still there. */
  readonly pingMs: number;
  /** How long ends may take when we stop. */
  readonly graceMs: number;
  /** Finds the addresses of a name. */
  readonly lookup: (host: string) => Promise<readonly LookupAddress[]>;
};

export const DEFAULTS: ProxySettings = {
  host: '127.0.0.1',
  port: 3030,
  allow: ['public'],
  lowestPort: 1024,
  origins: ['same'],
  trustForwardedFor: false,
  maxConnections: 2000,
  maxConnectionsPerAddress: 64,
  burst: 60,
  perMinute: 60,
  connectTimeoutMs: 10_000,
  idleMs: 5 * 60_000,
  pingMs: 30_000,
  graceMs: 5000,
  lookup: (host) => systemLookup(host, { all: true }),
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from PROXY_HOST, PROXY_PORT, PROXY_ALLOW, PROXY_LOWEST_PORT, PROXY_ORIGINS, PROXY_TRUST_FORWARDED_FOR,
 * PROXY_MAX_CONNECTIONS, PROXY_MAX_CONNECTIONS_PER_ADDRESS, PROXY_BURST, PROXY_PER_MINUTE and PROXY_IDLE_SECONDS; lists
 * are separated by commas.
 * @throws {Error} names the variable that makes no sense
 */
export function settingsFrom(environment: Environment): ProxySettings {
  const number = (name: string, fallback: number): number => {
    const text = environment[name];
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is not a whole number: ${text}`);
    return value;
  };
  const list = (name: string, fallback: readonly string[]): readonly string[] => {
    const text = environment[name];
    if (text === undefined || text === '') return fallback;
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  };
  return {
    ...DEFAULTS,
    host: environment['PROXY_HOST'] ?? DEFAULTS.host,
    port: number('PROXY_PORT', DEFAULTS.port),
    allow: list('PROXY_ALLOW', DEFAULTS.allow),
    lowestPort: number('PROXY_LOWEST_PORT', DEFAULTS.lowestPort),
    origins: list('PROXY_ORIGINS', DEFAULTS.origins),
    trustForwardedFor: environment['PROXY_TRUST_FORWARDED_FOR'] === 'yes',
    maxConnections: number('PROXY_MAX_CONNECTIONS', DEFAULTS.maxConnections),
    maxConnectionsPerAddress: number('PROXY_MAX_CONNECTIONS_PER_ADDRESS', DEFAULTS.maxConnectionsPerAddress),
    burst: number('PROXY_BURST', DEFAULTS.burst),
    perMinute: number('PROXY_PER_MINUTE', DEFAULTS.perMinute),
    idleMs: number('PROXY_IDLE_SECONDS', DEFAULTS.idleMs / 1000) * 1000,
  };
}
