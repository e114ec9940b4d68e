import { afterEach, expect, test, vi } from 'vitest';
import { askPasskey, makePasskey } from './passkey.ts';

afterEach(() => void vi.unstubAllGlobals());

const CREDENTIAL = Uint8Array.of(7, 7);

/** An authenticator of which the PRF says this when a passkey is made, and that when it is used; null: nothing. */
function authenticator(made: number | null, used: number | null, enabled?: boolean): { asked: number } {
  const heard = { asked: 0 };
  class Credential {
    readonly rawId = CREDENTIAL.buffer;
    readonly #first: number | null;
    readonly #enabled: boolean | undefined;
    constructor(first: number | null, enabled?: boolean) {
      this.#first = first;
      this.#enabled = enabled;
    }
    getClientExtensionResults(): object {
      const results =
        this.#first === null ? {} : { results: { first: new Uint8Array(32).fill(this.#first).buffer } };
      return { prf: { ...results, ...(this.#enabled === undefined ? {} : { enabled: this.#enabled }) } };
    }
  }
  vi.stubGlobal('PublicKeyCredential', Credential);
  vi.stubGlobal('navigator', {
    credentials: {
      create: () => Promise.resolve(new Credential(made, enabled)),
      get: () => {
        heard.asked++;
        return Promise.resolve(new Credential(used));
      },
    },
  });
  return heard;
}

test.each([
  ['says nothing when it is made', null],
  ['says the same when it is made', 2],
  ['says something else when it is made', 1],
] as const)('the key is what unlocking will be given, also where the passkey %s', async (_how, made) => {
  authenticator(made, 2, true);
  const passkey = await makePasskey('label', 'owner');
  const { prfSalt } = passkey.ok ? passkey.value : { prfSalt: new Uint8Array() };
  const prfOutput = new Uint8Array(32).fill(2);
  expect(passkey).toEqual({
    ok: true,
    value: { credentialId: CREDENTIAL, prfSalt, prfOutput, label: 'label' },
  });
  const unlock = await askPasskey([{ credentialId: CREDENTIAL, prfSalt, label: 'label', createdAt: 0 }]);
  expect(unlock).toEqual({ ok: true, value: { tag: 'passkey', credentialId: CREDENTIAL, prfOutput } });
});

test('a passkey without a PRF holds no key, and one that says so is not asked for it', async () => {
  const refused = { ok: false, error: 'no-key' };
  const heard = authenticator(null, null, false);
  expect(await makePasskey('label', 'owner')).toEqual(refused);
  expect(heard.asked).toBe(0);
  // It promised one, and has none when it comes to it.
  authenticator(1, null, true);
  expect(await makePasskey('label', 'owner')).toEqual(refused);
});
