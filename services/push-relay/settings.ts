import { homedir } from 'node:os';
import { join } from 'node:path';
import { Variables, type Environment } from '../http/environment.ts';

export type RelaySettings = {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  /** Where LSPs reach us from outside, with no slash at its end; empty: the address we listen at. */
  readonly publicUrl: string;
  /** The folder that holds our keys and who waits for what. */
  readonly folder: string;
  /** Whom push services may write to about us: `mailto:` or `https:`; empty: our public address. */
  readonly contact: string;
  /** Origins whose pages may use us, as in http/origin.ts. */
  readonly origins: readonly string[];
  /** Hosts of push services that we send to: a name, or `*.` and a name. Nothing else is ever asked. */
  readonly pushServices: readonly string[];
  readonly trustForwardedFor: boolean;
  readonly maxHooks: number;
  /** A hook that its wallet has not renewed for so long is forgotten; a new one in half the time, if its LSP never calls. */
  readonly forgetAfterMs: number;
  /** How far an LSP's clock may be from ours. */
  readonly clockToleranceMs: number;
  /** Calls of one wallet's address. */
  readonly burst: number;
  readonly perMinute: number;
  /** Wallets that are new, of one network. */
  readonly newBurst: number;
  readonly newPerMinute: number;
  /** Notifications through one hook. */
  readonly hookBurst: number;
  readonly hookPerMinute: number;
  readonly pushTimeoutMs: number;
};

const DAY_MS = 86_400_000;

export const DEFAULTS: RelaySettings = {
  host: '127.0.0.1',
  port: 3040,
  publicUrl: '',
  folder: join(homedir(), '.leyden-push-relay'),
  contact: '',
  origins: ['same'],
  // Chromium, Firefox, Safari, Edge.
  pushServices: [
    'fcm.googleapis.com',
    'updates.push.services.mozilla.com',
    'web.push.apple.com',
    '*.notify.windows.com',
  ],
  trustForwardedFor: false,
  maxHooks: 100_000,
  forgetAfterMs: 60 * DAY_MS,
  clockToleranceMs: 10 * 60_000,
  burst: 30,
  perMinute: 10,
  // 43,300 until the first of them is forgotten: fewer than there is room for.
  newBurst: 100,
  newPerMinute: 1,
  hookBurst: 10,
  hookPerMinute: 2,
  pushTimeoutMs: 10_000,
};

/**
 * Settings from PUSH_RELAY_HOST, _PORT, _URL, _FOLDER, _CONTACT, _ORIGINS, _SERVICES, _TRUST_FORWARDED_FOR, _MAX_HOOKS
 * and _FORGET_DAYS; lists are separated by commas.
 * @throws {Error} names the variable that makes no sense
 */
export function settingsFrom(environment: Environment): RelaySettings {
  const given = new Variables(environment, 'PUSH_RELAY_');
  const publicUrl = given.text('URL', DEFAULTS.publicUrl).replace(/\/+$/, '');
  // BLIP 55 lsps5.set_webhook: "The `webhook` URI MUST include the `https` protocol scheme."
  if (publicUrl !== '' && !/^https:\/\/[^/?#]+(\/[^?#]*)?$/.test(publicUrl))
    throw new Error(`PUSH_RELAY_URL is not an address that begins with https://: ${publicUrl}`);
  return {
    ...DEFAULTS,
    host: given.text('HOST', DEFAULTS.host),
    port: given.number('PORT', DEFAULTS.port),
    publicUrl,
    folder: given.text('FOLDER', DEFAULTS.folder),
    contact: given.text('CONTACT', DEFAULTS.contact),
    origins: given.list('ORIGINS', DEFAULTS.origins),
    pushServices: given.list('SERVICES', DEFAULTS.pushServices),
    trustForwardedFor: given.yes('TRUST_FORWARDED_FOR'),
    maxHooks: given.number('MAX_HOOKS', DEFAULTS.maxHooks),
    forgetAfterMs: given.number('FORGET_DAYS', DEFAULTS.forgetAfterMs / DAY_MS) * DAY_MS,
  };
}
