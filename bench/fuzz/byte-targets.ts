import * as fc from 'fast-check';
import { parseHeader } from '../../engine/bitcoin/header.ts';
import { parseTx } from '../../engine/bitcoin/tx-parse.ts';
import { serializeTx } from '../../engine/bitcoin/tx.ts';
import type { Field } from '../../engine/codec/field.ts';
import { blockHeight, msat } from '../../engine/base/units.ts';
import { buildFailure, openFailure, wrapFailure } from '../../engine/onion/failure-onion.ts';
import { decodeFailure, encodeFailure } from '../../engine/onion/failure.ts';
import { decodePayload } from '../../engine/onion/payload.ts';
import { decodeRecipientData } from '../../engine/onion/recipient-data.ts';
import { valuesOf } from '../../engine/testkit/arbitraries/field.ts';
import { parseAddresses } from '../../engine/wire/node-address.ts';
import {
  decodeMessage,
  encodeMessage,
  MESSAGES,
  printMessage,
  type WireMessage,
} from '../../engine/wire/wire-message.ts';
import { Disagreement, type Target } from './target.ts';

const messageTarget: Target = {
  name: 'messages',
  corpus: MESSAGES.flatMap((declared) =>
    fc
      .sample(valuesOf(declared as Field<unknown>), { numRuns: 4, seed: 1 })
      .map((message) => encodeMessage(message as WireMessage)),
  ),
  read: (input) => {
    const decoded = decodeMessage(input);
    if (!decoded.ok) return null;
    const printed = printMessage(decoded.value);
    const again = decodeMessage(encodeMessage(decoded.value));
    if (!again.ok) throw new Disagreement(`${decoded.value.name} is not read back`);
    return [decoded.value, printed];
  },
};

const SECRETS = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;

const tlv = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

export const byteTargets: readonly Target[] = [
  messageTarget,
  {
    name: 'onion-payload',
    corpus: [
      tlv('02020001040128'),
      tlv('0202000104012806080123456789abcdef'),
      tlv(`020200010401280822${'11'.repeat(32)}0200`),
      tlv('fd0102020102fe00010000030102030a0405060708'),
    ],
    read: (input) => decodePayload(input),
  },
  {
    name: 'recipient-data',
    corpus: [tlv('02080123456789abcdef0a0800900000000000010c0600000fa0000a')],
    read: (input) => decodeRecipientData(input),
  },
  {
    name: 'failure',
    corpus: [
      encodeFailure({
        name: 'incorrect_or_unknown_payment_details',
        htlcAmount: msat(1),
        height: blockHeight(1),
      }),
      encodeFailure({ name: 'invalid_onion_payload', type: 2n, offset: 0 }),
    ],
    read: (input) => encodeFailure(decodeFailure(input)),
  },
  {
    name: 'failure-onion',
    corpus: [
      encodeFailure({ name: 'invalid_onion_payload', type: 2n, offset: 0 }),
      encodeFailure({ name: 'temporary_node_failure' }),
    ],
    // As the node that failed it sends it, and the next one wraps it.
    repair: (input) => wrapFailure(SECRETS[0], buildFailure(SECRETS[1], input.subarray(0, 60_000))),
    weight: 0.1,
    read: (input) => {
      const opened = openFailure(SECRETS, input);
      return opened === null ? null : [opened, decodeFailure(opened.message)];
    },
  },
  {
    name: 'node-addresses',
    corpus: [tlv('017f000001260702000000000000000000000000000000012607')],
    read: (input) => parseAddresses(input),
  },
  {
    name: 'transaction',
    corpus: [
      tlv(
        `02000000000101${'ab'.repeat(32)}0000000000fdffffff0210270000000000001600140000000000000000000000000000000000000000e803000000000000220020${'cd'.repeat(32)}02020102210300000000`,
      ),
      tlv(`0200000001${'ab'.repeat(32)}00000000020102fdffffff01102700000000000003000102000000ff`),
    ],
    read: (input) => {
      const parsed = parseTx(input);
      if (parsed.ok && !parseTx(serializeTx(parsed.value)).ok)
        throw new Disagreement('what was read is not read back');
      return parsed;
    },
  },
  { name: 'header', corpus: [new Uint8Array(80).fill(1)], read: (input) => parseHeader(input) },
];
