import * as fc from 'fast-check';
import { beforeAll, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { checkHonest, checkPublished } from '../../testkit/two-peer-honest.ts';
import { bent, NAMES } from '../../testkit/two-peer-lies.ts';
import { action, play, type Book } from '../../testkit/two-peer-script.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { TwoPeers, type Tap } from '../../testkit/two-peer.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import type { ChannelMessage } from '../message.ts';

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

function twisted(message: ChannelMessage, field: number, how: number): ChannelMessage {
  const fields = Object.entries(message).filter(([name]) => !NAMES.has(name));
  const [name, value] = fields[field % Math.max(1, fields.length)] ?? ['name', message.name];
  return { ...message, [name]: bent(value, how) };
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
            play(peers, [step], book, () => checkHonest(honest));
          } catch (error) {
            // The script is written for two honest sides, and says so when one is not.
            if (!(error instanceof Error && HARNESS.test(error.message))) throw error;
          }
        }
        checkPublished(peers, honest);
      }),
      { numRuns: 16 },
    );
  },
  60_000,
);
