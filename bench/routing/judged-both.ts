import { readScores } from '../../engine/routing/external-scores.ts';
import { unwrapOk } from '../node/unwrap.ts';
import type { Bench, Row } from '../bench.ts';
import { errorOfSum } from '../figures.ts';
import type { BySide } from '../paired.ts';
import { AMOUNTS } from './amounts.ts';
import { balances, judge, type Verdict } from './judge.ts';
import { LdkRouter } from './ldk-router.ts';
import { LeydenRouter } from './leyden-router.ts';
import { SNAPSHOT_AT, snapshots } from './network.ts';
import { balancesOf, learntByProbing } from './others-scores.ts';
import { queries } from './query.ts';
import type { Routers } from './searched.ts';

type World = {
  readonly name: string;
  readonly truth: () => Float64Array;
  /** What is known at first. */
  readonly begin: () => void;
};

/** `LEYDEN_DRAW=1`: other balances and other questions, that what is seen is not of one draw alone. */
const DRAW = Number(process.env['LEYDEN_DRAW'] ?? 0);
const SEED = 20_260_203 + DRAW;
const LATER = 7 + DRAW;
const TODAY = 99 + DRAW;
const ASKED = 42 + DRAW;
const PROBES_EACH_DAY = 500;

export const judgedBench: Bench = {
  name: 'judged',
  title: 'payments over the public network, with balances that nobody knows',
  notes: [
    'Both pay over the same hidden balances, with up to ten rounds; what one channel refused is avoided and learnt. Each kind of balances begins with nothing learnt; moved: with what the kind before taught, which is not true any more; others: with what LDK learnt of two weeks of probes.',
    'In one part: the payee takes the payment only whole, so that each round is one HTLC.',
    'Leyden less LDK ± the standard error of that, over the same payments. Below LDK by less than two of it: level; by more: missed.',
    'rounds: how often a payment looked for a way and waited. HTLCs and rounds count those that failed as well.',
  ],
  run: async (quick) => {
    const [snapshot] = snapshots();
    if (snapshot === undefined) throw new Error('no snapshot');
    const routers: Routers = { leyden: new LeydenRouter(), ldk: await LdkRouter.start() };
    routers.leyden.apply(snapshot.bytes);
    routers.ldk.apply(snapshot.bytes);
    // LDK finds one part in a tenth of the time: so more of them, for what differs is little.
    return quick ? judgedBoth(routers, 5, 5) : judgedBoth(routers, 40, 160);
  },
};

/** Both pay `count` small amounts and as many large ones in each of some worlds of hidden balances; others in one part. */
function judgedBoth(routers: Routers, count: number, inOnePart: number): readonly Row[] {
  const { leyden, ldk } = routers;
  const { graph } = leyden;
  const anew = (): void => {
    leyden.forget();
    ldk.forget();
  };
  const priors = (['uniform', 'balanced', 'drained'] as const).map((prior): World => ({
    name: prior,
    truth: () => balances(graph, prior, SEED),
    begin: anew,
  }));
  const moved: World = {
    name: 'drained, moved',
    truth: () => balances(graph, 'drained', LATER),
    begin: () => undefined,
  };
  const others: World = {
    name: 'drained, scores of others',
    truth: () => balancesOf(graph, 'drained', TODAY),
    begin: () => {
      anew();
      leyden.merge(unwrapOk(readScores(learntByProbing(leyden, ldk, 'drained', PROBES_EACH_DAY))));
      ldk.passed(SNAPSHOT_AT);
    },
  };
  return [
    ...[...priors, moved, others].flatMap((world) => judgedIn(routers, world, count, 10)),
    ...priors.flatMap((world) => judgedIn(routers, world, inOnePart, 1)),
  ];
}

function judgedIn(
  routers: Routers,
  { name, truth, begin }: World,
  count: number,
  maxParts: number,
): readonly Row[] {
  begin();
  const held = truth();
  const verdicts: BySide<Verdict[]> = { leyden: [], ldk: [] };
  for (const amounts of Object.values(AMOUNTS))
    for (const query of queries(routers.leyden.graph, count, { seed: ASKED, maxParts, ...amounts }))
      for (const side of ['leyden', 'ldk'] as const)
        verdicts[side].push(judge(routers.leyden.graph, held, routers[side], query));
  const row = (
    what: string,
    unit: Row['unit'],
    of: (verdict: Verdict, other: Verdict | undefined) => number,
  ): Row => {
    const ours = verdicts.leyden.map((one, i) => of(one, verdicts.ldk[i]));
    const theirs = verdicts.ldk.map((one, i) => of(one, verdicts.leyden[i]));
    return {
      what: `judged, balances ${name}${maxParts === 1 ? ', in one part' : ''}: ${what}`,
      unit,
      leyden: ours.reduce((total, one) => total + one, 0),
      ldk: theirs.reduce((total, one) => total + one, 0),
      error: errorOfSum(ours.map((one, i) => one - (theirs[i] ?? 0))),
    };
  };
  return [
    { ...row('paid', 'payments', ({ paid }) => (paid ? 1 : 0)), better: 'more', goal: { noWorse: 2 } },
    {
      ...row('fees of what both paid', 'sat', ({ paid, feeMsat }, other) =>
        paid && other?.paid === true ? Number(feeMsat) / 1000 : 0,
      ),
      // Few payments with fees of very different size: other draws tell otherwise by as much as the error says.
      goal: { noWorse: 2 },
    },
    row('HTLCs', 'payments', ({ htlcs }) => htlcs),
    row('rounds', 'payments', ({ rounds }) => rounds),
    row('time to find', 'ms', ({ findMs }) => findMs),
  ];
}
