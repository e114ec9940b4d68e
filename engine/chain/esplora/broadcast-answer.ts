import { decodeUtf8 } from '../../base/utf8.ts';
import { entries, hash32, maybe, object, parseJson, text } from './json.ts';
import type { Question } from './server-pool.ts';

/** What a server said to a transaction. `known`: it has it already, in the mempool or in a block. */
export type Verdict =
  | { readonly tag: 'accepted' }
  | { readonly tag: 'known' }
  | { readonly tag: 'refused'; readonly reason: RefusedBecause; readonly detail: string };
export type RefusedBecause =
  /** Below what the mempool takes, or too little to replace what it conflicts with. */
  | 'fee-too-low'
  /** An input does not exist, or was spent by a transaction that confirmed. */
  | 'inputs-missing'
  /** Another transaction in the mempool spends the same input. */
  | 'conflict'
  /** A lock time or a relative lock is not over. */
  | 'not-final'
  | 'rejected';

/** Bitcoin Core's own words (validation.cpp, rpc/mempool.cpp), which Esplora passes on. */
const REASONS: readonly (readonly [RegExp, RefusedBecause])[] = [
  [/missingorspent|missing inputs|missing-inputs/i, 'inputs-missing'],
  [/insufficient fee|relay fee|mempool min fee|mempool full|fee-too-low/i, 'fee-too-low'],
  [/conflict|too many potential replacements|rejecting replacement/i, 'conflict'],
  [/non-final|non-BIP68-final/i, 'not-final'],
];
const KNOWN =
  /already in (the )?(block chain|blockchain|utxo set|mempool)|txn-already|RPC error -27|"code":\s*-27/i;

export function verdictOn(message: string): Verdict {
  if (KNOWN.test(message)) return { tag: 'known' };
  const reason = REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'rejected';
  // A server's words, for the log and the details that fold out: one printable line.
  const detail = message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
  return { tag: 'refused', reason, detail };
}

/** `POST /tx`. */
export const postTx = (hex: string): Question<Verdict> => ({
  path: '/tx',
  body: hex,
  maxBytes: 16_000,
  read: ({ status, body }) => {
    const answer = decodeUtf8(body)?.trim() ?? '';
    if (status === 200) return hash32(answer) === undefined ? undefined : { tag: 'accepted' };
    return status === 400 ? verdictOn(answer) : undefined;
  },
});

const packageAnswer = object({
  package_msg: text,
  'tx-results': maybe(entries(object({ error: maybe(text) }))),
});

/** `POST /txs/package`, parents first. Null when the server has no such route. */
export const postPackage = (hexes: readonly string[]): Question<Verdict | null> => ({
  path: '/txs/package',
  body: JSON.stringify(hexes),
  maxBytes: 64_000,
  read: ({ status, body }) => {
    if (status === 404) return null;
    if (status === 400) return verdictOn(decodeUtf8(body) ?? '');
    const answer = packageAnswer(parseJson(body));
    if (answer === undefined) return undefined;
    if (answer.package_msg === 'success') return { tag: 'accepted' };
    // Refused packages answer 200 too; the last error is the child's, which is the one that pays.
    const errors = [...(answer['tx-results']?.values() ?? [])].flatMap(({ error }) => error ?? []);
    const verdicts = errors.map(verdictOn);
    return verdicts.findLast(({ tag }) => tag === 'refused') ?? verdicts[0] ?? verdictOn(answer.package_msg);
  },
});
