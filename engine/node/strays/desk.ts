import type { Cancel } from '../../base/ports.ts';
import { publicKey } from '../../crypto/secp256k1.ts';
import { STATIC_PAYMENT_KEYS } from '../../wallet/key-tree.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { Core } from '../core.ts';
import type { Turn } from '../turn.ts';
import { lookForStrays, type Looked } from './look.ts';
import { writeSearch } from './record.ts';
import { atHeight, isEnded, isPassing, lookedAt, newSearch, soonAgain, type Search } from './search.ts';

/** Four requests a second, beside all else that a restored wallet asks: a pass takes some ten minutes. */
const PACE = { keys: 2, everyMs: 1_000 };
const REGTEST_PACE = { keys: 25, everyMs: 100 };
const RETRY_MS = 30_000;
/** A restart goes on from the last of these. */
const KEYS_PER_WRITE = 50;
/** Depth of the transaction that took it. */
const DEPTH = 6;

/**
 * After a restore from words alone, looks for what peers' commitments paid us: a peer that closed a channel which no
 * disk of ours knows any more, nor any backup. What is found is swept by the claim desk. Slowly, in the background, and
 * again for half a year, as a peer may close long after.
 */
export class StrayDesk {
  readonly #core: Core;
  readonly #onFound: () => void;
  #timer: Cancel | null = null;
  #isLooking = false;
  #stopped = false;
  #unwritten = 0;

  constructor(core: Core, onFound: () => void) {
    this.#core = core;
    this.#onFound = onFound;
  }

  /** The words are older than this disk: in the turn that has found all their coins. */
  begin(turn: Turn): void {
    // Asked for once more: what was found before is not to be found again while our claim of it waits for a block.
    const { strays, height } = this.#core;
    this.#take(turn, { ...newSearch(height), found: strays?.found ?? [] });
    turn.after(() => this.#soon(0));
  }

  /** A peer speaks of a channel that is not known here, and is told so: it will close it. Whether it may have been ours. */
  expectClose(turn: Turn): boolean {
    const { strays, height } = this.#core;
    // Who never restored has all its channels on disk: the peer is mistaken, and must not make us ask servers for more.
    if (strays !== null && height > 0) this.#take(turn, soonAgain(strays, height));
    return strays !== null;
  }

  /** After each look at the chain. */
  onSynced(turn: Turn): void {
    const { strays, height } = this.#core;
    if (strays === null) return;
    const kept = strays.found.filter((stray) => !this.#isTaken(stray));
    const next = atHeight(kept.length === strays.found.length ? strays : { ...strays, found: kept }, height);
    if (next !== strays) this.#take(turn, isEnded(next) ? null : next);
    turn.after(() => this.#soon(0));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  #isTaken({ outPoint }: Search['found'][number]): boolean {
    const { wallet, height } = this.#core;
    const spender = ledgerOf(wallet).spenderOf(outPoint);
    const at = spender === null ? null : (wallet.txs.get(spender)?.at ?? null);
    return at !== null && height - at.height + 1 >= DEPTH;
  }

  #take(turn: Turn, search: Search | null): void {
    this.#core.strays = search;
    this.#unwritten = 0;
    turn.write([writeSearch(search)]);
  }

  #soon(delayMs: number): void {
    const { strays, options } = this.#core;
    if (this.#stopped || this.#isLooking || this.#timer !== null || strays === null || !isPassing(strays))
      return;
    this.#timer = options.clock.after(delayMs, () => {
      this.#timer = null;
      this.#isLooking = true;
      void this.#look(strays)
        .catch((error: unknown) => {
          this.#core.onBug(error);
          return false;
        })
        .then((isDone) => {
          this.#isLooking = false;
          this.#soon(isDone ? this.#pace.everyMs : RETRY_MS);
        });
    });
  }

  get #pace(): typeof PACE {
    const { network, strayEveryMs } = this.#core.options;
    const pace = network === 'regtest' ? REGTEST_PACE : PACE;
    return { ...pace, everyMs: strayEveryMs ?? pace.everyMs };
  }

  /** False when servers did not answer, or nothing can be done now. */
  async #look({ next }: Search): Promise<boolean> {
    const { running, keys, restoring } = this.#core;
    if (running === null || restoring || running.chain.tip() === null) return false;
    const end = Math.min(STATIC_PAYMENT_KEYS, next + this.#pace.keys);
    const looked: Looked[] = [];
    for (let index = next; index < end; index++) {
      const payment = publicKey(keys.staticPaymentKey(index).expose());
      const one = await lookForStrays(running.chain.reader, index, payment);
      if (!one.ok) return false;
      if (this.#stopped) return true;
      looked.push(one.value);
    }
    await this.#core.inTurn<void>((turn, done) => {
      this.#onLooked(turn, next, end - next, looked);
      done();
    });
    return true;
  }

  #onLooked(turn: Turn, from: number, count: number, looked: readonly Looked[]): void {
    const { strays, height } = this.#core;
    // Another pass began meanwhile.
    if (strays?.next !== from) return;
    const after = lookedAt(strays, count, looked, height);
    this.#core.strays = after;
    this.#unwritten += count;
    const isNews = looked.some(({ found, isWaiting }) => found.length > 0 || isWaiting);
    if (isNews || !isPassing(after) || this.#unwritten >= KEYS_PER_WRITE) this.#take(turn, after);
    if (isNews) this.#onFound();
  }
}
