import { expect, it } from 'vitest';
import { put } from '../base/write.ts';
import { encode } from '../codec/field.ts';
import { brokenPayment } from '../payment/fixtures/broken-payment.ts';
import { outgoingRecord } from '../payment/outgoing-record.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

it('a payment that cannot be gone on with keeps the node from nothing, and is told of', async () => {
  const { world, alice, bob } = await openedNodes();
  const broken = brokenPayment();
  alice.die();
  alice.store = alice.store.restart();
  value(await alice.store.commit([put('payment', broken.id, encode(outgoingRecord, broken))]));
  await alice.start();
  await world.pass(60_000);
  expect(await alice.api.status()).toMatchObject({ running: true, alarms: [{ code: 'bug' }] });
  const invoice = value(await world.ask(bob.api.bolt11.receive({ amountMsat: 5_000_000n, description: '' })));
  value(await world.ask(alice.api.bolt11.send(invoice.invoice)));
  expect(value(await bob.api.payment(invoice.paymentId)).state).toBe('succeeded');
  expect(value(await alice.api.payment(broken.id)).state).toBe('pending');
});
