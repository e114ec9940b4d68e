import type { Point } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, msat, type Msat } from '../base/units.ts';
import { openRecipientData } from './blinding.ts';
import type { Failure } from './failure.ts';
import type { Instruction, OnionHtlc } from './instruction.ts';
import { invalidPayload, type PaymentPayload } from './payload.ts';
import { decodeRecipientData, type RecipientData } from './recipient-data.ts';
import type { Refusable } from './refusal.ts';
import type { NodeEcdh } from './session.ts';

type Relay = NonNullable<RecipientData['paymentRelay']>;

// BOLT 4: "amt_to_forward = ((amount_msat - fee_base_msat) * 1000000 + 1000000 + fee_proportional_millionths - 1) /
// (1000000 + fee_proportional_millionths)"
function amountToForward(amount: Msat, { feeBase, feeProportionalMillionths }: Relay): Msat | null {
  if (amount < feeBase) return null;
  const divisor = 1_000_000n + BigInt(feeProportionalMillionths);
  return msat(((amount - feeBase) * 1_000_000n + divisor - 1n) / divisor);
}

const only = (payload: PaymentPayload, allowed: readonly (keyof PaymentPayload)[]): boolean =>
  Object.keys(payload).every((name) => allowed.includes(name as keyof PaymentPayload));

/** BOLT 4 §payload format, §Requirements: "If encrypted_recipient_data is present". The error is always the same. */
export function readBlinded(
  htlc: OnionHtlc,
  payload: PaymentPayload,
  encrypted: Uint8Array,
  source: Refusable,
  next: Uint8Array | null,
  ecdh: NodeEcdh,
): Result<Instruction, Failure> {
  const refused = err(invalidPayload('encryptedRecipientData'));
  const { currentPathKey } = payload;
  // "If path_key is set in the incoming update_add_htlc: MUST return an error if current_path_key is present."
  // "Otherwise: MUST return an error if current_path_key is not present."
  if ((htlc.pathKey === undefined) === (currentPathKey === undefined)) return refused;
  const pathKey = htlc.pathKey ?? currentPathKey;
  if (pathKey === undefined) return refused;
  // "MUST return an error if encrypted_recipient_data does not decrypt using the path_key"
  const opened = openRecipientData(ecdh, pathKey, encrypted);
  const data = opened === null ? null : decodeRecipientData(opened.data);
  if (opened === null || data === null) return refused;

  const constraints = data.paymentConstraints;
  if (
    constraints !== undefined &&
    // "the expiry is greater than encrypted_recipient_data.payment_constraints.max_cltv_expiry"
    (htlc.cltvExpiry > constraints.maxCltvExpiry ||
      // "the amount is below encrypted_recipient_data.payment_constraints.htlc_minimum_msat"
      htlc.amount < constraints.htlcMinimum)
  )
    return refused;
  // "allowed_features.features contains an unknown feature bit (even if it is odd)": we know none for payments.
  if (data.allowedFeatures?.some((byte) => byte !== 0)) return refused;
  // "encrypted_recipient_data contains both short_channel_id and next_node_id"
  if (data.shortChannelId !== undefined && data.nextNodeId !== undefined) return refused;
  return next === null
    ? receive(payload, data, source)
    : forward(htlc, payload, data, source, next, data.nextPathKeyOverride ?? opened.nextPathKey);
}

function forward(
  htlc: OnionHtlc,
  payload: PaymentPayload,
  data: RecipientData,
  source: Refusable,
  nextOnion: Uint8Array,
  nextPathKey: Point,
): Result<Instruction, Failure> {
  const refused = err(invalidPayload('encryptedRecipientData'));
  // "MUST return an error if the payload contains other tlv fields than encrypted_recipient_data and current_path_key."
  if (!only(payload, ['encryptedRecipientData', 'currentPathKey'])) return refused;
  // "MUST return an error if encrypted_recipient_data does not contain payment_relay."
  const { shortChannelId, nextNodeId, paymentRelay } = data;
  if (paymentRelay === undefined) return refused;
  const amount = amountToForward(htlc.amount, paymentRelay);
  // "outgoing_cltv_value = cltv_expiry - payment_relay.cltv_expiry_delta"
  const expiry = htlc.cltvExpiry - paymentRelay.cltvExpiryDelta;
  if (amount === null || expiry < 0) return refused;
  const common = {
    ...source,
    tag: 'forward',
    amount,
    cltvExpiry: blockHeight(expiry),
    nextOnion,
    nextPathKey,
  } as const;
  if (shortChannelId !== undefined) return ok({ ...common, next: { by: 'channel', scid: shortChannelId } });
  // "MUST return an error if encrypted_recipient_data does not contain either short_channel_id or next_node_id."
  if (nextNodeId === undefined) return refused;
  return ok({ ...common, next: { by: 'node', nodeId: nextNodeId } });
}

const FINAL_FIELDS = [
  'encryptedRecipientData',
  'currentPathKey',
  'amtToForward',
  'outgoingCltvValue',
  'totalAmount',
] as const;

function receive(
  payload: PaymentPayload,
  data: RecipientData,
  source: Refusable,
): Result<Instruction, Failure> {
  // "MUST return an error if the payload contains other tlv fields than encrypted_recipient_data, current_path_key,
  // amt_to_forward, outgoing_cltv_value and total_amount_msat."
  if (!only(payload, FINAL_FIELDS)) return err(invalidPayload('encryptedRecipientData'));
  // "MUST return an error if amt_to_forward, outgoing_cltv_value or total_amount_msat are not present."
  const { amtToForward: amount, outgoingCltvValue: cltvExpiry, totalAmount: total } = payload;
  if (amount === undefined) return err(invalidPayload('amtToForward'));
  if (cltvExpiry === undefined) return err(invalidPayload('outgoingCltvValue'));
  if (total === undefined) return err(invalidPayload('totalAmount'));
  return ok({
    ...source,
    tag: 'receive',
    amount,
    total,
    cltvExpiry,
    paymentSecret: null,
    paymentMetadata: null,
    keysendPreimage: null,
    pathId: data.pathId ?? new Uint8Array(0),
    custom: [],
  });
}
