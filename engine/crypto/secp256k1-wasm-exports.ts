/** What instantiating the module gives: its functions, and its memory. */
export type WasmExports = Readonly<Record<string, unknown>>;

/** An address in the module's memory. */
type At = number;

/**
 * libsecp256k1 as `libsecp256k1/build.mjs` builds it. Where one answers a number, 1 is yes. A known-answer test at load
 * (secp256k1-load.ts) refuses any other module.
 */
export type Secp256k1Wasm = {
  /** Its buffer stays the same one: it never grows. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Nothing is ever given back. */
  readonly malloc: (length: number) => At;
  /** Overwrites what earlier calls left on the stack. */
  readonly wipeStack: () => void;
  readonly contextCreate: (flags: number) => At;
  readonly contextRandomize: (context: At, seed32: At) => number;
  readonly pubkeyParse: (context: At, pubkey: At, input: At, length: number) => number;
  readonly pubkeySerialize: (context: At, output: At, outputLength: At, pubkey: At, flags: number) => number;
  readonly pubkeyCreate: (context: At, pubkey: At, seckey: At) => number;
  readonly pubkeyTweakMul: (context: At, pubkey: At, tweak32: At) => number;
  readonly pubkeyCombine: (context: At, pubkey: At, pubkeys: At, count: number) => number;
  readonly seckeyVerify: (context: At, seckey: At) => number;
  readonly seckeyNegate: (context: At, seckey: At) => number;
  readonly seckeyTweakAdd: (context: At, seckey: At, tweak32: At) => number;
  readonly seckeyTweakMul: (context: At, seckey: At, tweak32: At) => number;
  readonly signatureParseCompact: (context: At, signature: At, input64: At) => number;
  readonly verify: (context: At, signature: At, hash32: At, pubkey: At) => number;
  readonly signRecoverable: (
    context: At,
    signature: At,
    hash32: At,
    seckey: At,
    nonceFunction: number,
    entropy32: At,
  ) => number;
  readonly recoverableParseCompact: (context: At, signature: At, input64: At, recovery: number) => number;
  readonly recoverableSerializeCompact: (context: At, output64: At, recovery: At, signature: At) => number;
  readonly recover: (context: At, pubkey: At, signature: At, hash32: At) => number;
  readonly ecdh: (
    context: At,
    output32: At,
    pubkey: At,
    seckey: At,
    hashFunction: number,
    hashData: number,
  ) => number;
  readonly keypairCreate: (context: At, keypair: At, seckey: At) => number;
  readonly xonlyParse: (context: At, xonly: At, input32: At) => number;
  readonly schnorrSign: (
    context: At,
    signature64: At,
    message32: At,
    keypair: At,
    nonceFunction: number,
    aux32: At,
  ) => number;
  readonly schnorrVerify: (context: At, signature64: At, message32: At, xonly: At) => number;
};

/** The module's own names; it exports these, its memory, and nothing else. */
export const EXPORTED = {
  malloc: 'malloc',
  wipeStack: 'wipe_stack',
  contextCreate: 'secp256k1_context_create',
  contextRandomize: 'secp256k1_context_randomize',
  pubkeyParse: 'secp256k1_ec_pubkey_parse',
  pubkeySerialize: 'secp256k1_ec_pubkey_serialize',
  pubkeyCreate: 'secp256k1_ec_pubkey_create',
  pubkeyTweakMul: 'secp256k1_ec_pubkey_tweak_mul',
  pubkeyCombine: 'secp256k1_ec_pubkey_combine',
  seckeyVerify: 'secp256k1_ec_seckey_verify',
  seckeyNegate: 'secp256k1_ec_seckey_negate',
  seckeyTweakAdd: 'secp256k1_ec_seckey_tweak_add',
  seckeyTweakMul: 'secp256k1_ec_seckey_tweak_mul',
  signatureParseCompact: 'secp256k1_ecdsa_signature_parse_compact',
  verify: 'secp256k1_ecdsa_verify',
  signRecoverable: 'secp256k1_ecdsa_sign_recoverable',
  recoverableParseCompact: 'secp256k1_ecdsa_recoverable_signature_parse_compact',
  recoverableSerializeCompact: 'secp256k1_ecdsa_recoverable_signature_serialize_compact',
  recover: 'secp256k1_ecdsa_recover',
  ecdh: 'secp256k1_ecdh',
  keypairCreate: 'secp256k1_keypair_create',
  xonlyParse: 'secp256k1_xonly_pubkey_parse',
  schnorrSign: 'secp256k1_schnorrsig_sign',
  schnorrVerify: 'secp256k1_schnorrsig_verify',
} as const satisfies Record<Exclude<keyof Secp256k1Wasm, 'memory'>, string>;

/** Null when one of the exports is missing: another module. */
export function readExports(exports: WasmExports): Secp256k1Wasm | null {
  const { memory } = exports;
  if (typeof memory !== 'object' || memory === null) return null;
  const named: Record<string, unknown> = { memory };
  for (const [name, exported] of Object.entries(EXPORTED)) {
    const value = exports[exported];
    if (typeof value !== 'function') return null;
    named[name] = value;
  }
  return named as Secp256k1Wasm;
}
