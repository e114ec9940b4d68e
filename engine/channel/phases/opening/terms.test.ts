import { expect, it } from 'vitest';
import { feeratePerKw } from '../../../base/units.ts';
import type { Feerates } from '../../../bitcoin/watch.ts';
import { CALM, testEnv } from '../../../testkit/two-peer-env.ts';
import type { Env } from '../../env.ts';
import { ANCHORS_CAP, commitmentFeerate, feerateBounds } from './terms.ts';

/** Between two servers that are so far apart. */
const apart = (dearest: number): Env => {
  const [urgent, background, minimum] = [dearest, dearest / 2, dearest / 2].map(feeratePerKw);
  return {
    ...testEnv({ name: 'alice' }, 'bob'),
    feerates: { ...CALM, dearer: { urgent, background, minimum } as NonNullable<Feerates['dearer']> },
  };
};
const alike = testEnv({ name: 'alice' }, 'bob');
const [anchors, plain] = [{ base: 'anchors' }, { base: 'static_remotekey' }] as const;

it('where servers are far apart a commitment pays as the dearer has it: without anchors all of it, with them so much that it is relayed', () => {
  expect([anchors, plain].map((type) => commitmentFeerate(type, alike))).toEqual([1_000, 2_000]);
  expect([anchors, plain].map((type) => commitmentFeerate(type, apart(90_000)))).toEqual([
    ANCHORS_CAP,
    90_000,
  ]);
  expect([anchors, plain].map((type) => commitmentFeerate(type, apart(2_200)))).toEqual([2_200, 2_200]);
});

it('where servers are far apart the peer may pay what the dearer gives a reason for, and what the lower does', () => {
  for (const type of [anchors, plain]) {
    const [near, far] = [feerateBounds(type, alike), feerateBounds(type, apart(90_000))];
    const { maxFeerateFactor } = alike.config;
    expect([near.greatest, far.greatest]).toEqual([
      maxFeerateFactor * ANCHORS_CAP,
      maxFeerateFactor * 90_000,
    ]);
    expect(far.least).toBe(near.least);
  }
});
