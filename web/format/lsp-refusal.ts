import type { Refusal } from '../../engine/node/refusal.ts';

/** What an LSP did not do, in the words for LSPs: whoever asked one has no address to check. */
export const ofLsp = (refusal: Refusal): Refusal =>
  refusal.code === 'peer-unreachable' ? { code: 'lsp-failed', reason: 'no-answer' } : refusal;
