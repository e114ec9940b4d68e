import { Draft } from './draft.svelte.ts';

const EMPTY = {
  /** The one that is looked at, base64. */
  text: '',
  /** What `sign` said of it: `` before, then `part` or `all`. */
  signed: '',
  address: '',
  amountSat: '',
  all: false,
  fee: 'normal',
  customFee: '',
};
export type PsbtDraft = typeof EMPTY;

export const psbtDraft = (): Draft<PsbtDraft> => new Draft('psbt', EMPTY);
