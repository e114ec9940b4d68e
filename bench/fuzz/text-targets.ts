import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { parseJson } from '../../engine/chain/esplora/json.ts';
import * as questions from '../../engine/chain/esplora/questions.ts';
import { postPackage, postTx } from '../../engine/chain/esplora/broadcast-answer.ts';
import { decodeBech32, encodeBech32 } from '../../engine/invoice/bech32.ts';
import { parseBip21 } from '../../engine/invoice/bip21.ts';
import { decodeBolt11 } from '../../engine/invoice/bolt11-decode.ts';
import examples from '../../engine/invoice/fixtures/bolt11.json' with { type: 'json' };
import { parseNodeUri } from '../../engine/invoice/node-uri.ts';
import { parseDestination } from '../../engine/node/commands/parse.ts';
import { parseServersConfig } from '../../engine/node/servers-config.ts';
import type { Growing, Target } from './target.ts';
import { textOf } from './text.ts';

const INVOICES = examples.valid.map(({ invoice }) => invoice);
const NODE = '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad@127.0.0.1:9735';
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const URIS = [
  `bitcoin:${ADDRESS}`,
  `bitcoin:${ADDRESS}?amount=0.0001&label=A%20b&message=%E2%9C%93`,
  `BITCOIN:?lightning=${INVOICES[0] ?? ''}&req-x=1`,
  `lightning:${INVOICES[0] ?? ''}`,
];
const GROWN_URIS: readonly Growing[] = [
  (times) => encodeUtf8(`bitcoin:${ADDRESS}?${'label=a&'.repeat(times)}`),
  (times) => encodeUtf8(`bitcoin:${ADDRESS}?label=${'%20'.repeat(times)}`),
  (times) => encodeUtf8(`bitcoin:${ADDRESS}?amount=0.${'0'.repeat(times)}1`),
  (times) => encodeUtf8(`bitcoin:${ADDRESS}?amount=${'9'.repeat(times)}`),
  (times) => encodeUtf8(`bitcoin:${ADDRESS}?${'&='.repeat(times)}`),
  (times) => encodeUtf8(`bitcoin:?lightning=${'lnbcrt1'.repeat(times)}`),
];
const HASH = 'ab'.repeat(32);
const ANSWERS: readonly unknown[] = [
  [{ txid: HASH, status: { confirmed: true, block_height: 5 } }],
  { block_height: 5, merkle: [HASH, HASH], pos: 3 },
  [{ spent: true, txid: HASH, vin: 0, status: { confirmed: true } }, { spent: false }],
  { chain_stats: { tx_count: 3 }, mempool_stats: { tx_count: 0 } },
  {
    id: HASH,
    height: 7,
    version: 4,
    timestamp: 1_700_000_000,
    tx_count: 1,
    merkle_root: HASH,
    previousblockhash: null,
    bits: 0x207fffff,
    nonce: 1,
  },
  { '1': 20.5, '6': 3, '144': 1 },
  { package_msg: 'success', 'tx-results': { a: { error: 'min relay fee not met' } } },
];
const CONFIG = {
  defaultNetwork: 'regtest',
  networks: {
    regtest: {
      esplora: ['http://127.0.0.1:3002'],
      proxies: ['ws://127.0.0.1:3003'],
      peers: [{ alias: 'a', nodeId: NODE.slice(0, 66), host: '127.0.0.1', port: 9735 }],
      faucet: null,
    },
  },
};

const QUESTIONS = [
  questions.tipHash,
  questions.blockHashAt(1),
  questions.blockHeader(HASH as never),
  questions.block(HASH as never),
  questions.blocksDownFrom(1),
  questions.rawTx(HASH as never),
  questions.txMerkleProof(HASH as never),
  questions.txOutspends(HASH as never),
  questions.scriptCounts(new Uint8Array(22)),
  questions.scriptTxs(new Uint8Array(22), null),
  questions.feeEstimates,
  postTx('00'),
  postPackage(['00']),
];

const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));

/** A checksum that fits, so that what is inside is read. */
function withChecksum(input: Uint8Array): Uint8Array {
  const text = textOf(input).toLowerCase();
  const separator = text.lastIndexOf('1');
  if (separator < 1) return input;
  const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const words = Array.from(text.slice(separator + 1))
    .map((character) => charset.indexOf(character))
    .filter((word) => word >= 0);
  return encodeUtf8(
    encodeBech32({ hrp: text.slice(0, separator), words: Uint8Array.from(words.slice(0, -6)) }),
  );
}

export const textTargets: readonly Target[] = [
  {
    name: 'bolt11',
    weight: 3,
    corpus: INVOICES.map(encodeUtf8),
    // One more route hint, features of more words, unknown fields, the longest description.
    grown: ['rq9qqqqqqqqq', '9qyq', 'zqy8', 'dqyq'].map(
      (field) => (times: number) =>
        withChecksum(encodeUtf8(`lnbc1pvjluez${field.repeat(times)}${'q'.repeat(110)}`)),
    ),
    read: (input) => decodeBolt11(textOf(input), 'mainnet'),
    repair: withChecksum,
  },
  {
    name: 'bech32',
    corpus: [...INVOICES, ADDRESS].map(encodeUtf8),
    read: (input) => decodeBech32(textOf(input)),
  },
  {
    name: 'bip21',
    corpus: URIS.map(encodeUtf8),
    grown: GROWN_URIS,
    read: (input) => parseBip21(textOf(input), 'regtest'),
  },
  {
    name: 'node-uri',
    corpus: [NODE, NODE.replace('127.0.0.1', '[::1]')].map(encodeUtf8),
    read: (input) => parseNodeUri(textOf(input)),
  },
  {
    name: 'paste',
    corpus: [...URIS, ...INVOICES.slice(0, 4), NODE, ADDRESS].map(encodeUtf8),
    grown: [
      ...GROWN_URIS,
      (times) => encodeUtf8(' '.repeat(times) + ADDRESS),
      (times) => encodeUtf8(`lnbcrt${'1'.repeat(times)}`),
      (times) => encodeUtf8(`${'lightning:'.repeat(times)}${ADDRESS}`),
      (times) => encodeUtf8(`${NODE.slice(0, 67)}${'[:'.repeat(times)}`),
    ],
    read: (input) => parseDestination(textOf(input), 'regtest'),
  },
  {
    name: 'esplora',
    weight: 1,
    corpus: [
      ...ANSWERS.map(json),
      encodeUtf8(HASH),
      encodeUtf8('sendrawtransaction RPC error: {"code":-26,"message":"min relay fee not met"}'),
    ],
    longest: 500_000,
    grown: [
      ...ANSWERS.filter((answer) => Array.isArray(answer)).map(
        (answer) => (times: number) => json(Array.from({ length: times }, () => answer[0] as unknown)),
      ),
      (times) => json({ block_height: 5, merkle: Array.from({ length: times }, () => HASH), pos: 3 }),
      (times) => json(Object.fromEntries(Array.from({ length: times }, (_, i) => [i, 1]))),
      (times) =>
        json({
          package_msg: '',
          'tx-results': Object.fromEntries(Array.from({ length: times }, (_, i) => [i, {}])),
        }),
      (times) => encodeUtf8('['.repeat(times)),
      (times) => encodeUtf8(`"${'\\u0000'.repeat(times)}"`),
      (times) => encodeUtf8('ab'.repeat(times)),
      (times) => encodeUtf8('\u{1f4a5}'.repeat(times)),
    ],
    read: (input) => {
      const read: unknown[] = [];
      for (const question of QUESTIONS)
        for (const status of [200, 400]) read.push(question.read({ status, body: input }));
      return read;
    },
  },
  {
    name: 'config',
    corpus: [json(CONFIG)],
    grown: [
      (times) =>
        json({ ...CONFIG, networks: Object.fromEntries(Array.from({ length: times }, (_, i) => [i, {}])) }),
      (times) =>
        json({
          ...CONFIG,
          networks: {
            regtest: { ...CONFIG.networks.regtest, esplora: [`http://127.0.0.1/${'/'.repeat(times)}a`] },
          },
        }),
      (times) =>
        json({
          ...CONFIG,
          networks: {
            regtest: { ...CONFIG.networks.regtest, proxies: Array.from({ length: times }, () => 'wss://a') },
          },
        }),
    ],
    read: (input) => parseServersConfig(parseJson(input)),
  },
];
