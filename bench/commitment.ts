/**
 * What one commitment costs, by its number of HTLCs: derive its keys, build it, sign it for the peer, verify the peer's
 * signatures of ours. `npx tsx bench/commitment.ts`
 */
import { buildCommitment } from '../engine/commitment/commitment.ts';
import { htlcSighashes } from '../engine/commitment/htlc-tx.ts';
import { commitmentKeys } from '../engine/commitment/keys.ts';
import { verifyRemoteSignatures } from '../engine/commitment/signatures.ts';
import { loadSecp256k1 } from '../engine/crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../engine/platform/secp256k1-node.ts';
import { systemRandom } from '../engine/platform/system-random.ts';
import { channelPair, seenFromOtherEnd, specWith } from '../engine/testkit/commitment-pair.ts';
import { microseconds, table } from './crypto/measure.ts';

const CAPACITY = 100_000_000;
const COUNTS = [0, 1, 10, 100, 483] as const;

const loaded = await loadSecp256k1(instantiateSecp256k1, systemRandom);
if (!loaded.ok) throw new Error(loaded.error.code);

const { alice, bob } = channelPair('anchors-zero-fee', { capacity: CAPACITY });
let number = 0;
const nextPoint = () => alice.signer.point(++number);
const milliseconds = (call: () => unknown): string => (microseconds(call, 5) / 1000).toFixed(3);

const points = Array.from({ length: 2000 }, nextPoint);
let next = 0;
const keys = milliseconds(() => commitmentKeys(alice.params, 'local', points[next++ % points.length]!));
console.log(`keys of a new point: ${keys} ms; secret and point of our own: ${milliseconds(nextPoint)} ms\n`);

const rows = COUNTS.map((count) => {
  const spec = specWith(CAPACITY, {
    outgoing: Array.from({ length: count }, (_, i) => 10_000 + i),
    incoming: [],
  });
  const point = alice.signer.point(1);
  const build = () => buildCommitment(alice.params, 'local', 1, point, spec);
  const local = build();
  const remote = buildCommitment(bob.params, 'remote', 1, point, seenFromOtherEnd(spec));
  const signatures = bob.signer.signRemoteCommitment(remote);
  return [
    String(count),
    milliseconds(build),
    milliseconds(() => htlcSighashes(local)),
    milliseconds(() => bob.signer.signRemoteCommitment(remote)),
    milliseconds(() => verifyRemoteSignatures(local, signatures)),
  ];
});
console.log(table(['HTLCs', 'build ms', 'HTLC sighashes ms', 'sign ms', 'verify ms'], rows));
