import { Draft } from './draft.svelte.ts';

/** `peer`: the node id of one that is offered; empty when `uri` was typed. */
const EMPTY = { peer: '', uri: '', amountSat: '', all: false };
export type OpenDraft = typeof EMPTY;
export const openDraft = (): Draft<OpenDraft> => new Draft('open-channel', EMPTY);
