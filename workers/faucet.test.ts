import { expect, test } from 'vitest';
import type { HttpRequest } from '../engine/base/ports.ts';
import { err, ok } from '../engine/base/result.ts';
import { encodeUtf8, decodeUtf8 } from '../engine/base/utf8.ts';
import type { NodeApi } from '../engine/node/api.ts';
import { askFaucet, askPayer } from './faucet.ts';

const FAUCET = 'http://127.0.0.1:5181/faucet';

/** What is answered with this status, and what was asked. */
function serving(status: number | null) {
  const asked: HttpRequest[] = [];
  return {
    asked,
    http: (request: HttpRequest) => {
      asked.push(request);
      if (status === null) return Promise.resolve(err({ code: 'unreachable' as const, detail: '' }));
      return Promise.resolve(ok({ status, body: encodeUtf8('{"preimage":"00"}') }));
    },
  };
}

test('the playground beside the faucet is asked to pay what is shown', async () => {
  const { asked, http } = serving(200);
  expect(await askPayer(http, FAUCET, 'lnbcrt1', null)).toEqual(ok(undefined));
  expect(await askPayer(http, FAUCET, 'lnbcrt1', 50_000_000n)).toEqual(ok(undefined));
  expect(asked.map(({ url }) => url)).toEqual(Array(2).fill('http://127.0.0.1:5181/peer/pay'));
  const bodies = asked.map(({ body }) =>
    typeof body === 'string' ? body : decodeUtf8(body ?? new Uint8Array()),
  );
  expect(bodies).toEqual(['{"bolt11":"lnbcrt1"}', '{"bolt11":"lnbcrt1","amountMsat":50000000}']);
});

test('what fails is said: no playground, none that answers, none that can pay, nothing to pay', async () => {
  const { asked, http } = serving(400);
  expect(await askPayer(http, null, 'lnbcrt1', null)).toMatchObject({ error: { code: 'invalid-config' } });
  expect(await askPayer(http, FAUCET, 5, null)).toMatchObject({ error: { code: 'unrecognised-input' } });
  expect(asked).toEqual([]);
  expect(await askPayer(http, FAUCET, 'lnbcrt1', null)).toMatchObject({
    error: { code: 'playground-failed' },
  });
  const gone = await askPayer(serving(null).http, FAUCET, 'lnbcrt1', null);
  expect(gone).toMatchObject({ error: { code: 'playground-failed' } });
});

const node = {
  newAddress: () => Promise.resolve(ok({ address: 'bcrt1q', index: 0 })),
  sync: () => Promise.resolve(ok({})),
} as unknown as NodeApi;

test('a faucet that gives nothing says so, and not that the chain cannot be reached', async () => {
  const refused = { ok: false, error: { code: 'playground-failed' } };
  // With 200 it says that it did, and not by what.
  for (const status of [400, 429, 500, null, 200])
    expect(await askFaucet(serving(status).http, FAUCET, node, 1_000n)).toMatchObject(refused);
});
