import { ok, type Result } from '../base/result.ts';
import { timestamp, type Msat, type Timestamp } from '../base/units.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { elementsOf, membersOf } from './json-text.ts';
import { nonsense, type LspFailure } from './lsp-failure.ts';
import type { LspMessage } from './lsps0.ts';
import { readDatetime, readMsat, readWhole } from './scalars.ts';

/** bLIP 52 §1: what an LSP asks for opening a channel, and what for. */
export type OpeningFeeParams = {
  readonly minFee: Msat;
  /** Parts per million. */
  readonly proportional: bigint;
  readonly validUntil: Timestamp;
  /** Blocks that the LSP keeps the channel open, from its confirmation on. */
  readonly minLifetime: number;
  /** Most blocks that we may have the LSP's money held when it closes alone. */
  readonly maxClientToSelfDelay: number;
  /** Of the payment, both inclusive. */
  readonly minPayment: Msat;
  readonly maxPayment: Msat;
  /**
   * As the LSP wrote it. bLIP 52 §2: "Clients MUST copy it verbatim from an entry of `opening_fee_params_menu` from a result of
   * a `lsps2.get_info` call."
   */
  readonly text: string;
};

const NAMES: ReadonlySet<string> = new Set([
  'min_fee_msat',
  'proportional',
  'valid_until',
  'min_lifetime',
  'max_client_to_self_delay',
  'min_payment_size_msat',
  'max_payment_size_msat',
  'promise',
]);
const LONGEST_PROMISE = 512;
const U32_MAX = 0xffff_ffff;
/** More would be no menu. */
const MOST_ENTRIES = 64;

/** The result of `lsps2.get_info`. bLIP 52 §1: "The LSP MAY return an empty array". */
export function readMenu(
  answer: Extract<LspMessage, { tag: 'result' }>,
): Result<readonly OpeningFeeParams[], LspFailure> {
  const menu = membersOf(answer.text)?.get('opening_fee_params_menu');
  const entries = menu === undefined ? null : elementsOf(menu);
  if (entries === null) return nonsense('no opening_fee_params_menu');
  if (entries.length > MOST_ENTRIES) return nonsense('a menu without end');
  const read: OpeningFeeParams[] = [];
  for (const entry of entries) {
    const params = readParams(entry);
    if (!params.ok) return params;
    read.push(params.value);
  }
  return ok(read);
}

function readParams(text: string): Result<OpeningFeeParams, LspFailure> {
  const members = membersOf(text);
  if (members === null) return nonsense('opening_fee_params that are no object');
  // bLIP 52 §1: "Clients MUST fail and abort the flow if a `opening_fee_params` object has unrecognized fields."
  for (const name of members.keys())
    if (!NAMES.has(name)) return nonsense('a field of opening_fee_params that nobody knows');
  const value = (name: string): unknown => {
    const member = members.get(name);
    return member === undefined ? undefined : (JSON.parse(member) as unknown);
  };
  // bLIP 52 §1: "MUST NOT parse or interpret this string, and only provide it verbatim later."
  const promise = value('promise');
  if (typeof promise !== 'string') return nonsense('opening_fee_params without promise');
  // bLIP 52 §1: "MUST abort this flow if `promise` exceeds 512 bytes (not including the […] delimiters) when encoded as a
  // UTF8-encoded JSON string."
  if (encodeUtf8(members.get('promise') ?? '').length - 2 > LONGEST_PROMISE)
    return nonsense('a promise of more than 512 bytes');
  const minFee = readMsat(value('min_fee_msat'));
  const proportional = readWhole(value('proportional'), U32_MAX);
  const validUntil = readDatetime(value('valid_until'));
  const minLifetime = readWhole(value('min_lifetime'), U32_MAX);
  const maxClientToSelfDelay = readWhole(value('max_client_to_self_delay'), U32_MAX);
  const minPayment = readMsat(value('min_payment_size_msat'));
  const maxPayment = readMsat(value('max_payment_size_msat'));
  // bLIP 52 §1: "An `opening_fee_params` object MUST have all of the following fields, and MUST NOT have any additional
  // fields".
  if (
    minFee === null ||
    proportional === null ||
    validUntil === null ||
    minLifetime === null ||
    maxClientToSelfDelay === null ||
    minPayment === null ||
    maxPayment === null
  )
    return nonsense('a field of opening_fee_params that cannot be read');
  return ok({
    minFee,
    proportional: BigInt(proportional),
    validUntil: timestamp(validUntil),
    minLifetime,
    maxClientToSelfDelay,
    minPayment,
    maxPayment,
    text,
  });
}
