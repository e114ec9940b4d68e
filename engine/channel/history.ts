import { toHex } from '../base/bytes.ts';
import type { ChannelId, TxId } from '../base/ids.ts';
import { put, remove, type Write } from '../base/write.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { decode, encode } from '../codec/field.ts';
import { revokedHtlcScripts, type RevokedHtlc } from '../commitment/penalty.ts';
import { revokedBy } from './phases/closing/revoked.ts';
import { monitorRecord, pastRecord } from './snapshot/htlc-record.ts';
import { keysOf } from './snapshot/keys.ts';
import type { Core } from './state.ts';

type Range = { readonly from: string; readonly below: string };

/** The keys of a channel's rows in table 'monitor'. */
export const historyRange = (channelId: ChannelId): Range => ({
  from: `${channelId}/`,
  // The character after the slash.
  below: `${channelId}0`,
});

/** Of these, the rows of one HTLC each. */
export const unfoldedRange = (channelId: ChannelId): Range => ({
  from: `${channelId}/incoming/`,
  below: `${channelId}/outgoing0`,
});

type Row = { readonly key: string; readonly value: Uint8Array };

/** A row that many were made one of, in one commit that also removes them. */
export type Fold = { readonly key: string; readonly writes: readonly Write[] };

/** Null when none of `rows` can be read. Those that cannot stay what they are. */
export function foldHistory(channelId: ChannelId, rows: readonly Row[]): Fold | null {
  const readable = rows.flatMap((row) => {
    const htlc = htlcOf(row);
    return htlc === null ? [] : [{ ...row, htlc }];
  });
  const htlcs = readable.map(({ htlc }) => htlc);
  const [first] = htlcs;
  if (first === undefined) return null;
  const key = keysOf(channelId).past(first);
  const folded = put('monitor', key, encode(pastRecord, { htlcs }));
  return { key, writes: [folded, ...readable.map((row) => remove('monitor', row.key))] };
}

/**
 * Looks for the HTLCs of all time that have an output in a revoked commitment. The history may be long: it is read piece
 * by piece, and of it no more is kept than the transaction has outputs.
 */
export class HistorySearch {
  readonly txId: TxId;
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, RevokedHtlc>();
  readonly #scriptOf: ((htlc: RevokedHtlc) => Uint8Array) | null;
  /** Rows that cannot be read: what they held may be lost to the peer. */
  unreadable = 0;

  constructor(channel: Core, tx: Tx) {
    this.txId = txIdOf(tx);
    const revoked = revokedBy(channel, tx);
    this.#scriptOf = revoked && revokedHtlcScripts(revoked);
    this.#wanted = new Set(tx.outputs.map(({ script }) => toHex(script)));
  }

  look(rows: readonly Row[]): void {
    if (this.#scriptOf === null) return;
    for (const row of rows) {
      const htlcs = htlcsOf(row);
      if (htlcs === null) {
        this.unreadable++;
        continue;
      }
      for (const htlc of htlcs) {
        const script = toHex(this.#scriptOf(htlc));
        if (this.#wanted.has(script)) this.#found.set(script, htlc);
      }
    }
  }

  get found(): readonly RevokedHtlc[] {
    return [...this.#found.values()];
  }
}

function htlcsOf(row: Row): readonly RevokedHtlc[] | null {
  if (row.key.split('/')[1] === 'past') {
    const record = decode(pastRecord, row.value);
    return record.ok ? record.value.htlcs : null;
  }
  const htlc = htlcOf(row);
  return htlc && [htlc];
}

function htlcOf({ key, value }: Row): RevokedHtlc | null {
  const [, direction, id] = key.split('/');
  const record = decode(monitorRecord, value);
  if (!record.ok || id === undefined || !/^\d+$/.test(id)) return null;
  if (direction !== 'incoming' && direction !== 'outgoing') return null;
  return { direction, id: BigInt(id), ...record.value };
}
