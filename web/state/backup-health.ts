import type { BackupDetails } from '../../engine/node/backup-api.ts';
import type { FolderState } from './backup-folder.svelte.ts';

export type Health = {
  /** What to do next, the most pressing first; null when nothing. */
  readonly next:
    | 'words'
    | 'file'
    /** The file in the folder lacks something, and the browser wants to be asked before it is written again. */
    | 'ask'
    /** The same, and it could not be written. */
    | 'failed'
    | 'stale'
    | 'unkept'
    | null;
  /** The last file has all that changed. */
  readonly isFileCurrent: boolean;
  readonly isWithPeer: boolean;
};

/** A file older than this many seconds is worth renewing when channels changed since. */
const STALE_SECONDS = 7 * 86_400;

/** `isKept`: the browser promised to keep the data; null where it does not say. */
export function healthOf(
  backup: BackupDetails,
  {
    wordsConfirmed,
    isKept,
    folder,
    now,
  }: {
    readonly wordsConfirmed: boolean;
    readonly isKept: boolean | null;
    readonly folder: FolderState;
    readonly now: number;
  },
): Health {
  const { file, channels, counter, isBehind, peers } = backup;
  const isFileCurrent = file !== null && file.counter >= counter && !isBehind;
  const isWithPeer = peers.some(({ state }) => state === 'kept');
  const next = (): Health['next'] => {
    if (!wordsConfirmed) return 'words';
    if (channels === 0) return null;
    if (file === null && !isWithPeer) return 'file';
    // Whoever chose a folder relies on it.
    if (!isFileCurrent && (folder === 'ask' || folder === 'failed')) return folder;
    if (file === null && isKept === false) return 'unkept';
    if (file !== null && !isFileCurrent && !isWithPeer && now - file.at > STALE_SECONDS) return 'stale';
    return null;
  };
  return { next: next(), isFileCurrent, isWithPeer };
}
