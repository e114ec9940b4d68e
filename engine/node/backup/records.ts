import type { NodeId, TxId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { put, remove, type Write } from '../../base/write.ts';
import { bytes, longBytes } from '../../codec/bytes.ts';
import { option } from '../../codec/choices.ts';
import { decode, encode, type Field, type Infer } from '../../codec/field.ts';
import { nodeId, txId } from '../../codec/ids.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { blockHeight32, timestampVar } from '../../codec/units.ts';
import type { Row } from '../../storage/store.ts';

// All in table `meta`: few, and read once at start.
const OWN = 'backup/own';
const KEEPER = 'backup/keeper/';
const GUEST = 'backup/guest/';
const MOVES = 'backup/moves';
/** Every key that is meant lies from the first on and below the second. */
export const BACKUP_KEYS = { from: 'backup/', below: 'backup0' } as const;

/** 16 random bytes. */
export const deviceId = bytes(16);

const made = struct({ counter: varInt, at: timestampVar });

/** `backup/own`. */
export const ownRecord = record(
  1,
  {
    /** Of the last backup that was made. */
    counter: varInt,
    /** The last one that was given to the person as a file. */
    file: option(made),
  },
  tlvs({
    /** Made with the first backup on this disk, and in no restore: tells the devices of the same words apart. */
    device: tlv(1, deviceId),
    /** What other devices made up to then may be taken over: the person said that none runs any more. */
    aloneSince: tlv(3, timestampVar),
    /** When these words, or channels of theirs, last came to this disk, or a peer showed that it is an old one. */
    restoredAt: tlv(5, timestampVar),
  }),
);
export type Own = Infer<typeof ownRecord>;

/** `backup/keeper/<node id>`: a peer that keeps our backup. */
export const keeperRecord = record(1, {
  nodeId,
  /** Bytes that it takes. */
  capacity: varInt,
  sent: option(made),
  /** What it gave back at the last connection, and what it had been sent; `counter` 0 for nothing that was ours. */
  returned: option(struct({ counter: varInt, expected: varInt, at: timestampVar })),
});
export type Keeper = Infer<typeof keeperRecord>;

/** `backup/guest/<node id>`: what we keep for a peer. */
export const guestRecord = record(1, {
  nodeId,
  blob: longBytes,
  at: timestampVar,
  /** Our height when its last channel with us was seen to be over. */
  endedAt: option(blockHeight32),
});
export type Guest = Infer<typeof guestRecord>;

/** Transactions that opened channels or brought home what they held. */
export const moves = struct({ opened: list(txId), closed: list(txId) });
export type Moves = {
  readonly opened: readonly TxId[];
  readonly closed: readonly TxId[];
};

/** `backup/moves`: what backups told of them; of channels that were over by then nothing else is on this disk. */
const movesRecord = record(1, { moves });

export type BackupRows = {
  readonly own: Own;
  readonly keepers: readonly Keeper[];
  readonly guests: readonly Guest[];
  readonly moves: Moves;
};

export const NO_BACKUP_ROWS: BackupRows = {
  own: { counter: 0, file: null },
  keepers: [],
  guests: [],
  moves: { opened: [], closed: [] },
};

export const writeOwn = (own: Own): Write => put('meta', OWN, encode(ownRecord, own));
export const writeKeeper = (keeper: Keeper): Write =>
  put('meta', `${KEEPER}${keeper.nodeId}`, encode(keeperRecord, keeper));
export const writeGuest = (guest: Guest): Write =>
  put('meta', `${GUEST}${guest.nodeId}`, encode(guestRecord, guest));
export const writeMoves = (told: Moves): Write => put('meta', MOVES, encode(movesRecord, { moves: told }));
export const removeGuest = (id: NodeId): Write => remove('meta', `${GUEST}${id}`);

/** Answers with the key of a row that cannot be read. */
export function readRows(
  rows: readonly Row[],
): Result<BackupRows, { readonly key: string; readonly code: string }> {
  let { own, moves } = NO_BACKUP_ROWS;
  const keepers: Keeper[] = [];
  const guests: Guest[] = [];
  for (const { key, value } of rows) {
    const take = <T>(field: Field<T>, accept: (read: T) => void): string | null => {
      const read = decode(field, value);
      if (!read.ok) return read.error.code;
      accept(read.value);
      return null;
    };
    const code = key.startsWith(KEEPER)
      ? take(keeperRecord, (read) => keepers.push(read))
      : key.startsWith(GUEST)
        ? take(guestRecord, (read) => guests.push(read))
        : key === OWN
          ? take(ownRecord, (read) => (own = read))
          : key === MOVES
            ? take(movesRecord, (read) => ({ moves } = read))
            : null;
    if (code !== null) return err({ key, code });
  }
  return ok({ own, keepers, guests, moves });
}
