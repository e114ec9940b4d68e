import { expect } from '@playwright/test';
import { wholeBetween } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import type { Kill } from './engine-page.ts';
import type { KilledEngine } from './killed-engine.ts';
import type { KillPlan } from './kill-switch.ts';
import { synced } from './played.ts';
import { KILLS } from './plans.ts';

/** What something takes that nobody interrupts: commits of the engine, the first and the last after so many milliseconds. */
export type Whole = { readonly commits: number; readonly firstMs: number; readonly lastMs: number };

/** From so many kills on each boundary is due. */
const ALL = 300;
/** Of fewer kills than this it is chance where they fall. */
const FEW = 10;

const nameOf = ({ at, commit }: KillPlan): string => `${at} ${commit}`;

/**
 * @param prepare gives what is measured
 * @param times it is done: the fewest commits are its own, others had some of the engine's housekeeping among them
 */
export async function measured(
  engine: KilledEngine,
  times: number,
  prepare: () => Promise<() => Promise<unknown>>,
): Promise<Whole> {
  const all: Whole[] = [];
  for (let i = 0; i < times; i++) {
    const act = await prepare();
    await quiet(engine);
    await engine.plan(null);
    const began = performance.now();
    await act();
    const at = engine.commitsSincePlan.map((time) => time - began);
    all.push({ commits: at.length, firstMs: at[0] ?? 0, lastMs: at.at(-1) ?? 0 });
  }
  const [fewest] = all.sort((one, other) => one.commits - other.commits);
  if (fewest === undefined || fewest.commits === 0) throw new Error('nothing was committed');
  return fewest;
}

/** Once it has written what a start writes: what it commits from then on is of what it is asked for. */
export async function quiet(engine: KilledEngine): Promise<void> {
  await synced(engine);
  let before = -1;
  await until(
    async () => {
      const commits = await engine.commits();
      const same = commits === before;
      before = commits;
      return same;
    },
    { what: 'no more commits', everyMs: 50 },
  );
}

/** The kills while one kind of thing was done: how many fell in the middle of it, and at which of its commits. */
export class Tally<What extends string = string> {
  readonly what: What;
  readonly #whole: Whole;
  readonly #random: () => number;
  /** Those that were longest not tried come first; at first in an order that goes by the seed. */
  #plans: readonly KillPlan[];
  readonly #hit = new Set<string>();
  #tries = 0;
  kills = 0;
  middle = 0;

  constructor(what: What, whole: Whole, random: () => number) {
    this.what = what;
    this.#whole = whole;
    this.#random = random;
    this.#plans = Array.from({ length: whole.commits }, (_, i) => i + 1)
      .flatMap((commit) => [
        { at: 'before' as const, commit },
        { at: 'after' as const, commit },
      ])
      .map((plan) => ({ plan, order: random() }))
      .sort((one, other) => one.order - other.order)
      .map(({ plan }) => plan);
  }

  /** Each commit boundary in its turn, before and after; one that was missed comes again, and none twice before all. */
  boundary(): KillPlan {
    this.#tries++;
    const next = this.#plans.find((plan) => !this.#hit.has(nameOf(plan))) ?? this.#plans[0];
    if (next === undefined) throw new Error(`${this.what} takes no commit`);
    this.#plans = [...this.#plans.filter((plan) => plan !== next), next];
    return next;
  }

  /** Any instant from its first commit to its last. */
  instant(): number {
    return wholeBetween(this.#random, Math.floor(this.#whole.firstMs), Math.ceil(this.#whole.lastMs));
  }

  /** A little after one of its commits that is not the last: for whoever is killed from outside, which takes its time. */
  moment(): { readonly commits: number; readonly ms: number } {
    const { commits, firstMs, lastMs } = this.#whole;
    const between = commits - 1;
    const apart = Math.ceil((lastMs - firstMs) / Math.max(1, between) / 2);
    return {
      commits: wholeBetween(this.#random, 1, Math.max(1, between)),
      ms: wholeBetween(this.#random, 0, apart),
    };
  }

  killed({ at, commits }: Kill): void {
    this.kills++;
    if (at === 'instant') {
      if (commits >= 1 && commits < this.#whole.commits) this.middle++;
      return;
    }
    this.middle++;
    this.#hit.add(nameOf({ at, commit: commits }));
  }

  /** All of many kills. Of few, what they were meant for: a quarter may be missed. */
  expectBoundaries(): void {
    const most = this.#tries === 0 ? 0 : this.#plans.length;
    const due = KILLS >= ALL ? most : Math.min(most, Math.floor((this.#tries * 3) / 4));
    expect(this.#hit.size, `boundaries of ${this.what}: ${[...this.#hit].join(', ')}`).toBeGreaterThanOrEqual(
      due,
    );
  }

  toString(): string {
    const { commits, firstMs, lastMs } = this.#whole;
    return [
      `${this.what} (${commits} commits in ${Math.round(lastMs - firstMs)} ms): ${this.kills} kills`,
      `${this.middle} in the middle`,
      ...(this.#tries === 0 ? [] : [`${this.#hit.size} of ${this.#plans.length} boundaries`]),
    ].join(', ');
  }
}

/** Prints them, and expects that the kills hit what they were meant for. */
export function expectHits(...tallies: readonly Tally[]): void {
  console.log(tallies.map(String).join('\n'));
  for (const tally of tallies) tally.expectBoundaries();
  const kills = tallies.reduce((sum, tally) => sum + tally.kills, 0);
  const middle = tallies.reduce((sum, tally) => sum + tally.middle, 0);
  if (kills >= FEW) expect(2 * middle, 'twice those in the middle').toBeGreaterThanOrEqual(kills);
}
