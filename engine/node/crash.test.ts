import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import type { Fate } from '../testkit/crash-store.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const FATES: readonly Fate['tag'][] = ['crash-before', 'crash-after'];

/** Restarts those whose process died, and waits until the peers talk again. */
async function revive(world: NodeWorld): Promise<void> {
  for (const seat of world.seats) if (seat.isDead) await seat.restart();
  await world.pass(60_000);
  await world.pass(60_000);
}

const plan = (seat: NodeSeat, tag: Fate['tag'], ahead: number): void =>
  seat.store.plan(tag === 'fail' ? { tag, failure: { code: 'quota', detail: '' } } : { tag }, ahead);

describe('a process that dies at a commit', () => {
  it.each(['payer', 'payee'] as const)('of the %s: the payment is made once, or not at all', async (who) => {
    const { world, alice, bob } = await openedNodes();
    const mortal = who === 'payer' ? alice : bob;
    let paid = 0n;
    for (const fate of FATES)
      for (let ahead = 0, died = true; died; ahead++) {
        const { invoice, paymentId } = value(
          await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' })),
        );
        plan(mortal, fate, ahead);
        // The answer may die with the process that was asked.
        void alice.api.bolt11.send(invoice);
        await world.settle();
        died = mortal.isDead;
        mortal.store.spare();
        await revive(world);
        const sent = await alice.api.payment(paymentId);
        const received = value(await bob.api.payment(paymentId)).state === 'succeeded';
        const state = sent.ok ? sent.value.state : 'failed';
        expect({ fate, ahead, state }).toEqual({ fate, ahead, state: received ? 'succeeded' : 'failed' });
        if (received) paid += 1_000_000n;
        expect((await bob.api.listBalances()).lightning).toMatchObject({ localMsat: paid, inFlightMsat: 0n });
        expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready', remoteMsat: paid }]);
      }
    expect(paid).toBeGreaterThan(0n);
  });

  it.each(['alice', 'bob'] as const)('of %s while a channel is opened: all or nothing', async (who) => {
    for (const fate of FATES)
      for (let ahead = 0, died = true; died; ahead++) {
        const world = new NodeWorld();
        const [alice, bob] = [world.seat('alice'), world.seat('bob')];
        await alice.start();
        await bob.start();
        await world.fund(alice, 1_000_000n);
        const mortal = who === 'alice' ? alice : bob;
        const nodeId = await bob.id();
        plan(mortal, fate, ahead);
        void alice.api.openChannel({ nodeId, host: 'bob', port: 9735, amountSat: 500_000n });
        await world.settle();
        died = mortal.isDead;
        mortal.store.spare();
        await revive(world);
        await world.mine(6);
        await world.pass(60_000);
        const channels = await alice.api.listChannels();
        const { totalMsat, onchain } = await alice.api.listBalances();
        expect(onchain.reservedSat).toBe(0n);
        // Nothing but the fee of the funding transaction was lost.
        expect(totalMsat).toBeGreaterThan(999_000_000n);
        expect(totalMsat).toBeLessThanOrEqual(1_000_000_000n);
        if (channels.length > 0) {
          expect(channels).toMatchObject([{ state: 'ready' }]);
          expect(await bob.api.listChannels()).toMatchObject([{ state: 'ready' }]);
        } else expect(onchain.confirmedSat).toBe(1_000_000n);
      }
  });

  it.each(['alice', 'bob'] as const)(
    'of %s while a channel is closed: both have signed, or nobody',
    async (who) => {
      for (const fate of FATES)
        for (let ahead = 0, died = true; died; ahead++) {
          const { world, alice, bob, channelId } = await openedNodes();
          const mortal = who === 'alice' ? alice : bob;
          plan(mortal, fate, ahead);
          void alice.api.closeChannel(channelId);
          await world.settle();
          died = mortal.isDead;
          mortal.store.spare();
          if (died) await mortal.restart();
          // The peer that is done with the channel says so before the chain tells of it.
          const port = 9735;
          value(await world.ask(alice.api.connect(await bob.id(), 'bob', port, true)));
          await revive(world);
          const [channel] = await alice.api.listChannels();
          if (channel?.state === 'ready') {
            value(await world.ask(alice.api.closeChannel(channelId)));
            await world.settle();
          }
          await world.mine(7);
          for (const { api } of [alice, bob])
            expect(await api.listChannels()).toMatchObject([
              { state: 'closed', closing: { kind: 'cooperative' } },
            ]);
          const spends = world.chain
            .all()
            .filter(({ inputs }) => inputs.some(({ outPoint }) => outPoint.txId === channel?.fundingTxId));
          expect(spends).toHaveLength(1);
        }
    },
  );

  it('before it has both signatures of a close: its commitment does not compete with what the peer published', async () => {
    let died = 0;
    for (let ahead = 0; ahead < 10; ahead++) {
      const { world, alice, channelId } = await openedNodes();
      const { chain, esplora } = world;
      const { fundingTxId } = (await alice.api.listChannels())[0]!;
      const spends = (): number =>
        chain.all().filter(({ inputs }) => inputs.some(({ outPoint }) => outPoint.txId === fundingTxId))
          .length;
      plan(alice, 'crash-before', ahead);
      void alice.api.closeChannel(channelId);
      await world.settle();
      if (!alice.isDead || spends() === 0) continue;
      died++;
      // The server is behind when it is asked first.
      esplora.fault = (path) =>
        path.endsWith('/outspends') ? { status: 200, body: JSON.stringify([{ spent: false }]) } : null;
      await alice.restart();
      esplora.fault = () => null;
      value(await world.ask(alice.api.forceCloseChannel(channelId)));
      await world.settle();
      expect(spends()).toBe(1);
      await world.mine(7);
      expect(await alice.api.listChannels()).toMatchObject([{ closing: { kind: 'cooperative' } }]);
    }
    expect(died).toBeGreaterThan(0);
  });
});
