import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { signEcdsaLowR } from '../crypto/secp256k1.ts';
import { LOW_R_WITNESS_LENGTH, parseWitnessSignature, witnessSignature } from './signature.ts';

const part = (first: string): string => first + '01'.repeat(32 - first.length / 2);

describe('signatures in witnesses', () => {
  it.each([
    ['low r, low s', part('7f') + part('7f'), `30440220${part('7f')}0220${part('7f')}01`],
    ['high r', part('80') + part('7f'), `3045022100${part('80')}0220${part('7f')}01`],
    ['short s', part('7f') + part('0001'), `30430220${part('7f')}021f${part('0001').slice(2)}01`],
    ['zero before a high byte', part('7f') + part('0080'), `30440220${part('7f')}0220${part('0080')}01`],
    ['zero', '00'.repeat(64), '300602010002010001'],
  ])('%s', (_, compact, der) => {
    expect(toHex(witnessSignature(fromHex(compact), 1))).toBe(der);
    expect(parseWitnessSignature(fromHex(der))).toEqual({ signature: fromHex(compact), type: 1 });
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (compact) => {
        const der = witnessSignature(compact, 0x83);
        expect(der.length).toBeLessThanOrEqual(73);
        expect(parseWitnessSignature(der)).toEqual({ signature: compact, type: 0x83 });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['another tag', `31440220${part('7f')}0220${part('7f')}01`],
    ['a wrong length', `30450220${part('7f')}0220${part('7f')}01`],
    ['negative r', `30440220${part('80')}0220${part('7f')}01`],
    ['a needless zero', `3045022100${part('7f')}0220${part('7f')}01`],
    ['an integer of 33 bytes', `3045022101${part('7f')}0220${part('7f')}01`],
    ['an empty integer', `302402000220${part('7f')}01`],
    ['no sighash byte', `30440220${part('7f')}0220${part('7f')}`],
    ['bytes behind', `30440220${part('7f')}0220${part('7f')}0101`],
  ])('refuses %s', (_, hex) => {
    expect(parseWitnessSignature(fromHex(hex))).toBeNull();
  });

  it('never throws on garbage, and reads only what it would write', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.nat(),
        fc.nat(255),
        (compact, at, value) => {
          const der = witnessSignature(compact, 1);
          const changed = der.with(at % der.length, value);
          const read = parseWitnessSignature(changed);
          if (read !== null) expect(witnessSignature(read.signature, read.type as 1)).toEqual(changed);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('of ours never exceed the length that weights count with', () => {
    const secret = new Uint8Array(32).fill(7);
    for (let i = 0; i < 20; i++) {
      const signature = signEcdsaLowR(new Uint8Array(32).fill(i), secret);
      expect(witnessSignature(signature, 1).length).toBeLessThanOrEqual(LOW_R_WITNESS_LENGTH);
    }
  });
});
