import { decodeUtf8, encodeUtf8 } from '../../engine/base/utf8.ts';
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
import type { Target } from './target.ts';

const textOf = (input: Uint8Array): string =>
  decodeUtf8(input) ?? String.fromCharCode(...input.subarray(0, 8_192));

const INVOICES = examples.valid.map(({ invoice }) => invoice);
const NODE = '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad@127.0.0.1:9735';
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const URIS = [
  `bitcoin:${ADDRESS}`,
  `bitcoin:${ADDRESS}?amount=0.0001&label=A%20b&message=%E2%9C%93`,
  `BITCOIN:?lightning=${INVOICES[0] ?? ''}&req-x=1`,
  `lightning:${INVOICES[0] ?? ''}`,
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
    corpus: INVOICES.map(encodeUtf8),
    read: (input) => void decodeBolt11(textOf(input), 'mainnet'),
    repair: withChecksum,
  },
  {
    name: 'bech32',
    corpus: [...INVOICES, ADDRESS].map(encodeUtf8),
    read: (input) => void decodeBech32(textOf(input)),
  },
  { name: 'bip21', corpus: URIS.map(encodeUtf8), read: (input) => void parseBip21(textOf(input), 'regtest') },
  {
    name: 'node-uri',
    corpus: [NODE, NODE.replace('127.0.0.1', '[::1]')].map(encodeUtf8),
    read: (input) => void parseNodeUri(textOf(input)),
  },
  {
    name: 'paste',
    corpus: [...URIS, ...INVOICES.slice(0, 4), NODE, ADDRESS].map(encodeUtf8),
    read: (input) => void parseDestination(textOf(input), 'regtest'),
  },
  {
    name: 'esplora',
    corpus: [
      ...ANSWERS.map((answer) => encodeUtf8(JSON.stringify(answer))),
      encodeUtf8(HASH),
      encodeUtf8('sendrawtransaction RPC error: {"code":-26,"message":"min relay fee not met"}'),
    ],
    read: (input) => {
      for (const question of QUESTIONS)
        for (const status of [200, 400]) question.read({ status, body: input });
    },
  },
  {
    name: 'config',
    corpus: [encodeUtf8(JSON.stringify(CONFIG))],
    read: (input) => void parseServersConfig(parseJson(input)),
  },
];
