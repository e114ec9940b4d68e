import { assert } from '../../engine/base/assert.ts';
import { concatBytes } from '../../engine/base/bytes.ts';
import { build } from '../../engine/codec/field.ts';
import { Transport } from '../../engine/noise/transport.ts';
import { Handshaking } from '../../engine/peer/handshaking.ts';
import { PeerSession } from '../../engine/peer/session.ts';
import { sessionConfig } from '../../engine/testkit/session-config.ts';
import { featuresFor, DEFAULT_FEATURES } from '../../engine/wire/features.ts';
import { encodeMessage, type WireMessage } from '../../engine/wire/wire-message.ts';
import type { Target } from './target.ts';

const KEYS = {
  sendKey: new Uint8Array(32).fill(1),
  receiveKey: new Uint8Array(32).fill(2),
  chainingKey: new Uint8Array(32).fill(3),
  remoteStatic: Uint8Array.from([2, ...new Uint8Array(32)]),
};
const swapped = { ...KEYS, sendKey: KEYS.receiveKey, receiveKey: KEYS.sendKey };

/** Messages as the other side seals them, one after the other. */
const sealedAs = (messages: readonly Uint8Array[], transport = new Transport(swapped)): Uint8Array =>
  concatBytes(...messages.map((message) => transport.seal(message)));

const us = sessionConfig(1);
const them = sessionConfig(2);
const ephemeral = new Uint8Array(32).fill(4);

/** A connection to us up to where it is encrypted, with what the other side seals by. */
function met(): { readonly session: PeerSession; readonly transport: Transport } {
  const session = PeerSession.answer(us, 0);
  const { handshaking, send } = Handshaking.dialling(them.identity, us.identity.publicKey, ephemeral);
  const second = handshaking.receive(concatBytes(...session.receive(send, 0).send));
  assert(second.tag === 'done' && second.send !== null, 'the two meet');
  session.receive(second.send, 0);
  return { session, transport: new Transport(second.keys) };
}

const firstAct = Handshaking.dialling(them.identity, us.identity.publicKey, ephemeral).send;
const secondAct = concatBytes(...PeerSession.answer(us, 0).receive(firstAct, 0).send);

const said = (messages: readonly WireMessage[]): Uint8Array =>
  build((writer) => {
    for (const message of messages) writer.sized16(() => writer.bytes(encodeMessage(message)));
  });
/** Pieces of an input, each behind its length; the last as long as it is. */
function pieces(input: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length && found.length < 200;) {
    const end = at + 2 + (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0));
    found.push(input.subarray(at + 2, end));
    at = end;
  }
  return found;
}

const INIT: WireMessage = {
  name: 'init',
  globalFeatures: new Uint8Array(),
  features: featuresFor('I', DEFAULT_FEATURES),
};
const PING: WireMessage = { name: 'ping', pongBytes: 3, ignored: new Uint8Array(5) };

/** What anybody may say to us before and after the handshake. */
export const peerTargets: readonly Target[] = [
  {
    name: 'handshake',
    weight: 0.2,
    corpus: [firstAct, secondAct, concatBytes(firstAct, new Uint8Array(66))],
    read: (input) => {
      const dialled = PeerSession.dial(us, them.identity.publicKey, 0).session;
      return [PeerSession.answer(us, 0), dialled].map((session) => session.receive(input, 0));
    },
  },
  {
    name: 'transport',
    weight: 1,
    corpus: [sealedAs([new Uint8Array(3)]), sealedAs([new Uint8Array(), new Uint8Array(300)])],
    grown: [
      (times) => sealedAs(Array.from({ length: times }, () => new Uint8Array(2))),
      (times) => sealedAs([new Uint8Array(Math.min(65_000, 8 * times))]),
    ],
    repair: (input) => sealedAs(pieces(input)),
    read: (input) => new Transport(KEYS).receive(input),
  },
  {
    name: 'session',
    weight: 0.2,
    corpus: [
      said([INIT]),
      said([INIT, PING, { name: 'pong', ignored: new Uint8Array() }]),
      said([PING]),
      said([INIT, INIT]),
      said([INIT, { name: 'unknown', type: 37_913, payload: new Uint8Array(9) }]),
    ],
    grown: [(times) => said([INIT, ...Array.from({ length: times }, () => PING)])],
    read: (input) => {
      const { session, transport } = met();
      return session.receive(sealedAs(pieces(input), transport), 1);
    },
  },
];
