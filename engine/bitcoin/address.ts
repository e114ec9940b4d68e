import { bech32, bech32m, createBase58check } from '@scure/base';
import { unreachable } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { NETWORKS, type Network, type NetworkParams } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sha256 } from '../crypto/hash.ts';
import { p2pkhOfHash, p2shOfHash, witnessProgram } from './script.ts';
import { scriptForm } from './script-form.ts';

export type AddressError =
  /** Not an address of any network. */
  | { readonly code: 'not-an-address' }
  /** It looks like one, but was mistyped. */
  | { readonly code: 'bad-checksum' }
  /** `networks`: those that it is of. */
  | { readonly code: 'wrong-network'; readonly networks: readonly Network[] };

const base58check = createBase58check(sha256);

/** Longer than any address: nothing is computed on it. */
const LONGEST = 90;

/** The address of a scriptPubKey; null when it has none. */
export function addressOf(script: Uint8Array, network: Network): string | null {
  const params = NETWORKS[network];
  const form = scriptForm(script);
  switch (form.tag) {
    case 'p2pkh':
      return base58check.encode(concatBytes(Uint8Array.of(params.pubKeyHash), form.hash));
    case 'p2sh':
      return base58check.encode(concatBytes(Uint8Array.of(params.scriptHash), form.hash));
    case 'witness': {
      if (form.version === 0 && form.program.length !== 20 && form.program.length !== 32) return null;
      const coder = form.version === 0 ? bech32 : bech32m;
      return coder.encode(params.bech32, [form.version, ...coder.toWords(form.program)]);
    }
    case 'op-return':
    case 'other':
      return null;
    default:
      return unreachable(form);
  }
}

/** The scriptPubKey that `text` (BIP 173, BIP 350 or base58check) stands for. */
export function scriptOfAddress(text: string, network: Network): Result<Uint8Array, AddressError> {
  if (text.length > LONGEST) return err({ code: 'not-an-address' });
  const found = readSegwit(text) ?? readBase58(text);
  if (found === null) return err({ code: looksLikeAddress(text) ? 'bad-checksum' : 'not-an-address' });
  const networks = Object.values(NETWORKS).filter(found.isOf);
  if (networks.some((params) => params.network === network)) return ok(found.script);
  return err({ code: 'wrong-network', networks: networks.map((params) => params.network) });
}

type Found = { readonly script: Uint8Array; readonly isOf: (params: NetworkParams) => boolean };

function readSegwit(text: string): Found | null {
  for (const coder of [bech32, bech32m]) {
    const decoded = coder.decodeUnsafe(text);
    if (!decoded) continue;
    const [version, ...words] = decoded.words;
    const program = coder.fromWordsUnsafe(words);
    // BIP 350: version 0 has a bech32 checksum, all others bech32m.
    if (version === undefined || version > 16 || !program || (version === 0) !== (coder === bech32))
      return null;
    const sizes = version === 0 ? [20, 32] : null;
    if (program.length < 2 || program.length > 40 || (sizes && !sizes.includes(program.length))) return null;
    const isOf = (params: NetworkParams): boolean => params.bech32 === decoded.prefix;
    return { script: witnessProgram(version, program), isOf };
  }
  return null;
}

function readBase58(text: string): Found | null {
  let payload: Uint8Array;
  try {
    payload = base58check.decode(text);
  } catch {
    return null;
  }
  if (payload.length !== 21) return null;
  const [version] = payload;
  const hash = payload.slice(1);
  const params = Object.values(NETWORKS);
  if (params.some(({ pubKeyHash }) => pubKeyHash === version))
    return { script: p2pkhOfHash(hash), isOf: ({ pubKeyHash }) => pubKeyHash === version };
  if (params.some(({ scriptHash }) => scriptHash === version))
    return { script: p2shOfHash(hash), isOf: ({ scriptHash }) => scriptHash === version };
  return null;
}

/** Good enough to tell "you mistyped it" from "this is something else". */
function looksLikeAddress(text: string): boolean {
  const segwit = /^(bc|tb|bcrt)1[a-z0-9]{6,}$/i;
  const base58 = /^[123mn][1-9A-HJ-NP-Za-km-z]{25,34}$/;
  return segwit.test(text) || base58.test(text);
}
