import { json, type Context, type Route } from '../route.ts';

/** The targets that Blockstream's server answers for. */
const TARGETS = [...Array.from({ length: 25 }, (_, i) => i + 1), 144, 504, 1008];

async function estimates({ rpc, feeEstimates }: Context): Promise<Readonly<Record<string, number>>> {
  const given = feeEstimates();
  if (given !== null) return given;
  const answers = await rpc.batch<{ feerate?: number }>(
    'estimatesmartfee',
    TARGETS.map((target) => [target]),
  );
  const result: Record<string, number> = {};
  for (const [i, target] of TARGETS.entries()) {
    const perKvb = answers[i]?.feerate;
    // Without history bitcoind has no answer; then there is none here either.
    if (perKvb !== undefined) result[target] = Math.round(perKvb * 1e8) / 1000;
  }
  return result;
}

export const mempoolRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/fee-estimates',
    answer: async (context) => json(await estimates(context)),
  },
  {
    method: 'GET',
    path: '/mempool',
    answer: ({ index }) => {
      const txs = index.pending.all();
      const vsizes = txs.map((tx) => Math.ceil(tx.weight / 4));
      return json({
        count: txs.length,
        vsize: vsizes.reduce((sum, vsize) => sum + vsize, 0),
        total_fee: txs.reduce((sum, tx) => sum + tx.feeSat, 0),
        // Pairs of sat/vB and how many vbytes pay at least that, the best payers first.
        fee_histogram: txs
          .map((tx, i) => [tx.feeSat / (vsizes[i] ?? 1), vsizes[i] ?? 0] as const)
          .sort(([a], [b]) => b - a),
      });
    },
  },
];
