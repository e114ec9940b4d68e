/** What instantiating the module gives. */
export type InstantiatedWasm = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly exports: Readonly<Record<string, unknown>>;
};

/**
 * The WebAssembly of @bitauth/libauth 3.0.0: libsecp256k1 of 2018, built for a field of 32-bit words. We call it
 * directly: the package's wrapper allocates and copies at each call, and brings the bytes a second time, as text. A
 * known-answer test at load (secp256k1-load.ts) refuses any other.
 */
export type Secp256k1Wasm = {
  readonly memory: { readonly buffer: ArrayBuffer };
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
  malloc: '_malloc',
  contextCreate: '_secp256k1_context_create',
  contextRandomize: '_secp256k1_context_randomize',
  pubkeyParse: '_secp256k1_ec_pubkey_parse',
  pubkeySerialize: '_secp256k1_ec_pubkey_serialize',
  pubkeyCreate: '_secp256k1_ec_pubkey_create',
  pubkeyTweakMul: '_secp256k1_ec_pubkey_tweak_mul',
  seckeyVerify: '_secp256k1_ec_seckey_verify',
  seckeyTweakAdd: '_secp256k1_ec_privkey_tweak_add',
  seckeyTweakMul: '_secp256k1_ec_privkey_tweak_mul',
  signatureParseCompact: '_secp256k1_ecdsa_signature_parse_compact',
  verify: '_secp256k1_ecdsa_verify',
  signRecoverable: '_secp256k1_ecdsa_sign_recoverable',
  recoverableParseCompact: '_secp256k1_ecdsa_recoverable_signature_parse_compact',
  recoverableSerializeCompact: '_secp256k1_ecdsa_recoverable_signature_serialize_compact',
  recover: '_secp256k1_ecdsa_recover',
} as const satisfies Record<Exclude<keyof Secp256k1Wasm, 'memory'>, string>;

/** Null when one of the exports is missing: another module. */
export function readExports({ memory, exports }: InstantiatedWasm): Secp256k1Wasm | null {
  const named: Record<string, unknown> = { memory };
  for (const [name, exported] of Object.entries(EXPORTS)) {
    const value = exports[exported];
    if (typeof value !== 'function') return null;
    named[name] = value;
  }
  return named as Secp256k1Wasm;
}
