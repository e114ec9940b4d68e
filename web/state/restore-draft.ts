import { Draft } from './draft.svelte.ts';

/** The network of a restore. The words themselves are never kept. */
const EMPTY = { network: '', only: false, agreed: false };
export const restoreDraft = (): Draft<typeof EMPTY> => new Draft('restore', EMPTY);
