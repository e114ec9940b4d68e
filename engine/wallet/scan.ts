import type { TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, type BlockHeight, type Timestamp } from '../base/units.ts';
import { equalBytes } from '../base/bytes.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { ChainReader } from '../chain/chain-reader.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain/chain-refusal.ts';
import { inParallel } from '../chain/in-parallel.ts';
import { ListTrust } from '../chain/list-trust.ts';
import { GAP_LIMIT } from './addresses.ts';
import { BRANCHES, SCRIPT_KINDS, type Branch, type KeyOrigin, type ScriptKind } from './key-origin.ts';
import { ledgerOf } from './ledger.ts';
import { deriveScript } from './own-script.ts';
import type { SeenTx } from './record-tx.ts';
import type { WalletFacts } from './wallet-facts.ts';
import type { WalletState } from './wallet-state.ts';

/** Verified reads of the chain, as `ChainFollower.reader` offers them. */
export type ScanSource = Pick<
  ChainReader,
  | 'scriptCounts'
  | 'scriptHistory'
  | 'transaction'
  | 'placement'
  | 'isKnownToAny'
  | 'isInBestChain'
  | 'distrust'
  | 'denies'
>;

/**
 * `isEnded`: it came to its end. `isWhole`: all who were to be asked answered all, too. What was learnt before one did not
 * is as true, and need not be asked again.
 */
export type Scan = { readonly facts: WalletFacts; readonly isEnded: boolean; readonly isWhole: boolean };
/** Whether a scan has taken too long: it ends then, as where nobody answers. */
type IsOver = () => boolean;
type Scanned = Promise<Result<Scan, ChainRefusal>>;

const PARALLEL = 4;

/** Gathers facts; the first refusal ends it. */
class Gathering {
  readonly used: KeyOrigin[] = [];
  readonly seen = new Map<TxId, SeenTx>();
  readonly gone: TxId[] = [];
  refusal: ChainRefusal | null = null;
  #isWhole = true;
  readonly #source: ScanSource;
  readonly #state: WalletState;
  readonly #trust: ListTrust;
  readonly #isOver: IsOver;

  constructor(source: ScanSource, state: WalletState, isOver: IsOver) {
    this.#source = source;
    this.#state = state;
    this.#trust = new ListTrust(source);
    this.#isOver = isOver;
  }

  finish(tipHeight: BlockHeight): Result<Scan, ChainRefusal> {
    const { refusal, used, seen, gone } = this;
    if (refusal !== null && seen.size === 0) return err(refusal);
    const isEnded = refusal === null;
    const isWhole = isEnded && this.#isWhole && !this.#trust.isLeftOpen;
    return ok({ facts: { tipHeight, used, seen: [...seen.values()], gone }, isEnded, isWhole });
  }

  take<T>(result: Result<T, ChainRefusal>): T | null {
    if (result.ok) return result.value;
    this.refusal ??= result.error;
    return null;
  }

  /** True when something pays the script; then what is more than `known` is fetched. `known` is null where all of it is looked for. */
  async look(
    script: Uint8Array,
    known: { readonly confirmed: number; readonly total: number } | null,
  ): Promise<boolean> {
    if (this.#isOver()) this.refusal ??= UNREACHABLE;
    if (this.refusal !== null) return false;
    const counts = this.take(await this.#source.scriptCounts(script, known === null));
    if (counts === null) return false;
    this.#isWhole &&= counts.isWhole;
    const total = counts.confirmed + counts.mempool;
    const { confirmed: before, total: totalBefore } = known ?? { confirmed: 0, total: 0 };
    if (total <= totalBefore && counts.confirmed <= before) return total > 0;
    const isKnown = ({ txId, confirmed }: { readonly txId: TxId; readonly confirmed: boolean }): boolean =>
      this.#isOver() ||
      (known !== null && (this.#isSettled(txId) || (!confirmed && this.#state.txs.has(txId))));
    const servers = counts.servers.filter((server) => this.#trust.isTrusted(server));
    const history = this.take(await this.#source.scriptHistory(script, { ...counts, servers }, isKnown));
    if (history === null) return false;
    this.#isWhole &&= history.isWhole && servers.length === counts.servers.length;
    let isUsed = false;
    // Oldest first: what is spent is known before what spends it, wherever this ends.
    for (const item of history.items) {
      if (this.#isOver()) this.refusal ??= UNREACHABLE;
      if (this.refusal !== null) break;
      if (!this.#trust.mayFollow(item)) {
        this.#isWhole = false;
        continue;
      }
      const tx = await this.fetch(item.txId, item.confirmed);
      const pays = tx?.outputs.some((output) => equalBytes(output.script, script)) === true;
      // Also where another question failed meanwhile: what was learnt is kept, and whose it is.
      isUsed ||= pays;
      if (this.refusal !== null) break;
      await this.#trust.note(
        item,
        tx === null ? null : pays || this.#spendsFrom(tx, script) ? 'right' : 'strange',
      );
    }
    return isUsed;
  }

  #spendsFrom({ inputs }: Tx, script: Uint8Array): boolean {
    return inputs.some(({ outPoint: { txId, index } }) => {
      const output = this.#known(txId)?.outputs[index];
      return output !== undefined && equalBytes(output.script, script);
    });
  }

  #known(txId: TxId): Tx | null {
    return this.seen.get(txId)?.tx ?? this.#state.txs.get(txId)?.tx ?? null;
  }

  #isSettled(txId: TxId): boolean {
    const known = this.#state.txs.get(txId);
    return known?.at != null && this.#source.isInBestChain(known.at) !== false;
  }

  /** Null where none of those that answer has it, or none answers. */
  async fetch(txId: TxId, confirmed: boolean): Promise<Tx | null> {
    if (this.#isSettled(txId) || this.seen.has(txId)) return this.#known(txId);
    const tx = this.take(await this.#source.transaction(txId));
    if (tx === null) return null;
    const placed = confirmed ? await this.#source.placement(tx) : ok(null);
    this.take(placed);
    if (placed.ok) this.seen.set(txId, { tx, at: placed.value });
    return tx;
  }
}

/**
 * Looks for everything that these words ever received: both accounts, both branches, each until `GAP_LIMIT` unused
 * addresses in a row, of two servers where there are two. Costs each of them a request for each address (80 at least)
 * and one for 25 transactions of each used one; and two to five for each transaction.
 */
export async function scanAll(
  source: ScanSource,
  state: WalletState,
  tipHeight: BlockHeight,
  isOver: IsOver = () => false,
): Scanned {
  const gathering = new Gathering(source, state, isOver);
  for (const kind of SCRIPT_KINDS)
    for (const branch of BRANCHES) await scanBranch(gathering, state, kind, branch);
  return gathering.finish(tipHeight);
}

async function scanBranch(
  gathering: Gathering,
  state: WalletState,
  kind: ScriptKind,
  branch: Branch,
): Promise<void> {
  const xpub = state.accounts.xpubs[kind];
  let next = 0;
  let end = Math.max(GAP_LIMIT, state.accounts.next[kind][branch]);
  while (next < end && gathering.refusal === null) {
    const window = Array.from({ length: end - next }, (_, i) => ({ kind, branch, index: next + i }));
    next = end;
    await inParallel(window, PARALLEL, async (origin) => {
      if (await gathering.look(deriveScript(xpub, origin).script, null)) {
        gathering.used.push(origin);
        end = Math.max(end, origin.index + 1 + GAP_LIMIT);
      }
      return gathering.refusal === null;
    });
  }
}

const NEWEST_PER_BLOCK = 20;
const OTHERS_PER_BLOCK = 5;
const NEWEST_BETWEEN = 3;
const OTHERS_BETWEEN = 1;
const PENDING_PER_BLOCK = 40;
/** Servers differ for a while about what is in the mempool. */
const GONE_AFTER_SECONDS = 1_200;
/** Deeper blocks stay. */
const REORG_DEPTH = 288;

export type News = {
  readonly tipHeight: BlockHeight;
  readonly newBlock: boolean;
  /** Counts up with each call: older addresses take turns. */
  readonly turn: number;
  readonly now: Timestamp;
  readonly isOver?: IsOver;
};

/**
 * What is new for addresses that were handed out, and for transactions that are pending. Costs 4 requests between
 * blocks; after a block 25, and one to three for each pending transaction (40 at most); two to five more for each
 * transaction that was not known. A server that lists more than there is costs itself up to 400 pages for an address, and
 * the others some ten requests of each look, or a few hundred once where it gives rubbish for what it listed. Call `scanAll` for what this does not see: the same words used in another wallet.
 */
export async function scanNews(source: ScanSource, state: WalletState, news: News): Scanned {
  const { newBlock, turn, tipHeight } = news;
  const ledger = ledgerOf(state);
  const gathering = new Gathering(source, state, news.isOver ?? (() => false));
  const all = [...state.scripts.values()];
  const fresh = all
    .filter(({ branch, script }) => branch === 'receive' && ledger.activityOf(script).total === 0)
    .sort((a, b) => b.index - a.index)
    .slice(0, newBlock ? NEWEST_PER_BLOCK : NEWEST_BETWEEN);
  const others = inTurn(
    all.filter((script) => !fresh.includes(script)),
    newBlock ? OTHERS_PER_BLOCK : OTHERS_BETWEEN,
    turn,
  );
  await inParallel([...fresh, ...others], PARALLEL, async ({ script }) => {
    await gathering.look(script, ledger.activityOf(script));
    return gathering.refusal === null;
  });
  if (newBlock && gathering.refusal === null) await lookAgain(source, gathering, state, news);
  return gathering.finish(blockHeight(tipHeight));
}

const inTurn = <T>(items: readonly T[], count: number, turn: number): readonly T[] =>
  items.length <= count
    ? items
    : Array.from({ length: count }, (_, i) => items[(turn * count + i) % items.length]).filter(
        (item) => item !== undefined,
      );

/** Transactions that a new block may have moved. */
async function lookAgain(
  source: ScanSource,
  gathering: Gathering,
  state: WalletState,
  { turn, tipHeight, now }: News,
): Promise<void> {
  const txs = [...state.txs.values()].filter(({ tx }) => !gathering.seen.has(txIdOf(tx)));
  const moved = txs.filter(
    ({ at }) => at !== null && tipHeight - at.height < REORG_DEPTH && source.isInBestChain(at) === false,
  );
  const pending = inTurn(
    txs.filter(({ at }) => at === null),
    PENDING_PER_BLOCK,
    turn,
  );
  await inParallel([...moved, ...pending], PARALLEL, async ({ tx, at: before, purpose, firstSeen }) => {
    const at = gathering.take(await source.placement(tx));
    if (gathering.refusal !== null) return false;
    if (at !== null || before !== null) gathering.seen.set(txIdOf(tx), { tx, at });
    else if (purpose === null && now - firstSeen > GONE_AFTER_SECONDS) {
      if (gathering.take(await source.isKnownToAny(txIdOf(tx))) === false) gathering.gone.push(txIdOf(tx));
    }
    return true;
  });
}
