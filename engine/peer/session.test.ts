import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { channelId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { idOf, sessionConfig } from '../testkit/session-config.ts';
import { PeerSession, type PeerEvent, type SessionConfig, type SessionOutput } from './session.ts';

const stfu = (n: number): WireMessage => ({
  name: 'stfu',
  channelId: channelId(n.toString(16).padStart(64, '0')),
  initiator: 1,
});

type Side = { readonly session: PeerSession; readonly events: PeerEvent[]; inbox: Uint8Array[] };

/** Two sessions joined by two queues. */
function join(alice: SessionConfig, bob: SessionConfig, dialled = bob.identity.publicKey) {
  const { session, output } = PeerSession.dial(alice, dialled, 0);
  const a: Side = { session, events: [], inbox: [] };
  const b: Side = { session: PeerSession.answer(bob, 0), events: [], inbox: [] };
  const take = (from: Side, to: Side, { send, events }: SessionOutput): void => {
    to.inbox.push(...send);
    from.events.push(...events);
  };
  take(a, b, output);
  /** Delivers everything, cut into pieces of `size` bytes. */
  const flow = (size = 1 << 20): void => {
    while (a.inbox.length + b.inbox.length > 0)
      for (const [to, from] of [
        [a, b],
        [b, a],
      ] as const) {
        const stream = concatBytes(...to.inbox);
        to.inbox = [];
        for (let at = 0; at < stream.length; at += size)
          take(to, from, to.session.receive(stream.slice(at, at + size), 0));
      }
  };
  return { a, b, flow, take };
}

describe('two sessions', () => {
  const alice = sessionConfig(1);
  const bob = sessionConfig(2);

  it.each([1, 7, 49, 50, 66, 1 << 20])('find each other with the stream cut into pieces of %i', (size) => {
    const { a, b, flow, take } = join(alice, bob);
    flow(size);
    expect(a.session.nodeId).toBe(idOf(bob));
    expect(b.session.nodeId).toBe(idOf(alice));
    expect(a.events.map((event) => event.tag)).toEqual(['identified', 'ready']);
    expect(b.events.map((event) => event.tag)).toEqual(['identified', 'ready']);
    take(a, b, a.session.send(stfu(1), 0));
    take(b, a, b.session.send(stfu(2), 0));
    flow(size);
    expect(b.events.at(-1)).toEqual({ tag: 'message', message: stfu(1), length: 35 });
    expect(a.events.at(-1)).toEqual({ tag: 'message', message: stfu(2), length: 35 });
  });

  it('deliver all messages in order, those said before init too', () => {
    const { a, b, flow, take } = join(alice, bob);
    // The dialler's handshake ends before the other's init can come.
    const fromBob = b.session.receive(concatBytes(...b.inbox), 0);
    b.inbox = [];
    take(a, b, a.session.receive(concatBytes(...fromBob.send), 0));
    take(a, b, a.session.send(stfu(1), 0));
    expect(a.session.state.phase).toBe('greeting');
    for (let n = 2; n < 1_200; n++) take(a, b, a.session.send(stfu(n), 0));
    flow(1_000);
    const messages = b.events.flatMap((event) => (event.tag === 'message' ? [event.message] : []));
    expect(messages).toEqual(Array.from({ length: 1_199 }, (_, i) => stfu(i + 1)));
  });

  it('answer pings and keep each other alive', () => {
    const { a, b, flow, take } = join(alice, bob);
    flow();
    const due = a.session.nextTickAt ?? 0;
    take(a, b, a.session.tick(due));
    expect(b.inbox.length).toBe(1);
    flow();
    expect(a.session.state).toMatchObject({ phase: 'ready', liveness: { pinged: null } });
  });

  it('part when they serve different chains, each knowing why', () => {
    const { a, b, flow } = join(alice, sessionConfig(2, { chains: [NETWORKS.signet.genesisHash] }));
    flow();
    expect(a.events.at(-1)).toMatchObject({ tag: 'closed', reason: { code: 'incompatible' } });
    expect(b.events.at(-1)).toMatchObject({ tag: 'closed', reason: { code: 'incompatible' } });
  });
});

describe('a hostile stream costs the connection', () => {
  const alice = sessionConfig(1);
  const bob = sessionConfig(2);
  const carol = sessionConfig(3);

  it('when we dial another node than the one that answers', () => {
    const { b, flow } = join(alice, bob, carol.identity.publicKey);
    flow();
    expect(b.events).toEqual([
      { tag: 'closed', reason: { code: 'handshake', act: 1, problem: { code: 'tag' } } },
    ]);
    expect(b.session.nodeId).toBeNull();
  });

  it('whatever the bytes are, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 }),
        fc.boolean(),
        (chunks, dialled) => {
          const session = dialled
            ? PeerSession.dial(alice, bob.identity.publicKey, 0).session
            : PeerSession.answer(alice, 0);
          const events = chunks.flatMap((chunk) => session.receive(chunk, 0).events);
          const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          expect(events.map((event) => event.tag)).toEqual(length >= 50 ? ['closed'] : []);
        },
      ),
    );
  });

  it('when more comes with act one than act one', () => {
    const { b } = join(alice, bob);
    const { events, send } = b.session.receive(concatBytes(...b.inbox, Uint8Array.of(0)), 0);
    expect(send).toEqual([]);
    expect(events).toMatchObject([{ tag: 'closed', reason: { code: 'handshake', act: 1 } }]);
  });

  it('when a byte is changed after the handshake; what came before it is delivered', () => {
    const { a, b, flow } = join(alice, bob);
    flow();
    const first = a.session.send(stfu(1), 0).send;
    const second = a.session
      .send(stfu(2), 0)
      .send.map((bytes) => bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte)));
    expect(b.session.receive(concatBytes(...first, ...second), 0).events).toEqual([
      { tag: 'message', message: stfu(1), length: 35 },
      { tag: 'closed', reason: { code: 'decrypt', part: 'message' } },
    ]);
    expect(b.session.receive(first[0] ?? new Uint8Array(0), 0)).toEqual({ send: [], events: [] });
  });

  it('when it stays silent', () => {
    const { session } = PeerSession.dial(alice, bob.identity.publicKey, 0);
    const due = session.nextTickAt ?? 0;
    expect(session.tick(due - 1).events).toEqual([]);
    expect(session.tick(due).events).toEqual([
      { tag: 'closed', reason: { code: 'silent', waitingFor: 'handshake' } },
    ]);
    expect(session.nextTickAt).toBeNull();
  });

  it('when a message is shorter than a type', () => {
    const { a, b, flow, take } = join(alice, bob);
    flow();
    take(a, b, a.session.send({ name: 'unknown', type: 0x8000, payload: new Uint8Array(0) }, 0));
    flow();
    expect(b.events.at(-1)).toMatchObject({ tag: 'closed', reason: { code: 'violation' } });
    // The other side hears why.
    expect(a.events.at(-1)).toMatchObject({ tag: 'message', message: { name: 'warning' } });
  });
});
