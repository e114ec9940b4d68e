import { err, ok, type Result } from '../engine/base/result.ts';
import type { Unlock } from '../engine/node/lock-api.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import type { Wallet } from './open-wallet.ts';
import { hasLock, type Vault } from './vault.ts';

/** Long enough to write twelve words down and to type three of them. */
const PROVEN_MS = 10 * 60_000;

/** From now on, for some minutes, its words are shown without asking again. */
export function provenNow(wallet: Wallet): void {
  wallet.provenUntilMs = systemClock.monotonicMs() + PROVEN_MS;
}

/** Whoever finds a wallet open has its money of today; with its words they would have it for ever. */
export async function revealWords(
  wallet: Wallet,
  vault: Vault,
  proof: Unlock | null,
): Promise<Result<readonly string[], Refusal>> {
  if (hasLock(vault.ways)) {
    if (proof !== null) {
      const verified = await vault.verify(proof);
      if (!verified.ok) return verified;
      provenNow(wallet);
    } else if (systemClock.monotonicMs() >= wallet.provenUntilMs) return err({ code: 'proof-needed' });
  }
  return ok(wallet.identity.words);
}
