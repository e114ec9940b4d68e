import { fromHex } from '../../engine/base/bytes.ts';
import { NETWORKS } from '../../engine/base/network.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { loadFeerates } from '../../engine/chain/fee-record.ts';
import { CHAIN_V1 } from '../../engine/chain/fixtures/chain-v1.ts';
import { loadHeaders } from '../../engine/chain/headers/header-record.ts';
import { loadChannels } from '../../engine/channel/load.ts';
import { VERSION_1 } from '../../engine/channel/snapshot/fixtures/version-1.ts';
import { VERSION_1_ON_CHAIN } from '../../engine/channel/snapshot/fixtures/version-1-on-chain.ts';
import { applySnapshot } from '../../engine/gossip/apply-snapshot.ts';
import { decodeGraph, encodeGraph } from '../../engine/gossip/graph-record.ts';
import { emptyGraph } from '../../engine/gossip/graph.ts';
import { loadWallet } from '../../engine/wallet/open-wallet.ts';
import { decodeServers, encodeServers } from '../../workers/servers-record.ts';
import { CLEAR_DISK, rowsOf, type DiskRow } from './clear-disk.ts';
import { snapshotOf } from './snapshot-targets.ts';
import type { Target } from './target.ts';

/** One row of a disk is anything: the first byte says which, the rest is what stands there. */
function withOneRow(disk: readonly DiskRow[], input: Uint8Array): readonly DiskRow[] {
  const which = (input[0] ?? 0) % disk.length;
  return disk.map((row, i) => (i === which ? { ...row, value: input.subarray(1) } : row));
}
const eachRow = (disk: readonly DiskRow[]): readonly Uint8Array[] =>
  disk.slice(0, 256).map(({ value }, i) => Uint8Array.from([i, ...value]));

const channelDisks: readonly (readonly DiskRow[])[] = Object.values({
  ...VERSION_1,
  ...VERSION_1_ON_CHAIN,
}).map((rows) => rows.map(([table, key, hex]) => ({ table, key, value: fromHex(hex) })));

/** The whole records of a channel, of which one is not what it was. */
const channels: Target = {
  name: 'disk-channels',
  weight: 0.5,
  corpus: channelDisks.flatMap((disk, which) => eachRow(disk).map((row) => Uint8Array.from([which, ...row]))),
  read: (input) => {
    const disk = withOneRow(channelDisks[(input[0] ?? 0) % channelDisks.length] ?? [], input.subarray(1));
    return loadChannels((table) => rowsOf(disk, table));
  },
};

const walletDisk = CLEAR_DISK.filter(({ table }) => table === 'wallet');
const wallet: Target = {
  name: 'disk-wallet',
  weight: 0.5,
  corpus: eachRow(walletDisk),
  read: (input) => loadWallet(rowsOf(withOneRow(walletDisk, input), 'wallet'), 'regtest'),
};

const chainDisk: readonly DiskRow[] = [
  ...CHAIN_V1.map(([key, hex]) => ({ table: 'chain' as const, key, value: fromHex(hex) })),
  ...CLEAR_DISK.filter(({ table }) => table === 'chain'),
];
const chain: Target = {
  name: 'disk-chain',
  weight: 0.5,
  corpus: eachRow(chainDisk),
  read: (input) => {
    const rows = rowsOf(withOneRow(chainDisk, input), 'chain');
    return [loadHeaders(rows), loadFeerates(rows)];
  },
};

const { genesisHash } = NETWORKS.regtest;
const mapOf = (size: number): Uint8Array => {
  const graph = applySnapshot(emptyGraph(genesisHash), snapshotOf(size, 2));
  return graph.ok ? encodeGraph(graph.value) : new Uint8Array();
};
/** In the clear, in a database of its own: whoever can write there may write anything. */
const map: Target = {
  name: 'disk-map',
  weight: 3,
  corpus: [mapOf(1), mapOf(4)],
  longest: 500_000,
  grown: [mapOf],
  read: (input) => {
    // Columns are read in place: as they come from a disk, they begin at zero.
    const graph = decodeGraph(genesisHash, input.slice());
    return graph.ok ? [graph.value.channels, graph.value.policies, graph.value.details] : null;
  },
};

const SERVERS = {
  esplora: ['https://esplora.example/api'],
  proxies: ['wss://proxy.example'],
  snapshots: ['https://rgs.example'],
  scores: [],
  peers: [{ alias: 'p', nodeId: `02${'ab'.repeat(32)}`, host: 'peer.example', port: 9735 }],
  lsps: [],
  lspFeeLimitSat: 2_500,
  pushRelay: null,
  probing: { everySeconds: 600, mostSat: 5_000 },
  faucet: null,
};
const servers: Target = {
  name: 'disk-servers',
  weight: 2,
  corpus: [encodeServers(SERVERS), encodeUtf8(JSON.stringify(SERVERS))],
  read: (input) => decodeServers(input, 'mainnet'),
};

export const diskTargets: readonly Target[] = [channels, wallet, chain, map, servers];
