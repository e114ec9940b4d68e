import { decodeUtf8 } from '../engine/base/utf8.ts';
import type { Http } from '../engine/base/ports.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import type { NodeApi } from '../engine/node/api.ts';
import type { Refusal } from '../engine/node/refusal.ts';

/** An LSP may wait for confirmations in between. */
const PAY_MS = 120_000;

/** Regtest: asks the playground for coins at a new address of ours, then looks at the chain. */
export async function askFaucet(
  http: Http,
  faucet: string | null,
  node: NodeApi,
  amountSat: bigint,
): Promise<Result<{ readonly txId: string }, Refusal>> {
  if (faucet === null)
    return err({ code: 'invalid-config', field: 'faucet', detail: 'this network has no faucet' });
  const address = await node.newAddress();
  if (!address.ok) return address;
  const answer = await http({
    url: faucet,
    method: 'POST',
    body: JSON.stringify({ address: address.value.address, amountSat: Number(amountSat) }),
    timeoutMs: 30_000,
    maxBytes: 10_000,
  });
  const body = answer.ok && answer.value.status === 200 ? decodeUtf8(answer.value.body) : null;
  const txId = /[0-9a-f]{64}/.exec(body ?? '')?.[0];
  if (txId === undefined) return err({ code: 'playground-failed' });
  await node.sync();
  return ok({ txId });
}

/** Regtest: has the playground's node, beside the faucet, pay a request. Resolves when it was paid. */
export async function askPayer(
  http: Http,
  faucet: string | null,
  invoice: unknown,
  amountMsat: unknown,
): Promise<Result<void, Refusal>> {
  if (faucet === null)
    return err({ code: 'invalid-config', field: 'faucet', detail: 'this network has no playground' });
  if (typeof invoice !== 'string') return err({ code: 'unrecognised-input' });
  const amount = typeof amountMsat === 'bigint' ? { amountMsat: Number(amountMsat) } : {};
  const answer = await http({
    url: new URL('peer/pay', faucet).href,
    method: 'POST',
    body: JSON.stringify({ bolt11: invoice, ...amount }),
    timeoutMs: PAY_MS,
    maxBytes: 10_000,
  });
  return answer.ok && answer.value.status === 200 ? ok(undefined) : err({ code: 'playground-failed' });
}
