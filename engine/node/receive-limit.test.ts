import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { msat } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

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

describe('what comes over Lightning', () => {
  async function limited() {
    const nodes = await openedNodes();
    const { world, alice, bob } = nodes;
    bob.receiveLimit = msat(100_000_000);
    const total = async (): Promise<bigint> => (await bob.api.listBalances()).totalMsat;
    const isPaid = async (paymentId: string): Promise<boolean> => {
      await world.settle();
      return value(await alice.api.payment(paymentId)).state === 'succeeded';
    };
    const pay = async (invoice: string, options = {}): Promise<boolean> =>
      isPaid(value(await world.ask(alice.api.bolt11.send(invoice, options))).paymentId);
    const push = async (amountMsat: bigint): Promise<boolean> =>
      isPaid(value(await world.ask(alice.api.spontaneous.send(await bob.id(), amountMsat))).paymentId);
    const alarms = async (): Promise<readonly string[]> =>
      (await bob.api.status()).alarms.map(({ code }) => code);
    return { ...nodes, total, pay, push, alarms };
  }

  it('is bound together, where several invoices wait; the rest goes back, and one is told', async () => {
    const { world, bob, total, pay, alarms } = await limited();
    const ask = async (): Promise<string> =>
      value(await world.ask(bob.api.bolt11.receive({ amountMsat: 60_000_000n, description: '' }))).invoice;
    const [first, second] = [await ask(), await ask()];
    expect(await pay(first)).toBe(true);
    expect(await alarms()).toEqual([]);
    expect(await pay(second)).toBe(false);
    expect(await total()).toBe(60_000_000n);
    expect(await alarms()).toEqual(['turned-away']);
    expect((await bob.api.listBalances()).unsaved).toEqual({
      limitMsat: 100_000_000n,
      leftMsat: 40_000_000n,
    });

    // The words are saved: the same invoice is good still.
    bob.receiveLimit = null;
    expect(await alarms()).toEqual([]);
    expect((await bob.api.listBalances()).unsaved).toBeUndefined();
    expect(await pay(second)).toBe(true);
    expect(await total()).toBe(120_000_000n);
  });

  it('is bound where the payer chooses the amount', async () => {
    const { world, bob, total, pay, push } = await limited();
    const open = value(await world.ask(bob.api.bolt11.receiveVariableAmount({ description: '' })));
    expect(await pay(open.invoice, { amountMsat: 100_000_001n })).toBe(false);
    expect(await push(100_000_001n)).toBe(false);
    expect(await total()).toBe(0n);
    expect(await push(70_000_000n)).toBe(true);
    expect(await push(30_000_001n)).toBe(false);
    expect(await push(30_000_000n)).toBe(true);
    expect(await total()).toBe(100_000_000n);
    expect((await bob.api.listPayments()).payments.filter(({ kind }) => kind === 'spontaneous')).toHaveLength(
      2,
    );
  });

  it('counts what is held for somebody who has not claimed it, over a restart too, and lets go of none of it', async () => {
    const { world, alice, bob, total, push } = await limited();
    const preimage = new Uint8Array(32).fill(7);
    const held = value(
      await world.ask(
        bob.api.bolt11.receiveForHash({
          amountMsat: 80_000_000n,
          description: '',
          paymentHash: toHex(sha256(preimage)),
        }),
      ),
    );
    value(await world.ask(alice.api.bolt11.send(held.invoice)));
    await world.settle();
    expect(await push(30_000_000n)).toBe(false);
    bob.receiveLimit = msat(100_000_000);
    await bob.restart();
    await world.mine();
    expect(await push(30_000_000n)).toBe(false);
    expect(value(await bob.api.payment(held.paymentId)).state).toBe('claimable');
    value(await world.ask(bob.api.bolt11.claim(toHex(preimage))));
    await world.settle();
    expect(await total()).toBe(80_000_000n);
    expect(await push(20_000_000n)).toBe(true);
  });
});
