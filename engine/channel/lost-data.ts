import type { Durable } from './state.ts';

/** Our state of it is an old one, or may be: what we could publish may be revoked. */
export const hasLostData = (durable: Durable): boolean =>
  durable.phase === 'data-loss' || (durable.phase === 'closing' && durable.lostData);
