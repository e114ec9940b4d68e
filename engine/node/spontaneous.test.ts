import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('spontaneous.quote', () => {
  it('says the cost and changes nothing', async () => {
    const { world, alice, bob } = await openedNodes();
    const quote = value(await world.ask(alice.api.spontaneous.quote(await bob.id(), 20_000_000n)));
    expect(quote).toMatchObject({ amountMsat: 20_000_000n, feeMsat: 0n, maxFeeMsat: 250_000n });
    expect((await alice.api.listPayments()).payments.map(({ kind }) => kind)).not.toContain('spontaneous');
  });

  it('tells what cannot be paid before it is tried', async () => {
    const { world, alice, bob } = await openedNodes();
    const asked = async (nodeId: string, amount: bigint) =>
      world.ask(alice.api.spontaneous.quote(nodeId, amount));
    expect(await asked(await bob.id(), 600_000_000n)).toMatchObject({
      error: { code: 'insufficient-balance' },
    });
    expect(await asked(await alice.id(), 1_000n)).toMatchObject({ error: { code: 'own-invoice' } });
    expect(await asked(`02${'ff'.repeat(32)}`, 1_000n)).toMatchObject({
      error: { code: 'invalid-argument' },
    });
  });
});

describe('spontaneous.send', () => {
  it('pays within the fee that was agreed to; each call pays anew', async () => {
    const { world, alice, bob } = await openedNodes();
    const nodeId = await bob.id();
    const { maxFeeMsat } = value(await world.ask(alice.api.spontaneous.quote(nodeId, 2_000_000n)));
    const send = () => world.ask(alice.api.spontaneous.send(nodeId, 2_000_000n, { maxFeeMsat }));
    const [first, second] = [value(await send()), value(await send())];
    expect(first.paymentId).not.toBe(second.paymentId);
    await world.settle();
    const received = (await bob.events()).filter(({ tag }) => tag === 'payment-received');
    expect(received).toMatchObject([{ amountMsat: 2_000_000n }, { amountMsat: 2_000_000n }]);
    expect(value(await alice.api.payment(first.paymentId))).toMatchObject({
      kind: 'spontaneous',
      state: 'succeeded',
      peerNodeId: nodeId,
      invoice: null,
    });
  });
});

describe('spontaneous payments that come in', () => {
  it('are not taken below one satoshi', async () => {
    const { world, alice, bob } = await openedNodes();
    const nodeId = await bob.id();
    const sent = value(await world.ask(alice.api.spontaneous.send(nodeId, 999n, { maxFeeMsat: 0n })));
    await world.settle();
    expect(value(await alice.api.payment(sent.paymentId))).toMatchObject({ state: 'failed' });
    expect((await bob.api.listPayments()).payments.map(({ kind }) => kind)).not.toContain('spontaneous');
  });
});
