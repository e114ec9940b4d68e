import { describe, expect, it } from 'vitest';
import { parseServersConfig } from './servers-config.ts';

const ID = `02${'ab'.repeat(32)}`;
const good = {
  defaultNetwork: 'regtest',
  networks: {
    regtest: {
      esplora: ['http://127.0.0.1:3002/'],
      proxies: ['ws://localhost:9000'],
      peers: [{ alias: 'LDK', nodeId: ID, host: '127.0.0.1', port: 9735 }],
      faucet: 'http://127.0.0.1:3003/faucet',
    },
    mainnet: { esplora: ['https://blockstream.info/api'] },
  },
};
type Mutable = { networks: { regtest: Record<string, unknown>; mainnet: Record<string, unknown> } };
const changed = (change: (config: Mutable) => void): unknown => {
  const copy = structuredClone(good) as unknown as Mutable;
  change(copy);
  return copy;
};

describe('parseServersConfig', () => {
  it('accepts what an operator offers and drops trailing slashes', () => {
    const parsed = parseServersConfig(good);
    expect(parsed.ok && parsed.value.networks.regtest).toEqual({
      esplora: ['http://127.0.0.1:3002'],
      proxies: ['ws://localhost:9000'],
      snapshots: [],
      scores: [],
      pushRelay: null,
      peers: [{ alias: 'LDK', nodeId: ID, host: '127.0.0.1', port: 9735 }],
      lsps: [],
      lspFeeLimitSat: 50_000,
      probing: null,
      faucet: 'http://127.0.0.1:3003/faucet',
    });
    expect(parsed.ok && parsed.value.networks.mainnet).toEqual({
      esplora: ['https://blockstream.info/api'],
      proxies: [],
      snapshots: [],
      scores: [],
      pushRelay: null,
      peers: [],
      lsps: [],
      lspFeeLimitSat: 50_000,
      probing: null,
      faucet: null,
    });
  });

  it('accepts LSPs, trusts none that it is not told to, and names what is wrong with one', () => {
    const one = { alias: 'LSP', nodeId: ID, host: '127.0.0.1', port: 9735 };
    const parse = (lsps: unknown, lspFeeLimitSat: unknown = 1_000) =>
      parseServersConfig(changed((c) => Object.assign(c.networks.regtest, { lsps, lspFeeLimitSat })));
    const fieldOf = (...given: Parameters<typeof parse>): string | null => {
      const parsed = parse(...given);
      return parsed.ok ? null : parsed.error.field;
    };
    expect(
      parse([one, { ...one, nodeId: `03${'ab'.repeat(32)}`, token: 'ours', trusted: true }]),
    ).toMatchObject({
      value: {
        networks: {
          regtest: {
            lsps: [
              { ...one, token: null, trusted: false },
              { token: 'ours', trusted: true },
            ],
            lspFeeLimitSat: 1_000,
          },
        },
      },
    });
    expect(fieldOf([{ ...one, token: '' }])).toBe('networks.regtest.lsps[0].token');
    expect(fieldOf([{ ...one, trusted: 'yes' }])).toBe('networks.regtest.lsps[0].trusted');
    expect(fieldOf([{ ...one, nodeId: 'ff' }])).toBe('networks.regtest.lsps[0].nodeId');
    expect(fieldOf([one, one])).toBe('networks.regtest.lsps');
    for (const limit of [-1, 1.5, '5', 100_000_001])
      expect(fieldOf([one], limit)).toBe('networks.regtest.lspFeeLimitSat');
  });

  it('probes only where it is told to, within bounds', () => {
    const parse = (probing: unknown) =>
      parseServersConfig(changed((c) => Object.assign(c.networks.regtest, { probing })));
    const good_ = { everySeconds: 60, mostSat: 50_000 };
    expect(parse(good_)).toMatchObject({ value: { networks: { regtest: { probing: good_ } } } });
    expect(parse(null)).toMatchObject({ value: { networks: { regtest: { probing: null } } } });
    for (const [probing, field] of [
      [true, ''],
      [{ ...good_, everySeconds: 9 }, '.everySeconds'],
      [{ ...good_, everySeconds: '60' }, '.everySeconds'],
      [{ ...good_, everySeconds: 86_401 }, '.everySeconds'],
      [{ ...good_, mostSat: 0 }, '.mostSat'],
      [{ ...good_, mostSat: 1.5e3 + 0.5 }, '.mostSat'],
      [{ everySeconds: 60 }, '.mostSat'],
    ] as const)
      expect(parse(probing)).toMatchObject({
        error: { code: 'invalid-config', field: `networks.regtest.probing${field}` },
      });
  });

  it('accepts snapshot servers', () => {
    const servers = { esplora: ['https://a.test'], snapshots: ['https://map.test/snapshot/'] };
    expect(parseServersConfig({ defaultNetwork: 'mainnet', networks: { mainnet: servers } })).toMatchObject({
      value: { networks: { mainnet: { snapshots: ['https://map.test/snapshot'] } } },
    });
    const bad = { ...servers, snapshots: ['ftp://map.test'] };
    expect(parseServersConfig({ defaultNetwork: 'mainnet', networks: { mainnet: bad } })).toMatchObject({
      error: { code: 'invalid-config', field: 'networks.mainnet.snapshots[0]' },
    });
    const scored = (scores: unknown) =>
      parseServersConfig({ defaultNetwork: 'mainnet', networks: { mainnet: { ...servers, scores } } });
    expect(scored(['https://map.test/scores.bin'])).toMatchObject({
      value: { networks: { mainnet: { scores: ['https://map.test/scores.bin'] } } },
    });
    expect(scored('https://map.test')).toMatchObject({
      error: { code: 'invalid-config', field: 'networks.mainnet.scores' },
    });
  });

  it.each([
    ['not an object', 'nonsense', 'config'],
    ['unknown default', { ...good, defaultNetwork: 'liquid' }, 'defaultNetwork'],
    ['default without servers', { ...good, defaultNetwork: 'signet' }, 'networks'],
    ['unknown network', { ...good, networks: { ...good.networks, doge: {} } }, 'networks.doge'],
    ['inherited name', { ...good, defaultNetwork: 'toString' }, 'defaultNetwork'],
    ['no Esplora', changed((c) => (c.networks.regtest['esplora'] = [])), 'networks.regtest.esplora'],
    [
      'script URL',
      changed((c) => (c.networks.regtest['esplora'] = ['javascript:alert(1)'])),
      'networks.regtest.esplora[0]',
    ],
    [
      'plain http elsewhere',
      changed((c) => (c.networks.regtest['esplora'] = ['http://example.com'])),
      'networks.regtest.esplora[0]',
    ],
    [
      'localhost as a prefix',
      changed((c) => (c.networks.regtest['proxies'] = ['ws://localhost.example.com'])),
      'networks.regtest.proxies[0]',
    ],
    [
      'credentials in the URL',
      changed((c) => (c.networks.regtest['esplora'] = ['https://user@example.com'])),
      'networks.regtest.esplora[0]',
    ],
    [
      'too many',
      changed((c) => (c.networks.regtest['proxies'] = Array(21).fill('wss://a.b'))),
      'networks.regtest.proxies',
    ],
    [
      'bad port',
      changed((c) => (c.networks.regtest['peers'] = [{ alias: 'x', nodeId: ID, host: 'h', port: 70_000 }])),
      'networks.regtest.peers[0].port',
    ],
    [
      'bad node id',
      changed((c) => (c.networks.regtest['peers'] = [{ alias: 'x', nodeId: 'ff', host: 'h', port: 1 }])),
      'networks.regtest.peers[0].nodeId',
    ],
    [
      'faucet on mainnet',
      changed((c) => (c.networks.mainnet['faucet'] = 'https://faucet.example')),
      'networks.mainnet.faucet',
    ],
  ])('refuses %s, naming the field', (_name, config, field) => {
    const parsed = parseServersConfig(config);
    expect(parsed.ok ? null : parsed.error.field).toBe(field);
  });
});
