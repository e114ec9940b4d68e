import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bitcoind } from '../world/bitcoind.ts';
import { LdkPeer } from '../world/ldk/ldk-peer.ts';

const ANCHORS = [12, 22];
let folder: string;
let chain: Bitcoind;
let alice: LdkPeer;
let bob: LdkPeer;

/** Mines, and both have seen it. */
async function mine(blocks: number): Promise<void> {
  await chain.mine(blocks);
  await Promise.all([alice.sync(), bob.sync()]);
}
const settled = (peer: LdkPeer) =>
  peer.waitForChannel(
    (channel) => channel.pendingIncoming + channel.pendingOutgoing === 0,
    'nothing in flight',
  );

async function openChannel(): Promise<string> {
  await alice.connect(bob.id, bob.address);
  const { channelId } = await alice.openChannel({
    nodeId: bob.id,
    capacitySat: 1_000_000n,
    pushMsat: 300_000_000n,
  });
  await mine(6);
  for (const peer of [alice, bob]) {
    await peer.waitForChannel(
      (channel) => channel.channelId === channelId && channel.isUsable,
      'a usable channel',
    );
  }
  return channelId;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leyden-ldk-'));
  chain = await Bitcoind.start();
  [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((alias) => LdkPeer.start(chain, { alias, folder: join(folder, alias) })) as [
      Promise<LdkPeer>,
      Promise<LdkPeer>,
    ],
  );
  for (const peer of [alice, bob]) await peer.fund(10_000_000n);
});
afterAll(async () => {
  await Promise.all([alice.stop(), bob.stop()]);
  await chain.stop();
  await rm(folder, { recursive: true, force: true });
});

let channelId: string;

test('opens an anchor channel that both can use', async () => {
  channelId = await openChannel();
  const [channel] = await bob.channels();
  expect(channel).toMatchObject({
    channelId,
    counterparty: alice.id,
    capacitySat: 1_000_000n,
    channelType: ANCHORS,
    isOutbound: false,
    isAnnounced: false,
    confirmations: 6,
  });
});

test('pays fixed, open, held and spontaneous amounts, both ways', async () => {
  const fixed = await bob.createInvoice({ amountMsat: 20_000_000n, description: 'fixed' });
  const paid = await alice.pay(fixed.bolt11);
  expect(paid.paymentHash).toBe(fixed.paymentHash);
  expect(createHash('sha256').update(Buffer.from(paid.preimage, 'hex')).digest('hex')).toBe(
    fixed.paymentHash,
  );
  const open = await alice.createInvoice({});
  await bob.pay(open.bolt11, { amountMsat: 1_234_567n });
  await alice.waitForEvent('payment-received', (event) => event.amountMsat === 1_234_567n);
  await alice.paySpontaneously(bob.id, 5_000_000n);
  await bob.waitForEvent('payment-received', (event) => event.isSpontaneous);

  const preimage = randomBytes(32).toString('hex');
  const paymentHash = createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
  const held = await bob.createInvoice({ amountMsat: 7_000_000n, paymentHash });
  const claimed = alice.pay(held.bolt11);
  await bob.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
  await bob.claim(preimage);
  expect((await claimed).preimage).toBe(preimage);

  const otherHash = createHash('sha256').update(randomBytes(32)).digest('hex');
  const other = await bob.createInvoice({ amountMsat: 7_000_000n, paymentHash: otherHash });
  const returned = expect(alice.pay(other.bolt11)).rejects.toThrow('RecipientRejected');
  await bob.waitForEvent('payment-held', (event) => event.paymentHash === otherHash);
  await bob.fail(otherHash);
  await returned;
  await Promise.all([settled(alice), settled(bob)]);
});

test('goes on after kill -9 in the middle of payments', async () => {
  const invoices = await Promise.all(
    Array.from({ length: 20 }, () => bob.createInvoice({ amountMsat: 100_000n })),
  );
  const outcomes = invoices.map(({ bolt11 }) =>
    alice.pay(bolt11).then(
      () => 'paid',
      () => 'cut off',
    ),
  );
  await bob.waitForEvent('payment-received', (event) => event.amountMsat === 100_000n);
  await Promise.all([alice.kill(), bob.kill()]);
  expect(await Promise.all(outcomes)).toContain('cut off');
  await chain.mine(2);
  await Promise.all([alice.restart(), bob.restart()]);
  await alice.connect(bob.id, bob.address);
  for (const peer of [alice, bob]) {
    await peer.waitForChannel(
      (channel) => channel.channelId === channelId && channel.isUsable,
      'reestablished',
    );
    await settled(peer);
  }
  await bob.pay((await alice.createInvoice({ amountMsat: 3_000_000n })).bolt11);
  await alice.pay((await bob.createInvoice({ amountMsat: 2_000_000n })).bolt11);
});

test('closes cooperatively, and the money comes back on chain', async () => {
  await Promise.all([settled(alice), settled(bob)]);
  const before = await bob.onchainSat();
  await alice.close(channelId);
  for (const peer of [alice, bob])
    await peer.waitForEvent('channel-closed', (event) => event.channelId === channelId);
  await Promise.all([alice.sync(), bob.sync()]);
  await mine(6);
  await bob.waitForEvent('swept');
  await mine(1);
  expect(await bob.onchainSat()).toBeGreaterThan(before + 300_000n);
  expect(await bob.channels()).toEqual([]);
});

test('force closes with a payment in flight: fees through the anchor, the claim on chain, sweeps', async () => {
  channelId = await openChannel();
  const preimage = randomBytes(32).toString('hex');
  const paymentHash = createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
  const held = await bob.createInvoice({ amountMsat: 50_000_000n, paymentHash });
  const payment = alice.pay(held.bolt11);
  await bob.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
  await bob.disconnect(alice.id);
  await alice.forceClose(channelId);
  await alice.waitForEvent('broadcast', (event) => event.txIds.length === 2 && event.error === null);
  await bob.claim(preimage);
  await mine(1);
  // Bob's claim follows the commitment into the chain, and tells Alice the preimage.
  await mine(1);
  expect((await payment).preimage).toBe(preimage);
  await mine(6);
  await bob.waitForEvent('swept');
  await mine(144);
  await alice.waitForEvent('swept');
});

test('can do without anchors, update the fee, refuse a channel, and announce one', async () => {
  const carol = await LdkPeer.start(chain, {
    alias: 'carol',
    folder: join(folder, 'carol'),
    anchors: false,
    commitmentFeerate: 1000,
  });
  try {
    await carol.fund(5_000_000n);
    await carol.connect(bob.id, bob.address);
    const opened = await carol.openChannel({ nodeId: bob.id, capacitySat: 500_000n, announce: true });
    await mine(6);
    const atBob = (matches: (feerate: number | null) => boolean, what: string) =>
      bob.waitForChannel(
        (channel) =>
          channel.channelId === opened.channelId && channel.isUsable && matches(channel.feeratePerKw),
        what,
      );
    const channel = await atBob((feerate) => feerate === 1000, 'the first fee rate');
    expect(channel).toMatchObject({ channelType: [12], isAnnounced: true });
    await carol.setFeerate(2500);
    await atBob((feerate) => feerate === 2500, 'the second fee rate');
  } finally {
    await carol.stop();
  }
  const dave = await LdkPeer.start(chain, { alias: 'dave', folder: join(folder, 'dave'), inbound: 'reject' });
  try {
    await bob.connect(dave.id, dave.address);
    await expect(bob.openChannel({ nodeId: dave.id, capacitySat: 100_000n })).rejects.toThrow(
      'no channels wanted',
    );
  } finally {
    await dave.stop();
  }
});
