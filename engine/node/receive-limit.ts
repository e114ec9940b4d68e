import type { Msat } from '../base/units.ts';
import type { Core } from './core.ts';
import type { Refusal } from './refusal.ts';
import { balances } from './snapshots/balances.ts';

/**
 * Why nothing more is asked for; null when it may be. `amount`: what would come, null where the payer chooses. What is
 * sent to an address that was given out before comes all the same.
 */
export function refusedReceive(core: Core, amount: Msat | null): Refusal | null {
  const limit = core.options.receiveLimit?.() ?? null;
  if (limit === null) return null;
  const { totalMsat } = balances(core);
  const over = amount === null ? totalMsat >= limit : totalMsat + amount > limit;
  return over ? { code: 'words-not-saved', limitMsat: limit } : null;
}
