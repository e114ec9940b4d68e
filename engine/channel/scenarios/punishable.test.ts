import { expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { sat, feeratePerKw, msat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { parseWitnessSignature } from '../../bitcoin/signature.ts';
import { segwitSighashes } from '../../bitcoin/sighash.ts';
import { decode } from '../../codec/field.ts';
import { buildClaimTx } from '../../commitment/claim-tx.ts';
import { commitmentNumberOf } from '../../commitment/number.ts';
import { revokedClaims, revokedCommitment, type RevokedHtlc } from '../../commitment/penalty.ts';
import { verifyEcdsa } from '../../crypto/secp256k1.ts';
import { FIRST_INDEX, lookupSecret } from '../../crypto/shachain.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { localCommitment } from '../commitments.ts';
import { commitmentParams } from '../params.ts';
import { monitorRecord } from '../snapshot/htlc-record.ts';

const even = { push: msat(400_000_000) };

/** Bob's commitment now, as he could publish it. */
function commitmentOf({ bob }: TwoPeers): Tx {
  const { params, ledger, active } = bob.durable;
  const [latest] = active;
  return bob.env.signer.signLocalCommitment(
    localCommitment(params, ledger, latest, bob.env),
    latest.remoteSignature,
  );
}

/** The HTLCs of all time, as Alice's disk has them. */
function htlcsOf({ alice }: TwoPeers): RevokedHtlc[] {
  const durable = alice.load();
  const live = [...(durable?.ledger.outgoing.values() ?? []), ...(durable?.ledger.incoming.values() ?? [])];
  const gone = [...(alice.disk.get('monitor') ?? [])].map(([key, bytes]): RevokedHtlc => {
    const [, direction, id] = key.split('/');
    const record = decode(monitorRecord, bytes);
    assert(record.ok && (direction === 'incoming' || direction === 'outgoing'), 'unreadable');
    return { direction, id: BigInt(id ?? 0), ...record.value };
  });
  return [...gone, ...live.map(({ add }) => add)];
}

test.each(['anchors', 'static_remotekey'] as const)(
  'the records alone suffice to take all that a revoked commitment holds (%s)',
  (base) => {
    const formats = { config: { formats: [base] } } as const;
    const peers = TwoPeers.ready(even, formats, formats);
    const old: Tx[] = [commitmentOf(peers)];
    const watch = (): void => void old.push(commitmentOf(peers));
    for (let round = 0; round < 3; round++) {
      peers.add(peers.alice, msat(20_000_000), `out ${round}`);
      peers.add(peers.bob, msat(30_000_000), `in ${round}`);
      peers.pump();
      watch();
      peers.bob.command({ tag: 'fail-htlc', id: BigInt(round), reason: new Uint8Array(292) });
      if (round < 2)
        peers.alice.command({ tag: 'fail-htlc', id: BigInt(round), reason: new Uint8Array(292) });
      peers.pump();
      watch();
    }
    peers.pay(peers.alice, msat(1_000_000));
    peers.crash(peers.alice);

    const durable = peers.alice.load();
    assert(durable !== null, 'nothing on disk');
    const [{ funding }] = durable.active;
    const params = commitmentParams(durable.params, funding);
    for (const tx of old) {
      const number = commitmentNumberOf(params, tx);
      assert(number !== null && number < durable.ledger.remoteNumber, 'not revoked');
      const secret = lookupSecret(durable.shachain, FIRST_INDEX - number);
      assert(secret !== null, 'its secret is lost');
      const claims = revokedClaims(revokedCommitment(params, secret), tx, htlcsOf(peers));
      // All but the anchors.
      expect(claims).toHaveLength(tx.outputs.filter(({ amount }) => amount !== 330n).length);
      for (const claim of claims) {
        const built = buildClaimTx([claim], peers.alice.env.closingScript, feeratePerKw(253));
        assert(built.ok, 'uneconomical');
        const signed = peers.alice.env.signer.signClaims(built.value, [claim]);
        const bytes = signed.inputs[0]?.witness[0];
        const signature = parseWitnessSignature(bytes ?? new Uint8Array());
        assert(signature !== null, 'no signature');
        if (claim.key.tag !== 'revocation' || claim.lock.tag !== 'p2wsh') continue;
        const hash = segwitSighashes(signed)(0, claim.lock.witnessScript, sat(claim.amount), 1);
        const keys = revokedCommitment(params, secret).keys;
        expect(verifyEcdsa(signature.signature, hash, keys.revocation)).toBe(true);
      }
    }
  },
);

test.each([
  ['anchors', 600, 354],
  ['anchors', 354, 600],
  ['static_remotekey', 600, 354],
  ['static_remotekey', 354, 600],
] as const)(
  'no record is kept of an HTLC that no commitment of the peer can have had (%s, dust limits %i and %i)',
  (base, ours, theirs) => {
    const optionsOf = (dustLimit: number) => ({ config: { formats: [base], dustLimit: sat(dustLimit) } });
    const peers = TwoPeers.ready(even, optionsOf(ours), optionsOf(theirs));
    const kept = (): number => peers.alice.disk.get('monitor')?.size ?? 0;
    /** How many outputs Bob's commitment has more while there is such an HTLC, and how many records are left of it. */
    const traces = (from: Side, amount: bigint): readonly [number, number] => {
      const before = [commitmentOf(peers).outputs.length, kept()] as const;
      const label = `${from.name} ${amount}`;
      expect(peers.add(from, msat(amount), label)).toMatchObject({ ok: true });
      peers.pump();
      const outputs = commitmentOf(peers).outputs.length;
      const offer = peers.other(from).offers.at(-1);
      peers.other(from).command({ tag: 'fulfill-htlc', id: offer?.id ?? -1n, preimage: preimageOf(label) });
      peers.pump();
      return [outputs - before[0], kept() - before[1]];
    };
    for (const from of [peers.alice, peers.bob]) {
      expect(traces(from, BigInt(theirs) * 1000n - 1n)).toEqual([0, 0]);
      // What of these has an output moves with the fee rate where HTLC transactions pay a fee.
      expect(traces(from, BigInt(theirs) * 1000n)).toEqual([base === 'anchors' ? 1 : 0, 1]);
    }
  },
);
