import type { BlockHash, OutPoint, TxId } from '../base/ids.ts';
import type { Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseHeader, type BlockHeader } from '../bitcoin/header.ts';
import { parseTx } from '../bitcoin/tx-parse.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { UNREACHABLE, type ChainRefusal } from './chain-refusal.ts';
import {
  blockHashAt,
  blockHeader,
  rawTx,
  scriptCounts,
  scriptTxs,
  txMerkleProof,
  txOutspends,
  type HistoryItem,
  type MerkleProof,
  type ScriptCounts,
} from './esplora/questions.ts';
import { provenTx } from './esplora/proven-tx.ts';
import { UNANSWERED, type Asked, type Question, type ServerPool } from './esplora/server-pool.ts';
import type { HeaderChain } from './headers/header-chain.ts';
import { isOfOurTime, standsAlone } from './headers/header-rules.ts';
import { provesHeight } from './headers/height-proof.ts';
import { placementBy, type Placement } from './placement.ts';

type Read<T> = Promise<Result<T, ChainRefusal>>;
/**
 * What is asked of a block below the headers that we hold: that its height is told, proven by its own coinbase
 * transaction, or besides that named by a second server, for which is waited where there are several. `own`: proven,
 * but told and seconded of a block of mainnet from before this wallet, where its words may have been used.
 */
type Burden = 'told' | 'proven' | 'seconded' | 'own';

/** Transactions that were fetched and verified: a watch, a wallet and a proof often want the same one. */
const KEPT_TXS = 200;
const KEPT_HEADERS = 500;
/** One more server is asked for a block that our own headers do not reach. */
const SECOND_OPINIONS = 1;
/** So many servers are asked what they have of a script where all of it is looked for: an index may lack some, or hide it. */
const THOROUGH = 2;
/** Of one script the newest: 10,000 where a page has 25, as on most servers. */
const MOST_PAGES = 400;
const MOST_LISTED = 10_000;

/** `by`: who lists it. */
export type Listed = HistoryItem & { readonly by: readonly string[] };
/** Oldest first. `isWhole`: each server that was to be asked gave its own list to its end. */
export type History = { readonly items: readonly Listed[]; readonly isWhole: boolean };
/** The most that servers count of a script, and who of them has any of it. `isWhole`: as many answered as were to. */
export type Counted = ScriptCounts & { readonly servers: readonly string[]; readonly isWhole: boolean };

/** Verified reads. What a server says is returned only once it is proven, save for script histories, which cannot be. */
export class ChainReader {
  readonly #pool: ServerPool;
  readonly #network: Network;
  readonly #headers: () => HeaderChain | null;
  readonly #txs = new Map<TxId, Tx>();
  readonly #buried = new Map<number, { readonly header: BlockHeader; readonly isSeconded: boolean }>();
  /** Blocks that say of themselves where they stand. */
  readonly #placed = new Map<BlockHash, number>();

  /** `headers`: the best chain now. */
  constructor(pool: ServerPool, network: Network, headers: () => HeaderChain | null) {
    this.#pool = pool;
    this.#network = network;
    this.#headers = headers;
  }

  /** Null when no server has it. The id is recomputed from the bytes; `isWhole` judges of the witness. */
  async transaction(id: TxId, isWhole: (tx: Tx) => boolean = () => true): Read<Tx | null> {
    const kept = this.#txs.get(id);
    if (kept !== undefined && isWhole(kept)) return ok(kept);
    const asked = await provenTx(this.#pool, id, isWhole);
    if (asked.ok && asked.value !== null) keep(this.#txs, id, asked.value, KEPT_TXS);
    return asked;
  }

  /** Whether any of the servers has it now, in the mempool or in a block: each is asked, as one that lags or lies says that it has not. */
  async isKnownToAny(id: TxId): Read<boolean> {
    const answers = await this.#pool.askEach(rawTx(id), Infinity);
    return answers.length === 0 ? err(UNREACHABLE) : ok(answers.some(({ value }) => value !== null));
  }

  /** What spends it now, in the mempool or in a block, as one server says; null where nothing does. Told, and not proven. */
  async toldSpender({ txId, index }: OutPoint): Read<TxId | null> {
    // In turn: what one hides the next may tell.
    const asked = await this.#pool.ask(txOutspends(txId), true);
    if (!asked.ok) return asked;
    return ok((asked.value.value?.[index]?.txid ?? null) as TxId | null);
  }

  /**
   * Where `tx` stands in the best chain, by a merkle proof against a header with proof of work. Null while it is
   * unconfirmed, unknown, or in a block that our headers do not reach yet. Below those that we hold its height is proven
   * too, by the block's coinbase transaction.
   */
  placement(tx: Tx): Read<Placement | null> {
    return this.#place(tx, 'proven');
  }

  /** As `placement`, but null too while of several servers no second one says the same of such a block. */
  secondedPlacement(tx: Tx): Read<Placement | null> {
    return this.#place(tx, 'seconded');
  }

  /**
   * As `placement`, but a height below the headers that we hold is told: for a wallet's history, which is long. A refusal
   * where such a block could not be asked for.
   */
  toldPlacement(tx: Tx): Read<Placement | null> {
    return this.#place(tx, 'told');
  }

  /**
   * As `placement`, but a block of mainnet from before there was this wallet counts once each of two servers names it, or
   * the only one: for coins of ours of which a search did not learn the block.
   */
  ownPlacement(tx: Tx): Read<Placement | null> {
    return this.#place(tx, 'own');
  }

  async #place(tx: Tx, burden: Burden): Read<Placement | null> {
    const question = txMerkleProof(txIdOf(tx));
    const asked = await this.#pool.askUntil(
      question,
      (proof, server) => this.#prove(tx, proof, server, burden),
      'proof',
      true,
    );
    return asked.ok ? ok(asked.value.value) : asked;
  }

  async #prove(
    tx: Tx,
    proof: MerkleProof | null,
    server: string,
    burden: Burden,
  ): Promise<Placement | typeof UNANSWERED | null | undefined> {
    const headers = this.#headers();
    if (proof === null || headers === null || proof.block_height > headers.tip.height) return null;
    const { block_height: height } = proof;
    const held = headers.at(height);
    if (held !== undefined) return placementBy(tx, proof, held);
    const isOld = !isOfOurTime(height, this.#network);
    const isTold = burden === 'told' || (burden === 'own' && isOld);
    // No channel is older than the wallet. Coins are: it may be true, but moves nothing.
    if (isOld && !isTold) return null;
    const inTwo = burden === 'seconded' || (burden === 'own' && isOld);
    const header = await this.#buriedHeader(height, server, inTwo);
    // A search for all is not done before it knows; what waits for its block is asked for again anyway.
    if (header === UNANSWERED) return burden === 'told' ? UNANSWERED : null;
    if (header === null) return null;
    const placement = placementBy(tx, proof, header);
    if (isTold || placement === undefined) return placement;
    const isThere = await this.#isAt(header, height, server);
    return isThere === true ? placement : isThere === false ? undefined : null;
  }

  async #isAt(header: BlockHeader, height: number, server: string): Promise<boolean | null> {
    if (this.#placed.get(header.hash) === height) return true;
    const isThere = await provesHeight(this.#pool, server, header, height);
    if (isThere === true) keep(this.#placed, header.hash, height, KEPT_HEADERS);
    return isThere;
  }

  /**
   * A header below those that we hold. Nothing links it to ours, so a second server must name the same block where
   * there is one to ask, and its proof of work must be one that its time could have made. `inTwo`: where there are
   * several, though they may be resting, a second one must have named it.
   */
  async #buriedHeader(
    height: number,
    server: string,
    inTwo: boolean,
  ): Promise<BlockHeader | typeof UNANSWERED | null> {
    const isEnough = (isSeconded: boolean): boolean => isSeconded || !inTwo || this.#pool.size === 1;
    const kept = this.#buried.get(height);
    if (kept !== undefined && isEnough(kept.isSeconded)) return kept.header;
    const named = await this.#pool.askServer(server, blockHashAt(height));
    if (!named.ok) return UNANSWERED;
    if (named.value === null) return null;
    const seconds = await this.#pool.askEach(blockHashAt(height), SECOND_OPINIONS, server);
    if (seconds.some(({ value }) => value !== named.value)) return null;
    const isSeconded = seconds.length > 0;
    if (!isEnough(isSeconded)) return null;
    const bytes = await this.#pool.askServer(server, blockHeader(named.value));
    if (!bytes.ok) return UNANSWERED;
    const header = bytes.value === null ? null : parseHeader(bytes.value);
    if (header?.hash !== named.value || header === null) return null;
    if (!standsAlone(header, height, this.#network)) return null;
    keep(this.#buried, height, { header, isSeconded }, KEPT_HEADERS);
    return header;
  }

  /** False when its block is not in the best chain any more; null when that is below the headers that we hold. */
  isInBestChain({ height, blockHash }: Pick<Placement, 'height' | 'blockHash'>): boolean | null {
    const headers = this.#headers();
    if (headers === null || height < headers.baseHeight) return null;
    return headers.at(height)?.hash === blockHash;
  }

  /**
   * How many transactions touch a script: one small answer, not proven, in turn, as what one lacks the next may have.
   * `thorough`: of two servers, at the same time.
   */
  async scriptCounts(script: Uint8Array, thorough = false): Read<Counted> {
    const question = scriptCounts(script);
    const answers = thorough ? await this.#pool.askEach(question, THOROUGH) : await this.#inTurn(question);
    if (answers.length === 0) return err(UNREACHABLE);
    return ok({
      isWhole: !thorough || answers.length >= Math.min(THOROUGH, this.#pool.size),
      confirmed: Math.max(...answers.map(({ value }) => value.confirmed)),
      mempool: Math.max(...answers.map(({ value }) => value.mempool)),
      servers: answers.flatMap(({ value, server }) => (value.confirmed + value.mempool > 0 ? [server] : [])),
    });
  }

  async #inTurn<T>(question: Question<T>): Promise<readonly Asked<T>[]> {
    const asked = await this.#pool.ask(question, true);
    return asked.ok ? [asked.value] : [];
  }

  /**
   * The transactions that touch a script, oldest first, as those list them that counted any: pages until there are as many
   * as `counts` says, or one brings nothing that `isKnown` does not have, 10,000 at most. A server can leave some out, but
   * none that it invents survives `transaction`; see `ListTrust` for what that costs.
   */
  async scriptHistory(
    script: Uint8Array,
    { confirmed, servers }: Pick<Counted, 'confirmed' | 'servers'>,
    isKnown: (item: HistoryItem) => boolean = () => false,
  ): Read<History> {
    const history = new Map<TxId, Listed>();
    let isWhole = true;
    for (const asked of servers) {
      const listed = await this.#listed(script, asked, confirmed, isKnown);
      if (!listed.ok) return listed;
      for (const { server, value: item } of listed.value.toReversed()) {
        if (server !== asked) isWhole = false;
        const before = history.get(item.txId);
        const by = [...new Set([...(before?.by ?? []), server])];
        history.set(item.txId, { ...item, confirmed: item.confirmed || before?.confirmed === true, by });
      }
    }
    return ok({ items: [...history.values()], isWhole });
  }

  /** A second server may be asked now, or none is named. */
  hasSecond(): boolean {
    return this.#pool.usable().length >= Math.min(THOROUGH, this.#pool.size);
  }

  /** It lists what is not there. */
  distrust(server: string): void {
    this.#pool.distrust(server, 'transaction');
  }

  /** Whether this very server has no such transaction, by its word or by what it gives for it. False where it does not answer. */
  async denies(server: string, id: TxId): Promise<boolean> {
    const asked = await this.#pool.askServer(server, rawTx(id));
    if (!asked.ok) return false;
    const tx = asked.value === null ? null : parseTx(asked.value);
    return tx?.ok !== true || txIdOf(tx.value) !== id;
  }

  /** Newest first. */
  async #listed(
    script: Uint8Array,
    server: string,
    most: number,
    isKnown: (item: HistoryItem) => boolean,
  ): Read<readonly Asked<HistoryItem>[]> {
    const listed = new Map<TxId, Asked<HistoryItem>>();
    let confirmed = 0;
    let after: TxId | null = null;
    for (let page = 0; page < MOST_PAGES && listed.size < MOST_LISTED; page++) {
      const items = await this.#page(script, after, server);
      if (!items.ok) return items;
      const fresh = items.value.value.filter(({ txId }) => !listed.has(txId));
      for (const item of fresh) listed.set(item.txId, { value: item, server: items.value.server });
      confirmed += fresh.filter((item) => item.confirmed).length;
      const last = items.value.value.findLast((item) => item.confirmed);
      if (last === undefined || confirmed >= most || fresh.every(isKnown)) break;
      after = last.txId;
    }
    return ok([...listed.values()]);
  }

  /** Of this server, or of another while it rests. */
  async #page(script: Uint8Array, after: TxId | null, server: string): Read<Asked<readonly HistoryItem[]>> {
    const question = scriptTxs(script, after);
    if (this.#pool.usable().includes(server)) {
      const page = await this.#pool.askServer(server, question);
      if (page.ok) return ok({ value: page.value, server });
    }
    return this.#pool.ask(question);
  }
}

/** The oldest entry makes room. */
function keep<K, V>(kept: Map<K, V>, key: K, value: V, most: number): void {
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
