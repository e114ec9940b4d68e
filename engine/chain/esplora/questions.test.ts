import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockHash, txId } from '../../base/ids.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { postPackage, postTx } from './broadcast-answer.ts';
import * as questions from './questions.ts';
import type { Question } from './server-pool.ts';

const HASH = 'ab'.repeat(32);
const SCRIPT = Uint8Array.of(0x51);
const ALL: Readonly<Record<string, Question<unknown>>> = {
  tipHash: questions.tipHash,
  blockHashAt: questions.blockHashAt(5),
  blockHeader: questions.blockHeader(blockHash(HASH)),
  block: questions.block(blockHash(HASH)),
  blocksDownFrom: questions.blocksDownFrom(5),
  txMerkleProof: questions.txMerkleProof(txId(HASH)),
  txOutspends: questions.txOutspends(txId(HASH)),
  scriptCounts: questions.scriptCounts(SCRIPT),
  scriptTxs: questions.scriptTxs(SCRIPT, null),
  feeEstimates: questions.feeEstimates,
  postTx: postTx('00'),
  postPackage: postPackage(['00', '01']),
};

describe.each(Object.entries(ALL))('%s', (name, question) => {
  it('reads any bytes without an exception, and takes none of these for an answer', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(encodeUtf8),
      fc.string().map(encodeUtf8),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(200, 404), (body, status) => {
        const read = question.read({ status, body });
        // Empty lists and objects are answers of these shapes.
        const small =
          read === undefined || read === null || JSON.stringify(read) === '[]' || read instanceof Map;
        expect(small).toBe(true);
      }),
    );
  });

  it('404 is "not known" or no answer', () => {
    expect([null, undefined]).toContain(question.read({ status: 404, body: encodeUtf8('Not found') }));
  });

  it('asks under a path that is its own', () => {
    expect(question.path).toMatch(/^\/[a-z0-9/-]+$/);
    const others = Object.entries(ALL).filter(([other]) => other !== name);
    expect(others.map(([, { path }]) => path)).not.toContain(question.path);
  });
});

describe('shapes', () => {
  const body = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));
  const proof = { block_height: 7, merkle: [HASH], pos: 1 };

  it.each([
    [{ ...proof, more: 'ignored' }, true],
    [{ ...proof, pos: -1 }, false],
    [{ ...proof, pos: 1.5 }, false],
    [{ ...proof, block_height: '7' }, false],
    [{ ...proof, merkle: [HASH.toUpperCase()] }, false],
    [{ ...proof, merkle: Array.from({ length: 18 }, () => HASH) }, false],
    [{ merkle: [], pos: 0 }, false],
    [[proof], false],
    [JSON.parse(`{"__proto__": ${JSON.stringify(proof)}}`), false],
  ])('a merkle proof %#', (answer, good) => {
    const read = questions.txMerkleProof(txId(HASH)).read({ status: 200, body: body(answer) });
    expect(read).toEqual(good ? proof : undefined);
  });

  it('fee estimates are positive numbers', () => {
    const read = (answer: unknown) => questions.feeEstimates.read({ status: 200, body: body(answer) });
    expect(read({})).toEqual(new Map());
    expect(read({ 1: 2.5 })).toEqual(new Map([['1', 2.5]]));
    for (const bad of [{ 1: -1 }, { 1: 0 }, { 1: '2' }, { 1: null }, [], null, 5])
      expect(read(bad)).toBeUndefined();
  });
});
