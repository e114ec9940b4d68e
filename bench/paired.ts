export type Side = 'leyden' | 'ldk';
export type BySide<T> = Readonly<Record<Side, T>>;

const SIDES: readonly Side[] = ['leyden', 'ldk'];

/** The same for each side, one after the other. */
export async function eachSide<T>(make: (side: Side) => Promise<T>): Promise<BySide<T>> {
  return { leyden: await make('leyden'), ldk: await make('ldk') };
}

/**
 * Runs both sides in turn, `rounds` times, so that the noise of the machine falls on both; who goes first alternates.
 * @returns the samples of all rounds of each side.
 */
export async function interleaved<T>(
  rounds: number,
  run: (side: Side, round: number) => readonly T[] | Promise<readonly T[]>,
): Promise<BySide<T[]>> {
  const samples: BySide<T[]> = { leyden: [], ldk: [] };
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed())
      samples[side].push(...(await run(side, round)));
  }
  return samples;
}

export type Cost = { readonly wallMs: number; readonly cpuMs: number };

/** Wall time, and the processor time of the whole process meanwhile. */
export async function cost(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}
