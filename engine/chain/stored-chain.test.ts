import { expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { err } from '../base/result.ts';
import { timestamp } from '../base/units.ts';
import { ChainFollower } from './chain-follower.ts';
import { CHAIN_V1, CHAIN_V1_TIP } from './fixtures/chain-v1.ts';

const follow = (stored: Iterable<readonly [string, Uint8Array]>): ChainFollower =>
  new ChainFollower({
    network: 'regtest',
    servers: ['https://nowhere.test'],
    http: async () => err({ code: 'unreachable', detail: '' }),
    clock: { now: () => timestamp(1) },
    random: (length) => new Uint8Array(length),
    stored,
  });
const stored = (): Map<string, Uint8Array> => new Map(CHAIN_V1.map(([key, hex]) => [key, fromHex(hex)]));

it('version 1 is read: tip and fee rates before any network', () => {
  const follower = follow(stored());
  expect(follower.tip()).toMatchObject({ height: 2, hash: CHAIN_V1_TIP });
  expect(follower.feerates()).toEqual({ urgent: 5_000, normal: 2_500, background: 1_000, minimum: 253 });
});

it('what is damaged is left out: it is a cache', () => {
  const broken = stored().set('header/00000000', Uint8Array.of(9)).set('feerates', Uint8Array.of(1));
  expect(follow(broken).tip()).toMatchObject({ height: 2 });
  expect(follow(broken).feerates().normal).toBe(1_250);
  expect(follow(stored().set('header/00000002', new Uint8Array(0))).tip()).toMatchObject({ height: 1 });
  expect(follow([]).tip()).toBeNull();
});
