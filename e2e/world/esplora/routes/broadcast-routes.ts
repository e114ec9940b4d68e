import { RpcError } from '../../rpc.ts';
import { json, Refused, text, type Reply, type Route } from '../route.ts';

async function asRefusal(method: string, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new Refused(400, `${method} RPC error ${error.code}: ${error.reason}`);
  }
}

function transactionList(body: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new Refused(400, 'Invalid transaction list');
  }
  if (!Array.isArray(parsed) || !parsed.every((item) => typeof item === 'string')) {
    throw new Refused(400, 'Invalid transaction list');
  }
  if (parsed.length > 25) throw new Refused(400, 'Exceeded maximum of 25 transactions');
  return parsed;
}

export const broadcastRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/tx',
    answer: ({ rpc, posted }, _parameters, body) =>
      asRefusal('sendrawtransaction', async () => {
        posted(body);
        return text(await rpc.call<string>('sendrawtransaction', body));
      }),
  },
  {
    method: 'POST',
    path: '/txs/package',
    // Also a package that bitcoind refuses is answered with 200: what happened stands inside.
    answer: ({ rpc, posted }, _parameters, body) =>
      asRefusal('submitpackage', async () => {
        const txs = transactionList(body);
        txs.forEach(posted);
        return json(await rpc.call('submitpackage', txs));
      }),
  },
];
