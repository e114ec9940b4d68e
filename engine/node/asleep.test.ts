import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const PREIMAGE = new Uint8Array(32).fill(5);
const HELD_MSAT = 100_000_000n;
/** Closing transactions and claims, at the fees of this world. */
const MOST_FEES_MSAT = 20_000_000n;
/** Past the expiry of any payment of these nodes. */
const LONG = 300;

/** Alice pays an invoice that Bob holds: the HTLC stands in their channel. */
async function held(): Promise<OpenedNodes> {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  const request = { amountMsat: HELD_MSAT, description: '', paymentHash: toHex(sha256(PREIMAGE)) };
  const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  expect((await bob.api.listPayments()).payments[0]).toMatchObject({ state: 'claimable' });
  return nodes;
}

/** Until every closing transaction is buried. */
async function bury({ world }: OpenedNodes): Promise<void> {
  for (let i = 0; i < 8; i++) await world.mine(40);
}

describe('an HTLC that expires while its node sleeps', () => {
  it('of the payer: the payment fails, and its money is back, all but fees', async () => {
    const nodes = await held();
    const { world, alice } = nodes;
    const before = (await alice.api.listBalances()).totalMsat;
    alice.die();
    await world.mine(LONG);
    alice.store = alice.store.restart();
    await alice.start();
    await bury(nodes);
    expect((await alice.api.listPayments()).payments.find(({ kind }) => kind === 'bolt11')).toMatchObject({
      state: 'failed',
    });
    const { totalMsat } = await alice.api.listBalances();
    expect(totalMsat).toBeGreaterThan(before - MOST_FEES_MSAT);
    expect(await alice.api.status()).toMatchObject({ alarms: [] });
  });

  it('of the payee who has not claimed: nobody is given its secret any more, and nothing of hers is lost', async () => {
    const nodes = await held();
    const { world, alice, bob } = nodes;
    const before = (await bob.api.listBalances()).totalMsat;
    bob.die();
    await world.mine(LONG);
    bob.store = bob.store.restart();
    await bob.start();
    const claimed = await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE)));
    await bury(nodes);
    const [paid, received] = [await alice.api.listPayments(), await bob.api.listPayments()].map(
      ({ payments }) => payments.find(({ kind }) => kind === 'bolt11'),
    );
    expect(claimed.ok).toBe(false);
    expect(paid).toMatchObject({ state: 'failed', preimage: null });
    expect(received?.state).not.toBe('succeeded');
    expect((await bob.api.listBalances()).totalMsat).toBe(before);
  });
});
