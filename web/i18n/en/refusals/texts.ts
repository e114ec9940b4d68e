import type { Refusal } from '../../../../engine/node/refusal.ts';
import type { Explained } from '../../explained.ts';

export type RefusalTexts<C extends Refusal['code']> = {
  readonly [K in C]: (refusal: Extract<Refusal, { readonly code: K }>) => Explained;
};
