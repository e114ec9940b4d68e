import { equalBytes } from '../engine/base/bytes.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { normalised, tuneScrypt } from '../engine/crypto/scrypt.ts';
import type { Secret } from '../engine/crypto/secret.ts';
import type { LockChange, NewLock, Unlock } from '../engine/node/lock-api.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import type { DeviceKeys } from '../engine/storage/device-key.ts';
import type { Keyring, Wrap } from '../engine/storage/keyring.ts';
import {
  openWithPasskey,
  openWithPassphrase,
  wrapWithDevice,
  wrapWithPasskey,
  wrapWithPassphrase,
  type WrapContext,
} from '../engine/storage/key-wraps.ts';

/** Characters, as they are normalised. Shorter ones are guessed in hours, whatever a guess costs. */
const SHORTEST = 8;
const PRF_LENGTH = 32;

/** The data key, by what a person gave. */
export async function keyFor({ wraps, walletId }: Keyring, by: Unlock): Promise<Result<Secret, Refusal>> {
  for (const wrap of wraps) {
    const key =
      by.tag === 'passphrase'
        ? wrap.kind === 'passphrase' && (await openWithPassphrase(wrap, by.passphrase, walletId))
        : wrap.kind === 'passkey' &&
          equalBytes(wrap.credentialId, by.credentialId) &&
          openWithPasskey(wrap, by.prfOutput, walletId);
    if (key !== false && key !== null) return ok(key);
  }
  return err({ code: by.tag === 'passphrase' ? 'wrong-passphrase' : 'wrong-passkey' });
}

export async function newWrap(
  lock: NewLock,
  dataKey: Secret,
  context: WrapContext,
  deviceKeys: DeviceKeys,
): Promise<Result<Wrap, Refusal>> {
  switch (lock.tag) {
    case 'none':
      try {
        return ok(await wrapWithDevice(dataKey, deviceKeys, context));
      } catch (error) {
        return err({ code: 'storage-failed', detail: `the browser keeps no key: ${String(error)}` });
      }
    case 'passphrase':
      if ([...normalised(lock.passphrase)].length < SHORTEST)
        return err({ code: 'passphrase-too-short', minimum: SHORTEST });
      return ok(await wrapWithPassphrase(dataKey, lock.passphrase, await tuneScrypt(systemClock), context));
    case 'passkey': {
      const { label, ...answer } = lock.passkey;
      if (answer.prfOutput.length !== PRF_LENGTH || answer.prfSalt.length !== PRF_LENGTH)
        return err({ code: 'wrong-passkey' });
      return ok(wrapWithPasskey(dataKey, answer, label.slice(0, 100), context));
    }
  }
}

/** The wraps that a change leads to. A lock takes the place of none, and none the place of every lock. */
export async function wrapsAfter(
  wraps: readonly Wrap[],
  change: LockChange,
  dataKey: Secret,
  context: WrapContext,
  deviceKeys: DeviceKeys,
): Promise<Result<readonly Wrap[], Refusal>> {
  const locks = wraps.filter(({ kind }) => kind !== 'device');
  const left = (keep: (wrap: Wrap) => boolean): Result<readonly Wrap[], Refusal> => {
    const kept = locks.filter(keep);
    return kept.length > 0 ? ok(kept) : err({ code: locks.length > 0 ? 'last-lock' : 'no-lock' });
  };
  switch (change.tag) {
    case 'remove-passphrase':
      return left(({ kind }) => kind !== 'passphrase');
    case 'remove-passkey':
      return left((wrap) => wrap.kind !== 'passkey' || !equalBytes(wrap.credentialId, change.credentialId));
    case 'remove-all': {
      const none = await newWrap({ tag: 'none' }, dataKey, context, deviceKeys);
      return none.ok ? ok([none.value]) : none;
    }
    case 'set-passphrase': {
      const { passphrase } = change;
      const wrap = await newWrap({ tag: 'passphrase', passphrase }, dataKey, context, deviceKeys);
      return wrap.ok ? ok([wrap.value, ...locks.filter(({ kind }) => kind !== 'passphrase')]) : wrap;
    }
    case 'add-passkey': {
      const { passkey } = change;
      const wrap = await newWrap({ tag: 'passkey', passkey }, dataKey, context, deviceKeys);
      return wrap.ok ? ok([...locks, wrap.value]) : wrap;
    }
  }
}
