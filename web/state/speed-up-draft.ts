import { Draft } from './draft.svelte.ts';

const EMPTY = { asked: false, fee: 'fast', customFee: '' };
export type SpeedUpDraft = typeof EMPTY;

export const speedUpDraft = (paymentId: string): Draft<SpeedUpDraft> =>
  new Draft(`speed-up/${paymentId}`, EMPTY);
