import type { LockWays, NewPasskey, Unlock } from '../../engine/node/lock-api.ts';
import type { Result } from '../../engine/base/result.ts';

/** WebAuthn lives in the page alone: its ceremony is here, and what it answers goes to the worker at once. */
export type PasskeyFailure =
  /** The person, or the device, said no. */
  | 'cancelled'
  /** It has no PRF: it can tell who somebody is, but hold no key. */
  | 'no-key'
  | 'unavailable';

export const canUsePasskeys = (): boolean => typeof PublicKeyCredential === 'function';

/** Nothing of a challenge is checked: there is no server, and a replayed answer is the same key. */
const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

const bytesOf = (source: BufferSource): Uint8Array<ArrayBuffer> =>
  source instanceof ArrayBuffer
    ? new Uint8Array(source.slice(0))
    : Uint8Array.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));

const ES256 = -7;
const RS256 = -257;

/** Makes a passkey of this device, and what it keys. `owner`: what the device's own list calls it. */
export async function makePasskey(label: string, owner: string): Promise<Result<NewPasskey, PasskeyFailure>> {
  const prfSalt = random(32);
  return ceremony(async () => {
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { name: 'Leyden' },
        user: { id: random(16), name: owner, displayName: owner },
        pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: {} },
      },
    });
    if (!(made instanceof PublicKeyCredential)) return 'cancelled';
    const credentialId = bytesOf(made.rawId);
    if (made.getClientExtensionResults().prf?.enabled === false) return 'no-key';
    // Asked for as when it unlocks: what some say while they are made is nothing, or another key, and would lock for ever.
    const answer = await evaluate([{ credentialId, prfSalt }]);
    return typeof answer === 'string' ? answer : { credentialId, prfSalt, prfOutput: answer.output, label };
  });
}

/** Asks for any one of these. */
export async function askPasskey(passkeys: LockWays['passkeys']): Promise<Result<Unlock, PasskeyFailure>> {
  return ceremony(async () => {
    const answer = await evaluate(passkeys);
    return typeof answer === 'string'
      ? answer
      : { tag: 'passkey', credentialId: answer.credentialId, prfOutput: answer.output };
  });
}

type Asked = { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array };
type Answer = { readonly credentialId: Uint8Array; readonly output: Uint8Array };

async function evaluate(asked: readonly Asked[]): Promise<Answer | PasskeyFailure> {
  const got = await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      userVerification: 'required',
      allowCredentials: asked.map(({ credentialId }) => ({
        type: 'public-key',
        id: Uint8Array.from(credentialId),
      })),
      extensions: {
        prf: {
          evalByCredential: Object.fromEntries(
            asked.map(({ credentialId, prfSalt }) => [
              base64Url(credentialId),
              { first: Uint8Array.from(prfSalt) },
            ]),
          ),
        },
      },
    },
  });
  if (!(got instanceof PublicKeyCredential)) return 'cancelled';
  const first = got.getClientExtensionResults().prf?.results?.first;
  return first === undefined ? 'no-key' : { credentialId: bytesOf(got.rawId), output: bytesOf(first) };
}

async function ceremony<T extends object>(
  run: () => Promise<T | PasskeyFailure>,
): Promise<Result<T, PasskeyFailure>> {
  if (!canUsePasskeys()) return { ok: false, error: 'unavailable' };
  try {
    const answer = await run();
    return typeof answer === 'string' ? { ok: false, error: answer } : { ok: true, value: answer };
  } catch (error) {
    // An address that is a number, or a page that is not secure, may have none.
    const denied = error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
    return { ok: false, error: denied ? 'cancelled' : 'unavailable' };
  }
}

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
