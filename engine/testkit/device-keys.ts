import type { DeviceKeys } from '../storage/device-key.ts';
import { Secret } from '../crypto/secret.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../crypto/xchacha20.ts';
import { countedRandom } from './sealed-disk.ts';

/** Keys as a browser keeps them, in memory. */
export function fakeDeviceKeys(): DeviceKeys {
  const random = countedRandom();
  const keys = new Map<string, Secret>();
  return {
    seal: (name, aad, plain) => {
      const key = new Secret(random(32));
      keys.set(name, key);
      return Promise.resolve(sealXChaCha20Poly1305(key.expose(), aad, plain, random));
    },
    open: (name, aad, sealed) => {
      const key = keys.get(name);
      return Promise.resolve(key === undefined ? null : openXChaCha20Poly1305(key.expose(), aad, sealed));
    },
    forget: (name) => {
      keys.delete(name);
      return Promise.resolve();
    },
  };
}
