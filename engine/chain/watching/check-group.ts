import { ok, type Result } from '../../base/result.ts';
import type { BlockHeight } from '../../base/units.ts';
import { showsItsEnd } from '../../bitcoin/preimage-in.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { ChainEvent } from '../../bitcoin/watch.ts';
import type { ChainReader } from '../chain-reader.ts';
import type { ChainRefusal } from '../chain-refusal.ts';
import { txOutspends, type Outspend } from '../esplora/questions.ts';
import type { ServerPool } from '../esplora/server-pool.ts';
import { awaitsPlacement, awaitsSpend, isSettled, type SpendEntry, type WatchGroup } from './watch-group.ts';
import type { TxId } from '../../base/ids.ts';

type Sources = { readonly pool: ServerPool; readonly reader: ChainReader };
type Checked = Promise<Result<readonly ChainEvent[], ChainRefusal>>;

/** Asks for what a group still waits for. Spends are events at once; depth is told by the registry, which counts it. */
export async function checkGroup(sources: Sources, group: WatchGroup, tipHeight: BlockHeight): Checked {
  if (awaitsPlacement(group)) {
    const tx = await sources.reader.transaction(group.txId);
    if (!tx.ok) return tx;
    const at = tx.value === null ? ok(null) : await sources.reader.placement(tx.value);
    if (!at.ok) return at;
    if (tx.value !== null && at.value !== null) group.placed = { tx: tx.value, at: at.value };
  }
  if (!awaitsSpend(group)) return ok([]);
  // In turn: a server that hides a spend hides it until the next sync, not longer.
  const asked = await sources.pool.ask(txOutspends(group.txId), true);
  if (!asked.ok) return asked;
  const events: ChainEvent[] = [];
  for (const [index, entry] of group.spends) {
    const event = await checkSpend(sources, entry, asked.value.value?.[index], asked.value.server, tipHeight);
    if (!event.ok) return event;
    events.push(...event.value);
  }
  return ok(events);
}

async function checkSpend(
  { pool, reader }: Sources,
  entry: SpendEntry,
  claim: Outspend | undefined,
  server: string,
  tipHeight: BlockHeight,
): Checked {
  const { told } = entry;
  // Proven and still in the best chain: whoever says otherwise lags.
  if (isSettled(entry)) return ok([]);
  if (claim === undefined || !claim.spent || claim.txid === null) return ok([]);
  const txId = claim.txid as TxId;
  const { outPoint, htlc } = entry.watch;
  const spends = ({ inputs }: Tx): boolean =>
    inputs.some((input) => input.outPoint.txId === outPoint.txId && input.outPoint.index === outPoint.index);
  const found = await reader.transaction(
    txId,
    (tx) => htlc === undefined || !spends(tx) || showsItsEnd(tx, outPoint, htlc),
  );
  if (!found.ok) return found;
  const tx = found.value;
  if (tx === null) return ok([]);
  if (!spends(tx)) {
    pool.distrust(server, 'transaction');
    return ok([]);
  }
  const placed = claim.status?.confirmed === true ? await reader.placement(tx) : ok(null);
  if (!placed.ok) return placed;
  const at = placed.value;
  if (told !== null && (told.txId === txId || told.at !== null) && at === null) return ok([]);
  entry.told = { txId, at };
  entry.isUnshown = false;
  return ok([{ tag: 'spent', outPoint, tx, at, tipHeight }]);
}
