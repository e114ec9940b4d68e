import { expect, it } from 'vitest';
import { openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const rowsOf = ({ store }: NodeSeat): number => store.snapshot().get('monitor')?.size ?? 0;

it('the history of a channel is kept until no old state of it can be published any more, and then deleted', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  for (let i = 0; i < 3; i++) {
    const { invoice } = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 10_000_000n, description: '' })),
    );
    value(await world.ask(alice.api.bolt11.send(invoice)));
  }
  expect(rowsOf(alice)).toBe(3);
  value(await world.ask(alice.api.closeChannel(channelId)));
  await world.mine(7);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
  await world.mine(270);
  await alice.restart();
  expect(rowsOf(alice)).toBe(3);
  await world.mine(20);
  expect(rowsOf(alice)).toBe(0);
  expect(rowsOf(bob)).toBe(0);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
});
