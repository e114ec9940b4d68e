import { expect, it } from 'vitest';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const AMOUNT = 5_000_000n;

it.each(['crash-before', 'crash-after'] as const)(
  'an invoice sent twice at once, and again after a %s at any commit, is paid once',
  async (tag) => {
    const { world, alice, bob } = await openedNodes();
    let paid = 0n;
    for (let ahead = 0, died = true; died; ahead++) {
      const { invoice, paymentId } = value(
        await world.ask(bob.api.bolt11.receive({ amountMsat: AMOUNT, description: '' })),
      );
      alice.store.plan({ tag }, ahead);
      // The answers may die with the process that was asked.
      for (let i = 0; i < 2; i++) void alice.api.bolt11.send(invoice);
      await world.settle();
      died = alice.isDead;
      alice.store.spare();
      if (died) {
        await alice.restart();
        // Whoever lost the answer asks once more, before the peer is back, and after.
        await world.ask(alice.api.bolt11.send(invoice));
        await world.pass(60_000);
        await world.pass(60_000);
        await world.ask(alice.api.bolt11.send(invoice));
      }
      expect(value(await bob.api.payment(paymentId))).toMatchObject({
        state: 'succeeded',
        amountMsat: AMOUNT,
      });
      expect(value(await alice.api.payment(paymentId))).toMatchObject({ state: 'succeeded' });
      paid += AMOUNT;
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready', remoteMsat: paid }]);
      expect(await alice.api.bolt11.send(invoice)).toMatchObject({ error: { code: 'duplicate-payment' } });
    }
    const told = (await alice.events()).filter((event) => event.tag === 'payment-sent');
    expect(told.length).toBe(Number(paid / AMOUNT));
  },
);
