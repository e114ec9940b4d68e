import type { ChannelId, TxId } from '../../base/ids.ts';
import { balanceOf } from '../../wallet/balance.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import { reserveHeld, reserveWanted } from '../claims/reserve.ts';
import type { Balances, ChannelDetails } from '../api.ts';
import type { Core } from '../core.ts';
import { strayClaimants } from '../strays/claimants.ts';
import { channelDetails, isPromise, OPEN } from './channels.ts';
import { closingOutputs } from './closing.ts';

const OPENING = new Set<ChannelDetails['state']>([
  'opening',
  'waiting-for-confirmations',
  'waiting-for-peer',
]);

/** Every sat of ours, counted once. */
export function balances(core: Core): Balances {
  const coins = balanceOf(core.wallet);
  let localMsat = 0n;
  let sendableMsat = 0n;
  let receivableMsat = 0n;
  let inFlightMsat = 0n;
  let openingMsat = 0n;
  let closingSat = 0n;
  for (const channel of channelDetails(core)) {
    if (channel.state === 'closed' || isPromise(channel) || isReplaced(core.wallet, channel)) continue;
    // Outgoing HTLCs come back to us when they fail; incoming ones are ours once we gave the preimage.
    if (OPENING.has(channel.state)) {
      openingMsat += channel.localMsat;
      // A reorganisation may take the funding transaction out of its block while payments are under way.
      inFlightMsat += channel.pendingOutgoingMsat;
    } else if (OPEN.has(channel.state)) {
      localMsat += channel.localMsat;
      sendableMsat += channel.sendableMsat;
      receivableMsat += channel.receivableMsat;
      inFlightMsat += channel.pendingOutgoingMsat;
    } else closingSat += onItsWay(core, channel);
  }
  for (const { demand } of strayClaimants(core))
    for (const { claim, spent } of demand.open) if (spent === null) closingSat += claim.amount;
  const onchain = {
    confirmedSat: coins.confirmed,
    trustedPendingSat: coins.trustedPending,
    pendingSat: coins.untrustedPending,
    reservedSat: coins.reserved,
    spendableSat: coins.spendable,
    keptSat: reserveHeld(core),
    keptWantedSat: reserveWanted(core),
  };
  const openingSat = openingMsat / 1000n;
  const totalMsat = (coins.total + openingSat + closingSat) * 1000n + localMsat + inFlightMsat;
  const limitMsat = core.options.receiveLimit?.() ?? null;
  return {
    onchain,
    lightning: { localMsat, sendableMsat, receivableMsat, inFlightMsat },
    openingSat,
    closingSat,
    totalMsat,
    ...(limitMsat === null
      ? {}
      : { unsaved: { limitMsat, leftMsat: totalMsat < limitMsat ? limitMsat - totalMsat : 0n } }),
  };
}

/** We fund it, and another took the place of that, or of what it spends: what it was to take is in the wallet. */
function isReplaced(wallet: WalletState, { fundingTxId }: ChannelDetails): boolean {
  const id = fundingTxId as TxId;
  return wallet.txs.has(id) && !ledgerOf(wallet).isLive(id);
}

/** Of a closing channel, what is not in the wallet yet: by its outputs where the chain was looked at. */
function onItsWay(core: Core, details: ChannelDetails): bigint {
  const channel = core.channels.get(details.channelId as ChannelId);
  const outputs = channel === null ? null : closingOutputs(core, channel);
  if (outputs !== null)
    return outputs.reduce((sum, { amountSat, isLate }) => (isLate ? sum : sum + amountSat), 0n);
  return inWallet(core.wallet, details) ? 0n : closingAmount(details);
}

const closingAmount = ({ closing, localMsat, pendingOutgoingMsat }: ChannelDetails): bigint =>
  closing === null ? (localMsat + pendingOutgoingMsat) / 1000n : closing.amountSat;

/** The closing transaction, or the claim of its outputs, is one of the wallet's already. */
function inWallet(wallet: WalletState, { closing }: ChannelDetails): boolean {
  const txId = closing?.txId ?? null;
  if (txId === null) return false;
  for (const [id, { tx }] of wallet.txs)
    if (id === txId || tx.inputs.some(({ outPoint }) => outPoint.txId === txId)) return true;
  return false;
}
