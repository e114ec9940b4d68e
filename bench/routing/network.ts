import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { NETWORKS } from '../../engine/base/network.ts';
import { writeSnapshot } from '../../engine/testkit/snapshot-writer.ts';
import { toldNetwork } from '../../engine/testkit/told-network.ts';

/** Time of the snapshots: both sides judge ages by it. */
export const SNAPSHOT_AT = 1_770_076_800;

const DATA = new URL('../../../shared/data/', import.meta.url);

export type Snapshot = { readonly name: string; readonly bytes: Uint8Array };

/** The public network of 2026-02-03 where a copy lies beside the repository, else a made-up one of its size. */
export function snapshots(): readonly Snapshot[] {
  const found = ['mainnet-2026-02-03', 'mainnet-2026-02-03.live'].flatMap((name) => {
    const file = new URL(`${name}.rgs.gz`, DATA);
    return existsSync(file) ? [{ name, bytes: new Uint8Array(gunzipSync(readFileSync(file))) }] : [];
  });
  return found.length > 0 ? found : [{ name: 'made up, 17,000 nodes', bytes: madeUp(17_000) }];
}

/** A network of the same shape with so many nodes and about three channels for each. */
export function madeUp(nodes: number): Uint8Array {
  const { channels, policies } = toldNetwork(20_260_203, nodes, 3);
  return writeSnapshot({
    version: 1,
    chainHash: NETWORKS.mainnet.genesisHash,
    at: SNAPSHOT_AT,
    channels,
    policies,
  });
}
