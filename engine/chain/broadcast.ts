import { toHex } from '../base/bytes.ts';
import { outPointKey, type TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { serializeTx, txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import type { ChainReader } from './chain-reader.ts';
import { UNREACHABLE, type ChainRefusal } from './chain-refusal.ts';
import { postPackage, postTx, type RefusedBecause, type Verdict } from './esplora/broadcast-answer.ts';
import type { Asked, Question, ServerPool } from './esplora/server-pool.ts';

/** `known`: a server had it already, in the mempool or in a block. Both mean that it is out. */
export type BroadcastReceipt = { readonly txId: TxId; readonly known: boolean };
/** Every server that was asked said no; one of them says why. */
export type Refused = {
  readonly code: 'broadcast-refused';
  readonly reason: RefusedBecause;
  readonly detail: string;
};
export type BroadcastRefusal = ChainRefusal | Refused;
export type BroadcastResult = Result<BroadcastReceipt, BroadcastRefusal>;

/**
 * Asked each time before servers are told anything. False: somebody else goes on from here by now, or may do so, and may have taken
 * back one of these, which are told for this purpose.
 */
export type MayTell = (purpose: TxPurpose, ids: Iterable<TxId>) => Promise<boolean>;

/** Told to so many servers, so that none can hold a transaction back alone. */
const SERVERS = 2;
/** A transaction that no block took is offered again for so many blocks. */
const MOST_BLOCKS = 2_016;
const BURIED = 6;

/** Of those that spend the same for the same purpose so many are offered again. */
const MOST_RIVALS = 3;

type Kept = {
  readonly txs: readonly Tx[];
  readonly purpose: TxPurpose;
  readonly rivalry: string;
  /** Of all of them. */
  readonly ids: ReadonlySet<TxId>;
  reached: boolean;
  /** When it was offered last: a server took it, or had it. */
  isTaken: boolean;
  /** Every server refused it for its fee, when one was last heard on it. */
  isTooLow: boolean;
  blocks: number;
  /** A block came, and it was not offered again since. */
  isOwed: boolean;
  /** Nobody is told any more. */
  isForgotten: boolean;
};

/** The same for transactions of which a block can have one: they spend just the same, for the same purpose. */
const rivalryOf = (tx: Tx, purpose: TxPurpose): string =>
  [purpose, ...tx.inputs.map(({ outPoint }) => outPointKey(outPoint)).sort()].join(' ');

/** Of two that spend the same, the one that pays less out pays more for itself. */
const paidOut = ({ txs }: Kept): bigint =>
  (txs.at(-1)?.outputs ?? []).reduce((sum, { amount }) => sum + amount, 0n);

function note(kept: Kept, result: BroadcastResult): void {
  const refused = result.ok || result.error.code !== 'broadcast-refused' ? null : result.error;
  kept.isTaken = result.ok;
  kept.reached = result.ok || refused !== null;
  if (kept.reached) kept.isTooLow = refused?.reason === 'fee-too-low';
}

/** Sends transactions, and again after each block until they are buried. */
export class Broadcaster {
  readonly #pool: ServerPool;
  readonly #reader: ChainReader;
  readonly #mayTell: MayTell;
  readonly #kept = new Map<TxId, Kept>();
  /** Those that servers, or the disk, are being asked about for the first time. */
  readonly #underWay = new Set<Kept>();

  constructor(pool: ServerPool, reader: ChainReader, mayTell: MayTell = () => Promise.resolve(true)) {
    this.#pool = pool;
    this.#reader = reader;
    this.#mayTell = mayTell;
  }

  /** `txs`: parents first; the last is the one that matters. */
  async send(txs: readonly Tx[], purpose: TxPurpose): Promise<BroadcastResult> {
    const last = txs.at(-1);
    if (last === undefined) return err(UNREACHABLE);
    const txId = txIdOf(last);
    const ids = new Set(txs.map(txIdOf));
    const rivalry = rivalryOf(last, purpose);
    const kept: Kept = {
      txs,
      ids,
      purpose,
      rivalry,
      reached: false,
      isTaken: false,
      isTooLow: false,
      blocks: 0,
      isOwed: false,
      isForgotten: false,
    };
    this.#underWay.add(kept);
    const result = await this.#offer(kept, txId).finally(() => this.#underWay.delete(kept));
    if (kept.isForgotten) return result;
    // Refused or not: it is offered until the chain decides, or whoever sent it gives it up.
    const before = this.#kept.get(txId);
    kept.blocks = before?.blocks ?? 0;
    kept.isTooLow = before?.isTooLow ?? false;
    note(kept, result);
    this.#kept.set(txId, kept);
    this.#dropRivals(rivalry);
    return result;
  }

  /** A peer may sign one closing transaction after another: what pays least is not offered again. */
  #dropRivals(rivalry: string): void {
    const rivals = [...this.#kept].filter(([, kept]) => kept.rivalry === rivalry);
    const dearest = rivals.sort(([, a], [, b]) => (paidOut(a) < paidOut(b) ? -1 : 1));
    for (const [txId] of dearest.slice(MOST_RIVALS)) this.#kept.delete(txId);
  }

  /** What `other` kept is kept here from now on, and owed to the servers; what `isOver` is nobody's any more. */
  takeOver(other: Broadcaster, isOver: (purpose: TxPurpose, ids: ReadonlySet<TxId>) => boolean): void {
    for (const [txId, kept] of other.#kept)
      if (!isOver(kept.purpose, kept.ids)) this.#kept.set(txId, { ...kept, isOwed: true });
    // Nor does what it is asking just now go on.
    for (const kept of [...other.#kept.values(), ...other.#underWay]) kept.isForgotten = true;
    other.#kept.clear();
  }

  /** Not offered again, nor what was told with it. */
  forget(txId: TxId): void {
    for (const kept of this.#underWay) kept.isForgotten ||= kept.ids.has(txId);
    for (const [last, kept] of this.#kept)
      if (kept.ids.has(txId)) {
        kept.isForgotten = true;
        this.#kept.delete(last);
      }
  }

  /** Whether a server took it, or had it, when it was offered last. */
  isTaken(txId: TxId): boolean {
    return [...this.#kept.values()].some(({ ids, isTaken }) => isTaken && ids.has(txId));
  }

  /**
   * Whether every server refused it for its fee when one was last heard on it, alone or as the last of a package, and none has it
   * with others. That changes with each block: mempools fill, and drop what they had.
   */
  isRefusedForFee(txId: TxId): boolean {
    return this.#kept.get(txId)?.isTooLow === true && !this.isTaken(txId);
  }

  /** Each is to be offered again, unless it is buried. */
  onBlock(): void {
    for (const kept of this.#kept.values()) kept.isOwed = true;
  }

  /** In each sync: those that are owed since a block, and those that no server has heard of yet. */
  async repeat(
    tipHeight: number,
    /** Not offered this time. */
    isBarred: (txs: readonly Tx[], purpose: TxPurpose) => boolean,
  ): Promise<void> {
    for (const [txId, kept] of this.#kept) {
      if (isBarred(kept.txs, kept.purpose)) continue;
      if (!kept.isOwed) {
        if (!kept.reached) note(kept, await this.#offer(kept, txId));
        continue;
      }
      kept.isOwed = false;
      const last = kept.txs.at(-1);
      const placed = last === undefined ? ok(null) : await this.#reader.placement(last);
      // Where that is not told it is offered all the same; and one of which nothing is told keeps no other back.
      const at = placed.ok ? placed.value : null;
      kept.blocks++;
      if (at === null) note(kept, await this.#offer(kept, txId));
      else note(kept, ok({ txId, known: true }));
      const buried = at !== null && tipHeight - at.height + 1 >= BURIED;
      if (buried || kept.blocks >= MOST_BLOCKS) this.#kept.delete(txId);
    }
  }

  async #offer(kept: Kept, txId: TxId): Promise<BroadcastResult> {
    const { txs, ids, purpose } = kept;
    const hexes = txs.map((tx) => toHex(serializeTx(tx)));
    const tell: Tell = async (question) =>
      (await this.#mayTell(purpose, ids)) && !kept.isForgotten ? this.#pool.askEach(question, SERVERS) : [];
    const verdicts = await (txs.length > 1 ? offerPackage(tell, hexes) : offerEach(tell, hexes));
    if (verdicts.some(({ tag }) => tag === 'accepted')) return ok({ txId, known: false });
    if (verdicts.some(({ tag }) => tag === 'known')) return ok({ txId, known: true });
    const refused = verdicts.find((verdict) => verdict.tag === 'refused');
    if (refused === undefined) return err(UNREACHABLE);
    // Its own confirmation spends its inputs too, and then Bitcoin Core says that they are missing.
    if (refused.reason === 'inputs-missing') {
      const found = await this.#reader.isKnownToAny(txId);
      if (found.ok && found.value) return ok({ txId, known: true });
    }
    return err({ code: 'broadcast-refused', reason: refused.reason, detail: refused.detail });
  }
}

type Tell = <T>(question: Question<T>) => Promise<readonly Asked<T>[]>;

async function offerPackage(tell: Tell, hexes: readonly string[]): Promise<readonly Verdict[]> {
  const answers = await tell(postPackage(hexes));
  const verdicts = answers.flatMap(({ value }) => value ?? []);
  if (verdicts.length === 0) return offerEach(tell, hexes);
  if (verdicts.some(({ tag }) => tag === 'accepted')) return verdicts;
  // A parent that is in a block by now is refused, and the child with it: alone it may be taken.
  const alone = await offerEach(tell, hexes.slice(-1));
  if (alone.some(({ tag }) => tag !== 'refused')) return alone;
  const refusals = verdicts.filter(({ tag }) => tag === 'refused');
  return refusals.length > 0 ? refusals : alone;
}

/** One after another; what counts is how the last one fares. */
async function offerEach(tell: Tell, hexes: readonly string[]): Promise<readonly Verdict[]> {
  let verdicts: readonly Verdict[] = [];
  for (const hex of hexes) verdicts = (await tell(postTx(hex))).map(({ value }) => value);
  return verdicts;
}
