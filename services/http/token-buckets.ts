export type BucketLimits = {
  /** So many at once. */
  readonly burst: number;
  /** Then so many a minute. */
  readonly perMinute: number;
};

type Bucket = { tokens: number; countedAt: number };

/** Forgetting is worth a walk over all buckets only from this many on. */
const MANY = 10_000;

/** How often each of many may do something. */
export class TokenBuckets {
  readonly #limits: BucketLimits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  /** From so many on. Twice what a walk left: one walk for each newcomer would be a thousandfold of the newcomer's own work. */
  #walkAt = MANY;

  /** @param now milliseconds, never going back */
  constructor(limits: BucketLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Whether `key` may do it now. */
  has(key: string): boolean {
    return this.#bucket(key).tokens >= 1;
  }

  /** @returns whether `key` may do it now; then it counts */
  take(key: string): boolean {
    const bucket = this.#bucket(key);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** With the tokens that time has given it since. */
  #bucket(key: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(key);
    if (known === undefined) {
      if (this.#buckets.size >= this.#walkAt) this.#forget(now);
      const bucket = { tokens: this.#limits.burst, countedAt: now };
      this.#buckets.set(key, bucket);
      return bucket;
    }
    known.tokens = this.#tokensAt(known, now);
    known.countedAt = now;
    return known;
  }

  #tokensAt(bucket: Bucket, now: number): number {
    const earned = ((now - bucket.countedAt) / 60_000) * this.#limits.perMinute;
    return Math.min(this.#limits.burst, bucket.tokens + earned);
  }

  /** Those who are as good as new. */
  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, now) >= this.#limits.burst) this.#buckets.delete(key);
    }
    this.#walkAt = Math.max(MANY, 2 * this.#buckets.size);
  }
}
