import { Variables, type Environment } from '../http/environment.ts';
import type { AllowRule } from './address-policy.ts';
import type { Lookup } from './lookup.ts';

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
  /** Null: on the internet, and as this machine does where private addresses may be reached. */
  readonly lookup: Lookup | null;
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
  lookup: null,
};

/**
 * Settings from PROXY_HOST, PROXY_PORT, PROXY_ALLOW, PROXY_LOWEST_PORT, PROXY_ORIGINS, PROXY_TRUST_FORWARDED_FOR,
 * PROXY_MAX_CONNECTIONS, PROXY_MAX_CONNECTIONS_PER_ADDRESS, PROXY_BURST, PROXY_PER_MINUTE and PROXY_IDLE_SECONDS; lists
 * are separated by commas.
 * @throws {Error} names the variable that makes no sense
 */
export function settingsFrom(environment: Environment): ProxySettings {
  const given = new Variables(environment, 'PROXY_');
  return {
    ...DEFAULTS,
    host: given.text('HOST', DEFAULTS.host),
    port: given.number('PORT', DEFAULTS.port),
    allow: given.list('ALLOW', DEFAULTS.allow),
    lowestPort: given.number('LOWEST_PORT', DEFAULTS.lowestPort),
    origins: given.list('ORIGINS', DEFAULTS.origins),
    trustForwardedFor: given.yes('TRUST_FORWARDED_FOR'),
    maxConnections: given.number('MAX_CONNECTIONS', DEFAULTS.maxConnections),
    maxConnectionsPerAddress: given.number('MAX_CONNECTIONS_PER_ADDRESS', DEFAULTS.maxConnectionsPerAddress),
    burst: given.number('BURST', DEFAULTS.burst),
    perMinute: given.number('PER_MINUTE', DEFAULTS.perMinute),
    idleMs: given.number('IDLE_SECONDS', DEFAULTS.idleMs / 1000) * 1000,
  };
}
