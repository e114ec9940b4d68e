import { ok, type Result } from '../../base/result.ts';
import type { BlockHeight } from '../../base/units.ts';
import { showsItsEnd } from '../../bitcoin/preimage-in.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { ChainEvent } from '../../bitcoin/watch.ts';
import type { ChainReader } from '../chain-reader.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain-refusal.ts';
import { txOutspends, type Outspend } from '../esplora/questions.ts';
import { UNANSWERED, type ServerPool } from '../esplora/server-pool.ts';
import { awaitsPlacement, awaitsSpend, isSettled, type SpendEntry, type WatchGroup } from './watch-group.ts';
import type { TxId } from '../../base/ids.ts';

type Sources = { readonly pool: ServerPool; readonly reader: ChainReader };
/** What is new, also where not all could be learnt. */
type Checked = { readonly events: readonly ChainEvent[]; readonly refusal: ChainRefusal | null };

/** Asks for what a group still waits for. Spends are events at once; depth is told by the registry, which counts it. */
export async function checkGroup(
  sources: Sources,
  group: WatchGroup,
  tipHeight: BlockHeight,
): Promise<Checked> {
  const placed = awaitsPlacement(group) ? await place(sources.reader, group) : ok(null);
  if (!placed.ok) return { events: [], refusal: placed.error };
  if (!awaitsSpend(group)) return { events: [], refusal: null };
  // What was told stays told, whatever the next output's claim turns out to be.
  const events: ChainEvent[] = [];
  let refusal: ChainRefusal | null = null;
  /** Outputs that are said to be spent in a block, by who did not answer for the bytes. */
  const open = new Set<number>();
  // In turn: a server that hides a spend hides it until the next sync, not longer.
  const asked = await sources.pool.find(
    txOutspends(group.txId),
    async (claims, server) => {
      let isShown = true;
      for (const [index, entry] of group.spends) {
        const checked = await checkSpend(sources.reader, entry, claims?.[index], tipHeight, server);
        if (!checked.ok) {
          refusal = checked.error;
          return true;
        }
        if (checked.value === 'false') return undefined;
        if (checked.value === 'unshown') isShown = false;
        else if (checked.value === 'open') open.add(index);
        else if (checked.value !== null) {
          events.push(checked.value);
          open.delete(index);
        }
      }
      if (open.size > 0) return UNANSWERED;
      return isShown ? true : null;
    },
    'transaction',
  );
  if (!asked.ok) return { events, refusal: asked.error };
  return { events, refusal: open.size > 0 ? UNREACHABLE : refusal };
}

async function place(reader: ChainReader, group: WatchGroup): Promise<Result<null, ChainRefusal>> {
  const tx = await reader.transaction(group.txId);
  if (!tx.ok) return tx;
  // One that was confirmed before is only found again.
  const isNew = [...group.depths.values()].every(({ watch }) => watch.known === undefined);
  const at =
    tx.value === null
      ? ok(null)
      : await (isNew ? reader.secondedPlacement(tx.value) : reader.placement(tx.value));
  if (!at.ok) return at;
  if (tx.value !== null && at.value !== null) group.placed = { tx: tx.value, at: at.value };
  return ok(null);
}

/**
 * What a server's claim comes to. `unshown`: nobody has the bytes of what it says spends it in the mempool, which may be
 * gone from there; of what it says is in a block that is as false as bytes that spend something else, where it has
 * not them itself, or rubbish, and `open` where it did not answer.
 */
async function checkSpend(
  reader: ChainReader,
  entry: SpendEntry,
  claim: Outspend | undefined,
  tipHeight: BlockHeight,
  server: string,
): Promise<Result<ChainEvent | 'unshown' | 'open' | 'false' | null, ChainRefusal>> {
  const { told } = entry;
  // Proven and still in the best chain: whoever says otherwise lags.
  if (isSettled(entry)) return ok(null);
  if (claim === undefined || !claim.spent || claim.txid === null) return ok(null);
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
  const isInBlock = claim.status?.confirmed === true;
  if (tx === null && !isInBlock) return ok('unshown');
  if (tx === null) return ok((await reader.denies(server, txId)) ? 'false' : 'open');
  if (!spends(tx)) return ok('false');
  const placed = isInBlock ? await reader.placement(tx) : ok(null);
  if (!placed.ok) return placed;
  const at = placed.value;
  if (told !== null && (told.txId === txId || told.at !== null) && at === null) return ok(null);
  entry.told = { txId, at };
  entry.isUnshown = false;
  return ok({ tag: 'spent', outPoint, tx, at, tipHeight });
}
