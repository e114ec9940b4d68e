import { unreachable } from '../base/assert.ts';
import { feerateToSatPerVb } from '../bitcoin/fee.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import type { CloseReason } from '../peer/close-reason.ts';
import { describeClose } from '../peer/close-reason.ts';
import type { PaymentRefusal } from '../payment/payment-refusal.ts';
import type { PasteRefusal } from '../invoice/paste-refusal.ts';
import type { InvoiceRefusal } from '../invoice/invoice-refusal.ts';
import type { WalletRefusal } from '../wallet/wallet-refusal.ts';
import type { PeerTrouble, Refusal } from './refusal.ts';

/** Domain refusals become the API's: amounts get their unit into the name. */
export function refusalFromChannel(refusal: ChannelRefusal): Refusal {
  switch (refusal.code) {
    case 'channel-not-ready':
      return { code: 'channel-not-ready', state: refusal.status };
    case 'channel-amount-out-of-range':
      return { code: refusal.code, minimumSat: refusal.minimum, maximumSat: refusal.maximum };
    case 'funding-failed':
      return { code: 'internal', detail: refusal.detail };
    case 'amount-too-small':
      return { code: refusal.code, minimumMsat: refusal.minimum };
    case 'amount-too-large':
      return { code: refusal.code, maximumMsat: refusal.maximum };
    case 'insufficient-balance':
      return { code: refusal.code, sendableMsat: refusal.sendable };
    case 'too-many-htlcs':
      return { code: 'no-path', reason: 'channels-full' };
    case 'dust-exposure':
      return { code: 'no-path', reason: 'liquidity' };
    case 'expiry-too-soon':
    case 'expiry-too-far':
    case 'not-opener':
    case 'fee-unaffordable':
      return { code: 'invalid-argument', field: refusal.code, detail: '' };
    case 'unknown-htlc':
      return { code: 'unknown-payment' };
    case 'fee-too-low':
      return { code: refusal.code, minimumSatPerVb: Math.ceil(feerateToSatPerVb(refusal.minimum)) };
    case 'already-closing':
      return { code: 'channel-not-ready', state: 'closing' };
    case 'peer-not-connected':
    case 'peer-refused':
    case 'peer-incompatible':
    case 'invalid-argument':
    case 'wrong-preimage':
      return refusal;
  }
}

export function refusalFromPayment(refusal: PaymentRefusal): Refusal {
  switch (refusal.code) {
    case 'insufficient-balance':
      return {
        code: refusal.code,
        sendableMsat: refusal.sendable,
        ...(refusal.kept === undefined ? {} : { keptMsat: refusal.kept }),
        ...(refusal.away === undefined ? {} : { awayMsat: refusal.away }),
      };
    case 'amount-too-small':
      return { code: refusal.code, minimumMsat: refusal.minimum };
    case 'amount-too-large':
      return { code: refusal.code, maximumMsat: refusal.maximum };
    case 'fee-above-limit':
      return { code: refusal.code, feeMsat: refusal.fee, limitMsat: refusal.limit };
    case 'amount-fixed':
      return { code: refusal.code, amountMsat: refusal.amount };
    case 'channel-not-funded':
      return { code: 'channel-not-ready', state: 'waiting-for-confirmations' };
    case 'no-path':
    case 'duplicate-payment':
    case 'invoice-expired':
    case 'amount-required':
    case 'own-invoice':
    case 'unknown-payment':
    case 'not-claimable':
    case 'not-safe-to-claim':
    case 'wrong-preimage':
    case 'probes-limited':
    case 'invalid-argument':
      return refusal;
  }
}

/** These already speak the API's language. */
export const refusalFromWallet = (refusal: WalletRefusal): Refusal => refusal;
export const refusalFromPaste = (refusal: PasteRefusal | InvoiceRefusal): Refusal => refusal;

export function refusalFromConnection(reason: CloseReason): Refusal {
  if (reason.code === 'incompatible') return { code: 'peer-incompatible', detail: reason.violation.detail };
  const trouble = troubleOf(reason);
  const detail = describeClose(reason);
  return trouble === null
    ? { code: 'peer-unreachable', detail }
    : { code: 'peer-misbehaved', reason: trouble, detail };
}

/** What the other side did that we hung up for; null where nobody did anything wrong. */
function troubleOf(reason: CloseReason): PeerTrouble | null {
  switch (reason.code) {
    case 'flooding':
      return 'floods';
    case 'not-reading':
      return 'does-not-read';
    case 'violation':
      return 'broke-rule';
    case 'decrypt':
      return 'garbled';
    case 'handshake':
      return reason.problem.code === 'tag' ? 'another-node' : 'garbled';
    case 'silent':
      return 'silent';
    case 'incompatible':
    case 'unreachable':
    case 'ended':
    case 'replaced':
    case 'crowded':
    case 'requested':
      return null;
    default:
      return unreachable(reason);
  }
}
