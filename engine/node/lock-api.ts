import type { Answer } from './api.ts';

/** A passkey as the lock screen needs it to ask for it. Nothing of it is secret. */
export type PasskeyPublic = {
  readonly credentialId: Uint8Array;
  /** 32 bytes: what the PRF extension is asked about. */
  readonly prfSalt: Uint8Array;
  /** What its owner called it. */
  readonly label: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
};

/** How the wallet on this device is unlocked. Neither: it has no lock. */
export type LockWays = {
  readonly passphrase: boolean;
  readonly passkeys: readonly PasskeyPublic[];
};

/** What an authenticator answered when the passkey was made. */
export type NewPasskey = {
  readonly credentialId: Uint8Array;
  readonly prfSalt: Uint8Array;
  /** 32 bytes, secret: goes to the worker at once and is kept nowhere. */
  readonly prfOutput: Uint8Array;
  readonly label: string;
};

export type NewLock =
  /** The key stands beside what it locks: whoever has this browser has the wallet. */
  | { readonly tag: 'none' }
  | { readonly tag: 'passphrase'; readonly passphrase: string }
  | { readonly tag: 'passkey'; readonly passkey: NewPasskey };

/** What opens it. */
export type Unlock =
  | { readonly tag: 'passphrase'; readonly passphrase: string }
  | { readonly tag: 'passkey'; readonly credentialId: Uint8Array; readonly prfOutput: Uint8Array };

export type LockChange =
  /** Sets it, or puts another in its place. */
  | { readonly tag: 'set-passphrase'; readonly passphrase: string }
  | { readonly tag: 'add-passkey'; readonly passkey: NewPasskey }
  | { readonly tag: 'remove-passphrase' }
  | { readonly tag: 'remove-passkey'; readonly credentialId: Uint8Array }
  /** Every lock. */
  | { readonly tag: 'remove-all' };

export type LockApi = {
  /**
   * Shows nothing and does nothing asked for until `unlock`. The node goes on running, with its keys in memory: it
   * receives, and watches over channels. Refused as 'no-lock' where there is nothing to unlock with.
   */
  now(): Answer<void>;
  /** Refused as 'wrong-passphrase' or 'wrong-passkey'. A passphrase costs the time that it was tuned to, each time. */
  unlock(by: Unlock): Answer<void>;
  /**
   * Rewraps the key; the first lock of a wallet without one also encrypts every record under another. `proof`: what unlocks it now; null only where there is no lock.
   * Refused as 'last-lock' when it would leave none without saying so.
   */
  change(change: LockChange, proof: Unlock | null): Answer<void>;
  /** Minutes without a touch after which the page locks; null: never. */
  setIdle(minutes: number | null): Answer<void>;
};
