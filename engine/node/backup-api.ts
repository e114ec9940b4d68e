import type { Answer } from './api.ts';

/** How safe the channels' money is when this device is lost. */
export type BackupDetails = {
  /** Of the last backup that was made: counts up. 0: there was nothing to back up yet. */
  readonly counter: number;
  /** Changes wait to be written into the next one, which is made within a minute. */
  readonly isBehind: boolean;
  /** Channels that hold, or are about to hold, money, and that a backup would bring back: those from one are not among them. */
  readonly channels: number;
  /** Of each peer with such a channel, and of each that was given a backup. */
  readonly peers: readonly BackupPeer[];
  /** The last one of which a file stands somewhere, as `saved` told; null: none. */
  readonly file: { readonly counter: number; readonly at: number } | null;
  /** Peers whose backups we keep. */
  readonly keptForPeers: number;
  /**
   * After a restore from words: the search of the chain for what peers paid out that closed channels of these words.
   * Null: these words were made here, or all has been looked at for the last time.
   */
  readonly search: BackupSearch | null;
};
export type BackupSearch = {
  /** Of this round. */
  readonly keysChecked: number;
  readonly keysTotal: number;
  /** Rounds that are over. */
  readonly rounds: number;
  /** What was found and is not yet deep in the wallet. */
  readonly foundSat: bigint;
  /** From this height on it is looked again; null while a round is under way, or no other follows. */
  readonly nextHeight: number | null;
};
export type BackupPeer = {
  readonly nodeId: string;
  readonly alias: string | null;
  readonly connected: boolean;
  readonly state:
    /** It does not say that it keeps backups. */
    | 'not-offered'
    /** Not connected, and never given one. */
    | 'unknown'
    /** It will be given one. */
    | 'pending'
    /** It was given the latest, or will be within a minute; what it gave back last was what it had. */
    | 'kept'
    /** At the last connection it gave back an older one than it had been given. */
    | 'outdated'
    /** At the last connection it gave back none, or one that is not ours. */
    | 'missing'
    /** It keeps the copy of another device with these words, and has no room for ours beside that: it is given none. */
    | 'shared'
    /** What it keeps was made by a later version of this program, and is left as it is. */
    | 'from-later';
  /** The last backup that it was given. */
  readonly sent: { readonly counter: number; readonly at: number } | null;
  /** Unix seconds of the last connection at which it was asked to show what it keeps. */
  readonly checkedAt: number | null;
  /** It takes little: enough to find the channels again, not the payments in flight. */
  readonly isBrief: boolean;
};
export type RestoredBackup = {
  /** Channels that were not on this device. Each is being closed by its peer; the money comes on-chain. */
  readonly found: number;
  /** Channels that were, in an older state than the backup has: stopped and being closed. */
  readonly stopped: number;
  /** Channels that this device knows as well or better. */
  readonly known: number;
  /** Unix seconds of the backup. */
  readonly madeAt: number;
};

/** Backups of channels. The words themselves are the backup of coins on chain. */
export type BackupApi = {
  /** All that brings channels' money back, sealed with a key from the words: of use only together with them. */
  export(): Answer<{ readonly bytes: Uint8Array; readonly counter: number; readonly fileName: string }>;
  /** A file of the backup with this counter is written: only from then on it counts as one. */
  saved(counter: number): Answer<void>;
  /**
   * Takes a backup back. Its channels are never used again: their peers are asked to close them. Peers that it names
   * are connected to from now on. `isAlone`, the default: the person says that no other device runs with these words;
   * without it, channels that another may run are a refusal.
   */
  restore(bytes: Uint8Array, isAlone?: boolean): Answer<RestoredBackup>;
  /**
   * Connects to a peer of old and waits for the backup that it may keep; null when it gives none. To be asked only where
   * no other device runs with these words: the peer closes the channels.
   */
  askPeer(nodeId: string, host: string, port: number): Answer<RestoredBackup | null>;
};
