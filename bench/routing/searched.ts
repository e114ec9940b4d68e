import type { Route } from '../../engine/routing/route.ts';
import type { Row } from '../bench.ts';
import { errorOfSum, quantile, spreadOf } from '../figures.ts';
import { interleaved, type BySide, type Side } from '../paired.ts';
import { estimated } from './estimate.ts';
import type { LdkRouter } from './ldk-router.ts';
import type { LeydenRouter } from './leyden-router.ts';
import type { FoundPart, Query } from './query.ts';

export type Routers = { readonly leyden: LeydenRouter; readonly ldk: LdkRouter };

const SHARES = [0.5, 0.9, 0.99] as const;

/** A set of questions that both are asked in turn: time, of what was found and what was not, fees, and how likely it is. */
export async function searched(
  routers: Routers,
  asked: readonly Query[],
  what: string,
  ratio: number,
): Promise<readonly Row[]> {
  const found: BySide<(readonly FoundPart[] | null)[]> = { leyden: [], ldk: [] };
  const ours: { readonly query: Query; readonly route: Route }[] = [];
  const times = await interleaved(asked.length, (side, round) => {
    const query = asked[round];
    if (query === undefined) return [];
    const start = performance.now();
    const answer = side === 'leyden' ? routers.leyden.search(query, []) : routers.ldk.search(query, []);
    const took = performance.now() - start;
    // Reading what LDK's handle holds is not counted.
    if (answer !== null && 'ok' in answer && answer.ok) ours.push({ query, route: answer.value });
    found[side].push(
      answer === null || !('ok' in answer) ? routers.ldk.partsOf(answer) : answer.ok ? answer.value : null,
    );
    return [took];
  });
  for (const { query, route } of ours) routers.leyden.assertValid({ query, avoid: [], route });
  const places = [...asked.keys()];
  const isFound = (side: Side, i: number): boolean => (found[side][i] ?? null) !== null;
  const both = places.filter((i) => isFound('leyden', i) && isFound('ldk', i));
  const neither = places.filter((i) => !isFound('leyden', i) && !isFound('ldk', i));
  const count = (side: Side): number => places.filter((i) => isFound(side, i)).length;
  return [
    ...timed(what, times, places, { ratio }),
    ...timed(`${what}, found by both`, times, both),
    ...timed(`${what}, found by neither`, times, neither),
    {
      what: `${what}, found`,
      unit: 'payments',
      leyden: count('leyden'),
      ldk: count('ldk'),
      better: 'more',
      goal: { ratio: 1 },
    },
    ...priced(routers, asked, found, both).map((row): Row => ({ ...row, what: `${what}, ${row.what}` })),
  ];
}

function timed(
  what: string,
  times: BySide<readonly number[]>,
  places: readonly number[],
  goal?: Row['goal'],
): readonly Row[] {
  if (places.length === 0) return [];
  const of = (side: Side): readonly number[] => places.map((i) => times[side][i] ?? NaN);
  const spread = { leyden: spreadOf(of('leyden')), ldk: spreadOf(of('ldk')) };
  return SHARES.map((share): Row => ({
    what: `${what}, p${Math.round(100 * share)}`,
    unit: 'ms',
    leyden: quantile(of('leyden'), share),
    ldk: quantile(of('ldk'), share),
    spread,
    ...(goal === undefined ? {} : { goal }),
  }));
}

const meanOf = (all: readonly number[]): number =>
  all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);

/** Of what both found: what it costs, and how likely it arrives at the first try. */
function priced(
  { leyden: { graph } }: Routers,
  asked: readonly Query[],
  found: BySide<readonly (readonly FoundPart[] | null)[]>,
  both: readonly number[],
): readonly Row[] {
  const feesOf = (side: Side): number =>
    both.reduce((sum, i) => {
      const parts = found[side][i] ?? [];
      const sent = parts.reduce((total, [first]) => total + (first?.amountMsat ?? 0n), 0n);
      return sum + Number(sent - (asked[i]?.amountMsat ?? 0n)) / 1000;
    }, 0);
  const chanceOf = (side: Side) =>
    estimated(
      graph,
      both.map((i) => ({ payer: asked[i]?.payer ?? '', parts: found[side][i] ?? [] })),
    );
  const chances = { leyden: chanceOf('leyden'), ldk: chanceOf('ldk') };
  return [
    {
      what: 'fees of what both found',
      unit: 'sat',
      leyden: feesOf('leyden'),
      ldk: feesOf('ldk'),
      goal: { ratio: 1 },
    },
    ...(Object.keys(chances.leyden) as (keyof typeof chances.leyden)[]).map((prior): Row => ({
      what: `arrives at the first try, balances ${prior}`,
      unit: 'per cent',
      leyden: meanOf(chances.leyden[prior]),
      ldk: meanOf(chances.ldk[prior]),
      error:
        errorOfSum(chances.leyden[prior].map((one, i) => one - (chances.ldk[prior][i] ?? 0))) / both.length,
      better: 'more',
      goal: { noWorse: 2 },
    })),
  ];
}
