import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { verifyRemoteSignatures } from '../../commitment/signatures.ts';
import { commitmentNumberOf } from '../../commitment/number.ts';
import { lookupSecret, FIRST_INDEX } from '../../crypto/shachain.ts';
import { action, play, type Book } from '../../testkit/two-peer-script.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { localCommitment } from '../commitments.ts';
import type { ChannelMessage } from '../message.ts';
import { commitmentParams } from '../params.ts';

beforeAll(async () => installSecp256k1(await wasmBackend()));

/** What a peer may do to one of its own messages. */
type Lie =
  | { readonly tag: 'twice' | 'swallow' | 'later' }
  | { readonly tag: 'replay'; readonly which: number }
  | { readonly tag: 'twist'; readonly field: number; readonly how: number };

const lie: fc.Arbitrary<Lie> = fc.oneof(
  fc.constantFrom<Lie>({ tag: 'twice' }, { tag: 'swallow' }, { tag: 'later' }),
  fc.record({ tag: fc.constant('replay' as const), which: fc.nat(1_000) }),
  fc.record({ tag: fc.constant('twist' as const), field: fc.nat(20), how: fc.nat(5) }),
);

const KEPT: ReadonlySet<string> = new Set(['name', 'channelId', 'temporaryChannelId', 'chainHash']);

function twisted(message: ChannelMessage, field: number, how: number): ChannelMessage {
  const names = Object.keys(message).filter((name) => !KEPT.has(name));
  const name = names[field % Math.max(1, names.length)];
  if (name === undefined) return message;
  const value = (message as unknown as Record<string, unknown>)[name];
  return { ...message, [name]: other(value, how) } as ChannelMessage;
}

function other(value: unknown, how: number): unknown {
  if (typeof value === 'bigint')
    return [
      BigInt.asUintN(64, value + 1n),
      value > 0n ? value - 1n : 1n,
      0n,
      BigInt.asUintN(64, value * 2n),
      1n << 40n,
      354_000n,
    ][how];
  if (typeof value === 'number')
    return [value + 1, Math.max(0, value - 1), 0, 1, value > 250 ? 253 : 2, value > 250 ? 60_000 : 200][how];
  if (value instanceof Uint8Array) {
    const bytes = value.slice();
    if (how === 0) bytes.fill(0);
    else if (how === 1) bytes.fill(0xff);
    else if (bytes.length > 0) bytes[(how * 7) % bytes.length]! ^= 1 << how;
    // The codec itself refuses what cannot be a compressed point.
    if (bytes.length === 33) bytes[0] = 2;
    return bytes;
  }
  if (Array.isArray(value))
    return how % 2 === 0 ? value.slice(1) : [...(value as unknown[]), ...(value as unknown[]).slice(0, 1)];
  return value;
}

/** What must hold for the honest side at every moment. */
function checkHonest(side: Side): void {
  const { durable } = side.state;
  if (durable === null) return;
  expect(durable.ledger.local + durable.ledger.remote).toBe(1_000_000_000n);
  expect(isDeepStrictEqual(side.load(), durable)).toBe(true);
  const { params, ledger, active } = durable;
  const mine = localCommitment(params, ledger, active[0], side.env);
  // Our commitment can be published: the peer signed it, and it spends no more than there is.
  expect(
    verifyRemoteSignatures(mine, {
      signature: active[0].remoteSignature,
      htlcSignatures: active[0].remoteHtlcSignatures,
    }),
  ).toBeNull();
  const paid = mine.tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  expect(paid).toBeLessThanOrEqual(active[0].funding.amount);
  // The peer's revoked commitments can be punished.
  for (let number = 0; number < ledger.remoteNumber; number++)
    expect(lookupSecret(durable.shachain, FIRST_INDEX - number)).not.toBeNull();
}

test.each(['alice', 'bob'] as const)(
  '%s is robbed of nothing by a peer that lies',
  (name) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(action, fc.option(lie, { freq: 4 })), { minLength: 1, maxLength: 50, size: 'max' }),
        (script) => {
          const peers = TwoPeers.ready({ amount: sat(1_000_000), push: msat(400_000_000) });
          const honest = peers[name];
          const liar = peers.other(honest);
          let revealed = -1;
          let next: Lie | null = null;
          const held: ChannelMessage[] = [];
          peers.tap = (message, from) => {
            if (from === honest) {
              if (message.name === 'revoke_and_ack')
                revealed = Math.max(revealed, honest.durable.ledger.localNumber - 1);
              return message;
            }
            const now = next;
            next = null;
            for (const late of held.splice(0)) peers.inject(liar, late);
            switch (now?.tag) {
              case undefined:
                return message;
              case 'swallow':
                return null;
              case 'later':
                held.push(message);
                return null;
              case 'twice':
                peers.inject(liar, message);
                return message;
              case 'replay': {
                const mine = peers.said.filter((one) => one.from === liar);
                const old = mine[now.which % Math.max(1, mine.length)];
                if (old !== undefined) peers.inject(liar, old.message);
                return message;
              }
              case 'twist':
                return twisted(message, now.field, now.how);
            }
          };
          const book: Book = new Map();
          for (const [at, [step, bad]] of script.entries()) {
            if (bad !== null) next = bad;
            try {
              play(peers, [step], book, () => undefined);
            } catch (error) {
              // The harness' own opinion of a conversation between honest peers.
              if (
                !(error instanceof Error) ||
                !/was refused|not offered|that nobody sent/.test(error.message)
              )
                throw error;
            }
            void at;
            checkHonest(honest);
          }
          honest.env = { ...honest.env, moreToCome: false };
          for (const { tx, purpose } of honest.published)
            if (purpose === 'local-commitment') {
              const { params, active } = honest.durable;
              const number = commitmentNumberOf(commitmentParams(params, active[0].funding), tx);
              expect(number).toBeGreaterThan(revealed);
            }
          void confirmedAt;
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 60) },
    );
  },
  300_000,
);
