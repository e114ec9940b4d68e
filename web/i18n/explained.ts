import type { Phrase } from './phrase.ts';

/** Where a next step leads. */
export type RefusalAction =
  'retry' | 'open-channel' | 'receive' | 'servers' | 'lsps' | 'activity' | 'reload' | 'home' | 'words';

/** What went wrong as a person is told it: the sentence, and what to do. */
export type Explained = {
  readonly sentence: Phrase;
  readonly next: Phrase;
  readonly action?: RefusalAction;
};
