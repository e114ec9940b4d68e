import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Network } from './scenarios/network.ts';

describe('a network of seven nodes', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.start();
  });
  afterAll(() => network.stop());

  test('the map comes from the peers', async () => {
    const channels = await network.publicChannels(
      network.us,
      (all) => all.length === 6 && all.every(({ fromA, fromB }) => fromA !== null && fromB !== null),
    );
    expect(channels.length).toBe(6);
  });
});
