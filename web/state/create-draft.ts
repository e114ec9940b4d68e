import { Draft } from './draft.svelte.ts';

/** What the first step of making a wallet chose. */
const EMPTY = { network: '', agreed: false };
export const createDraft = (): Draft<typeof EMPTY> => new Draft('create', EMPTY);
