import { toHex } from '../base/bytes.ts';
import type { ChannelId, TxId } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { decode } from '../codec/field.ts';
import { revokedHtlcScripts, type RevokedHtlc } from '../commitment/penalty.ts';
import { revokedBy } from './phases/closing/revoked.ts';
import { monitorRecord } from './snapshot/htlc-record.ts';
import type { Core } from './state.ts';

/** The keys of a channel's rows in table 'monitor'. */
export const historyRange = (channelId: ChannelId): { readonly from: string; readonly below: string } => ({
  from: `${channelId}/`,
  // The character after the slash.
  below: `${channelId}0`,
});

type Row = { readonly key: string; readonly value: Uint8Array };

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
    for (const { key, value } of rows) {
      const htlc = htlcOf(key, value);
      if (htlc === null) {
        this.unreadable++;
        continue;
      }
      const script = toHex(this.#scriptOf(htlc));
      if (this.#wanted.has(script)) this.#found.set(script, htlc);
    }
  }

  get found(): readonly RevokedHtlc[] {
    return [...this.#found.values()];
  }
}

function htlcOf(key: string, value: Uint8Array): RevokedHtlc | null {
  const [, direction, id] = key.split('/');
  const record = decode(monitorRecord, value);
  if (!record.ok || id === undefined || !/^\d+$/.test(id)) return null;
  if (direction !== 'incoming' && direction !== 'outgoing') return null;
  return { direction, id: BigInt(id), ...record.value };
}
