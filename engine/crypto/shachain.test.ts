import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { Secret } from './secret.ts';
import vectors from './fixtures/bolt3-shachain.json' with { type: 'json' };
import {
  EMPTY_SHACHAIN,
  FIRST_INDEX,
  insertSecret,
  lookupSecret,
  nextIndex,
  perCommitmentSecret,
  perCommitmentSecrets,
  placeOf,
  type ShachainStore,
} from './shachain.ts';

describe('BOLT 3 Appendix D', () => {
  it.each(vectors.generation)('$name', ({ seed, index, secret }) => {
    expect(toHex(perCommitmentSecret(fromHex(seed), index))).toBe(secret);
  });

  it.each(vectors.storage)('$name', ({ steps }) => {
    let store: ShachainStore = EMPTY_SHACHAIN;
    for (const { index, secret, accepted } of steps) {
      const inserted = insertSecret(store, index, fromHex(secret));
      expect(inserted.ok).toBe(accepted);
      if (inserted.ok) store = inserted.value;
      else expect(inserted.error.code).toBe('inconsistent');
    }
  });
});

describe('shachain', () => {
  const seed = new Uint8Array(32).fill(3);
  const received = (count: number): ShachainStore => {
    let store: ShachainStore = EMPTY_SHACHAIN;
    for (let i = 0; i < count; i++) {
      const inserted = insertSecret(store, FIRST_INDEX - i, perCommitmentSecret(seed, FIRST_INDEX - i));
      if (inserted.ok) store = inserted.value;
    }
    return store;
  };

  it('keeps at most 49 secrets and finds each that came, none that did not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(400), (count, ago) => {
        const store = received(count);
        expect(nextIndex(store)).toBe(FIRST_INDEX - count);
        expect(store.length).toBe(49);
        const index = FIRST_INDEX - ago;
        expect(lookupSecret(store, index)).toEqual(ago < count ? perCommitmentSecret(seed, index) : null);
      }),
      { numRuns: 30 },
    );
  });

  it('gives the same secrets one by one and by what they share', () => {
    const near = fc.nat(10_000).map((ago) => FIRST_INDEX - ago);
    const any = fc.nat(FIRST_INDEX);
    fc.assert(
      fc.property(fc.array(fc.oneof(near, any), { maxLength: 20 }), (indexes) => {
        const secretAt = perCommitmentSecrets(new Secret(seed));
        for (const index of indexes) expect(secretAt(index)).toEqual(perCommitmentSecret(seed, index));
      }),
    );
  });

  it('takes secrets in order alone', () => {
    const store = received(5);
    const secret = perCommitmentSecret(seed, FIRST_INDEX - 6);
    const refused = { ok: false, error: { code: 'out-of-order', expected: FIRST_INDEX - 5 } };
    expect(insertSecret(store, FIRST_INDEX - 6, secret)).toEqual(refused);
    expect(insertSecret(store, FIRST_INDEX - 4, secret)).toEqual(refused);
  });

  it('changes one place at an insertion and leaves the old store as it was', () => {
    const before = received(7);
    const index = nextIndex(before);
    const after = insertSecret(before, index, perCommitmentSecret(seed, index));
    expect(after.ok && after.value.flatMap((entry, i) => (entry === before[i] ? [] : [i]))).toEqual([
      placeOf(index),
    ]);
    expect(nextIndex(before)).toBe(index);
  });

  it('ends at index 0, where the seed itself is told', () => {
    expect(perCommitmentSecret(seed, 0)).toEqual(seed);
    expect(placeOf(0)).toBe(48);
    const used: ShachainStore = EMPTY_SHACHAIN.with(48, { index: 0, secret: seed });
    expect(nextIndex(used)).toBe(-1);
    expect(lookupSecret(used, FIRST_INDEX)).toEqual(perCommitmentSecret(seed, FIRST_INDEX));
  });
});
