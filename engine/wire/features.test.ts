import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { encodeChannelType, parseChannelType, sameChannelType, type ChannelType } from './channel-type.ts';
import { FEATURE_NAMES, FEATURES, needsOf } from './feature-table.ts';
import {
  bitsOf,
  combined,
  DEFAULT_FEATURES,
  featuresFor,
  hasBit,
  missingDependency,
  negotiated,
  requires,
  supports,
  unmetRequirement,
  withBits,
} from './features.ts';

const bits = fc.uniqueArray(fc.nat(300)).map((all) => all.toSorted((a, b) => a - b));

test('a vector is its bits, big-endian and as short as can be', () => {
  expect(toHex(withBits([]))).toBe('');
  expect(toHex(withBits([0]))).toBe('01');
  expect(toHex(withBits([8, 1]))).toBe('0102');
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      const vector = withBits(a);
      expect(bitsOf(vector)).toEqual(a);
      expect(vector[0]).not.toBe(0);
      expect(bitsOf(Uint8Array.of(0, 0, ...vector)), 'leading zeros count for nothing').toEqual(a);
      expect(hasBit(vector, 1_000)).toBe(false);
      expect(bitsOf(combined(vector, withBits(b)))).toEqual(
        [...new Set([...a, ...b])].toSorted((x, y) => x - y),
      );
    }),
  );
});

test('two maps as long as a message has room for are combined: as arguments of one call their bits were too many', () => {
  const [all, odd] = [new Uint8Array(65_529).fill(0xff), new Uint8Array(65_529).fill(0xaa)];
  expect(toHex(combined(all, odd))).toBe(toHex(all));
  expect(toHex(combined(new Uint8Array(3), odd))).toBe(toHex(odd));
  expect(toHex(withBits(bitsOf(odd)))).toBe(toHex(odd));
});

describe('BOLT 9', () => {
  test('every feature has its own even bit, and the table knows all that it names', () => {
    const numbers = FEATURE_NAMES.map((name) => FEATURES[name].bit);
    expect(numbers.every((bit) => bit % 2 === 0)).toBe(true);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const name of FEATURE_NAMES) expect(needsOf(name)).toEqual(FEATURES[name].needs);
  });

  test('both bits of a pair mean required', () => {
    const both = withBits([16, 17]);
    expect(requires(both, 'basic_mpp')).toBe(true);
    expect(supports(withBits([17]), 'basic_mpp')).toBe(true);
    expect(requires(withBits([17]), 'basic_mpp')).toBe(false);
  });

  test('negotiated: both offer it, or we require it', () => {
    const [optional, required, none] = [withBits([23]), withBits([22]), withBits([])];
    expect(negotiated(optional, optional, 'option_anchors')).toBe(true);
    expect(negotiated(optional, required, 'option_anchors')).toBe(true);
    expect(negotiated(required, none, 'option_anchors')).toBe(true);
    expect(negotiated(optional, none, 'option_anchors')).toBe(false);
    expect(negotiated(none, required, 'option_anchors')).toBe(false);
  });

  test('what a peer requires must be what we support', () => {
    const ours = featuresFor('I', DEFAULT_FEATURES);
    expect(unmetRequirement(ours, ours)).toBe(null);
    expect(unmetRequirement(withBits([0, 6, 8, 12, 14, 44]), withBits([])), 'assumed of everyone').toBe(null);
    expect(unmetRequirement(withBits([23, 29, 101]), ours), 'odd bits ask for nothing').toBe(null);
    expect(unmetRequirement(withBits([28]), ours)).toBe(28);
    expect(unmetRequirement(withBits([100, 102]), ours)).toBe(100);
  });

  test('a feature needs those it stands on', () => {
    expect(missingDependency(featuresFor('I', DEFAULT_FEATURES))).toBe(null);
    expect(missingDependency(withBits([51]))).toEqual({
      feature: 'option_zeroconf',
      needs: 'option_scid_alias',
    });
    expect(missingDependency(withBits([51, 46]))).toBe(null);
    expect(missingDependency(withBits([61]))).toEqual({
      feature: 'option_simple_close',
      needs: 'option_shutdown_anysegwit',
    });
    expect(missingDependency(withBits([17])), 'payment_secret is assumed').toBe(null);
  });

  test('what we present depends on where', () => {
    // 0 5 8 12 14 17 23 27 37 39 43 45 47 51 61
    expect(bitsOf(featuresFor('I', DEFAULT_FEATURES))).toEqual([
      0, 5, 8, 12, 14, 17, 23, 27, 37, 39, 43, 45, 47, 51, 61,
    ]);
    expect(bitsOf(featuresFor('9', { ...DEFAULT_FEATURES, option_payment_metadata: 'optional' }))).toEqual([
      8, 14, 17, 37, 49,
    ]);
    expect(bitsOf(featuresFor('C', DEFAULT_FEATURES))).toEqual([]);
  });
});

describe('channel types', () => {
  const types = fc.record<ChannelType>({
    base: fc.constantFrom('static_remotekey', 'anchors'),
    scidAlias: fc.boolean(),
    zeroConf: fc.boolean(),
  });
  test('come back as they were sent', () => {
    fc.assert(
      fc.property(types, types, (type, other) => {
        expect(parseChannelType(encodeChannelType(type))).toEqual(type);
        expect(sameChannelType(type, other)).toBe(
          toHex(encodeChannelType(type)) === toHex(encodeChannelType(other)),
        );
      }),
    );
  });
  test.each([
    ['nothing', ''],
    ['anchors without static_remotekey', '400000'],
    ['an optional bit', '2000'],
    ['a bit that belongs to no type', '01001000'],
    ['a bit that is not defined', '10' + '0'.repeat(14) + '401000'],
  ])('%s is none', (_, hex) => {
    expect(parseChannelType(fromHex(hex))).toBe(null);
  });
  test('as BOLT 2 has them', () => {
    expect(toHex(encodeChannelType({ base: 'static_remotekey', scidAlias: false, zeroConf: false }))).toBe(
      '1000',
    );
    expect(toHex(encodeChannelType({ base: 'anchors', scidAlias: true, zeroConf: false }))).toBe(
      '400000401000',
    );
  });
});
