import { beforeAll, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { PaymentDetails } from './api.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const PUSHED = 150_000_000n;
const EACH = 40_000_000n;
/** Of closing transactions and claims, at the fees of this world. */
const MOST_FEES_MSAT = 30_000_000n;
/** What a node that comes back holds headers for is 288 blocks: all of these begin the chain anew. */
const ABSENCES = [300, 2_100];

type Held = { readonly preimage: string; readonly ofPayer: string; readonly ofPayee: string };

/** `payer` pays an invoice that `payee` holds. */
async function hold({ world }: OpenedNodes, payer: NodeSeat, payee: NodeSeat, secret: number): Promise<Held> {
  const preimage = new Uint8Array(32).fill(secret);
  const paymentHash = toHex(sha256(preimage));
  const request = { amountMsat: EACH, description: '', paymentHash };
  const { invoice, paymentId } = value(await world.ask(payee.api.bolt11.receiveForHash(request)));
  const sent = value(await world.ask(payer.api.bolt11.send(invoice)));
  await world.settle();
  expect(value(await payee.api.payment(paymentId)).state).toBe('claimable');
  return { preimage: toHex(preimage), ofPayer: sent.paymentId, ofPayee: paymentId };
}

/** Both have something, and payments wait each way: one that Bob will claim, one that he will not, one of his own. */
async function waiting(): Promise<
  OpenedNodes & { readonly claimed: Held; readonly never: Held; readonly theirs: Held }
> {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  // For the fees of his HTLC transactions.
  await world.fund(bob, 200_000n);
  const first = value(await world.ask(bob.api.bolt11.receive({ amountMsat: PUSHED, description: '' })));
  value(await world.ask(alice.api.bolt11.send(first.invoice)));
  await world.settle();
  const claimed = await hold(nodes, alice, bob, 1);
  const never = await hold(nodes, alice, bob, 2);
  const theirs = await hold(nodes, bob, alice, 3);
  return { ...nodes, claimed, never, theirs };
}

async function wake(seat: NodeSeat): Promise<void> {
  seat.store = seat.store.restart();
  await seat.start();
}

const paymentOf = async ({ api }: NodeSeat, id: string): Promise<PaymentDetails> =>
  value(await api.payment(id));

/** Everything is in the wallet, and nothing waits. */
async function ended({ world, alice }: OpenedNodes): Promise<bigint> {
  for (let i = 0; i < 10; i++) {
    const { closingSat, onchain } = await alice.api.listBalances();
    if (closingSat === 0n && onchain.pendingSat === 0n && i > 1) break;
    await world.mine(30);
  }
  expect((await alice.api.listChannels()).map(({ state }) => state)).toEqual(['closed']);
  const { onchain, totalMsat, closingSat } = await alice.api.listBalances();
  expect(closingSat).toBe(0n);
  expect(onchain.confirmedSat * 1000n).toBe(totalMsat);
  expect((await alice.api.status()).alarms).toEqual([]);
  return totalMsat;
}

it.each(ABSENCES)(
  'of %i blocks: the peer closed at once and took what it could; the rest is found and claimed',
  async (blocks) => {
    const nodes = await waiting();
    const { world, alice, bob, channelId, claimed, never, theirs } = nodes;
    const before = (await alice.api.listBalances()).totalMsat;
    alice.die();
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    await world.mine(1);
    value(await world.ask(bob.api.bolt11.claim(claimed.preimage)));
    await world.mine(5);
    bob.die();
    await world.mine(blocks - 6);
    await wake(alice);
    await world.mine(1);
    // The preimage that Bob showed on the chain is the proof of this payment, however long ago.
    expect(await paymentOf(alice, claimed.ofPayer)).toMatchObject({
      state: 'succeeded',
      preimage: claimed.preimage,
    });
    const after = await ended(nodes);
    expect(await paymentOf(alice, never.ofPayer)).toMatchObject({ state: 'failed' });
    expect((await paymentOf(alice, theirs.ofPayee)).state).not.toBe('succeeded');
    // What waits for its end is counted as ours until then; only what Bob claimed is his.
    expect(after).toBeLessThanOrEqual(before);
    expect(after).toBeGreaterThan(before - EACH - MOST_FEES_MSAT);
  },
);

it.each(ABSENCES)(
  'of %i blocks: a revoked commitment that came late is punished, from headers that begin anew',
  async (blocks) => {
    const nodes = await waiting();
    const { world, alice, bob, channelId } = nodes;
    const old = bob.store.snapshot();
    // All to Alice, and nothing of it is in Bob's copy.
    const last = value(
      await world.ask(alice.api.bolt11.receive({ amountMsat: 60_000_000n, description: '' })),
    );
    value(await world.ask(bob.api.bolt11.send(last.invoice)));
    await world.settle();
    alice.die();
    bob.die();
    await world.mine(blocks - 100);
    const Store = bob.store.restart().constructor as new (from: typeof old) => typeof bob.store;
    bob.store = new Store(old);
    await bob.start();
    await world.ask(bob.api.forceCloseChannel(channelId));
    await world.mine(1);
    // The thief goes to sleep as well: his delay is not over yet.
    bob.die();
    await world.mine(99);
    await wake(alice);
    const after = await ended(nodes);
    // All that the channel ever held.
    expect(after).toBeGreaterThan(1_000_000_000n - MOST_FEES_MSAT);
  },
);
