import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../channel/default-config.ts';
import type { ChannelEvent } from '../channel/event.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import * as machine from '../channel/machine.ts';

vi.mock('../channel/machine.ts', { spy: true });

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});
afterEach(() => {
  vi.mocked(machine.transition).mockRestore();
  vi.mocked(machine.resume).mockRestore();
});

it('a bug in its machine freezes a channel: nothing half-done, the chain still watched, the way out open', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const invoice = value(await world.ask(bob.api.bolt11.receive({ amountMsat: 5_000_000n, description: '' })));
  const before = await alice.api.listBalances();
  vi.mocked(machine.transition).mockImplementationOnce(() => {
    throw new Error('a bug');
  });
  expect(await world.ask(alice.api.bolt11.send(invoice.invoice))).toMatchObject({ ok: false });
  expect((await alice.api.listChannels())[0]).toMatchObject({ state: 'frozen', isUsable: false });
  expect((await alice.api.status()).alarms.map(({ code }) => code)).toEqual(['bug', 'frozen-channel']);
  expect((await alice.api.listBalances()).totalMsat).toBe(before.totalMsat);

  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.mine(1);
  expect((await alice.api.listChannels())[0]?.state).toBe('force-closing');
  expect((await bob.api.listChannels())[0]?.state).toBe('force-closing');
});

it('nothing is asked of a frozen channel but the way out: it has nothing to send or receive, and is told so', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const pay = async () => {
    const request = { amountMsat: 5_000_000n, description: '' };
    const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
    return world.ask(alice.api.bolt11.send(invoice));
  };
  value(await pay());
  await world.settle();
  vi.mocked(machine.transition).mockImplementationOnce(() => {
    throw new Error('a bug');
  });
  await pay();
  const [channel] = await alice.api.listChannels();
  expect(channel).toMatchObject({ state: 'frozen', sendableMsat: 0n, receivableMsat: 0n });
  const own = await alice.id();
  vi.mocked(machine.transition).mockClear();
  // Before any attempt is made of it.
  expect(await pay()).toEqual({ ok: false, error: { code: 'no-path', reason: 'no-channel' } });
  expect(await world.ask(alice.api.closeChannel(channelId))).toEqual({
    ok: false,
    error: { code: 'channel-frozen' },
  });
  const asked = vi
    .mocked(machine.transition)
    .mock.calls.flatMap(([, event, env]) =>
      env.nodeId === own && event.tag === 'command' ? [event.command.tag] : [],
    );
  expect(asked).toEqual([]);
});

it('a way out that is broken as well is refused: nobody is left without an answer', async () => {
  const { world, alice, channelId } = await openedNodes();
  const own = await alice.id();
  const { transition: real } = await vi.importActual<typeof machine>('../channel/machine.ts');
  vi.mocked(machine.transition).mockImplementation((state, event, env) => {
    if (env.nodeId === own && event.tag === 'command') throw new Error('a bug');
    return real(state, event, env);
  });
  const answers: unknown[] = [];
  for (let asked = 0; asked < 2; asked++) {
    void alice.api.forceCloseChannel(channelId).then((answer) => answers.push(answer));
    await world.settle();
  }
  const refused = { ok: false, error: { code: 'channel-not-ready' } };
  expect(answers).toMatchObject([refused, refused]);
});

const AMOUNT = 50_000_000n;
const PREIMAGE = new Uint8Array(32).fill(3);
const BUG = new Error('a bug');

/** Bob holds a payment of Alice's, and his channel is frozen with it. */
async function frozenWithHtlc() {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  // What the HTLC's transaction pays with.
  await world.fund(bob, 100_000n);
  const held = value(
    await world.ask(
      bob.api.bolt11.receiveForHash({
        amountMsat: AMOUNT,
        description: '',
        paymentHash: toHex(sha256(PREIMAGE)),
      }),
    ),
  );
  const { paymentId } = value(await world.ask(alice.api.bolt11.send(held.invoice)));
  await world.settle();
  const own = await bob.id();
  const { transition: real } = await vi.importActual<typeof machine>('../channel/machine.ts');
  /** Whatever `isBad` names is more than Bob's machine can take. */
  const breakBob = (isBad: (tag: string) => boolean): void =>
    void vi.mocked(machine.transition).mockImplementation((state, event, env) => {
      if (env.nodeId === own && isBad(event.tag)) throw BUG;
      return real(state, event, env);
    });
  const stateOf = async (): Promise<string | undefined> => (await bob.api.listChannels())[0]?.state;
  const paid = async () => value(await alice.api.payment(paymentId)).state;
  return { ...nodes, breakBob, stateOf, paid };
}

/** One block at a time, until our side gives it to the chain, or so many are gone. */
async function mineUntilClosed(
  { world, stateOf }: Awaited<ReturnType<typeof frozenWithHtlc>>,
  most: number,
): Promise<number> {
  for (let blocks = 0; blocks < most; blocks++) {
    if ((await stateOf()) === 'force-closing') return blocks;
    await world.mine(1);
  }
  return most;
}

it.each([
  ['by one event', (tag: string) => tag === 'message', 'idle'],
  ['by every block', (tag: string) => tag === 'tick', 'tick'],
] as const)(
  'frozen %s: says nothing, and what is claimed goes to the chain in time and is paid there',
  async (_name, isBad, later) => {
    const nodes = await frozenWithHtlc();
    const { world, alice, bob, breakBob, stateOf, paid } = nodes;
    breakBob(isBad);
    // A message, and a block.
    const invoice = await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000n, description: '' }));
    void alice.api.bolt11.send(value(invoice).invoice);
    await world.mine(1);
    expect(await stateOf()).toBe('frozen');
    breakBob((tag) => tag === later);

    value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
    await world.mine(1);
    expect([await stateOf(), await paid(), world.chain.mempool.length]).toEqual(['frozen', 'pending', 0]);
    // Nobody there to help.
    alice.die();
    // 144 blocks and a few were asked for: it is given to the chain with `fulfillSafety` to go, no earlier.
    await world.mine(144 - DEFAULT_CHANNEL_CONFIG.fulfillSafety - 6);
    expect(await stateOf()).toBe('frozen');
    expect(await mineUntilClosed(nodes, 12)).toBeLessThan(12);
    breakBob(() => false);
    await world.mine(1);
    const [channel] = await bob.api.listChannels();
    expect(channel?.closing).toMatchObject({ kind: 'local-force', confirmations: 1 });
    await world.mine(1);
    // Seen on the chain by whoever paid.
    await alice.restart();
    await world.mine(1);
    expect(await paid()).toBe('succeeded');
    const { totalMsat, closingSat } = await bob.api.listBalances();
    expect(closingSat).toBe(AMOUNT / 1000n);
    // What it cost to have it there.
    expect(totalMsat).toBeGreaterThan(100_000_000n + AMOUNT - 5_000_000n);
  },
);

/** Blocks until what Bob claims, in a channel that no block can be told to, goes to the chain. */
async function blocksUntilClosed(
  before: (nodes: Awaited<ReturnType<typeof frozenWithHtlc>>) => Promise<void>,
) {
  vi.mocked(machine.transition).mockRestore();
  const nodes = await frozenWithHtlc();
  const { world, alice, bob, breakBob, stateOf } = nodes;
  await world.mine(1);
  alice.die();
  value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
  await before(nodes);
  alice.die();
  breakBob((tag) => tag === 'tick');
  const begin = 144 - DEFAULT_CHANNEL_CONFIG.fulfillSafety - 6;
  await world.mine(begin);
  expect(await stateOf()).toBe('frozen');
  return begin + (await mineUntilClosed(nodes, 20));
}

it('frozen before its peer was heard, it waits some blocks more: its disk may be an old one', async () => {
  const inStep = await blocksUntilClosed(() => Promise.resolve());
  const alone = await blocksUntilClosed(({ bob }) => bob.restart());
  expect(alone - inStep).toBe(DEFAULT_CHANNEL_CONFIG.absenceGrace);
  const heard = await blocksUntilClosed(async ({ world, alice, bob, breakBob, stateOf, paid }) => {
    breakBob((tag) => tag === 'connected');
    await bob.restart();
    await alice.restart();
    await world.pass(61_000);
    expect([await stateOf(), await paid()]).toEqual(['frozen', 'pending']);
  });
  expect(heard).toBe(inStep);
});

it('one that cannot even resume is watched: what its peer publishes is seen, and what is ours in it is claimed', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const { invoice } = value(await world.ask(bob.api.bolt11.receive({ amountMsat: AMOUNT, description: '' })));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  vi.mocked(machine.resume).mockImplementationOnce(() => {
    throw BUG;
  });
  await bob.restart();
  expect((await bob.api.listChannels())[0]?.state).toBe('frozen');
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.mine(2);
  expect((await bob.api.listChannels())[0]).toMatchObject({ closing: { kind: 'remote-force' } });
  await world.mine(1);
  expect((await bob.api.listBalances()).onchain.confirmedSat).toBeGreaterThan(AMOUNT / 1000n - 2_000n);
});

/**
 * Alice's disk is that of before payments, among them one of hers that was settled since; her machine can do nothing of
 * what `isBad` names. All that servers are told that would take the funding output, Bob's own apart.
 */
async function frozenAndBehind(isBad: (event: ChannelEvent) => boolean) {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  const pay = async (): Promise<void> => {
    const request = { amountMsat: AMOUNT, description: '' };
    const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
  };
  await pay();
  const paymentHash = toHex(sha256(PREIMAGE));
  const request = { amountMsat: AMOUNT, description: '', paymentHash };
  const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  const old = alice.store.restart();
  value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
  await world.settle();
  await pay();
  const own = await alice.id();
  alice.die();
  alice.store = old;
  const { transition: real } = await vi.importActual<typeof machine>('../channel/machine.ts');
  vi.mocked(machine.transition).mockImplementation((state, event, env) => {
    if (env.nodeId === own && isBad(event)) throw BUG;
    return real(state, event, env);
  });
  const [channel] = await bob.api.listChannels();
  const told: Tx[] = [];
  world.esplora.refuses = (txs) => {
    told.push(...txs.filter(({ inputs }) => inputs[0]?.outPoint.txId === channel?.fundingTxId));
    return null;
  };
  await alice.start();
  await world.pass(61_000);
  return { ...nodes, told };
}

const isFallBack = (event: ChannelEvent): boolean =>
  event.tag === 'command' && event.command.tag === 'fall-back';

// What it would publish is revoked: the peer could take all of it.
it.each<readonly [string, (event: ChannelEvent) => boolean]>([
  ['falls back', ({ tag }) => tag === 'connected'],
  ['cannot even do that', (event) => event.tag === 'connected' || isFallBack(event)],
  ['cannot, nor can it be told of blocks', (event) => event.tag !== 'chain' && event.tag !== 'idle'],
])(
  'frozen on an old disk, as its peer shows, it %s: it publishes nothing, and what is ours of the commitment of the peer is taken',
  async (_name, isBad) => {
    const { world, alice, bob, channelId, told } = await frozenAndBehind(isBad);
    const stateOf = async (): Promise<string | undefined> => (await alice.api.listChannels())[0]?.state;
    expect(await stateOf()).toBe('data-loss');
    // The HTLC on the old disk is past its expiry by far, and the user would have it closed, too.
    await world.mine(200);
    for (let blocks = 0; blocks < 10; blocks++) await world.mine(1);
    expect(told).toEqual([]);
    expect(await world.ask(alice.api.forceCloseChannel(channelId))).toMatchObject({ ok: false });
    await world.mine(1);
    expect([await stateOf(), told]).toEqual(['data-loss', []]);

    const before = (await alice.api.listBalances()).onchain.confirmedSat;
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    for (let blocks = 0; blocks < 3; blocks++) await world.mine(1);
    expect(new Set(told.map(txIdOf)).size).toBe(1);
    const gained = (await alice.api.listBalances()).onchain.confirmedSat - before;
    // 500,000 sat less three payments and what the chain costs.
    expect(gained).toBeGreaterThan(350_000n - 8_000n);
    expect(gained).toBeLessThanOrEqual(350_000n);
  },
);

it('frozen on an old disk, and unable to fall back: what its peer has shown is still known after a restart', async () => {
  const { world, alice, bob, told } = await frozenAndBehind(
    (event) => event.tag === 'connected' || isFallBack(event),
  );
  // Gone, so that nobody says it again.
  bob.die();
  vi.mocked(machine.transition).mockRestore();
  await alice.restart();
  await world.mine(200);
  for (let blocks = 0; blocks < 10; blocks++) await world.mine(1);
  expect(told).toEqual([]);
  expect((await alice.api.listChannels())[0]?.state).toBe('data-loss');
});
