import { expect, it } from 'vitest';
import { feeratePerKw } from '../../../base/units.ts';
import { CALM } from '../../../testkit/two-peer-env.ts';
import { ANCHORS_CAP } from '../opening/terms.ts';
import { fairFeerate } from './fair-feerate.ts';

it('what a mempool gives a reason for is twice what is urgent, by the dearer of two servers that are far apart', () => {
  const [urgent, background, minimum] = [feeratePerKw(90_000), feeratePerKw(45_000), feeratePerKw(45_000)];
  expect(fairFeerate(CALM)).toBe(2 * ANCHORS_CAP);
  expect(fairFeerate({ ...CALM, urgent })).toBe(180_000);
  expect(fairFeerate({ ...CALM, dearer: { urgent, background, minimum } })).toBe(180_000);
});
