import { Draft } from './draft.svelte.ts';

/** Longer texts are read but not kept: no payment is that long. */
const KEPT_LENGTH = 10_000;

const EMPTY = {
  text: '',
  amountSat: '',
  all: false,
  fee: 'normal',
  customFee: '',
  /** Pay the address of something that has both. */
  onchain: false,
  /** Set while an on-chain payment is being sent: it tells a reload in the middle that money may have left. */
  sending: false,
};
export type SendDraft = typeof EMPTY;

export const sendDraft = (): Draft<SendDraft> => new Draft('send', EMPTY);

/** What was pasted starts a payment of its own: the amount of the one before does not come along. */
export const begin = (draft: Draft<SendDraft>, text: string): void =>
  draft.set({ ...EMPTY, text: text.slice(0, KEPT_LENGTH), fee: draft.value.fee });
