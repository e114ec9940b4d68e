import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { put } from '../engine/base/write.ts';
import { encode } from '../engine/codec/field.ts';
import { restoreWrite } from '../engine/node/loaded.ts';
import type { NewLock } from '../engine/node/lock-api.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import { seedOf } from '../engine/wallet/words.ts';
import { makeVault, type Place, type Vault } from './vault.ts';
import { lookAt } from './wallet-disk.ts';
import { IDENTITY_KEY, identityRecord, type Identity } from './wallet-identity.ts';

export type NewWallet = {
  /** Checked. */
  readonly words: readonly string[];
  readonly network: Network;
  readonly lock: NewLock;
  /** The words are older than this device, so the chain is looked through for what they received. */
  readonly restored: boolean;
};

/** Writes a wallet to an empty disk, in one transaction. 'wallet-exists': one that was said to have failed is there. */
export async function makeWallet(
  place: Place,
  { words, network, lock, restored }: NewWallet,
): Promise<Result<{ readonly vault: Vault; readonly identity: Identity }, Refusal>> {
  const look = await lookAt(place);
  if (look.tag !== 'none') return err(look.tag === 'unreadable' ? look.refusal : { code: 'wallet-exists' });
  const seed = await seedOf(words);
  const identity: Identity = {
    network,
    words,
    seed: seed.expose().slice(),
    createdAt: systemClock.now(),
    wordsConfirmed: false,
  };
  const vault = await makeVault(place, lock, [
    put('meta', IDENTITY_KEY, encode(identityRecord, identity)),
    ...(restored ? [restoreWrite] : []),
  ]);
  return vault.ok ? ok({ vault: vault.value, identity }) : vault;
}
