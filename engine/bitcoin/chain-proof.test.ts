import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { txId, txIdToBytes } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { sat } from '../base/units.ts';
import { sha256d } from '../crypto/hash.ts';
import funding from './fixtures/bolt3-funding.json' with { type: 'json' };
import { hasProofOfWork, parseHeader, targetOf, workOf } from './header.ts';
import { verifyMerkleProof } from './merkle.ts';
import { parseTx, parseTxHex } from './tx-parse.ts';
import { txIdOf, type Tx } from './tx.ts';

// Bitcoin's genesis block.
const GENESIS =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c';
const header = (hex: string) => parseHeader(fromHex(hex.slice(0, 160)))!;

describe('block headers', () => {
  it('of mainnet', () => {
    const genesis = header(GENESIS);
    expect(genesis.hash).toBe(NETWORKS.mainnet.genesisHash);
    expect(genesis.previous).toBe('00'.repeat(32));
    expect(genesis).toMatchObject({ version: 1, time: 1231006505, bits: 0x1d00ffff, nonce: 2083236893 });
    expect(hasProofOfWork(genesis, 'mainnet')).toBe(true);
    expect(hasProofOfWork({ ...genesis, bits: 0x1b00ffff }, 'mainnet')).toBe(false);
    // A harder target than a network's easiest is always allowed.
    expect(hasProofOfWork(genesis, 'signet')).toBe(true);
  });
  it('of regtest pass there alone', () => {
    const [zero, one] = funding.blocks.map(({ raw }) => header(raw));
    expect(zero!.hash).toBe(NETWORKS.regtest.genesisHash);
    expect(one!.previous).toBe(zero!.hash);
    expect(hasProofOfWork(one!, 'regtest')).toBe(true);
    for (const network of ['mainnet', 'testnet4', 'signet', 'mutinynet'] as const)
      expect(hasProofOfWork(one!, network)).toBe(false);
  });
  it.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x1e0377ae, 0x377aen << 216n],
    [0x207fffff, 0x7fffffn << 232n],
    [0x01120000, 0x12n],
    [0x02123400, 0x1234n],
    [0x05009234, 0x92340000n],
    [0x00123456, null],
    [0x04923456, null],
    [0x23000001, null],
    [0xff123456, null],
    [0x1d000000, null],
  ])('bits %i', (bits, target) => {
    expect(targetOf(bits)).toBe(target);
  });
  it('of another length are none', () => {
    expect(parseHeader(new Uint8Array(79))).toBeNull();
    expect(parseHeader(new Uint8Array(81))).toBeNull();
  });
  it('count their work: 2^32 hashes and a bit at difficulty 1', () => {
    expect(workOf(header(GENESIS))).toBe(0x1_0001_0001n);
    expect(workOf({ ...header(GENESIS), bits: 0 })).toBe(0n);
  });
});

/** A block's tree as Bitcoin Core builds it, and the proof for one leaf. */
function prove(ids: readonly Uint8Array[], index: number): { root: Uint8Array; siblings: Uint8Array[] } {
  const siblings: Uint8Array[] = [];
  let level = [...ids];
  let place = index;
  while (level.length > 1) {
    const at = (i: number): Uint8Array => level[Math.min(i, level.length - 1)]!;
    siblings.push(at(place ^ 1));
    place >>= 1;
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      sha256d(concatBytes(at(2 * i), at(2 * i + 1))),
    );
  }
  return { root: level[0]!, siblings };
}

const someTx = (lockTime: number): Tx => ({
  version: 2,
  inputs: [
    {
      outPoint: { txId: txId('11'.repeat(32)), index: 0 },
      sequence: 0,
      scriptSig: new Uint8Array(),
      witness: [],
    },
  ],
  outputs: [{ amount: sat(1), script: new Uint8Array(22) }],
  lockTime,
});
const idBytes = (tx: Tx): Uint8Array => txIdToBytes(txIdOf(tx));

describe('merkle proofs', () => {
  it('of a block with one transaction have no siblings', () => {
    const block = funding.blocks[1]!;
    const coinbase = parseTxHex(block.coinbase!);
    if (!coinbase.ok) throw new Error('coinbase');
    const { merkleRoot } = header(block.raw);
    expect(verifyMerkleProof(coinbase.value, { index: 0, siblings: [] }, merkleRoot)).toBe(true);
    expect(verifyMerkleProof(coinbase.value, { index: 1, siblings: [] }, merkleRoot)).toBe(false);
    expect(verifyMerkleProof(someTx(1), { index: 0, siblings: [] }, merkleRoot)).toBe(false);
  });

  it('have the tree of mainnet block 100,000', () => {
    const ids = [
      '8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87',
      'fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4',
      '6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4',
      'e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d',
    ].map((id) => txIdToBytes(txId(id)));
    expect(toHex(prove(ids, 0).root.reverse())).toBe(
      'f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766',
    );
  });

  it('hold for every place of every tree, and for no other place, id, or sibling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (count, pick, change) => {
        const txs = Array.from({ length: count }, (_, i) => someTx(i));
        const index = pick % count;
        const { root, siblings } = prove(txs.map(idBytes), index);
        const tx = txs[index]!;
        // The last of an odd level is paired with itself, on the left: the mirrored proof is refused below.
        expect(verifyMerkleProof(tx, { index, siblings }, root)).toBe(true);
        expect(verifyMerkleProof(someTx(count), { index, siblings }, root)).toBe(false);
        expect(verifyMerkleProof(tx, { index: index + 2 ** siblings.length, siblings }, root)).toBe(false);
        if (siblings.length === 0) return;
        const level = change % siblings.length;
        const other = index ^ (1 << level);
        expect(verifyMerkleProof(tx, { index: other, siblings }, root)).toBe(false);
        const sibling = siblings[level]!;
        const wrong = siblings.with(level, sibling.with(change % 32, sibling[change % 32]! ^ 1));
        expect(verifyMerkleProof(tx, { index, siblings: wrong }, root)).toBe(false);
        expect(verifyMerkleProof(tx, { index, siblings: siblings.slice(1) }, root)).toBe(false);
      }),
    );
  });

  it('do not let a 64-byte transaction pass for an inner node (CVE-2017-12842)', () => {
    // Nobody mined `fake`. Its id reads as the start of a transaction with one input…
    let fake = someTx(0);
    while (idBytes(fake)[4] !== 1) fake = someTx(fake.lockTime + 1);
    // …and with 32 bytes more (rest of the outpoint, sequence, one output of 4 bytes) it is a whole one, `mined`.
    const rest = fromHex(`${'22'.repeat(9)}00ffffffff01050000000000000004${'51'.repeat(4)}00000000`);
    const mined = parseTx(concatBytes(idBytes(fake), rest));
    if (!mined.ok) throw new Error(mined.error.code);
    const root = idBytes(mined.value);
    expect(sha256d(concatBytes(idBytes(fake), rest))).toEqual(root);
    expect(verifyMerkleProof(fake, { index: 0, siblings: [rest] }, root)).toBe(false);
    // And no inner node for a transaction.
    expect(verifyMerkleProof(mined.value, { index: 0, siblings: [] }, root)).toBe(false);
  });

  it('are not longer than a block allows, and have siblings of 32 bytes', () => {
    const tx = someTx(1);
    const siblings = Array.from({ length: 16 }, (_, i) => new Uint8Array(32).fill(i));
    let root = idBytes(tx);
    for (const sibling of siblings) root = sha256d(concatBytes(root, sibling));
    expect(verifyMerkleProof(tx, { index: 0, siblings }, root)).toBe(false);
    expect(verifyMerkleProof(tx, { index: 0, siblings: [new Uint8Array(31)] }, root)).toBe(false);
  });
});
