import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { decode, encode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { openedNodes, type NodeSeat, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { keeperRecord } from './backup/records.ts';

const PREIMAGE = new Uint8Array(32).fill(5);
const AMOUNT = { amountMsat: 20_000_000n, description: '' };
const paidBefore = { ok: false, error: { code: 'may-be-paid', by: 'earlier-device' } };

/** From here on its peer takes a kibibyte of it: no HTLCs, and no payments. */
async function briefly(seat: NodeSeat): Promise<void> {
  const rows = new Map([...seat.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  const meta = rows.get('meta') ?? new Map<string, Uint8Array>();
  const keepers = [...meta].filter(([key]) => key.startsWith('backup/keeper/'));
  expect(keepers).toHaveLength(1);
  for (const [key, bytes] of keepers)
    meta.set(
      key,
      encode(keeperRecord, { ...value(decode(keeperRecord, bytes)), capacity: 1_024, sent: null }),
    );
  seat.die();
  seat.store = new CrashStore(rows);
  await seat.start();
  await seat.world.pass(61_000);
}

/** The same words on an empty disk; what the chain tells may come later. */
async function newDevice(seat: NodeSeat): Promise<void> {
  seat.die();
  seat.store = new CrashStore();
  await seat.start();
  void seat.node.restoreOnchain();
  await seat.world.settle();
}

/** What alice lost was closed, and she has another channel to bob. */
async function anotherChannel(world: NodeWorld, alice: NodeSeat, bob: NodeSeat): Promise<void> {
  const states = async () => (await alice.api.listChannels()).map(({ state }) => state);
  for (let blocks = 0; blocks < 200 && !(await states()).includes('closed'); blocks += 10)
    await world.mine(10);
  expect(await states()).toEqual(['closed']);
  const peer = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 200_000n };
  const opening = alice.api.openChannel(peer);
  await world.pass(1_000);
  value(await world.ask(opening));
  await world.mine(6);
}

it('restored from a brief backup, nothing that the lost device paid is paid again unasked', async () => {
  const { world, alice, bob } = await openedNodes();
  await briefly(alice);
  const paymentHash = toHex(sha256(PREIMAGE));
  const [paid, beside] = [
    value(await world.ask(bob.api.bolt11.receive(AMOUNT))).invoice,
    value(await world.ask(bob.api.bolt11.receive(AMOUNT))).invoice,
  ];
  const held = value(await world.ask(bob.api.bolt11.receiveForHash({ ...AMOUNT, paymentHash }))).invoice;
  const { address } = value(await world.ask(bob.api.newAddress()));
  value(await world.ask(alice.api.bolt11.send(paid)));
  value(await world.ask(alice.api.bolt11.send(held)));
  value(
    await world.ask(alice.api.sendToAddress(address, 20_000n, 'normal', undefined, '', { invoice: beside })),
  );
  await world.settle();
  await world.mine();
  await world.pass(61_000);

  await newDevice(alice);
  const asked = alice.api.backup.askPeer(await bob.id(), 'bob', 9735);
  await world.pass(1_000);
  expect(value(await world.ask(asked))).toMatchObject({ found: 1 });
  await anotherChannel(world, alice, bob);
  const before = (await alice.api.listBalances()).totalMsat;

  const onChain = (invoice: string) =>
    world.ask(alice.api.sendToAddress(address, 20_000n, 'normal', undefined, '', { invoice }));
  for (const invoice of [paid, held]) {
    expect(await world.ask(alice.api.bolt11.send(invoice))).toEqual(paidBefore);
    expect(value(await alice.api.parse(invoice))).toMatchObject({ mayBePaid: 'earlier-device' });
    expect((await onChain(invoice)).ok).toBe(false);
  }
  // The chain tells more than any backup.
  const byAddress = { ok: false, error: { code: 'may-be-paid', by: 'address' } };
  expect(await world.ask(alice.api.bolt11.send(beside, { address }))).toEqual(byAddress);
  expect(await world.ask(alice.api.bolt11.send(beside))).toEqual(paidBefore);
  expect(await onChain(beside)).toEqual(byAddress);
  expect((await alice.api.listBalances()).totalMsat).toBe(before);
});

it('so it is before the chain was looked through to its end', async () => {
  const { world, alice, bob } = await openedNodes();
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(AMOUNT)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  world.esplora.fault = (path) =>
    /^\/(address|scripthash)\//.test(path) ? { status: 500, body: Uint8Array.of() } : null;
  await newDevice(alice);
  expect((await alice.api.listPayments()).payments).toEqual([]);
  expect(value(await alice.api.parse(invoice))).toMatchObject({ mayBePaid: 'earlier-device' });
  world.esplora.fault = () => null;
  await world.pass(61_000);
  expect(value(await alice.api.parse(invoice))).toMatchObject({ mayBePaid: 'earlier-device' });
});
