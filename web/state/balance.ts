import type { Balances } from '../../engine/node/api.ts';

type PendingPart = 'onchain' | 'opening' | 'closing' | 'inFlight';
type AsidePart = 'kept' | 'inTransaction';
export type BalanceParts = {
  /** Final: can be spent now, on-chain or over Lightning. */
  readonly spendableMsat: bigint;
  readonly lightningMsat: bigint;
  readonly onchainMsat: bigint;
  /** Ours but not final, each apart; only those that are not nothing. */
  readonly pending: readonly { readonly part: PendingPart; readonly msat: bigint }[];
  /** Ours, here, and kept from being spent; only those that are not nothing. */
  readonly aside: readonly { readonly part: AsidePart; readonly msat: bigint }[];
};

/** Every satoshi of the total once: what is final in front, the rest by what it waits for. */
export function balanceParts(balances: Balances): BalanceParts {
  const onchainMsat = (balances.onchain.spendableSat - balances.onchain.keptSat) * 1000n;
  const lightningMsat = balances.lightning.localMsat;
  const { confirmedSat, trustedPendingSat, reservedSat, spendableSat } = balances.onchain;
  const setAsideSat = confirmedSat + trustedPendingSat + reservedSat - spendableSat;
  const pending = [
    { part: 'onchain', msat: balances.onchain.pendingSat * 1000n },
    { part: 'opening', msat: balances.openingSat * 1000n },
    { part: 'closing', msat: balances.closingSat * 1000n },
    { part: 'inFlight', msat: balances.lightning.inFlightMsat },
  ] as const;
  const aside = [
    { part: 'kept', msat: balances.onchain.keptSat * 1000n },
    { part: 'inTransaction', msat: setAsideSat * 1000n },
  ] as const;
  return {
    spendableMsat: lightningMsat + onchainMsat,
    lightningMsat,
    onchainMsat,
    pending: pending.filter(({ msat }) => msat > 0n),
    aside: aside.filter(({ msat }) => msat > 0n),
  };
}
