import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const YEARS = 3 * 365 * 86_400;

it('neither days without servers nor a clock that jumps closes a channel or ends a payment', async () => {
  const { world, alice, bob } = await openedNodes();
  const preimage = sha256(Uint8Array.of(1));
  const { invoice, paymentId } = value(
    await world.ask(
      bob.api.bolt11.receiveForHash({
        amountMsat: 5_000_000n,
        description: '',
        paymentHash: toHex(sha256(preimage)),
      }),
    ),
  );
  value(await world.ask(alice.api.bolt11.send(invoice)));
  const held = async (): Promise<void> => {
    expect(value(await alice.api.payment(paymentId)).state).toBe('pending');
    expect(value(await bob.api.payment(paymentId)).state).toBe('claimable');
    for (const { api } of [alice, bob]) expect(await api.listChannels()).toMatchObject([{ pendingHtlcs: 1 }]);
  };
  await held();
  // Servers that are not reached tell of nothing, however long it takes.
  world.esplora.fault = () => ({ code: 'unreachable', detail: '' });
  for (let day = 0; day < 4; day++) {
    world.clock.skew += 86_400;
    await world.pass(30_000);
    await held();
  }
  world.esplora.fault = () => null;
  for (const jump of [YEARS, -2 * YEARS, YEARS]) {
    world.clock.skew += jump;
    await world.pass(30_000);
    await held();
  }
  await bob.restart();
  await alice.restart();
  world.clock.skew -= YEARS;
  await world.pass(60_000);
  await world.pass(60_000);
  await held();
  value(await world.ask(bob.api.bolt11.claim(toHex(preimage))));
  for (const { api } of [alice, bob]) {
    expect(value(await api.payment(paymentId)).state).toBe('succeeded');
    expect(await api.listChannels()).toMatchObject([{ state: 'ready', pendingHtlcs: 0 }]);
  }
});

it('a payment that waited for a disk while hours went by is not made by a height of then', async () => {
  const { world, alice, bob } = await openedNodes();
  const { invoice } = value(
    await world.ask(
      bob.api.bolt11.receive({ amountMsat: 5_000_000n, description: '', expirySeconds: 86_400 }),
    ),
  );
  alice.store.hold();
  const address = alice.api.newAddress();
  await world.settle();
  const sent = alice.api.bolt11.send(invoice);
  world.clock.skew += 3 * 3_600;
  alice.store.release();
  value(await world.ask(address));
  expect(await world.ask(sent)).toMatchObject({ ok: false, error: { code: 'chain-behind' } });
  await world.pass(30_000);
  value(await world.ask(alice.api.bolt11.send(invoice)));
});

it.each([
  ['', false],
  [', nor by that of a look that was asked then', true],
])('nor is one claimed by it%s', async (_, hasLooked) => {
  const { world, alice, bob } = await openedNodes();
  const preimage = new Uint8Array(32);
  const request = { amountMsat: 5_000_000n, description: '', paymentHash: toHex(sha256(preimage)) };
  const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  bob.store.hold();
  const address = bob.api.newAddress();
  await world.settle();
  // What it told waits for the disk as well.
  if (hasLooked) await world.pass(25_000);
  const claimed = bob.api.bolt11.claim(toHex(preimage));
  world.clock.skew += 3 * 3_600;
  bob.store.release();
  value(await world.ask(address));
  expect(await world.ask(claimed)).toMatchObject({ ok: false, error: { code: 'chain-behind' } });
  await world.pass(30_000);
  value(await world.ask(bob.api.bolt11.claim(toHex(preimage))));
});

it('a machine that wakes calls its peers at once', async () => {
  const { world, alice, bob } = await openedNodes();
  const states = async () => (await alice.api.listPeers()).map(({ state }) => state);
  bob.die();
  for (let minutes = 0; minutes < 20; minutes++) await world.pass(60_000);
  await bob.restart();
  await world.pass(2_000);
  expect(await states()).not.toEqual(['connected']);
  world.clock.skew += 3 * 3_600;
  await world.pass(2_000);
  await world.settle();
  expect(await states()).toEqual(['connected']);
});

it.each([
  ['', false],
  [', also where it slept in the middle of a look', true],
])(
  'a machine that wakes hears its peer before it closes a channel over what is overdue%s',
  async (_, hasAsked) => {
    const { world, alice, bob } = await openedNodes();
    const paymentHash = toHex(sha256(new Uint8Array(32)));
    const request = { amountMsat: 5_000_000n, description: '', paymentHash };
    const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    bob.die();
    // It is seen to be overdue, and the machine sleeps again before Bob is there.
    await world.mine(300);
    await bob.restart();
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'offline', pendingHtlcs: 1 }]);
    let isAwake = true;
    const sleep = (): null => {
      if (isAwake) world.clock.skew += 8 * 3_600;
      isAwake = false;
      return null;
    };
    if (hasAsked) world.esplora.fault = sleep;
    else sleep();
    await world.mine(60);
    expect(isAwake).toBe(false);
    await world.pass(30_000);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready', pendingHtlcs: 0 }]);
  },
);

it.each(['whose first look after it fails', 'that looks before a timer tells that it slept'])(
  'a machine %s gives its peer two minutes all the same',
  async (how) => {
    const { world, alice, bob } = await openedNodes();
    const paymentHash = toHex(sha256(new Uint8Array(32)));
    const request = { amountMsat: 5_000_000n, description: '', paymentHash };
    const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    bob.die();
    await world.mine(300);
    world.clock.skew += 8 * 3_600;
    world.chain.mine(60);
    if (how.includes('fails')) {
      // The network is not up yet.
      world.esplora.fault = () => ({ code: 'unreachable', detail: '' });
      await world.pass(2_000);
      world.esplora.fault = () => null;
    } else value(await world.ask(alice.api.sync()));
    await world.pass(2_000);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'offline', pendingHtlcs: 1 }]);
    await bob.restart();
    for (let seconds = 0; seconds < 100; seconds += 20) await world.pass(20_000);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready', pendingHtlcs: 0 }]);
  },
);

// Blocks come, and what became of the channel's output is not told: it is nobody's fault that can be seen.
it('blocks of which no server tells what they did to a channel close none, until one does', async () => {
  const { world, alice, bob } = await openedNodes();
  const paymentHash = toHex(sha256(new Uint8Array(32)));
  const request = { amountMsat: 5_000_000n, description: '', paymentHash };
  const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  bob.die();
  const states = async () => (await alice.api.listChannels()).map(({ state }) => state);
  world.esplora.fault = (path) =>
    path.includes('outspend') || path.includes('scripthash') ? { code: 'unreachable', detail: '' } : null;
  for (let rounds = 0; rounds < 8; rounds++) {
    world.chain.mine(100);
    await world.pass(30_000);
  }
  expect(await states()).toEqual(['offline']);
  world.esplora.fault = () => null;
  for (let rounds = 0; rounds < 4; rounds++) {
    world.chain.mine(100);
    await world.pass(30_000);
  }
  expect(await states()).toEqual(['force-closing']);
});
