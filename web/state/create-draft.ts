import { Draft } from './draft.svelte.ts';

/** What the first step of making a wallet chose, and whether one was made whose words are still to be written down. */
const EMPTY = { network: '', only: false, agreed: false, made: false };
export const createDraft = (): Draft<typeof EMPTY> => new Draft('create', EMPTY);
