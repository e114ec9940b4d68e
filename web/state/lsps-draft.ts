import type { LspServer } from '../../engine/node/api.ts';

/** A token that was not changed is on the disk of the wallet, and in no tab's storage. */
type KeptLsp = Omit<LspServer, 'token'> & { readonly token?: string | null };

const isKept = (one: unknown): one is KeptLsp => {
  if (typeof one !== 'object' || one === null) return false;
  const { nodeId, alias, host, port, token, trusted } = one as Record<string, unknown>;
  return (
    [nodeId, alias, host].every((text) => typeof text === 'string') &&
    typeof port === 'number' &&
    (token === undefined || token === null || typeof token === 'string') &&
    typeof trusted === 'boolean'
  );
};

const tokenOf = (saved: readonly LspServer[], id: string): string | null =>
  saved.find(({ nodeId }) => nodeId === id)?.token ?? null;

/**
 * The list that a person changed and has not saved, as this tab kept it. Null: none, or another version of the page kept it.
 * @param saved what the wallet has
 */
export function readLsps(text: string | null, saved: readonly LspServer[]): readonly LspServer[] | null {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    if (!Array.isArray(kept) || !kept.every(isKept)) return null;
    return kept.map(({ token, ...one }) => ({
      ...one,
      token: token === undefined ? tokenOf(saved, one.nodeId) : token,
    }));
  } catch {
    return null;
  }
}

export const writeLsps = (lsps: readonly LspServer[], saved: readonly LspServer[]): string =>
  JSON.stringify(
    lsps.map(({ token, ...one }): KeptLsp =>
      token === tokenOf(saved, one.nodeId) ? one : { ...one, token },
    ),
  );
