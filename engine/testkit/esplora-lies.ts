import { txId } from '../base/ids.ts';
import { sat } from '../base/units.ts';
import { serializeTx, type Tx } from '../bitcoin/tx.ts';
import type { FakeEsplora, Reply } from './fake-esplora.ts';
import { walletScript } from './two-peer-env.ts';

export type Fault = FakeEsplora['fault'];
const HASH = 'ab'.repeat(32);
export const text = (body: string | Uint8Array, status = 200): Reply => ({ status, body });

/** Instead of what the route answers. */
export const always =
  (route: RegExp, reply: Reply | ReturnType<Fault>): Fault =>
  (path) =>
    route.test(path) ? reply : null;
/** The truth, with one of its fields changed wherever it stands. */
export const field =
  (route: RegExp, name: string, lie: unknown): Fault =>
  (path, truth) => {
    if (!route.test(path)) return null;
    const told = truth();
    if (told.status !== 200) return null;
    const changed: unknown = JSON.parse(String(told.body), (key, was: unknown) => (key === name ? lie : was));
    return text(JSON.stringify(changed));
  };

export const ROUTES = {
  tip: /^\/blocks\/tip\/hash$/,
  heightOf: /^\/block-height\//,
  header: /\/header$/,
  block: /^\/block\/[0-9a-f]+$/,
  blocks: /^\/blocks\/\d/,
  raw: /\/raw$/,
  proof: /\/merkle-proof$/,
  outspends: /\/outspends$/,
  counts: /^\/scripthash\/[0-9a-f]+$/,
  history: /\/txs/,
  fees: /^\/fee-estimates$/,
} as const;

/** What is no answer to anything. */
const NONSENSE: readonly (readonly [string, Reply | NonNullable<ReturnType<Fault>>])[] = [
  ['nothing', text('')],
  ['a page of HTML', text('<!doctype html><title>Please log in</title>')],
  ['null', text('null')],
  ['a number', text('-1')],
  ['an empty list', text('[]')],
  ['brackets without end', text('['.repeat(900))],
  ['bytes that are no text', text(Uint8Array.from({ length: 80 }, (_, i) => 255 - i))],
  ['another hash', text(HASH)],
  ['404', text('not found', 404)],
  ['429', text('slow down', 429)],
  ['500', text('oops', 500)],
  ['a redirect', text('', 302)],
  ['more bytes than there may be', { code: 'too-large', detail: '' }],
  ['a trickle that never ends', { code: 'timeout', detail: '' }],
];

const FIELDS: readonly (readonly [keyof typeof ROUTES, string, readonly unknown[]])[] = [
  ['block', 'id', [HASH, null]],
  ['block', 'height', [-1, 1.5, 16_000_000, '7', null]],
  ['block', 'bits', [0x1d00_ffff, 0]],
  ['block', 'merkle_root', [HASH]],
  ['blocks', 'previousblockhash', [HASH, null]],
  ['blocks', 'timestamp', [0, 0xffff_ffff, '1']],
  ['blocks', 'nonce', [0]],
  ['proof', 'block_height', [0, 1, 16_000_000, null]],
  ['proof', 'pos', [0, 1, 99_999, -1]],
  ['proof', 'merkle', [[], [HASH], Array.from({ length: 17 }, () => HASH), 'x']],
  ['outspends', 'spent', [true, false, 1]],
  ['outspends', 'txid', [HASH, '', null]],
  ['outspends', 'confirmed', [true, false]],
  ['counts', 'tx_count', [0, 1, -1, 1e15, '9']],
  ['history', 'txid', [HASH, 'x']],
  ['history', 'confirmed', [true, false]],
  ['fees', '2', [1e9, 0, -1, 1e-9, 1e308, '5']],
  ['fees', '144', [1e9, 1e-9]],
];

/** Whole and sound, and not what was asked for. */
const ANOTHER: Tx = {
  version: 2,
  inputs: [
    {
      outPoint: { txId: txId(HASH), index: 0 },
      sequence: 0,
      scriptSig: new Uint8Array(),
      witness: [new Uint8Array(64)],
    },
  ],
  outputs: [{ amount: sat(100_000_000), script: walletScript('alice') }],
  lockTime: 0,
};

/** Each nonsense under every question at once, and two of them under each question by itself, in turn. */
export function* lies(): Generator<readonly [string, Fault]> {
  for (const [what, reply] of NONSENSE) yield [`everywhere: ${what}`, always(/^/, reply)];
  for (const [i, [name, route]] of Object.entries(ROUTES).entries())
    for (const [what, reply] of [...NONSENSE, ...NONSENSE].slice(i, i + 2))
      yield [`${name}: ${what}`, always(route, reply)];
  yield ['raw: a transaction that is another', always(ROUTES.raw, text(serializeTx(ANOTHER)))];
  for (const [name, key, values] of FIELDS)
    for (const lie of values)
      yield [`${name}.${key} = ${JSON.stringify(lie).slice(0, 20)}`, field(ROUTES[name], key, lie)];
}
