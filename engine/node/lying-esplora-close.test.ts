import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { ok } from '../base/result.ts';
import { feeratePerKw } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { field, lies, ROUTES, text } from '../testkit/esplora-lies.ts';
import { FakeEsplora } from '../testkit/fake-esplora.ts';
import { openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const SECRETS = { fromAlice: new Uint8Array(32).fill(1), toAlice: new Uint8Array(32).fill(2) };
/** Two looks at the chain. */
const LOOKS_MS = 2_002;
/** Past the age at which fee rates are asked for again. */
const A_WHILE_MS = 125_000;
/** More than ten times of the least that any server may say. */
const BUSY = { '2': 20, '6': 15, '144': 12, '1008': 11 };
const HONEST = { '2': 5, '6': 3, '144': 1, '1008': 1 };

type Close = OpenedNodes & { readonly server: FakeEsplora };

async function heldBy(
  payee: NodeSeat,
  payer: NodeSeat,
  amountMsat: bigint,
  secret: Uint8Array,
): Promise<void> {
  const { world } = payee;
  const paymentHash = toHex(sha256(secret));
  const request = { amountMsat, description: '', paymentHash };
  const { invoice } = value(await world.ask(payee.api.bolt11.receiveForHash(request)));
  value(await world.ask(payer.api.bolt11.send(invoice)));
  await world.settle();
}

/**
 * A payment stands each way when Alice closes; she knows the secret of hers, nobody that of Bob's. Her server is
 * hers alone: Bob, who takes what she leaves, asks another.
 */
async function closing(): Promise<Close> {
  const nodes = await openedNodes();
  const { world, alice, bob, channelId } = nodes;
  const server = new FakeEsplora('https://hers.test', world.chain);
  server.estimates = HONEST;
  world.servers.push(server);
  alice.servers = () => Promise.resolve(ok({ esplora: [server.url], proxies: [] }));
  await alice.restart();
  await world.mine();
  const first = { amountMsat: 200_000_000n, description: '' };
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(first)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  await heldBy(bob, alice, 50_000_000n, SECRETS.fromAlice);
  await heldBy(alice, bob, 60_000_000n, SECRETS.toAlice);
  value(await world.ask(alice.api.disconnect(await bob.id())));
  value(await world.ask(alice.api.bolt11.claim(toHex(SECRETS.toAlice))));
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  return { ...nodes, server };
}

const stateOf = async ({ api }: NodeSeat): Promise<string | undefined> =>
  (await api.listChannels())[0]?.state;

const MOST_BLOCKS = 600;

/** Blocks until the close is over, each with what happens in it; answers what she has then, in satoshis, on chain. */
async function playToTheEnd({ alice, world }: Close, block: (i: number) => Promise<void>): Promise<bigint> {
  for (let i = 0; (await stateOf(alice)) !== 'closed'; i++) {
    if (i > MOST_BLOCKS) throw new Error('the close does not end');
    await block(i);
  }
  await world.settle();
  const { totalMsat, onchain } = await alice.api.listBalances();
  expect(onchain.confirmedSat * 1000n).toBe(totalMsat);
  expect(alice.complaints.filter((line) => line.includes('bug'))).toEqual([]);
  return onchain.confirmedSat;
}

async function mineUnder(
  { world, server }: Close,
  fault: FakeEsplora['fault'],
  ms = LOOKS_MS,
): Promise<void> {
  server.fault = fault;
  world.chain.mine();
  await world.pass(ms);
}

let honest: bigint;
beforeAll(async () => {
  const nodes = await closing();
  honest = await playToTheEnd(nodes, () => mineUnder(nodes, () => null));
  // 60,000 came in, 200,000 went out, and what Bob never had the secret of came back; less what closing costs.
  expect(honest).toBeGreaterThan(1_000_000n - 200_000n + 60_000n - 10_000n);
}, 120_000);

/** Satoshis, of a close in which 110,000 have a deadline. */
const ONE_OF_TWO = 20_000n;
/** Fees, by when an honest answer came to be known. */
const FEES = 5_000n;

describe('a chain server lies while a close with a payment each way is claimed', () => {
  // Each run has other lies at the blocks in which something happens.
  it.each([0, 57])(
    'in every second block, field by field (from %i): told in one sentence, nothing is lost, and no more is claimed than ours',
    async (from) => {
      const nodes = await closing();
      const { world, alice } = nodes;
      const all = [...lies()];
      const untold: string[] = [];
      const got = await playToTheEnd(nodes, async (i) => {
        const [name, fault] = all[(i + from) % all.length]!;
        await mineUnder(nodes, fault, name.startsWith('fees') ? A_WHILE_MS : LOOKS_MS);
        const { chain, alarms } = await alice.api.status();
        if (name.startsWith('everywhere') && chain.trouble === null) untold.push(name);
        expect(alarms, name).toEqual([]);
        await mineUnder(nodes, () => null);
        // As by a person who presses retry: no server rests any more.
        value(await world.ask(alice.api.sync()));
        await world.pass(LOOKS_MS);
      });
      expect(untold).toEqual([]);
      expect(got).toBeGreaterThanOrEqual(honest - FEES);
      expect(got).toBeLessThanOrEqual(honest + FEES);
    },
    120_000,
  );

  it('absurd fee rates, all the time, and nobody to say otherwise: no more is lost than what has a deadline', async () => {
    const nodes = await closing();
    nodes.server.estimates = { '2': 1e9, '6': 1e9, '144': 1e9, '1008': 1e9 };
    const got = await playToTheEnd(nodes, () => mineUnder(nodes, () => null, A_WHILE_MS));
    expect(honest - got).toBeLessThan(50_000n + 60_000n);
  }, 120_000);

  it.each([
    ['high', 1e9, HONEST],
    ['low', 1e-9, BUSY],
  ])(
    'absurd fee rates all the time, by one of two servers (%s): little is lost, and the person is told',
    async (_name, rate, estimates) => {
      const nodes = await closing();
      const { world, alice, server } = nodes;
      const liar = new FakeEsplora('https://liar.test', world.chain);
      liar.estimates = { '2': rate, '6': rate, '144': rate, '1008': rate };
      world.servers.push(liar);
      server.estimates = estimates;
      alice.servers = () => Promise.resolve(ok({ esplora: [liar.url, server.url], proxies: [] }));
      await alice.restart();
      const told = new Set<string | undefined>();
      const got = await playToTheEnd(nodes, async () => {
        await mineUnder(nodes, () => null, A_WHILE_MS);
        told.add((await alice.api.status()).chain.trouble?.code);
      });
      expect([...told]).toEqual(['fees-disputed']);
      expect(honest - got).toBeLessThan(ONE_OF_TWO);
    },
    120_000,
  );

  it('what mempools take is far above what one of two servers says: what has a deadline is in a block before it', async () => {
    const nodes = await closing();
    const { world, alice, server } = nodes;
    const liar = new FakeEsplora('https://liar.test', world.chain);
    liar.estimates = { '2': 1e-9 };
    world.servers.push(liar);
    server.estimates = { '2': 60, '6': 45, '144': 36, '1008': 33 };
    world.chain.leastFeerate = feeratePerKw(33 * 250);
    alice.servers = () => Promise.resolve(ok({ esplora: [liar.url, server.url], proxies: [] }));
    await alice.restart();
    const preimage = toHex(SECRETS.toAlice);
    const isTaken = () =>
      world.chain.tip.txs.some((tx) =>
        tx.inputs.some(({ witness }) => witness.some((item) => toHex(item) === preimage)),
      );
    const [channel] = await alice.api.listChannels();
    const [deadline] = (channel?.closing?.outputs ?? []).flatMap(
      ({ deadlineHeight }) => deadlineHeight ?? [],
    );
    if (deadline === undefined) throw new Error('nothing has a deadline');
    const height = () => world.chain.blocks.length - 1;
    // From there on the peer may take it as well.
    while (!isTaken() && height() < deadline) await mineUnder(nodes, () => null, A_WHILE_MS);
    expect(isTaken()).toBe(true);
  }, 240_000);

  it('absurd fee rates from before the close, in which nothing has a deadline: no more than an eighth is paid for the commitment, and no more for what it holds', async () => {
    const nodes = await openedNodes();
    const { world, alice, bob, channelId } = nodes;
    await world.mine();
    world.esplora.estimates = { '2': 1e9, '6': 1e9, '144': 1e9, '1008': 1e9 };
    await world.pass(A_WHILE_MS);
    value(await world.ask(alice.api.disconnect(await bob.id())));
    value(await world.ask(alice.api.forceCloseChannel(channelId)));
    const got = await playToTheEnd({ ...nodes, server: world.esplora }, async () => {
      world.chain.mine();
      await world.pass(A_WHILE_MS);
    });
    expect(1_000_000n - got).toBeGreaterThan(60_000n);
    expect(1_000_000n - got).toBeLessThan(2n * 62_500n + 10_000n);
  }, 120_000);

  it('spends are withheld, proofs are wrong and what is sent is dropped, all the time: another server is enough', async () => {
    const nodes = await closing();
    const { world, alice, server } = nodes;
    alice.servers = () => Promise.resolve(ok({ esplora: [server.url, world.esplora.url], proxies: [] }));
    await alice.restart();
    const withheld = field(ROUTES.outspends, 'spent', false);
    const unproven = field(ROUTES.proof, 'merkle', ['ab'.repeat(32)]);
    const got = await playToTheEnd(nodes, () =>
      mineUnder(nodes, (path, truth) =>
        path.startsWith('/tx') && !path.startsWith('/tx/')
          ? text('ab'.repeat(32))
          : (withheld(path, truth) ?? unproven(path, truth)),
      ),
    );
    expect(got).toBeGreaterThanOrEqual(honest - FEES);
  }, 120_000);
});
