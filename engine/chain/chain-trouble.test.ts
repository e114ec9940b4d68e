import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { NETWORKS, type Network } from '../base/network.ts';
import type { TxId } from '../base/ids.ts';
import { sat, timestamp } from '../base/units.ts';
import { serializeTx, txIdOf } from '../bitcoin/tx.ts';
import { FakeChain, paying } from '../testkit/fake-chain.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { ChainFollower } from './chain-follower.ts';
import type { ChainTrouble } from './chain-trouble.ts';
import { headerBytes } from './headers/header-bytes.ts';

const SCRIPT = Uint8Array.of(0x00, 0x14, ...new Uint8Array(20).fill(7));
const URLS = ['https://one.test/api', 'https://two.test/api'];

/** Waits for one transaction, which is in the chain. */
function stage(count = 1) {
  const chain = new FakeChain(17);
  const tx = paying([SCRIPT, sat(100_000)]);
  chain.add(tx);
  chain.mine(3);
  const servers = URLS.slice(0, count).map((url) => new FakeEsplora(url, chain));
  const follow = (
    network: Network = 'regtest',
    now = 1_700_000_000,
    stored: Iterable<readonly [string, Uint8Array]> = [],
  ): ChainFollower => {
    const follower = new ChainFollower({
      network,
      servers: servers.map(({ url }) => url),
      http: httpOver(...servers),
      clock: { now: () => timestamp(now) },
      random: (length) => new Uint8Array(length).fill(128),
      stored,
    });
    follower.register({ tag: 'confirmed', txId: txIdOf(tx), script: SCRIPT, minDepth: 1 });
    return follower;
  };
  return { chain, servers, follow, txId: txIdOf(tx) };
}

type Fault = FakeEsplora['fault'];
const server = URLS[0] ?? '';
const lie = (about: Extract<ChainTrouble, { code: 'false-answer' }>['lie']): ChainTrouble => ({
  code: 'false-answer',
  server,
  lie: about,
});
const other = paying([SCRIPT, sat(1)]);
/** Of this transaction alone: the first of a block proves its height. */
const swapped =
  (txId: TxId): Fault =>
  (path) =>
    path === `/tx/${txId}/raw` ? { status: 200, body: serializeTx(other) } : null;
const always =
  (route: RegExp, reply: ReturnType<Fault>): Fault =>
  (path) =>
    route.test(path) ? reply : null;

const FAULTS: readonly (readonly [string, Fault, ChainTrouble])[] = [
  ['no connection', always(/^/, { code: 'unreachable', detail: '' }), { code: 'unreachable' }],
  ['429', always(/^/, { status: 429, body: 'slow down' }), { code: 'rate-limited', server }],
  ['a login page', always(/^/, { status: 200, body: '<!doctype html>' }), { code: 'broken', server }],
  ['500', always(/^/, { status: 500, body: '' }), { code: 'broken', server }],
  [
    'a proof of something else',
    (path, truth) =>
      path.endsWith('/merkle-proof')
        ? { status: 200, body: String(truth().body).replace(/"pos":\d+/, '"pos":0') }
        : null,
    lie('proof'),
  ],
  [
    'another header',
    always(/\/header$/, { status: 200, body: toHex(headerBytes(new FakeChain(2).tip.header)) }),
    lie('block'),
  ],
];

it.each(FAULTS)(
  'a server that answers with %s is told as that, and all is well again afterwards',
  async (_, fault, trouble) => {
    const { servers, follow } = stage();
    const [esplora] = servers;
    if (esplora === undefined) throw new Error('no server');
    esplora.fault = fault;
    const follower = follow();
    expect(await follower.sync()).toMatchObject({ refusal: { code: 'chain-unreachable' }, trouble });
    esplora.fault = () => null;
    follower.wake();
    expect(await follower.sync()).toMatchObject({
      refusal: null,
      trouble: null,
      events: [{ tag: 'confirmed' }],
    });
  },
);

it('a server of another network is told as that, and nothing of it is taken', async () => {
  const { servers, follow } = stage();
  for (const esplora of servers) esplora.genesis = NETWORKS.mainnet.genesisHash;
  expect(await follow().sync()).toMatchObject({ tip: null, trouble: lie('network') });
});

it('of two that fail it is said who lies; and nothing is said of one that another makes up for', async () => {
  const { servers, follow, txId } = stage(2);
  const [one, two] = servers;
  if (one === undefined || two === undefined) throw new Error('no servers');
  one.fault = swapped(txId);
  two.fault = always(/^/, { code: 'unreachable', detail: '' });
  expect(await follow().sync()).toMatchObject({ trouble: lie('transaction') });
  two.fault = () => null;
  expect(await follow().sync()).toMatchObject({ refusal: null, trouble: null });
});

it('two that show different chains', async () => {
  const { servers, follow } = stage(2);
  const [, two] = servers;
  if (two === undefined) throw new Error('no servers');
  two.chain = new FakeChain(25);
  expect(await follow().sync()).toMatchObject({ tip: null, trouble: { code: 'disputed' } });
});

it('servers that show nothing new for hours, where blocks come by themselves', async () => {
  const { chain, follow } = stage();
  const blockAt = chain.tip.header.time;
  const { commit } = await follow().sync();
  const stored = commit.flatMap((write) => (write.op === 'put' ? [[write.key, write.value] as const] : []));
  const after = async (network: Network, hours: number): Promise<ChainTrouble | null> =>
    (await follow(network, blockAt + hours * 3_600, stored).sync()).trouble;
  expect(await after('mainnet', 5)).toEqual({ code: 'stale', blockAt });
  expect(await after('mainnet', 3)).toBe(null);
  expect(await after('regtest', 5)).toBe(null);
});
