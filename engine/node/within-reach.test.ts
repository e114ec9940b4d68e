import { beforeAll, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sat } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { paying } from '../testkit/fake-chain.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const PREIMAGE = new Uint8Array(32).fill(3);

it.each([
  ['', 0, 20],
  [' (beside coins that are not worth their inputs)', 150, 20],
  [' (and a lying server says that no mempool takes it)', 0, 1e9],
] as const)(
  'where coins do not reach for what estimates ask, an HTLC is taken at the rate that they reach%s',
  async (_name, dust, later) => {
    const { world, alice, bob } = await openedNodes();
    if (dust > 0) {
      const { address } = value(await world.ask(bob.api.newAddress()));
      const script = value(scriptOfAddress(address, 'regtest'));
      world.chain.add(paying(...Array.from({ length: dust }, () => [script, sat(600)] as const)));
    }
    await world.fund(bob, 25_000n);
    const held = value(
      await world.ask(
        bob.api.bolt11.receiveForHash({
          amountMsat: 200_000_000n,
          description: '',
          paymentHash: toHex(sha256(PREIMAGE)),
        }),
      ),
    );
    value(await world.ask(alice.api.bolt11.send(held.invoice)));
    await world.settle();
    world.esplora.estimates = Object.fromEntries(
      [1, 2, 3, 6, 12, 24, 144, 504, 1008].map((n) => [n, n < 144 ? Math.max(300, later) : later]),
    );
    await world.pass(700_000);
    await world.mine(1);
    const { onchain } = await bob.api.listBalances();
    expect(onchain).toMatchObject({ keptSat: 25_000n });
    alice.die();
    value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
    const isTaken = () =>
      world.chain.blocks
        .flatMap(({ txs }) => txs)
        .some((tx) =>
          tx.inputs.some(({ witness }) => witness.some((item) => toHex(item) === toHex(PREIMAGE))),
        );
    for (let i = 0; i < 150 && !isTaken(); i++) await world.mine(1);
    expect(isTaken()).toBe(true);
  },
);
