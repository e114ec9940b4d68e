import { expect, it } from 'vitest';
import { offeredNetworks, onlyNetwork } from './config.ts';

const of = (config: unknown) => offeredNetworks(() => Promise.resolve(new Response(JSON.stringify(config))));

it('a page of one network asks nobody to choose it, unless there is something to say first', async () => {
  const one = (network: string) => of({ defaultNetwork: network, networks: { [network]: {} } });
  expect(onlyNetwork(await one('regtest'))).toBe('regtest');
  // Real money is said to be real.
  expect(onlyNetwork(await one('mainnet'))).toBeNull();
  const two = await of({ defaultNetwork: 'regtest', networks: { regtest: {}, signet: {} } });
  expect(two).toEqual({ usual: 'regtest', all: ['regtest', 'signet'] });
  expect(onlyNetwork(two)).toBeNull();
});

it('a page that does not say what it offers leaves the choice', async () => {
  for (const config of [
    null,
    5,
    {},
    { defaultNetwork: 'liquid', networks: {} },
    { defaultNetwork: 'signet', networks: { regtest: {} } },
  ])
    expect(onlyNetwork(await of(config))).toBeNull();
  expect(onlyNetwork(await offeredNetworks(() => Promise.reject(new TypeError('no network'))))).toBeNull();
});
