import { NETWORKS, type Network } from '../engine/base/network.ts';
import { utf8, secretBytes } from '../engine/codec/bytes.ts';
import { bool, enumOf } from '../engine/codec/choices.ts';
import type { Infer } from '../engine/codec/field.ts';
import { varInt } from '../engine/codec/integers.ts';
import { list } from '../engine/codec/sequences.ts';
import { record } from '../engine/codec/record.ts';

/** Where it stands: table `meta`. */
export const IDENTITY_KEY = 'identity';
export const SERVERS_KEY = 'servers';
export const TRUSTED_LSPS_KEY = 'trusted-lsps';
export const IDLE_KEY = 'lock-idle';

// The order is what stands on disk: names are only ever appended.
const NETWORK_NAMES: readonly Network[] = ['mainnet', 'testnet4', 'signet', 'mutinynet', 'regtest'];

/** The wallet on this device. */
export const identityRecord = record(1, {
  network: enumOf<Network>(NETWORK_NAMES),
  words: list(utf8),
  /** BIP 39 seed of the words: kept so that a start does not run 2,048 rounds of PBKDF2. */
  seed: secretBytes(64),
  createdAt: varInt,
  wordsConfirmed: bool,
});
export type Identity = Infer<typeof identityRecord>;

/** Minutes without a touch after which the page locks; 0: never. */
export const idleRecord = record(1, { minutes: varInt });
export const IDLE_MINUTES = 5;

/** Every network has a place in the record. */
export const isKnownNetwork = (name: string): name is Network => Object.hasOwn(NETWORKS, name);
