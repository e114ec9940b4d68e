import { expect, it } from 'vitest';
import { msat } from '../base/units.ts';
import { NodeWorld, openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const refused = { ok: false, error: { code: 'words-not-saved', limitMsat: 100_000_000n } };

it('asks for no more than the limit, and for anything once there is none', async () => {
  const { world, bob } = await openedNodes();
  bob.receiveLimit = msat(100_000_000);
  const ask = (amountMsat: bigint): Promise<unknown> =>
    world.ask(bob.api.bolt11.receive({ amountMsat, description: '' }));
  expect(await ask(100_000_000n)).toMatchObject({ ok: true });
  expect(await ask(100_000_001n)).toMatchObject(refused);
  expect(await world.ask(bob.api.bolt11.receiveVariableAmount({ description: '' }))).toMatchObject({
    ok: true,
  });
  bob.receiveLimit = null;
  expect(await ask(100_000_001n)).toMatchObject({ ok: true });
});

it('counts what is there, on chain too; what was asked for before comes all the same', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  alice.receiveLimit = msat(100_000_000);
  await alice.start();
  await world.fund(alice, 1_000_000n);
  expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(1_000_000n);
  expect(await world.ask(alice.api.newAddress())).toMatchObject(refused);
  expect(await world.ask(alice.api.bolt11.receiveVariableAmount({ description: '' }))).toMatchObject(refused);
  alice.receiveLimit = null;
  expect(value(await world.ask(alice.api.newAddress())).address).toMatch(/^bcrt1/);
});
