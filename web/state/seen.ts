import type { Balances } from '../../engine/node/api.ts';
import { keep, recall } from './kept.ts';

const NOTHING = {
  confirmed: '',
  trusted: '',
  incoming: '',
  reserved: '',
  spendable: '',
  kept: '',
  keptWanted: '',
  local: '',
  sendable: '',
  receivable: '',
  inFlight: '',
  opening: '',
  closing: '',
  total: '',
};

/**
 * The balance this tab showed last, so that a reload paints it in its first frame. It dies with the tab, and the
 * engine's own snapshot replaces it as soon as the disk was read.
 */
export function keepSeen({ onchain, lightning, openingSat, closingSat, totalMsat }: Balances): void {
  keep('tab', 'seen', {
    confirmed: onchain.confirmedSat.toString(),
    trusted: onchain.trustedPendingSat.toString(),
    incoming: onchain.pendingSat.toString(),
    reserved: onchain.reservedSat.toString(),
    spendable: onchain.spendableSat.toString(),
    kept: onchain.keptSat.toString(),
    keptWanted: onchain.keptWantedSat.toString(),
    local: lightning.localMsat.toString(),
    sendable: lightning.sendableMsat.toString(),
    receivable: lightning.receivableMsat.toString(),
    inFlight: lightning.inFlightMsat.toString(),
    opening: openingSat.toString(),
    closing: closingSat.toString(),
    total: totalMsat.toString(),
  });
}

export function recallSeen(): Balances | null {
  const kept = recall('tab', 'seen', NOTHING);
  if (!Object.values(kept).every((text) => /^\d{1,20}$/.test(text))) return null;
  return {
    onchain: {
      confirmedSat: BigInt(kept.confirmed),
      trustedPendingSat: BigInt(kept.trusted),
      pendingSat: BigInt(kept.incoming),
      reservedSat: BigInt(kept.reserved),
      spendableSat: BigInt(kept.spendable),
      keptSat: BigInt(kept.kept),
      keptWantedSat: BigInt(kept.keptWanted),
    },
    lightning: {
      localMsat: BigInt(kept.local),
      sendableMsat: BigInt(kept.sendable),
      receivableMsat: BigInt(kept.receivable),
      inFlightMsat: BigInt(kept.inFlight),
    },
    openingSat: BigInt(kept.opening),
    closingSat: BigInt(kept.closing),
    totalMsat: BigInt(kept.total),
  };
}
