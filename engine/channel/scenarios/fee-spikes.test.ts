import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { feeratePerKw, msat, type Msat } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CALM } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { commitmentCost } from '../ledger/load.ts';
import { hashOf, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const times = (factor: number): Feerates => ({
  urgent: feeratePerKw(Math.round(CALM.urgent * factor)),
  normal: feeratePerKw(Math.round(CALM.normal * factor)),
  background: feeratePerKw(Math.max(253, Math.round(CALM.background * factor))),
  // The mempool fills up in the worst of it.
  minimum: feeratePerKw(factor >= 50 ? 2_000 : CALM.minimum),
});

// Nobody here saw a fee and agreed to it, and a close by the peer at that moment is paid by us.
test.each(['anchors', 'static_remotekey'] as const)(
  'a server that lies has our commitment cost half of what is ours at most, and stays below a ceiling (%s)',
  (base) => {
    const formats = { config: { formats: [base] } } as const;
    const ceiling = feeratePerKw(250_000);
    const absurd = { urgent: ceiling, normal: ceiling, background: ceiling, minimum: ceiling };
    for (const [mine, least, most] of [
      [50_000_000, 10_000, 25_000],
      [800_000_000, 50_000, 113_060],
    ] as const) {
      const peers = TwoPeers.ready({ push: msat(1_000_000_000 - mine) }, formats, formats);
      peers.mine(1, [], absurd);
      peers.pump();
      const { params, ledger } = peers.alice.durable;
      const cost = commitmentCost(params, ledger.feerate, 0) / 1000n;
      expect(cost).toBeGreaterThan(least);
      expect(cost).toBeLessThanOrEqual(most);
      expect(peers.bob.durable.ledger.feerate).toBe(ledger.feerate);
    }
  },
);

/** Hours: the mempool as it is, and what each of the two has heard of it by then. */
const hour = fc.record({
  factor: fc.constantFrom(0.3, 1, 1, 2, 8, 50),
  aliceLags: fc.boolean(),
  bobLags: fc.boolean(),
  pays: fc.constantFrom<'alice' | 'bob' | null>('alice', 'bob', null, null),
  amount: fc.constantFrom(20_000, 400_000, 3_000_000, 60_000_000),
  reconnects: fc.boolean(),
});

/** What would be dust at such fees is refused: that is as it should be. */
function payIfTaken(peers: TwoPeers, payer: Side, amount: Msat): void {
  const label = `${payer.name} ${payer.replies.size}`;
  if (!payer.summary.isUsable || peers.add(payer, amount, label)?.ok !== true) return;
  peers.pump();
  const payee = peers.other(payer);
  const offer = payee.offers.findLast(({ paymentHash }) => paymentHash === hashOf(label));
  if (offer === undefined) return;
  payee.command({ tag: 'fulfill-htlc', id: offer.id, preimage: preimageOf(label) });
  peers.pump();
}

test.each(['anchors', 'static_remotekey'] as const)(
  'fees that jump fifty times up and down for days close no channel between honest peers (%s)',
  (base) => {
    const formats = { config: { formats: [base] } } as const;
    fc.assert(
      fc.property(fc.array(hour, { minLength: 5, maxLength: 20 }), (hours) => {
        const peers = TwoPeers.ready({ push: msat(400_000_000) }, formats, formats);
        const { alice, bob } = peers;
        for (const { factor, aliceLags, bobLags, pays, amount, reconnects } of hours) {
          const seen = times(factor);
          for (const [side, lags] of [
            [alice, aliceLags],
            [bob, bobLags],
          ] as const)
            if (!lags) side.env = { ...side.env, feerates: seen };
          peers.mine(6);
          peers.pump();
          if (!peers.connected || reconnects) peers.reconnect();
          for (const side of [alice, bob]) expect(side.durable.phase).toBe('normal');
          if (pays !== null) payIfTaken(peers, peers[pays], msat(amount));
        }
        // Both hear the same again, and all is as it should be.
        for (const side of [alice, bob]) side.env = { ...side.env, feerates: CALM };
        for (let i = 0; i < 2; i++) {
          peers.mine(1);
          peers.pump();
          if (!peers.connected) peers.reconnect();
        }
        expect(alice.summary.feerate).toBe(bob.summary.feerate);
        for (const side of [alice, bob]) expect(side.summary).toMatchObject({ status: 'ready', htlcs: [] });
        if (base === 'anchors')
          for (const side of [alice, bob])
            expect(side.notices.filter(({ tag }) => tag === 'violation')).toEqual([]);
      }),
      { numRuns: 6 },
    );
  },
);
