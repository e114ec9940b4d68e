/** So much at once, and so much more with each second. */
export type Rate = { readonly burst: number; readonly perSecond: number };

type Left = { left: number; at: number };

/** Whoever was not heard of for longest is forgotten, and begins anew: what all may have together stays as it is. */
const MOST_KNOWN = 1_000;

/** What each may have of something, and all of them together. */
export class Allowance<Name> {
  readonly #each: Rate;
  readonly #all: Rate;
  readonly #now: () => number;
  readonly #known = new Map<Name, Left>();
  readonly #together: Left;

  /** `now`: monotonic milliseconds. */
  constructor(each: Rate, all: Rate, now: () => number) {
    this.#each = each;
    this.#all = all;
    this.#now = now;
    this.#together = { left: all.burst, at: now() };
  }

  /** False, and nothing is taken, where there is not so much left. */
  take(name: Name, amount: number): boolean {
    const known = this.#heardOf(name);
    if (known.left < amount || this.#together.left < amount) return false;
    known.left -= amount;
    this.#together.left -= amount;
    return true;
  }

  /** Takes it in any case. Of what was not there no more than one is owed, which time soon brings. */
  charge(name: Name, amount: number): void {
    const known = this.#heardOf(name);
    known.left = Math.max(-1, known.left - amount);
    this.#together.left -= amount;
  }

  /** Whether more was charged than there was. To ask is not to be heard of. */
  owes(name: Name): boolean {
    const known = this.#known.get(name);
    if (known === undefined) return false;
    this.#refill(known, this.#each);
    return known.left < 0;
  }

  #heardOf(name: Name): Left {
    const known = this.#known.get(name) ?? { left: this.#each.burst, at: this.#now() };
    this.#known.delete(name);
    this.#known.set(name, known);
    const [first] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && first !== undefined) this.#known.delete(first);
    this.#refill(known, this.#each);
    this.#refill(this.#together, this.#all);
    return known;
  }

  #refill(of: Left, { burst, perSecond }: Rate): void {
    const now = this.#now();
    of.left = Math.min(burst, of.left + ((now - of.at) / 1_000) * perSecond);
    of.at = now;
  }
}
