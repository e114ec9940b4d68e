import { expect, it } from 'vitest';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const asked = { description: '' };

it('a payment tells its way; what cannot go says why before it is sent', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const bobId = await bob.id();
  const receive = async (amountMsat: bigint): Promise<string> =>
    value(await world.ask(bob.api.bolt11.receive({ amountMsat, ...asked }))).invoice;

  const invoice = await receive(5_000_000n);
  expect(await alice.api.bolt11.quote(invoice)).toMatchObject({ ok: true, value: { feeMsat: 0n } });
  const { paymentId } = value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  expect(value(await alice.api.paymentParts(paymentId))).toEqual([
    {
      number: 0,
      state: 'fulfilled',
      channelId,
      amountMsat: 5_000_000n,
      feeMsat: 0n,
      hops: [
        {
          nodeId: bobId,
          alias: null,
          shortChannelId: null,
          amountMsat: 5_000_000n,
          feeMsat: 0n,
          heldMs: null,
        },
      ],
      stoppedAt: null,
      failure: null,
    },
  ]);
  expect(await alice.api.paymentParts('00'.repeat(32))).toMatchObject({
    error: { code: 'unknown-payment' },
  });

  const [channel] = await alice.api.listChannels();
  if (channel === undefined) throw new Error('no channel');
  const { sendableMsat, localMsat } = channel;
  expect(await alice.api.bolt11.quote(await receive(localMsat))).toEqual({
    ok: false,
    error: { code: 'insufficient-balance', sendableMsat, keptMsat: localMsat - sendableMsat },
  });
  expect(await alice.api.bolt11.quote(await receive(localMsat + 1n))).toEqual({
    ok: false,
    error: { code: 'insufficient-balance', sendableMsat },
  });
  expect(
    await alice.api.rebalance({ fromChannelId: channelId, toChannelId: channelId, amountMsat: 1_000n }),
  ).toMatchObject({ error: { code: 'invalid-argument', field: 'toChannelId' } });
});
