import { describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { err } from '../base/result.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const FULL = { code: 'quota', detail: 'full' } as const;

const codes = async (seat: NodeSeat): Promise<readonly string[]> =>
  (await seat.api.status()).alarms.map(({ code }) => code);

/** In steps short enough for what a timer leads to to happen before the next one. */
async function wait(world: NodeWorld, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) await world.pass(5_000);
}

/** Minutes go by while nothing runs, as while a machine sleeps; then it is awake for as long as it takes. */
async function sleep(world: NodeWorld, minutes: number): Promise<void> {
  world.clock.skew += minutes * 60;
  await wait(world, 20);
}

const invoiced = async (world: NodeWorld, payee: NodeSeat) =>
  value(await world.ask(payee.api.bolt11.receive({ amountMsat: 5_000_000n, description: '' })));

/** Alice has sent a payment that mempools dropped since. `posts`: how often servers were told anything. */
async function sent(): Promise<OpenedNodes & { readonly txId: string; readonly posts: () => number }> {
  const nodes = await openedNodes();
  const { world, alice } = nodes;
  const to = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
  const { txId } = value(await world.ask(alice.api.sendToAddress(to, 100_000n, { satPerVb: 1 })));
  world.chain.mempool = [];
  return {
    ...nodes,
    txId,
    posts: () => world.esplora.log.filter((line) => line.startsWith('POST')).length,
  };
}

const taken = { code: 'fenced', detail: 'another tab took the wallet over' } as const;

describe('a disk that another tab writes to now', () => {
  it('was taken while this one slept: servers are told of nothing more, as the other may have taken a payment back', async () => {
    const { world, alice, posts } = await sent();
    const before = posts();
    alice.store.refuse(taken);
    await world.mine(1);
    await wait(world, 60);
    expect(posts()).toBe(before);
  });

  it('was taken in the middle of a round: servers are told of nothing more', async () => {
    const { world, alice, txId, posts } = await sent();
    const before = posts();
    // Asked for before it is offered again.
    world.esplora.fault = (path) => {
      if (path.startsWith(`/tx/${txId}`)) alice.store.refuse(taken);
      return null;
    };
    await world.mine(1);
    await wait(world, 60);
    expect(alice.complaints.join()).toContain(taken.detail);
    expect(posts()).toBe(before);
  });

  it('was taken while this one slept: no backup is given out, which would be written over a newer one', async () => {
    const { world, alice } = await openedNodes();
    const made: boolean[] = [];
    const give = (): void => void alice.api.backup.export().then(({ ok }) => made.push(ok));
    give();
    await wait(world, 5);
    expect(made).toEqual([true]);
    alice.store.refuse(taken);
    give();
    await wait(world, 5);
    expect(made).toEqual([true]);
  });
});

describe('a disk that does not say who writes to it', () => {
  it.each([
    ['fails', 2],
    ['does not answer', 20],
  ])(
    'as it %s: what a close brought is told again with each block, a payment once it is known',
    async (how, seconds) => {
      const { world, alice, txId, channelId } = await sent();
      value(await world.ask(alice.api.forceCloseChannel(channelId)));
      const [commitment] = world.chain.mempool.map(txIdOf);
      const told = (): readonly string[] =>
        world.chain.mempool.map(txIdOf).filter((id) => [txId, commitment].includes(id));
      world.chain.mempool = [];
      if (how === 'fails') alice.store.refuse({ code: 'unavailable', detail: 'an I/O error' });
      else alice.store.hold();
      await world.mine(1);
      await wait(world, seconds);
      expect(told()).toEqual([commitment]);
      // What that block brought waits for the disk, and nothing else may.
      for (const _ of [1, 2]) {
        world.chain.mempool = [];
        await world.mine(1);
        await wait(world, 100);
        expect(told()).toEqual([commitment]);
      }
      alice.store.refuse(null);
      alice.store.release();
      await wait(world, 60);
      expect(new Set(told())).toEqual(new Set([txId, commitment]));
    },
  );

  it.each([
    ['takes nothing', 'unavailable', true],
    ['has no room', 'quota', true],
    ['cannot be read either', 'unavailable', false],
  ] as const)(
    'as it %s, for so long that the node begins anew: what a close brought is told on, until another tab has the wallet',
    async (_, code, isRead) => {
      const { world, alice, bob, channelId } = await sent();
      const { invoice } = await invoiced(world, bob);
      value(await world.ask(alice.api.bolt11.send(invoice)));
      bob.die();
      value(await world.ask(alice.api.forceCloseChannel(channelId)));
      await world.mine(1);
      await world.mine(150);
      const claims = world.chain.mempool.map(txIdOf);
      expect(claims).toHaveLength(1);
      // As it stood before it was paid: the next run has something to write at once.
      const unpaid = alice.store.commits.flat().find(({ op, table }) => op === 'put' && table === 'payment');
      value(await alice.store.commit([unpaid!]));
      const isTold = async (): Promise<boolean> => {
        world.chain.mempool = [];
        await world.mine(1);
        await wait(world, 20);
        return world.chain.mempool.map(txIdOf).includes(claims[0]!);
      };
      const failure = { code, detail: '' } as const;
      alice.store.refuse(failure);
      const { load } = alice.store;
      if (!isRead) Object.assign(alice.store, { load: () => Promise.resolve(err(failure)) });
      expect(await isTold()).toBe(true);
      for (const __ of [1, 2]) {
        await sleep(world, 11);
        expect(await isTold()).toBe(true);
      }
      alice.store.refuse(taken);
      expect(await isTold()).toBe(false);
      alice.store.refuse(null);
      Object.assign(alice.store, { load });
      await world.pass(301_000);
      await wait(world, 20);
      await world.mine(1);
      expect((await alice.api.listBalances()).closingSat).toBe(0n);
      expect(await codes(alice)).toEqual([]);
    },
  );
});

describe('a disk that refuses', () => {
  it.each(['payer', 'payee'] as const)(
    'of the %s, at any commit of a payment: it waits, says so, and goes on',
    async (who) => {
      const { world, alice, bob } = await openedNodes();
      const ill = who === 'payer' ? alice : bob;
      let refused = true;
      for (let ahead = 0; refused; ahead++) {
        const { invoice, paymentId } = await invoiced(world, bob);
        const before = ill.store.commits.length;
        for (let i = 0; i < 3; i++) ill.store.plan({ tag: 'fail', failure: FULL }, ahead + i);
        const paying = alice.api.bolt11.send(invoice);
        await world.settle();
        refused = (await codes(ill)).includes('storage-full');
        // The turn that is refused is the last that anybody heard of.
        if (refused) expect(ill.store.commits.length - before).toBe(ahead);
        await wait(world, 10);
        ill.store.spare();
        await wait(world, 10);
        value(await world.ask(paying));
        expect(await codes(ill)).toEqual([]);
        for (const { api } of [alice, bob])
          expect(value(await api.payment(paymentId)).state).toBe('succeeded');
      }
      expect((await alice.api.listChannels())[0]).toMatchObject({ state: 'ready' });
    },
  );

  it('and one that does not answer is told, and waited for: nothing is said until it has', async () => {
    const { world, alice, bob } = await openedNodes();
    const { invoice, paymentId } = await invoiced(world, bob);
    alice.store.hold();
    const paying = alice.api.bolt11.send(invoice);
    await wait(world, 15);
    expect(await codes(alice)).toEqual([]);
    await wait(world, 10);
    expect((await alice.api.status()).alarms).toMatchObject([
      { code: 'storage', detail: 'no answer for 20 s' },
    ]);
    alice.store.release();
    value(await world.ask(paying));
    expect(await codes(alice)).toEqual([]);
    expect(value(await alice.api.payment(paymentId)).state).toBe('succeeded');
  });

  /**
   * `act`, with the commit refused that is `ahead` from now, and all after it, for a minute: whoever has that disk says so,
   * writes nothing and publishes nothing. Tells whether there was such a commit.
   */
  async function withRefusal(
    { world, ill }: { readonly world: NodeWorld; readonly ill: NodeSeat },
    ahead: number,
    act: () => void,
  ): Promise<boolean> {
    const before = ill.store.commits.length;
    ill.store.plan({ tag: 'fail', failure: FULL }, ahead);
    act();
    await world.settle();
    const refused = (await codes(ill)).includes('storage-full');
    if (refused) {
      ill.store.refuse(FULL);
      const published = world.chain.mempool.length;
      await wait(world, 60);
      expect(await codes(ill)).toContain('storage-full');
      expect(ill.store.commits.length - before).toBe(ahead);
      expect(world.chain.mempool.length).toBe(published);
      ill.store.refuse(null);
    }
    ill.store.spare();
    await wait(world, 30);
    return refused;
  }

  it.each(['opener', 'other'] as const)(
    'of the %s, for a minute, at any commit of opening a channel: said, nothing is published, and all of it comes to be, or nothing',
    async (who) => {
      let refusals = 0;
      for (let refused = true; refused; refusals++) {
        const world = new NodeWorld();
        const [alice, bob] = [world.seat('alice'), world.seat('bob')];
        await alice.start();
        await bob.start();
        await world.fund(alice, 1_000_000n);
        const nodeId = await bob.id();
        const ill = who === 'opener' ? alice : bob;
        let answered: boolean | null = null;
        refused = await withRefusal({ world, ill }, refusals, () => {
          const request = { nodeId, host: 'bob', port: 9735, amountSat: 500_000n };
          void alice.api.openChannel(request).then(({ ok }) => (answered = ok));
        });
        expect(answered).not.toBeNull();
        await world.mine(6);
        await wait(world, 60);
        for (const seat of [alice, bob]) expect(await codes(seat)).not.toContain('storage-full');
        const { totalMsat, onchain } = await alice.api.listBalances();
        expect(onchain.reservedSat).toBe(0n);
        expect(totalMsat).toBeGreaterThan(999_000_000n);
        const [ours, theirs] = [await alice.api.listChannels(), await bob.api.listChannels()];
        if (ours.length > 0 && ours[0]?.state === 'ready') {
          expect(theirs).toMatchObject([{ state: 'ready' }]);
        } else expect(onchain.confirmedSat).toBe(1_000_000n);
      }
      expect(refusals).toBeGreaterThan(who === 'opener' ? 3 : 2);
    },
  );

  it.each([
    ['closer', 'closeChannel', 'cooperative'],
    ['other', 'closeChannel', 'cooperative'],
    ['closer', 'forceCloseChannel', 'local-force'],
    ['other', 'forceCloseChannel', 'local-force'],
  ] as const)(
    'of the %s, for a minute, at any commit of %s: said, nothing is published, and the close ends to the sat',
    async (who, how, kind) => {
      let refusals = 0;
      for (let refused = true; refused; refusals++) {
        const { world, alice, bob, channelId } = await openedNodes();
        const { invoice } = await invoiced(world, bob);
        value(await world.ask(alice.api.bolt11.send(invoice)));
        await world.settle();
        const before = (await alice.api.listBalances()).totalMsat;
        const ill = who === 'closer' ? alice : bob;
        refused = await withRefusal({ world, ill }, refusals, () => void alice.api[how](channelId));
        await world.mine(150);
        await world.mine(8);
        for (const seat of [alice, bob]) expect(await codes(seat)).not.toContain('storage-full');
        const [channel] = await alice.api.listChannels();
        expect(channel, `refused: ${refusals}`).toMatchObject({ state: 'closed', closing: { kind } });
        const { totalMsat, onchain } = await alice.api.listBalances();
        expect(onchain.confirmedSat * 1000n).toBe(totalMsat);
        expect(totalMsat).toBeGreaterThan(before - 5_000_000n);
        expect((await bob.api.listBalances()).onchain.confirmedSat).toBeGreaterThan(4_000n);
      }
      expect(refusals).toBeGreaterThan(how === 'closeChannel' ? 2 : 1);
    },
  );

  it('in the middle of a fulfil, for hours: what it had decided is judged anew, and the payment is made', async () => {
    const { world, alice, bob } = await openedNodes();
    const { invoice, paymentId } = await invoiced(world, bob);
    // That which would give the preimage away.
    bob.store.plan({ tag: 'fail', failure: FULL }, 1);
    void alice.api.bolt11.send(invoice);
    await world.settle();
    bob.store.refuse(FULL);
    await sleep(world, 11);
    expect(await codes(bob)).toContain('storage-full');
    expect(value(await alice.api.payment(paymentId)).state).toBe('pending');
    bob.store.refuse(null);
    await sleep(world, 0);
    expect(await codes(bob)).toEqual([]);
    for (const { api } of [alice, bob]) expect(value(await api.payment(paymentId)).state).toBe('succeeded');
    expect((await alice.api.listChannels())[0]).toMatchObject({ state: 'ready' });
  });

  it('while a claimed HTLC comes due: nothing is published that is not on disk, and all of it once it is', async () => {
    const { world, alice, bob } = await openedNodes();
    await world.fund(bob, 100_000n);
    const preimage = new Uint8Array(32).fill(5);
    const held = value(
      await world.ask(
        bob.api.bolt11.receiveForHash({
          amountMsat: 50_000_000n,
          description: '',
          paymentHash: toHex(sha256(preimage)),
        }),
      ),
    );
    const { paymentId } = value(await world.ask(alice.api.bolt11.send(held.invoice)));
    await world.settle();
    alice.die();
    await world.pass(5_000);
    value(await world.ask(bob.api.bolt11.claim(toHex(preimage))));
    await world.mine(110);
    const published = (): number => world.chain.mempool.length;
    bob.store.refuse(FULL);
    await world.mine(20);
    expect(await codes(bob)).toContain('storage-full');
    // Who publishes a commitment and does not know it later may revoke it later.
    expect(published()).toBe(0);
    bob.store.refuse(null);
    await wait(world, 15);
    expect(await codes(bob)).toEqual([]);
    expect(published()).toBeGreaterThan(0);
    await world.mine(1);
    await world.mine(1);
    await alice.restart();
    await world.mine(1);
    expect(value(await alice.api.payment(paymentId)).state).toBe('succeeded');
    expect((await bob.api.listBalances()).closingSat).toBe(50_000n);
  });

  it('until an HTLC has expired: nothing is given away for it, and nobody believes to be paid', async () => {
    const { world, alice, bob } = await openedNodes();
    const { invoice, paymentId } = await invoiced(world, bob);
    bob.store.plan({ tag: 'fail', failure: FULL }, 1);
    void alice.api.bolt11.send(invoice);
    await world.settle();
    bob.store.refuse(FULL);
    for (let block = 0; block < 65; block += 5) {
      await world.mine(5);
      await sleep(world, 11);
    }
    expect((await alice.api.listChannels())[0]?.state).toBe('force-closing');
    bob.store.refuse(null);
    // A node that could not be started for so long is tried every five minutes.
    await world.pass(301_000);
    await wait(world, 20);
    for (let block = 0; block < 12; block++) await world.mine(1);
    expect(await codes(bob)).toEqual([]);
    expect(value(await bob.api.payment(paymentId)).state).not.toBe('succeeded');
    expect(value(await alice.api.payment(paymentId)).state).toBe('failed');
  });
});
