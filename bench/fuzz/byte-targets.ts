import * as fc from 'fast-check';
import { parseHeader } from '../../engine/bitcoin/header.ts';
import { parseTx } from '../../engine/bitcoin/tx-parse.ts';
import { serializeTx } from '../../engine/bitcoin/tx.ts';
import { decode, encode, type Field } from '../../engine/codec/field.ts';
import { emptyGraph } from '../../engine/gossip/graph.ts';
import { fromHex } from '../../engine/base/bytes.ts';
import { applySnapshot } from '../../engine/gossip/apply-snapshot.ts';
import { readScores } from '../../engine/routing/external-scores.ts';
import { blockHashToBytes } from '../../engine/base/ids.ts';
import { NETWORKS } from '../../engine/base/network.ts';
import { blockHeight, msat } from '../../engine/base/units.ts';
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

/** The first version, and bytes that are most often a valid something: coverage finds its way from there. */
const plainRecords = [0, 1, 2, 0x20].map((byte) => Uint8Array.from([1, ...new Uint8Array(400).fill(byte)]));

const messageTarget: Target = {
  name: 'messages',
  corpus: MESSAGES.flatMap((declared) =>
    fc
      .sample(valuesOf(declared as Field<unknown>), { numRuns: 4, seed: 1 })
      .map((message) => encodeMessage(message as WireMessage)),
  ),
  read: (input) => {
    const decoded = decodeMessage(input);
    if (!decoded.ok) return;
    printMessage(decoded.value);
    const again = decodeMessage(encodeMessage(decoded.value));
    if (!again.ok) throw new Disagreement(`${decoded.value.name} is not read back`);
  },
};

const tlv = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** As they stand on disk: whatever is there is read or refused. */
export const recordTarget = (name: string, field: Field<unknown>): Target => ({
  name: `record-${name}`,
  corpus: plainRecords,
  read: (input) => {
    const decoded = decode(field, input);
    if (decoded.ok && !decode(field, encode(field, decoded.value)).ok)
      throw new Disagreement('what was read is not read back');
  },
});

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
    read: (input) => void decodePayload(input),
  },
  {
    name: 'recipient-data',
    corpus: [tlv('02080123456789abcdef0a0800900000000000010c0600000fa0000a')],
    read: (input) => void decodeRecipientData(input),
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
    read: (input) => void encodeFailure(decodeFailure(input)),
  },
  {
    name: 'node-addresses',
    corpus: [tlv('017f000001260702000000000000000000000000000000012607')],
    read: (input) => void parseAddresses(input),
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
    },
  },
  { name: 'header', corpus: [new Uint8Array(80).fill(1)], read: (input) => void parseHeader(input) },
  {
    name: 'scores',
    // One channel, as LDK writes it without histories.
    corpus: [
      fromHex(
        '2f002d00010000000000000007220008000000000000000502080000000000000000040c0000000069813a8000000000',
      ),
    ],
    read: (input) => void readScores(input),
  },
  {
    name: 'graph-snapshot',
    corpus: [1, 2].map((version) =>
      Uint8Array.from([
        0x4c,
        0x44,
        0x4b,
        version,
        ...blockHashToBytes(NETWORKS.regtest.genesisHash),
        0x6a,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        ...new Uint8Array(33).fill(2),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ]),
    ),
    read: (input) => void applySnapshot(emptyGraph(NETWORKS.regtest.genesisHash), input),
  },
];
