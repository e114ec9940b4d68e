import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { feeratePerKw, sat, timestamp } from '../base/units.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import { p2wsh } from '../bitcoin/script.ts';
import { weightOf } from '../bitcoin/tx.ts';
import { value, WalletWorld } from '../testkit/wallet-world.ts';
import { balanceOf } from './balance.ts';
import { bumpFee, cancelTx } from './bump-fee.ts';
import { listTransactions } from './history.ts';
import { loadWallet } from './open-wallet.ts';
import { abandonTx } from './record-tx.ts';
import { buildFunding, publishReserved, releaseReservation } from './reservations.ts';
import { send } from './send.ts';

const NOW = timestamp(1_750_000_100);
const THEIRS = [
  'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
  'bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6',
];

const deed = fc.record({
  kind: fc.constantFrom(
    'receive',
    'send',
    'send',
    'all',
    'fund',
    'bump',
    'cancel',
    'publish',
    'release',
    'abandon',
    'block',
    'block',
  ),
  amount: fc.bigInt({ min: 1n, max: 300_000n }),
  rate: fc.integer({ min: 253, max: 20_000 }).map(feeratePerKw),
  pick: fc.nat(),
});

/** Found by this property: both transactions before the abandoned one stood again. */
const BUMPED_TWICE_AND_ABANDONED = (
  [
    ['all', 253],
    ['bump', 254],
    ['bump', 508],
    ['receive', 253],
    ['abandon', 253],
    ['receive', 253],
  ] as const
).map(([kind, rate]) => ({ kind, amount: 1n, rate: feeratePerKw(rate), pick: 0 }));

it('whatever is done: money is conserved, fees are what was said, disk and memory agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 14 }), async (deeds) => {
      const world = new WalletWorld();
      await world.fund(120_000n, 90_000n, 40_000n);
      for (const each of deeds) {
        await act(world, each);
        const loaded = value(loadWallet(world.disk, 'regtest'))!;
        expect({ ...loaded, tipHeight: world.state.tipHeight }).toEqual(world.state);
        const balance = balanceOf(world.state);
        const { confirmed, trustedPending, untrustedPending, reserved } = balance;
        expect(confirmed + trustedPending + untrustedPending + reserved).toBe(balance.total);
        expect(balance.total).toBe(bookTotal(world));
      }
    }),
    { numRuns: 25, examples: [[BUMPED_TWICE_AND_ABANDONED]] },
  );
}, 60_000);

/** In, less out, less fees, over all that stands. */
const bookTotal = ({ state }: WalletWorld): bigint =>
  listTransactions(state)
    .filter(({ status }) => status !== 'replaced')
    .reduce((sum, { direction, amount, fee }) => {
      if (direction === 'incoming') return sum + amount;
      return sum - (direction === 'outgoing' ? amount : 0n) - (fee ?? 0n);
    }, 0n);

async function act(
  world: WalletWorld,
  { kind, amount, rate, pick }: typeof deed extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const { state, keys } = world;
  const pending = listTransactions(state).filter(({ status }) => status === 'pending');
  const chosen = pending[pick % Math.max(1, pending.length)]?.txId;
  const reservation = [...state.reservations.keys()][0];
  switch (kind) {
    case 'receive':
      world.pay(amount, pick % 2 === 0 ? 'p2wpkh' : 'p2tr');
      await world.sync();
      return;
    case 'send':
    case 'all': {
      const address = THEIRS[pick % 2]!;
      const sent = send(
        state,
        keys,
        { address, amount: kind === 'all' ? 'all' : sat(amount), feerate: rate },
        NOW,
      );
      if (!sent.ok) return;
      const least = feeAtLeast(rate, weightOf(sent.value.tx));
      expect(sent.value.fee >= least).toBe(true);
      // At most what change would have cost, there and back, and the dust that it would have been.
      expect(sent.value.fee - least < feeAtLeast(rate, sent.value.weight) + 1_000n).toBe(true);
      world.take(sent.value);
      world.publish(sent.value.tx);
      return;
    }
    case 'fund': {
      const request = { script: p2wsh(Uint8Array.of(pick % 200)), amount: sat(amount), feerate: rate };
      const funding = buildFunding(state, keys, request, NOW);
      if (funding.ok) world.take(funding.value);
      return;
    }
    case 'bump':
    case 'cancel': {
      if (chosen === undefined) return;
      const bumped = (kind === 'bump' ? bumpFee : cancelTx)(state, keys, chosen, { feerate: rate }, NOW);
      if (!bumped.ok) return;
      world.take(bumped.value);
      world.publish(bumped.value.tx);
      return;
    }
    case 'publish':
      if (reservation === undefined) return;
      world.publish(world.take(value(publishReserved(state, reservation, NOW))).tx);
      return;
    case 'release':
      if (reservation !== undefined) world.take(releaseReservation(state, reservation));
      return;
    case 'abandon': {
      const own = pending.find(({ purpose }) => purpose === 'wallet-send');
      if (own === undefined) return;
      world.take(abandonTx(state, own.txId));
      world.chain.mempool = [];
      return;
    }
    case 'block':
      world.chain.mine();
      await world.sync();
  }
}
