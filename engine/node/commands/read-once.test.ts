import { afterEach, expect, it } from 'vitest';
import type { Secp256k1 } from '../../crypto/secp256k1-backend.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { openedNodes } from '../../testkit/node-world.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { value } from '../../testkit/wallet-world.ts';

afterEach(async () => installSecp256k1(await wasmBackend()));

/** A curve that counts the keys that are recovered from signatures: one for each reading of an invoice. */
async function counting(): Promise<Secp256k1 & { readonly recovered: () => number }> {
  const curve = await wasmBackend();
  let recovered = 0;
  return {
    ...curve,
    recoverPoint: (...signed) => {
      recovered++;
      return curve.recoverPoint(...signed);
    },
    recovered: () => recovered,
  };
}

it.each(['send', 'quote', 'sendProbes'] as const)('%s reads the invoice once', async (command) => {
  const { world, alice, bob } = await openedNodes();
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 20_000_000n, description: '' })),
  );
  const curve = await counting();
  installSecp256k1(curve);
  const answer: Promise<{ readonly ok: boolean }> = alice.api.bolt11[command](invoice);
  expect(await world.ask(answer)).toMatchObject({ ok: true });
  await world.settle();
  expect(curve.recovered()).toBe(1);
});
