import type { BackupDetails } from '../../engine/node/backup-api.ts';

export type Health = {
  /** What to do next, the most pressing first; null when nothing. */
  readonly next: 'words' | 'file' | 'stale' | 'unkept' | null;
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
    now,
  }: { readonly wordsConfirmed: boolean; readonly isKept: boolean | null; readonly now: number },
): Health {
  const { file, channels, counter, isBehind, peers } = backup;
  const isFileCurrent = file !== null && file.counter >= counter && !isBehind;
  const isWithPeer = peers.some(({ state }) => state === 'kept');
  const next = (): Health['next'] => {
    if (!wordsConfirmed) return 'words';
    if (channels === 0) return null;
    if (file === null && !isWithPeer) return 'file';
    if (file === null && isKept === false) return 'unkept';
    if (file !== null && !isFileCurrent && !isWithPeer && now - file.at > STALE_SECONDS) return 'stale';
    return null;
  };
  return { next: next(), isFileCurrent, isWithPeer };
}
