import { describe, expect, it } from 'vitest';
import { assert, unreachable } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Result } from '../base/result.ts';
import { publicKey } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import bolt8 from './fixtures/bolt8.json' with { type: 'json' };
import {
  answerActOne,
  answerActTwo,
  identityOf,
  readActThree,
  writeActOne,
  type HandshakeFailure,
} from './handshake.ts';

/** A failure as the vectors name it. */
function vectorName({ act, problem }: HandshakeFailure): string {
  switch (problem.code) {
    case 'length':
      return `ACT${act}_READ_FAILED`;
    case 'version':
      return act === 1 ? 'ACT1_BAD_VERSION' : `ACT${act}_BAD_VERSION ${problem.version}`;
    case 'public-key':
      return `ACT${act}_BAD_PUBKEY`;
    case 'ciphertext':
      return 'ACT3_BAD_CIPHERTEXT';
    case 'tag':
      return `ACT${act}_BAD_TAG`;
    default:
      return unreachable(problem);
  }
}

/** What a side says in a handshake, in the vectors' words. */
type Said = { readonly output?: string; readonly error?: string; readonly keys?: Record<string, string> };

function initiator(vector: (typeof bolt8.handshakes)[number], input: string | undefined): Said[] {
  const identity = identityOf(new Secret(fromHex(vector.localStatic)));
  const started = writeActOne(identity, fromHex(vector.remoteStatic ?? ''), fromHex(vector.ephemeral));
  const said: Said[] = [{ output: toHex(started.send) }];
  if (input === undefined) return said;
  const answer = answerActTwo(started.next, fromHex(input));
  if (!answer.ok) return [...said, { error: `ERROR (${vectorName(answer.error)})` }];
  const { sendKey, receiveKey } = answer.value.keys;
  return [
    ...said,
    { output: toHex(answer.value.send) },
    { keys: { sk: toHex(sendKey), rk: toHex(receiveKey) } },
  ];
}

function responder(vector: (typeof bolt8.handshakes)[number], inputs: readonly string[]): Said[] {
  const identity = identityOf(new Secret(fromHex(vector.localStatic)));
  const answer = answerActOne(identity, fromHex(vector.ephemeral), fromHex(inputs[0] ?? ''));
  if (!answer.ok) return [{ error: `ERROR (${vectorName(answer.error)})` }];
  const said: Said[] = [{ output: toHex(answer.value.send) }];
  if (inputs[1] === undefined) return said;
  const done = readActThree(answer.value.next, fromHex(inputs[1]));
  if (!done.ok) return [...said, { error: `ERROR (${vectorName(done.error)})` }];
  return [...said, { keys: { rk: toHex(done.value.receiveKey), sk: toHex(done.value.sendKey) } }];
}

describe('BOLT 8 Appendix A', () => {
  it.each(bolt8.handshakes)('$name', (vector) => {
    const inputs = vector.steps.flatMap((step) => (step.input === undefined ? [] : [step.input]));
    const expected = vector.steps.filter((step) => step.input === undefined);
    const said = vector.role === 'initiator' ? initiator(vector, inputs[0]) : responder(vector, inputs);
    expect(said).toEqual(expected);
  });
});

function value<T, E>(result: Result<T, E>): T {
  assert(result.ok, 'handshake failed');
  return result.value;
}

describe('handshake', () => {
  const alice = identityOf(new Secret(new Uint8Array(32).fill(1)));
  const bob = identityOf(new Secret(new Uint8Array(32).fill(2)));
  const carol = identityOf(new Secret(new Uint8Array(32).fill(3)));
  const ephemeral = (n: number): Uint8Array => new Uint8Array(32).fill(n);

  it('ends with the same keys and the true identities', () => {
    const first = writeActOne(alice, bob.publicKey, ephemeral(5));
    const second = value(answerActOne(bob, ephemeral(6), first.send));
    const third = value(answerActTwo(first.next, second.send));
    const keys = value(readActThree(second.next, third.send));
    expect(keys.remoteStatic).toEqual(alice.publicKey);
    expect(third.keys.remoteStatic).toEqual(bob.publicKey);
    expect(keys.sendKey).toEqual(third.keys.receiveKey);
    expect(keys.receiveKey).toEqual(third.keys.sendKey);
    expect(keys.chainingKey).toEqual(third.keys.chainingKey);
  });

  it('a node that is not the one we dialled cannot even read act one', () => {
    const { send } = writeActOne(alice, bob.publicKey, ephemeral(5));
    expect(answerActOne(carol, ephemeral(6), send)).toEqual({
      ok: false,
      error: { code: 'handshake', act: 1, problem: { code: 'tag' } },
    });
  });

  it('any changed byte of any act is refused, with no throw', () => {
    const first = writeActOne(alice, bob.publicKey, ephemeral(5));
    const second = value(answerActOne(bob, ephemeral(6), first.send));
    const third = value(answerActTwo(first.next, second.send));
    const readers: readonly (readonly [Uint8Array, (act: Uint8Array) => boolean])[] = [
      [first.send, (act) => answerActOne(bob, ephemeral(6), act).ok],
      [second.send, (act) => answerActTwo(first.next, act).ok],
      [third.send, (act) => readActThree(second.next, act).ok],
    ];
    for (const [act, accepts] of readers) {
      expect(accepts(act)).toBe(true);
      for (let at = 0; at < act.length; at++) {
        const changed = act.slice();
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(accepts(changed)).toBe(false);
        expect(accepts(act.subarray(0, at))).toBe(false);
      }
      expect(accepts(Uint8Array.of(...act, 0))).toBe(false);
    }
  });

  it('an identity shares the same secret as the remote sees', () => {
    expect(alice.ecdh(bob.publicKey)).toEqual(bob.ecdh(alice.publicKey));
    expect(alice.publicKey).toEqual(publicKey(new Uint8Array(32).fill(1)));
    expect(alice.ecdh(new Uint8Array(33))).toBeNull();
  });
});
