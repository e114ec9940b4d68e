/**
 * The WebAssembly of @solar-republic/wasm-secp256k1 0.6.3: libsecp256k1, with its exports renamed by the minifier. We
 * call it directly: the package's wrapper re-blinds the context at each call, which doubles the cost of signing. The
 * letters belong to this exact version; a known-answer test at load (secp256k1-load.ts) refuses any other.
 */
export type Secp256k1Wasm = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly initialize: () => void;
  readonly malloc: (length: number) => number;
  readonly contextCreate: (flags: number) => number;
  readonly contextRandomize: (context: number, seed32: number) => number;
  readonly pubkeyParse: (context: number, pubkey: number, input: number, length: number) => number;
  readonly pubkeySerialize: (
    context: number,
    output: number,
    outputLength: number,
    pubkey: number,
    flags: number,
  ) => number;
  readonly pubkeyCreate: (context: number, pubkey: number, seckey: number) => number;
  readonly pubkeyTweakMul: (context: number, pubkey: number, tweak32: number) => number;
  readonly seckeyVerify: (context: number, seckey: number) => number;
  readonly seckeyTweakAdd: (context: number, seckey: number, tweak32: number) => number;
  readonly seckeyTweakMul: (context: number, seckey: number, tweak32: number) => number;
  readonly signatureParseCompact: (context: number, signature: number, input64: number) => number;
  readonly verify: (context: number, signature: number, hash32: number, pubkey: number) => number;
  readonly ecdh: (
    context: number,
    output: number,
    pubkey: number,
    seckey: number,
    hashFunction: number,
    data: number,
  ) => number;
  readonly signRecoverable: (
    context: number,
    signature: number,
    hash32: number,
    seckey: number,
    nonceFunction: number,
    entropy32: number,
  ) => number;
  readonly recoverableParseCompact: (
    context: number,
    signature: number,
    input64: number,
    recovery: number,
  ) => number;
  readonly recoverableSerializeCompact: (
    context: number,
    output64: number,
    recovery: number,
    signature: number,
  ) => number;
  readonly recover: (context: number, pubkey: number, signature: number, hash32: number) => number;
};

const EXPORTS = {
  memory: 'f',
  initialize: 'g',
  malloc: 'h',
  contextCreate: 'j',
  pubkeyParse: 'k',
  pubkeySerialize: 'l',
  signatureParseCompact: 'm',
  verify: 'n',
  seckeyVerify: 'o',
  pubkeyCreate: 'p',
  seckeyTweakAdd: 'q',
  seckeyTweakMul: 's',
  pubkeyTweakMul: 't',
  contextRandomize: 'u',
  ecdh: 'v',
  recoverableParseCompact: 'w',
  recoverableSerializeCompact: 'x',
  signRecoverable: 'y',
  recover: 'z',
} as const satisfies Record<keyof Secp256k1Wasm, string>;

/** The imports of a WebAssembly module, by module and name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, (...args: number[]) => number>>>>;

const refuse = (what: string) => (): never => {
  throw new Error(`secp256k1 WebAssembly: ${what}`);
};

/** What the module asks of its host. It never prints and never grows: all our buffers are made once. */
export const SECP256K1_IMPORTS: WasmImports = {
  a: {
    a: refuse('wrote an error'),
    b: refuse('out of memory'),
    c: () => 70,
    d: () => 52,
    e: refuse('aborted'),
  },
};

/** Null when one of the exports is missing: another version than the one whose letters stand above. */
export function readExports(exports: Readonly<Record<string, unknown>>): Secp256k1Wasm | null {
  const named: Record<string, unknown> = {};
  for (const [name, letter] of Object.entries(EXPORTS)) {
    const value = exports[letter];
    if (typeof value !== (name === 'memory' ? 'object' : 'function')) return null;
    named[name] = value;
  }
  return named as Secp256k1Wasm;
}
