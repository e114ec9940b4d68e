import { expect, it } from 'vitest';
import { txIdOf } from '../bitcoin/tx.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

/** Alice is shown an invoice of Bob's with an address beside it, and has the coins for either. */
async function shown() {
  const { world, alice, bob } = await openedNodes();
  const { invoice, paymentId } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 20_000_000n, description: '' })),
  );
  const { address } = value(await world.ask(bob.api.newAddress()));
  const uri = `bitcoin:${address}?lightning=${invoice}`;
  const onChain = (options: { readonly isUnpaid?: boolean } = {}) =>
    world.ask(alice.api.sendToAddress(address, 20_000n, 'normal', undefined, '', { invoice, ...options }));
  const overLightning = (options: { readonly isUnpaid?: boolean } = {}) =>
    world.ask(alice.api.bolt11.send(invoice, { address, ...options }));
  const read = async () => value(await alice.api.parse(uri));
  return { world, alice, bob, paymentId, invoice, address, onChain, overLightning, read };
}

it('the address beside an invoice that was paid is paid only when the person says that it was not', async () => {
  const { world, alice, address, onChain, overLightning, read } = await shown();
  expect(await read()).not.toHaveProperty('mayBePaid');
  value(await overLightning());
  await world.settle();
  const refused = { ok: false, error: { code: 'may-be-paid', by: 'invoice' } };
  expect(await read()).toMatchObject({ mayBePaid: 'invoice' });
  expect(await onChain()).toEqual(refused);
  await alice.restart();
  expect(await onChain()).toEqual(refused);
  // By itself an address may be paid as often as one likes.
  value(await world.ask(alice.api.sendToAddress(address, 20_000n, 'normal')));
  value(await onChain({ isUnpaid: true }));
});

it('so it is while the payment of the invoice is under way, and once it has failed it asks nothing', async () => {
  const { world, alice, bob, address } = await shown();
  const paymentHash = '11'.repeat(32);
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receiveForHash({ amountMsat: 20_000_000n, description: '', paymentHash })),
  );
  const onChain = () =>
    world.ask(alice.api.sendToAddress(address, 20_000n, 'normal', undefined, '', { invoice }));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  expect(await onChain()).toEqual({ ok: false, error: { code: 'may-be-paid', by: 'invoice' } });
  value(await world.ask(bob.api.bolt11.fail(paymentHash)));
  await world.settle();
  value(await onChain());
});

it('an invoice whose address was paid is paid only when the person says that it was not', async () => {
  const { world, alice, invoice, onChain, overLightning, read } = await shown();
  value(await onChain());
  const refused = { ok: false, error: { code: 'may-be-paid', by: 'address' } };
  for (const confirmed of [false, true]) {
    if (confirmed) await world.mine(6);
    expect(await read()).toMatchObject({ mayBePaid: 'address' });
    expect(await overLightning()).toEqual(refused);
    // Nor once more on chain, for the same invoice.
    expect(await onChain()).toEqual(refused);
  }
  expect((await alice.api.listBalances()).lightning.localMsat).toBe(500_000_000n);
  value(await overLightning({ isUnpaid: true }));
  await world.settle();
  expect(await world.ask(alice.api.bolt11.send(invoice, { isUnpaid: true }))).toMatchObject({
    error: { code: 'duplicate-payment' },
  });
});

it.each([true, false])(
  'so it is when that payment was cancelled, until what took its place is in a block (it is: %s)',
  async (isCancelled) => {
    const { world, alice, onChain, overLightning } = await shown();
    const { txId } = value(await onChain());
    value(await world.ask(alice.api.cancelSend(txId, { satPerVb: 50 })));
    const refused = { ok: false, error: { code: 'may-be-paid', by: 'address' } };
    expect(await overLightning()).toEqual(refused);
    expect(await onChain()).toEqual(refused);
    world.chain.mempool = world.chain.mempool.filter((tx) => (txIdOf(tx) === txId) !== isCancelled);
    await world.mine();
    if (isCancelled) value(await overLightning());
    else expect(await overLightning()).toEqual(refused);
  },
);

it('asked for at once by both ways, it is paid by one', async () => {
  const { world, onChain, overLightning } = await shown();
  const answers = await Promise.all([onChain(), overLightning()]);
  await world.settle();
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'may-be-paid' } });
});
