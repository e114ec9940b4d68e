import type { IDBPDatabase } from 'idb';
import { concatBytes } from '../base/bytes.ts';
import type { DeviceKeys } from '../storage/device-key.ts';
import { systemRandom } from './system-random.ts';

/** The object store: CryptoKeys by their names. */
export const DEVICE_KEYS = 'device-keys';

const IV_LENGTH = 12;
const ALGORITHM = { name: 'AES-GCM', length: 256 };

/** AES-GCM keys that Web Crypto made and will not export. `seal` gives the nonce, then what Web Crypto gives. */
export const indexedDbDeviceKeys = (database: IDBPDatabase): DeviceKeys => ({
  seal: async (name, aad, plain) => {
    const key = await crypto.subtle.generateKey(ALGORITHM, false, ['encrypt', 'decrypt']);
    const transaction = database.transaction(DEVICE_KEYS, 'readwrite', { durability: 'strict' });
    void transaction.store.put(key, name);
    await transaction.done;
    const iv = systemRandom(IV_LENGTH);
    const parameters = { name: ALGORITHM.name, iv: bufferOf(iv), additionalData: bufferOf(aad) };
    return concatBytes(iv, new Uint8Array(await crypto.subtle.encrypt(parameters, key, bufferOf(plain))));
  },
  open: async (name, aad, sealed) => {
    const key: unknown = await database.get(DEVICE_KEYS, name);
    if (!(key instanceof CryptoKey) || sealed.length < IV_LENGTH) return null;
    const iv = bufferOf(sealed.subarray(0, IV_LENGTH));
    const parameters = { name: ALGORITHM.name, iv, additionalData: bufferOf(aad) };
    try {
      return new Uint8Array(
        await crypto.subtle.decrypt(parameters, key, bufferOf(sealed.subarray(IV_LENGTH))),
      );
    } catch {
      return null;
    }
  },
  forget: async (name) => {
    await database.delete(DEVICE_KEYS, name);
  },
});

/** Web Crypto takes no view of memory that could be shared. */
const bufferOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
