import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { messageSigner, signMessage } from './message-signature.ts';

const ONE = fromHex('01'.padStart(64, '0'));
const ONE_ID = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

describe('message signatures', () => {
  it('signs as LDK does (its message_signing test)', () => {
    expect(signMessage('test message', ONE)).toBe(
      'd9tibmnic9t5y41hg7hkakdcra94akas9ku3rmmj4ag9mritc8ok4p5qzefs78c9pqfhpuftqqzhydbdwfg7u6w6wdxcqpqn4sj4e73e',
    );
  });

  it.each([
    [
      'is this compatible?',
      'rbgfioj114mh48d8egqx8o9qxqw4fmhe8jbeeabdioxnjk8z3t1ma1hu1fiswpakgucwwzwo6ofycffbsqusqdimugbh41n1g698hr9t',
      '02b80cabdf82638aac86948e4c06e82064f547768dcef977677b9ea931ea75bab5',
    ],
    [
      'hi',
      'rnrphcjswusbacjnmmmrynh9pqip7sy5cx695h6mfu64iac6qmcmsd8xnsyczwmpqp9shqkth3h4jmkgyqu5z47jfn1q7gpxtaqpx4xg',
      '02de60d194e1ca5947b59fe8e2efd6aadeabfb67f2e89e13ae1a799c1e08e4a43b',
    ],
  ])('recovers who signed "%s" (Core Lightning, tests/test_misc.py)', (message, signature, id) => {
    expect(messageSigner(message, signature)).toBe(id);
  });

  it('another message has another signer, and nonsense has none', () => {
    const signature = signMessage('a', ONE);
    expect(messageSigner('a', signature)).toBe(ONE_ID);
    expect(messageSigner('b', signature)).not.toBe(ONE_ID);
    for (const bad of [
      '',
      'y',
      'l'.repeat(104),
      'y'.repeat(104),
      'Y'.repeat(104),
      'é'.repeat(104),
      'y'.repeat(1_000_000),
    ])
      expect(messageSigner('a', bad)).toBe(null);
  });
});
