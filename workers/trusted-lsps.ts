import type { NodeId } from '../engine/base/ids.ts';
import { put, type Write } from '../engine/base/write.ts';
import { decode, encode } from '../engine/codec/field.ts';
import { nodeId } from '../engine/codec/ids.ts';
import { record } from '../engine/codec/record.ts';
import { list } from '../engine/codec/sequences.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';
import type { Open } from './open-wallet.ts';
import { TRUSTED_LSPS_KEY } from './wallet-identity.ts';

/** The LSPs that this wallet trusts where the page’s operator does. Table `meta`, key `trusted-lsps`. */
export const trustedLspsRecord = record(1, { nodeIds: list(nodeId) });

type Lsps = Pick<NetworkServers, 'lsps'>;

/** Of a list that a person saw and saved. */
export const trustWrite = ({ lsps }: Lsps): Write => {
  // Checked servers have checked ids.
  const nodeIds = lsps.filter(({ trusted }) => trusted).map((lsp) => lsp.nodeId as NodeId);
  return put('meta', TRUSTED_LSPS_KEY, encode(trustedLspsRecord, { nodeIds }));
};

/**
 * Whom the operator trusts in the first list that a wallet gets, it trusts too; whom he trusts later waits for a person's word:
 * what an LSP may do before the chain confirms its channel is not for the next config.json to say. Nobody is trusted
 * where it cannot be known, or kept.
 */
export async function withKnownTrust<T extends Lsps>({ vault }: Pick<Open, 'vault'>, offered: T): Promise<T> {
  const only = (known: readonly string[]): T => ({
    ...offered,
    lsps: offered.lsps.map((lsp) => ({ ...lsp, trusted: lsp.trusted && known.includes(lsp.nodeId) })),
  });
  if (vault === null) return only([]);
  const kept = await vault.store.get('meta', TRUSTED_LSPS_KEY);
  if (!kept.ok) return only([]);
  if (kept.value === null) return (await vault.save([trustWrite(offered)])).ok ? offered : only([]);
  const read = decode(trustedLspsRecord, kept.value);
  return only(read.ok ? read.value.nodeIds : []);
}
