import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isPoint, publicKey, tryEcdh } from '../crypto/secp256k1.ts';
import type { Secret } from '../crypto/secret.ts';
import {
  decryptAndHash,
  EMPTY,
  encryptAndHash,
  hkdf,
  initialState,
  mixHash,
  mixKey,
  type SymmetricState,
} from './symmetric-state.ts';

/** BOLT 8 §Authenticated Key Exchange Handshake Specification: "Act One: 50 bytes, Act Two: 50 bytes, Act Three: 66 bytes" */
export const ACT_LENGTHS = { 1: 50, 2: 50, 3: 66 } as const;

const VERSION = Uint8Array.of(0);

/** The node's long-term key as a handshake needs it: the key itself may live elsewhere. */
export type NoiseIdentity = {
  readonly publicKey: Point;
  /** SHA256 of the compressed shared point; null when `point` is not one. */
  readonly ecdh: (point: Uint8Array) => Uint8Array | null;
};

export const identityOf = (secret: Secret): NoiseIdentity => ({
  publicKey: publicKey(secret.expose()),
  ecdh: (point) => tryEcdh(secret.expose(), point),
});

/** Why a handshake ended: each is the remote's doing, and ends the connection without a further byte. */
export type HandshakeFailure = {
  readonly code: 'handshake';
  readonly act: 1 | 2 | 3;
  readonly problem:
    | { readonly code: 'length'; readonly length: number }
    | { readonly code: 'version'; readonly version: number }
    /** The ephemeral key (acts one and two) or the static key (act three) is not a point. */
    | { readonly code: 'public-key' }
    /** Act three: the encrypted static key. */
    | { readonly code: 'ciphertext' }
    /** Acts one and two: the remote means another node, or is not the one we dialled. */
    | { readonly code: 'tag' };
};

/** The keys of a session, and who is at the other end. */
export type SessionKeys = {
  readonly remoteStatic: Point;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  readonly chainingKey: Uint8Array;
};

export type AwaitingActTwo = {
  readonly identity: NoiseIdentity;
  readonly remoteStatic: Point;
  readonly ephemeral: Uint8Array;
  readonly state: SymmetricState;
};
export type AwaitingActThree = { readonly ephemeral: Uint8Array; readonly state: SymmetricState };

const fail = (
  act: 1 | 2 | 3,
  problem: HandshakeFailure['problem'],
): { readonly ok: false; readonly error: HandshakeFailure } => err({ code: 'handshake', act, problem });

function checkFraming(act: 1 | 2 | 3, bytes: Uint8Array): HandshakeFailure['problem'] | null {
  if (bytes.length !== ACT_LENGTHS[act]) return { code: 'length', length: bytes.length };
  // BOLT 8 §Handshake Versioning: "Clients MUST reject handshake attempts initiated with an unknown version."
  const version = bytes[0] ?? 0;
  return version === 0 ? null : { code: 'version', version };
}

/** Acts one and two are alike: an ephemeral key, then a tag over the secret it shares with a key of the receiver. */
function writeEphemeral(
  before: SymmetricState,
  ephemeral: Uint8Array,
  remote: Point,
): { readonly state: SymmetricState; readonly act: Uint8Array } {
  const point = publicKey(ephemeral);
  const shared = tryEcdh(ephemeral, remote);
  assert(shared !== null, 'remote key is not a point');
  const { next, sealed } = encryptAndHash(mixKey(mixHash(before, point), shared), 0, EMPTY);
  return { state: next, act: concatBytes(VERSION, point, sealed) };
}

function readEphemeral(
  act: 1 | 2,
  before: SymmetricState,
  bytes: Uint8Array,
  ecdh: (point: Uint8Array) => Uint8Array | null,
): Result<{ readonly state: SymmetricState; readonly remoteEphemeral: Point }, HandshakeFailure> {
  const problem = checkFraming(act, bytes);
  if (problem !== null) return fail(act, problem);
  const point = bytes.slice(1, 34);
  const shared = ecdh(point);
  if (shared === null) return fail(act, { code: 'public-key' });
  const opened = decryptAndHash(mixKey(mixHash(before, point), shared), 0, bytes.subarray(34));
  if (opened === null) return fail(act, { code: 'tag' });
  return ok({ state: opened.next, remoteEphemeral: point });
}

/**
 * The initiator's first step.
 * @param remoteStatic The node id that we dial.
 * @param ephemeral A secret key, fresh random bytes for each handshake.
 * @throws {Bug} when one of the two is no key.
 */
export function writeActOne(
  identity: NoiseIdentity,
  remoteStatic: Point,
  ephemeral: Uint8Array,
): { readonly next: AwaitingActTwo; readonly send: Uint8Array } {
  const { state, act } = writeEphemeral(initialState(remoteStatic), ephemeral, remoteStatic);
  return { next: { identity, remoteStatic, ephemeral, state }, send: act };
}

/**
 * The responder's first step: reads act one, writes act two.
 * @param ephemeral A secret key, fresh random bytes for each handshake.
 */
export function answerActOne(
  identity: NoiseIdentity,
  ephemeral: Uint8Array,
  actOne: Uint8Array,
): Result<{ readonly next: AwaitingActThree; readonly send: Uint8Array }, HandshakeFailure> {
  const read = readEphemeral(1, initialState(identity.publicKey), actOne, identity.ecdh);
  if (!read.ok) return read;
  const { state, act } = writeEphemeral(read.value.state, ephemeral, read.value.remoteEphemeral);
  return ok({ next: { ephemeral, state }, send: act });
}

/** The initiator's last step: reads act two, writes act three. */
export function answerActTwo(
  awaiting: AwaitingActTwo,
  actTwo: Uint8Array,
): Result<{ readonly keys: SessionKeys; readonly send: Uint8Array }, HandshakeFailure> {
  const { identity, remoteStatic, ephemeral } = awaiting;
  const read = readEphemeral(2, awaiting.state, actTwo, (point) => tryEcdh(ephemeral, point));
  if (!read.ok) return read;
  const { next, sealed } = encryptAndHash(read.value.state, 1, identity.publicKey);
  const shared = identity.ecdh(read.value.remoteEphemeral);
  assert(shared !== null, 'checked above');
  const mixed = mixKey(next, shared);
  const { sealed: tag } = encryptAndHash(mixed, 0, EMPTY);
  const { chainingKey } = mixed;
  const [sendKey, receiveKey] = hkdf(chainingKey, EMPTY);
  return ok({
    keys: { remoteStatic, sendKey, receiveKey, chainingKey },
    send: concatBytes(VERSION, sealed, tag),
  });
}

/** The responder's last step: reads act three and learns who dials. */
export function readActThree(
  awaiting: AwaitingActThree,
  actThree: Uint8Array,
): Result<SessionKeys, HandshakeFailure> {
  const problem = checkFraming(3, actThree);
  if (problem !== null) return fail(3, problem);
  const opened = decryptAndHash(awaiting.state, 1, actThree.subarray(1, 50));
  if (opened === null) return fail(3, { code: 'ciphertext' });
  const remoteStatic = opened.plain;
  if (!isPoint(remoteStatic)) return fail(3, { code: 'public-key' });
  const shared = tryEcdh(awaiting.ephemeral, remoteStatic);
  assert(shared !== null, 'checked above');
  const mixed = mixKey(opened.next, shared);
  if (decryptAndHash(mixed, 0, actThree.subarray(50)) === null) return fail(3, { code: 'tag' });
  const { chainingKey } = mixed;
  const [receiveKey, sendKey] = hkdf(chainingKey, EMPTY);
  return ok({ remoteStatic, sendKey, receiveKey, chainingKey });
}
