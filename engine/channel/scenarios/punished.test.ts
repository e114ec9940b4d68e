import { describe, expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { outPointKey, type OutPoint } from '../../base/ids.ts';
import { feeratePerKw, msat } from '../../base/units.ts';
import { showsItsEnd } from '../../bitcoin/preimage-in.ts';
import { hasWaited } from '../../bitcoin/relative-lock.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { buildClaimTx, buildHtlcTx } from '../../commitment/claim-tx.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const taken = ({ published }: Side): Tx[] =>
  published.flatMap(({ tx, purpose }) => (purpose === 'penalty' || purpose === 'claim' ? [tx] : []));

const spends = (tx: Tx, outPoint: OutPoint): boolean =>
  tx.inputs.some((input) => outPointKey(input.outPoint) === outPointKey(outPoint));

/** What is asked of each HTLC that `tx` spends: whether it shows how that ended. */
const shown = ({ watches }: Side, tx: Tx): boolean[] =>
  watches.flatMap((watch) =>
    watch.tag === 'spent' && watch.htlc !== undefined && spends(tx, watch.outPoint)
      ? [showsItsEnd(tx, watch.outPoint, watch.htlc)]
      : [],
  );

describe.each(['anchors', 'static_remotekey'] as const)(
  'our disk is an old one, nobody knew, and our commitment is revoked (%s)',
  (base) => {
    /** Alice's commitment of before is on the chain, with an HTLC each way. */
    function published(): TwoPeers {
      const formats = { config: { formats: [base] } } as const;
      const peers = TwoPeers.ready({ push: msat(400_000_000) }, formats, formats);
      const { alice, bob } = peers;
      peers.add(alice, msat(30_000_000), 'out');
      peers.add(bob, msat(20_000_000), 'in');
      peers.pump();
      const old = alice.copyDisk();
      bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('out') });
      peers.pump();
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('in') });
      peers.pump();
      peers.pay(alice, msat(50_000_000));
      peers.disconnect();
      alice.putBack(old);
      alice.restart();
      alice.settled.length = 0;
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('in') });
      expect(alice.command({ tag: 'force-close' })).toMatchObject({ ok: true });
      const commitment = alice.published.findLast(({ purpose }) => purpose === 'local-commitment');
      assert(commitment !== undefined, 'no commitment');
      peers.mine(1, [commitment.tx]);
      expect(alice.durable).toMatchObject({ phase: 'closing', spend: { kind: 'local' }, lostData: false });
      expect(bob.durable).toMatchObject({ spend: { kind: 'revoked' } });
      return peers;
    }

    test('what punishes it shows the end of each HTLC by the revocation key, and by nothing less', () => {
      const { alice, bob } = published();
      const penalties = taken(bob).filter((tx) => shown(alice, tx).length > 0);
      expect(penalties.flatMap((tx) => shown(alice, tx))).toEqual([true, true]);
      for (const tx of penalties) {
        const forged = tx.inputs.map((input) => {
          const [signature = new Uint8Array(), ...rest] = input.witness;
          const other = signature.slice();
          other[20] = (other[20] ?? 0) ^ 1;
          return { ...input, witness: [other, ...rest] };
        });
        const bare = tx.inputs.map((input) => ({ ...input, witness: [] }));
        for (const inputs of [forged, bare])
          expect(new Set(shown(alice, { ...tx, inputs }))).toEqual(new Set([false]));
        // The signature is for what it spends and pays, not for another.
        expect(new Set(shown(alice, { ...tx, outputs: [] }))).toEqual(new Set([false]));
      }
    });

    test('it is said that data was lost; what became of the payments nobody here knows', () => {
      const peers = published();
      const { alice, bob } = peers;
      peers.mine(1, taken(bob));
      expect(alice.notices.filter(({ tag }) => tag === 'data-loss')).toHaveLength(1);
      expect(alice.durable).toMatchObject({ lostData: true });
      peers.crash(alice);
      peers.mine(10);
      expect(alice.settled.map(({ id, result }) => [id, result])).toEqual([
        [0n, { tag: 'abandoned', cause: 'state-lost' }],
      ]);
      // It was ours in a state that this disk does not know.
      expect(alice.takenBack).toEqual([]);
      expect(alice.notices.filter(({ tag }) => tag === 'data-loss')).toHaveLength(1);
      expect(alice.durable.phase).toBe('closed');
      expect(bob.durable.phase).toBe('closed');
    });

    test.each(['is shown', 'no server shows'])('where what takes our main output %s', (how) => {
      const peers = published();
      const { alice, bob } = peers;
      const htlcs = alice.watches.flatMap((watch) =>
        watch.tag === 'spent' && watch.htlc !== undefined ? [watch.outPoint] : [],
      );
      const main = taken(bob).filter((tx) => htlcs.every((outPoint) => !spends(tx, outPoint)));
      const bare = (tx: Tx): Tx => ({
        ...tx,
        inputs: tx.inputs.map((input) => ({ ...input, witness: [] })),
      });
      // In no block, without a signature it is what anybody makes up.
      for (const tx of main) peers.tell(alice, bare(tx), null);
      expect(alice.durable).toMatchObject({ lostData: false });
      peers.mine(1, how === 'is shown' ? main : main.map(bare));
      expect(alice.durable).toMatchObject({ lostData: true });
    });

    test('one that takes our main output after our delay, by the revocation key, is seen by its signature', () => {
      const peers = published();
      const { alice, bob } = peers;
      const claim = bob.demand.open.find((one) => one.claim.kind === 'main-penalty')?.claim;
      const delayed = alice.demand.open.find((one) => one.claim.kind === 'local-delayed')?.claim;
      assert(claim !== undefined && delayed !== undefined, 'no main output');
      const late = { ...claim, sequence: delayed.sequence };
      const built = buildClaimTx([late], bob.env.closingScript, feeratePerKw(1_000));
      assert(built.ok, 'not built');
      const waited = bob.env.signer.signClaims(built.value, [late]);
      expect(hasWaited(waited, claim.outPoint, alice.durable.params.remote.toSelfDelay)).toBe(true);
      peers.mine(150);
      peers.mine(1, [waited]);
      expect(alice.durable).toMatchObject({ lostData: true });
    });

    test('a fork that takes it all back has us pay nothing for what is revoked', () => {
      const peers = published();
      const { alice, bob } = peers;
      const [commitment] = alice.sent('local-commitment');
      assert(commitment !== undefined, 'not published');
      const penalties = taken(bob);
      const goneBack = (): void => {
        for (const tx of [...penalties, commitment])
          alice.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(tx), tipHeight: peers.height } });
      };
      goneBack();
      expect(alice.demand.lift === null).toBe(base !== 'anchors');
      peers.mine(1, [commitment]);
      peers.mine(1, penalties);
      goneBack();
      expect(alice.demand.lift).toBeNull();
    });

    test('one that we had back by time before the peer came may have been paid since', () => {
      const peers = published();
      const { alice, bob } = peers;
      peers.mine(39);
      const penalties = taken(bob);
      const byTime = alice.demand.open.find(({ claim }) => claim.kind === 'htlc-timeout');
      assert(byTime !== undefined, 'nothing is taken by time');
      const { claim } = byTime;
      peers.mine(1, [alice.env.signer.signClaims(buildHtlcTx(claim), [claim])]);
      const others = penalties.filter((tx) => !spends(tx, claim.outPoint));
      peers.mine(1, others);
      peers.mine(10);
      expect(alice.settled.map(({ id, result }) => [id, result])).toEqual([
        [0n, { tag: 'abandoned', cause: 'state-lost' }],
      ]);
    });
  },
);
