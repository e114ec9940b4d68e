import type { TxId } from '../../../base/ids.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { RevokedHtlc } from '../../../commitment/penalty.ts';
import type { Work } from '../../work.ts';
import { progress } from './progress.ts';

/** The HTLCs of long ago that a revoked commitment has; of no use when another transaction took its place meanwhile. */
export function onRecalled(work: Work, txId: TxId, htlcs: readonly RevokedHtlc[]): void {
  const { durable } = work;
  if (durable?.phase !== 'closing' || durable.spend?.kind !== 'revoked' || durable.history !== null) return;
  if (txIdOf(durable.spend.tx) === txId) progress(work, { ...durable, history: htlcs });
}
