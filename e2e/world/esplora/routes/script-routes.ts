// `/address/:address` and `/scripthash/:hash`: the same answers, found by two names.
import { scriptHashOf } from '../bytes.ts';
import { statusJson, txJson } from '../json.ts';
import type { TxRecord } from '../records.ts';
import type { TxSet } from '../tx-set.ts';
import { hash32, json, Refused, type Context, type Reply, type Route } from '../route.ts';

const MEMPOOL_PAGE = 50;
const CHAIN_PAGE = 25;

type Named = { readonly label: object; readonly scriptHash: string };
type NameOf = (context: Context, value: string | undefined) => Promise<Named>;

const byAddress: NameOf = async ({ rpc }, address) => {
  const answer = await rpc.call<{ isvalid: boolean; scriptPubKey?: string }>('validateaddress', address);
  if (answer.scriptPubKey === undefined) throw new Refused(400, 'Invalid Bitcoin address');
  return { label: { address }, scriptHash: scriptHashOf(answer.scriptPubKey) };
};

const byScriptHash: NameOf = (_context, value) => {
  const scripthash = hash32(value);
  return Promise.resolve({ label: { scripthash }, scriptHash: scripthash });
};

function stats(set: TxSet, scriptHash: string): object {
  const totals = {
    funded_txo_count: 0,
    funded_txo_sum: 0,
    spent_txo_count: 0,
    spent_txo_sum: 0,
    tx_count: 0,
  };
  for (const tx of set.touching(scriptHash)) {
    totals.tx_count += 1;
    for (const output of tx.outputs) {
      if (output.scriptHash !== scriptHash) continue;
      totals.funded_txo_count += 1;
      totals.funded_txo_sum += output.valueSat;
    }
    for (const { prevout } of tx.inputs) {
      if (prevout?.scriptHash !== scriptHash) continue;
      totals.spent_txo_count += 1;
      totals.spent_txo_sum += prevout.valueSat;
    }
  }
  return totals;
}

function unspent(context: Context, scriptHash: string): object[] {
  const { index, faults } = context;
  return [index.confirmed, index.pending].flatMap((set) =>
    set.touching(scriptHash).flatMap((tx) =>
      tx.outputs.flatMap((output, vout) => {
        if (output.scriptHash !== scriptHash || index.spenderOf(tx.txid, vout) !== undefined) return [];
        return [{ txid: tx.txid, vout, status: statusJson(index, faults, tx.txid), value: output.valueSat }];
      }),
    ),
  );
}

const mempoolPage = ({ index }: Context, scriptHash: string): readonly TxRecord[] =>
  index.pending.touching(scriptHash).toReversed().slice(0, MEMPOOL_PAGE);

function chainPage({ index }: Context, scriptHash: string, after?: string): readonly TxRecord[] {
  const newestFirst = index.confirmed.touching(scriptHash).toReversed();
  const start = after === undefined ? 0 : newestFirst.findIndex((tx) => tx.txid === after) + 1;
  return newestFirst.slice(start, start + CHAIN_PAGE);
}

const page = ({ index, faults }: Context, txs: readonly TxRecord[]): Reply =>
  json(txs.map((tx) => txJson(index, faults, tx)));

function routesUnder(prefix: string, nameOf: NameOf): Route[] {
  const route = (
    suffix: string,
    answer: (context: Context, named: Named, parameters: Readonly<Record<string, string>>) => Reply,
  ): Route => ({
    method: 'GET',
    path: `${prefix}/:name${suffix}`,
    answer: async (context, parameters) =>
      answer(context, await nameOf(context, parameters['name']), parameters),
  });
  return [
    route('', ({ index }, { label, scriptHash }) =>
      json({
        ...label,
        chain_stats: stats(index.confirmed, scriptHash),
        mempool_stats: stats(index.pending, scriptHash),
      }),
    ),
    route('/utxo', (context, { scriptHash }) => json(unspent(context, scriptHash))),
    route('/txs', (context, { scriptHash }) =>
      page(context, [...mempoolPage(context, scriptHash), ...chainPage(context, scriptHash)]),
    ),
    route('/txs/mempool', (context, { scriptHash }) => page(context, mempoolPage(context, scriptHash))),
    route('/txs/chain', (context, { scriptHash }) => page(context, chainPage(context, scriptHash))),
    route('/txs/chain/:last', (context, { scriptHash }, { last }) =>
      page(context, chainPage(context, scriptHash, hash32(last))),
    ),
  ];
}

export const scriptRoutes: readonly Route[] = [
  ...routesUnder('/address', byAddress),
  ...routesUnder('/scripthash', byScriptHash),
];
