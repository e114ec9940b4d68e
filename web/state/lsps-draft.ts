import type { LspServer } from '../../engine/node/api.ts';

const isLsp = (one: unknown): one is LspServer => {
  if (typeof one !== 'object' || one === null) return false;
  const { nodeId, alias, host, port, token, trusted } = one as Record<string, unknown>;
  return (
    [nodeId, alias, host].every((text) => typeof text === 'string') &&
    typeof port === 'number' &&
    (token === null || typeof token === 'string') &&
    typeof trusted === 'boolean'
  );
};

/** The list that a person changed and has not saved, as this tab kept it. Null: none, or another version of the page kept it. */
export function readLsps(text: string | null): readonly LspServer[] | null {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    return Array.isArray(kept) && kept.every(isLsp) ? kept : null;
  } catch {
    return null;
  }
}
