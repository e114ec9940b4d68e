import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { commitmentNumberOf } from '../../commitment/number.ts';
import { verifyRemoteSignatures } from '../../commitment/signatures.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { FIRST_INDEX, lookupSecret } from '../../crypto/shachain.ts';
import { action, play, type Book } from '../../testkit/two-peer-script.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { TwoPeers, type Tap } from '../../testkit/two-peer.ts';
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

const NAMES: ReadonlySet<string> = new Set(['name', 'channelId']);

function twisted(message: ChannelMessage, field: number, how: number): ChannelMessage {
  const fields = Object.entries(message).filter(([name]) => !NAMES.has(name));
  const [name, value] = fields[field % Math.max(1, fields.length)] ?? ['name', message.name];
  return { ...message, [name]: bent(value, how) };
}

function bent(value: unknown, how: number): unknown {
  if (typeof value === 'bigint')
    return [value + 1n, value - 1n, 0n, value * 2n, 1n << 40n, 354_000n]
      .map((n) => BigInt.asUintN(64, n))
      .at(how);
  if (typeof value === 'number')
    return [value + 1, Math.max(0, value - 1), 0, 1, Math.min(value, 253), value > 255 ? 60_000 : 200].at(
      how,
    );
  if (Array.isArray(value)) return how % 2 === 0 ? value.slice(1) : value.concat(value.slice(0, 1));
  if (!(value instanceof Uint8Array)) return value;
  const at = (how * 7) % Math.max(1, value.length);
  const bytes = value.map((byte, i) => [0, 0xff].at(how) ?? (i === at ? byte ^ (1 << how) : byte));
  // The codec itself refuses what cannot be a compressed point.
  if (bytes.length === 33) bytes[0] = 2;
  return bytes;
}

/** A link on which `liar` tells the lies that `next` hands out, one message at a time. */
function lying(peers: TwoPeers, liar: Side, next: () => Lie | null): Tap {
  const held: ChannelMessage[] = [];
  return (message, from) => {
    if (from !== liar) return message;
    for (const late of held.splice(0)) peers.inject(liar, late);
    const now = next();
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
        const said = peers.said.filter((one) => one.from === liar);
        const old = said[now.which % Math.max(1, said.length)];
        if (old !== undefined) peers.inject(liar, old.message);
        return message;
      }
      case 'twist':
        return twisted(message, now.field, now.how);
    }
  };
}

/** What must hold for the honest side at every moment. */
function check(side: Side): void {
  const { params, ledger, active, shachain } = side.durable;
  expect(ledger.local + ledger.remote).toBe(1_000_000_000n);
  expect(isDeepStrictEqual(side.load(), side.durable)).toBe(true);
  // Our commitment can be published: the peer signed it, and it spends no more than there is.
  const mine = localCommitment(params, ledger, active[0], side.env);
  const { remoteSignature: signature, remoteHtlcSignatures: htlcSignatures } = active[0];
  expect(verifyRemoteSignatures(mine, { signature, htlcSignatures })).toBeNull();
  const paid = mine.tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  expect(paid).toBeLessThanOrEqual(active[0].funding.amount);
  // Whatever the peer revoked can be punished.
  for (let number = 0; number < ledger.remoteNumber; number++)
    expect(lookupSecret(shachain, FIRST_INDEX - number)).not.toBeNull();
}

/** The highest commitment whose secret the peer was given. */
const revokedBy = (peers: TwoPeers, side: Side): number =>
  peers.said.filter(({ from, message }) => from === side && message.name === 'revoke_and_ack').length === 0
    ? -1
    : side.durable.ledger.localNumber - 1;

const HARNESS = /was refused|not offered|that nobody sent/;

test.each(['alice', 'bob'] as const)(
  '%s loses nothing to a peer that lies',
  (name) => {
    const steps = fc.array(fc.tuple(action, fc.option(lie, { freq: 4 })), {
      minLength: 1,
      maxLength: 50,
      size: 'max',
    });
    fc.assert(
      fc.property(steps, (script) => {
        const peers = TwoPeers.ready({ amount: sat(1_000_000), push: msat(400_000_000) });
        const honest = peers[name];
        let coming: Lie | null = null;
        peers.tap = lying(peers, peers.other(honest), () => {
          const now = coming;
          coming = null;
          return now;
        });
        const book: Book = new Map();
        for (const [step, bad] of script) {
          coming = bad ?? coming;
          try {
            play(peers, [step], book, () => check(honest));
          } catch (error) {
            // The script is written for two honest sides, and says so when one is not.
            if (!(error instanceof Error && HARNESS.test(error.message))) throw error;
          }
        }
        const { params, active } = honest.durable;
        for (const { tx, purpose } of honest.published)
          if (purpose === 'local-commitment')
            expect(commitmentNumberOf(commitmentParams(params, active[0].funding), tx)).toBeGreaterThan(
              revokedBy(peers, honest),
            );
      }),
      { numRuns: 16 },
    );
  },
  60_000,
);
