import type { Network } from '../base/network.ts';
import type { Timestamp } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { scriptForm } from '../bitcoin/script-form.ts';
import { decodeBolt11 } from '../invoice/bolt11-decode.ts';
import { expiresAt } from '../invoice/bolt11.ts';
import type { LspOrder } from './lsps1-order.ts';
import type { OrderWish } from './lsps1-options.ts';

/** Why an order is not what was asked for, in our words; null when it is, and at least one of its ways can be paid. */
export function orderFault(order: LspOrder, wish: OrderWish, network: Network): string | null {
  // bLIP 51 §2: "Mirrored from the request." The token too, which changes nothing of what is paid for: it is not looked at.
  if (order.clientBalance !== wish.clientBalance) return 'another balance of ours';
  // bLIP 51 §Overprovisioning: "The LSP is allowed to overprovision channels/on-chain-payments/on-chain-fees as long as it benefits the client."
  if (order.lspBalance < wish.lspBalance) return 'less room than was asked for';
  if (order.expiryBlocks < wish.expiryBlocks) return 'a shorter time than was asked for';
  if (order.confirmations > wish.confirmations) return 'more confirmations than were asked for';
  if (order.fundingBlocks > wish.fundingBlocks) return 'a later confirmation than was asked for';
  if (order.announced) return 'an announced channel';
  // bLIP 51 §4: "MUST be `null` if the channel opening transaction has not been published yet."
  if (order.state !== 'created' || order.channel !== null) return 'an order that is not a new one';
  if (order.lightning === null && order.onchain === null) return 'no way to pay that is known here';
  return lightningFault(order, network) ?? onchainFault(order, wish, network);
}

function lightningFault({ lightning, clientBalance }: LspOrder, network: Network): string | null {
  if (lightning === null) return null;
  if (lightning.state !== 'expected') return 'a payment that nobody made';
  // bLIP 51 §3.1: "MUST be the `fee_total_sat` plus the `client_balance_sat` requested in satoshi."
  if (lightning.total !== lightning.fee + clientBalance) return 'a sum that does not add up';
  // bLIP 51 §3.1: "MUST be a Lightning BOLT 11 invoice for the number of `order_total_sat`."
  const invoice = decodeBolt11(lightning.invoice, network);
  if (!invoice.ok) return 'an invoice that cannot be read';
  return invoice.value.amount === lightning.total * 1000n ? null : 'an invoice of another amount';
}

function onchainFault(
  { onchain, clientBalance }: LspOrder,
  wish: OrderWish,
  network: Network,
): string | null {
  if (onchain === null) return null;
  // bLIP 51 §2: "LSP MUST disable on-chain payments if the client omits this field." bLIP 51 §3.3: "Onchain payments
  // dictionary MUST be omitted if the client didn't provide a `refund_onchain_address`".
  if (wish.refundAddress === null) return 'an address to pay to, and none to refund to';
  if (onchain.state !== 'expected') return 'a payment that nobody made';
  // bLIP 51 §2: "SHOULD validate `fee_total_sat` + `client_balance_sat` = `order_total_sat`."
  if (onchain.total !== onchain.fee + clientBalance) return 'a sum that does not add up';
  // bLIP 50 §On-chain Addresses: "An on-chain address MUST be a SegWit address, from version 0 to any future version."; "Readers
  // MUST support […]: SegWit v0 addresses with 20 byte commitment (P2WPKH) or 32 byte commitment (P2WSH). SegWit v1 addresses
  // with 32 byte commitment (Taproot)."
  const script = scriptOfAddress(onchain.address, network);
  if (!script.ok || scriptForm(script.value).tag !== 'witness') return 'an address that is none';
  // bLIP 51 §3.3: "LSP SHOULD set this to mirror the order creation request."; "LSP MAY omit this field as it wasn't present in
  // earlier versions of this specification."
  return onchain.refundAddress === null || onchain.refundAddress === wish.refundAddress
    ? null
    : 'a refund to somebody else';
}

/** Why an order is not any more what was agreed to; null when it is, and waits for the payment. */
export function changedSince(agreed: LspOrder, now: LspOrder): string | null {
  const { lightning, onchain } = now;
  if (now.orderId !== agreed.orderId) return 'another order';
  if (now.state !== 'created' || now.channel !== null) return 'an order that is not open any more';
  const terms = ({
    lspBalance,
    clientBalance,
    confirmations,
    fundingBlocks,
    expiryBlocks,
    announced,
  }: LspOrder) => [lspBalance, clientBalance, confirmations, fundingBlocks, expiryBlocks, announced].join();
  if (terms(now) !== terms(agreed)) return 'another channel';
  const price = (option: { readonly fee: bigint; readonly total: bigint; readonly state: string } | null) =>
    option === null ? '' : [option.state, option.fee, option.total].join();
  if (price(lightning) !== price(agreed.lightning) || price(onchain) !== price(agreed.onchain))
    return 'another price';
  const same =
    lightning?.invoice === agreed.lightning?.invoice &&
    onchain?.address === agreed.onchain?.address &&
    (onchain?.refundAddress ?? null) === (agreed.onchain?.refundAddress ?? null) &&
    onchain?.confirmations === agreed.onchain?.confirmations;
  return same ? null : 'another invoice or address';
}

/** When it cannot be paid over Lightning any more: whichever of the two that say so is first. Null: it never could. */
export function lightningUntil({ lightning }: LspOrder, network: Network): Timestamp | null {
  if (lightning === null) return null;
  const invoice = decodeBolt11(lightning.invoice, network);
  if (!invoice.ok) return null;
  const ends = expiresAt(invoice.value);
  return ends < lightning.expiresAt ? ends : lightning.expiresAt;
}
