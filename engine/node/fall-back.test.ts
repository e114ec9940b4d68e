import { beforeAll, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type NodeSeat, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const PREIMAGE = new Uint8Array(32).fill(7);

async function pay(world: NodeWorld, from: NodeSeat, to: NodeSeat): Promise<void> {
  const { invoice } = value(
    await world.ask(to.api.bolt11.receive({ amountMsat: 20_000_000n, description: '' })),
  );
  value(await world.ask(from.api.bolt11.send(invoice)));
  await world.settle();
}

/** Alice's disk is that of before her last payment, with another under way; her peer gives back a backup that is newer. */
async function returned(meanwhile: (bob: NodeSeat, world: NodeWorld) => Promise<void>) {
  const { world, alice, bob } = await openedNodes();
  await pay(world, alice, bob);
  const request = { amountMsat: 20_000_000n, description: '', paymentHash: toHex(sha256(PREIMAGE)) };
  const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
  const { paymentId } = value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  const old = alice.store.restart();
  await meanwhile(bob, world);
  await pay(world, alice, bob);
  await world.pass(61_000);
  alice.die();
  alice.store = old;
  await alice.start();
  await world.pass(5_000);
  expect((await alice.api.status()).alarms).toMatchObject([{ code: 'data-loss' }]);
  await alice.restart();
  await world.pass(5_000);
  const payment = async () =>
    (await alice.api.listPayments()).payments.find(({ id }) => id === paymentId) ?? null;
  const again = () => world.ask(alice.api.bolt11.send(invoice));
  return { world, bob, payment, again };
}

it('a payment of an old disk that is still held stays under way, and its proof is found on the chain', async () => {
  const { world, bob, payment, again } = await returned((payee, nodes) =>
    // For the fee of taking it on the chain.
    nodes.fund(payee, 100_000n),
  );
  expect(await payment()).toMatchObject({ state: 'pending' });
  expect(await again()).toMatchObject({ ok: false, error: { code: 'duplicate-payment', state: 'pending' } });
  value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
  for (let blocks = 0; blocks < 10; blocks++) await world.mine();
  expect(await payment()).toMatchObject({ state: 'succeeded', preimage: toHex(PREIMAGE) });
});

it('one that ended while that disk was away may have been paid: it says so, and is not paid again', async () => {
  const { payment, again } = await returned(async (bob, world) => {
    value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
    await world.settle();
  });
  expect(await payment()).toMatchObject({ state: 'failed', failure: { code: 'outcome-unknown' } });
  expect(await again()).toMatchObject({ ok: false, error: { code: 'duplicate-payment', state: 'failed' } });
});
