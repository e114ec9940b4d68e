import { msat, type Msat } from '../base/units.ts';
import type { Core } from './core.ts';
import type { Refusal } from './refusal.ts';
import { balances } from './snapshots/balances.ts';

/**
 * Why nothing more is asked for; null when it may be. `amount`: what would come, null where the payer chooses. Of several
 * requests that fit one by one, each may still be paid: what is too much together is given back when it comes
 * (`receiveRoom`). What is sent to an address stays ours, however much it is.
 */
export function refusedReceive(core: Core, amount: Msat | null): Refusal | null {
  const limit = core.options.receiveLimit?.() ?? null;
  if (limit === null) return null;
  const { totalMsat } = balances(core);
  const over = amount === null ? totalMsat >= limit : totalMsat + amount > limit;
  return over ? { code: 'words-not-saved', limitMsat: limit } : null;
}

/** Most that may still come over Lightning, of what is not held yet; null: there is no limit. */
export function receiveRoom(core: Core): Msat | null {
  const limit = core.options.receiveLimit?.() ?? null;
  if (limit === null) return null;
  const { totalMsat } = balances(core);
  return totalMsat < limit ? msat(limit - totalMsat) : msat(0);
}
