import { describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { channelId, type NodeId } from '../base/ids.ts';
import type { SocketHandlers } from '../base/ports.ts';
import { publicKey } from '../crypto/secp256k1.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { describeClose } from './close-reason.ts';
import { PeerConnections } from './connections.ts';
import type { ConnectionId, ConnectOutcome } from './peer.ts';
import { ManualClock } from '../testkit/manual-clock.ts';
import { MemoryNetwork } from '../testkit/memory-network.ts';
import { idOf, seededRandom, sessionConfig } from '../testkit/session-config.ts';
import { PeerSession } from './session.ts';

const stfu: WireMessage = { name: 'stfu', channelId: channelId('11'.repeat(32)), initiator: 1 };

/** The number of one that has a channel with everybody. */
const FRIEND = 7;

/** Nodes 1, 2, … that reach each other by the host names n1, n2, …, and what each of them heard. */
function world() {
  const clock = new ManualClock();
  const network = new MemoryNetwork();
  const node = (number: number, begins = true) => {
    const session = sessionConfig(number);
    const heard: string[] = [];
    const ups: ConnectionId[] = [];
    const messages: WireMessage[] = [];
    const name = (id: NodeId): string => names.get(id) ?? 'stranger';
    const connections: PeerConnections = new PeerConnections({
      dial: network.dial,
      clock,
      random: seededRandom(number + 100),
      session,
      hasChannel: (id) => name(id) === `n${FRIEND}`,
      onUp: (id, _init, connection) => {
        heard.push(`up ${name(id)}`);
        if (begins) connections.begin(id, connection);
        else ups.push(connection);
      },
      onMessage: (_id, message) => messages.push(message),
      onDown: (id, reason) => heard.push(`down ${name(id)}: ${reason.code}`),
      onChange: () => undefined,
    });
    const host = `n${number}`;
    names.set(idOf(session), host);
    network.listen(host, (socket) => connections.accept(socket));
    return { connections, heard, ups, messages, id: idOf(session), address: { host, port: 9735 } };
  };
  const names = new Map<NodeId, string>();
  return { clock, network, node };
}

const outcomes = (): {
  readonly list: ConnectOutcome[];
  readonly done: (outcome: ConnectOutcome) => void;
} => {
  const list: ConnectOutcome[] = [];
  return { list, done: (outcome) => list.push(outcome) };
};

describe('PeerConnections', () => {
  it('connects, carries messages, and hangs up on both sides', () => {
    const { network, node } = world();
    const [a, b] = [node(1), node(2)];
    const { list, done } = outcomes();
    a.connections.connect(b.id, b.address, done);
    expect(a.connections.list()).toMatchObject([{ nodeId: b.id, state: 'connecting' }]);
    expect(a.connections.send(b.id, stfu)).toBe(false);
    network.deliver();
    expect(list).toMatchObject([{ ok: true, value: { name: 'init' } }]);
    expect(a.connections.list()).toMatchObject([{ state: 'connected', kept: false, lastError: null }]);
    expect(a.connections.send(b.id, stfu)).toBe(true);
    expect(b.connections.send(a.id, stfu)).toBe(true);
    network.deliver();
    expect([a.messages, b.messages]).toEqual([[stfu], [stfu]]);
    a.connections.connect(b.id, b.address, done);
    expect(list.length).toBe(2);
    b.connections.disconnect(a.id, { code: 'requested' });
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: ended']);
    expect(b.heard).toEqual(['up n1', 'down n1: requested']);
    expect(a.connections.list()).toEqual([]);
    expect(network.open).toBe(0);
  });

  it('talks to several peers at once', () => {
    const { network, node } = world();
    const [a, ...others] = [node(1), node(2), node(3), node(4)];
    for (const other of others) a?.connections.keep(other.id, other.address);
    network.deliver();
    expect(a?.heard.sort()).toEqual(['up n2', 'up n3', 'up n4']);
    expect(a?.connections.list().map((peer) => peer.state)).toEqual(['connected', 'connected', 'connected']);
  });

  it('says why a dial failed, once, and does not try again unasked', () => {
    const { clock, network, node } = world();
    const a = node(1);
    const stranger = idOf(sessionConfig(9));
    const { list, done } = outcomes();
    a.connections.connect(stranger, { host: 'nowhere', port: 1 }, done);
    network.deliver();
    clock.advance(600_000);
    network.deliver();
    expect(list).toEqual([
      { ok: false, error: { code: 'unreachable', socket: { code: 'refused', detail: 'nowhere' } } },
    ]);
    expect(clock.waiting).toBe(0);
  });

  it('refuses its own id and one that is no point', () => {
    const { node } = world();
    const a = node(1);
    const { list, done } = outcomes();
    a.connections.connect(a.id, a.address, done);
    a.connections.connect(`02${'ff'.repeat(32)}` as NodeId, a.address, done);
    expect(list.map((outcome) => outcome.ok)).toEqual([false, false]);
    expect(a.connections.list()).toEqual([]);
  });

  it('keeps a peer: dials again, ever more slowly, until it is there', () => {
    const { clock, network, node } = world();
    const a = node(1);
    const b = { id: idOf(sessionConfig(2)), address: { host: 'n2', port: 9735 } };
    a.connections.keep(b.id, b.address);
    network.deliver();
    expect(a.connections.list()).toMatchObject([
      {
        state: 'disconnected',
        kept: true,
        lastError: { code: 'unreachable', socket: { code: 'refused', detail: 'n2' } },
      },
    ]);
    for (let second = 0; second < 20; second++) {
      clock.advance(1_000);
      network.deliver();
    }
    node(2);
    clock.advance(60_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2']);
    // It lasted: the next attempt comes soon.
    for (let second = 0; second < 30; second++) {
      clock.advance(1_000);
      network.deliver();
    }
    network.cut();
    clock.advance(1_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: ended', 'up n2']);
  });

  it('an address that leads nowhere does not take the place of the one that a kept peer has', () => {
    const { clock, network, node } = world();
    const a = node(1);
    const b = { id: idOf(sessionConfig(2)), address: { host: 'n2', port: 9735 } };
    a.connections.keep(b.id, b.address);
    network.deliver();
    const { list, done } = outcomes();
    a.connections.connect(b.id, { host: 'nowhere', port: 9735 }, done);
    network.deliver();
    expect(list).toMatchObject([{ ok: false, error: { socket: { detail: 'nowhere' } } }]);
    expect(a.connections.list()).toMatchObject([{ address: b.address }]);
    node(2);
    clock.advance(60_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2']);
  });

  it('one under which the peer was found does, and is tried when another dial has failed', () => {
    const { network, clock, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.keep(b.id, { host: 'moved away', port: 9735 });
    const { list, done } = outcomes();
    a.connections.connect(b.id, b.address, done);
    network.deliver();
    expect(list.map(({ ok }) => ok)).toEqual([true]);
    expect(a.connections.list()).toMatchObject([{ address: b.address, state: 'connected' }]);
    network.cut();
    clock.advance(1_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: ended', 'up n2']);
    a.connections.release(b.id);
    expect(a.connections.list()).toEqual([]);
  });

  it('wakes: probes those that are there, dials the others at once', () => {
    const { clock, network, node } = world();
    const [a, b] = [node(1), node(2)];
    const c = { id: idOf(sessionConfig(3)), address: { host: 'n3', port: 9735 } };
    a.connections.keep(b.id, b.address);
    a.connections.keep(c.id, c.address);
    network.deliver();
    clock.advance(20_000);
    network.deliver();
    node(3);
    a.connections.wake();
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'up n3']);
    // The cable is dead without a word: the probe finds out soon.
    network.stalled = true;
    a.connections.wake();
    clock.advance(5_000);
    expect(a.heard.slice(2)).toEqual(['down n2: silent', 'down n3: silent']);
  });

  it('releases a peer for good', () => {
    const { clock, network, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.keep(b.id, b.address);
    network.deliver();
    a.connections.release(b.id);
    network.deliver();
    clock.advance(600_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: requested']);
    expect(b.heard).toEqual(['up n1', 'down n1: ended']);
    expect(a.connections.list()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('stops: every socket closed, no timer left, nobody let in', () => {
    const { clock, network, node } = world();
    const [a, b, c] = [node(1), node(2), node(3)];
    a.connections.keep(b.id, b.address);
    c.connections.keep(a.id, a.address);
    network.deliver();
    a.connections.stop();
    b.connections.stop();
    c.connections.release(a.id);
    network.deliver();
    expect(network.open).toBe(0);
    expect(clock.waiting).toBe(0);
    c.connections.connect(a.id, a.address, () => undefined);
    network.deliver();
    const { list, done } = outcomes();
    a.connections.connect(c.id, c.address, done);
    expect(list).toEqual([{ ok: false, error: { code: 'requested' } }]);
    expect(a.heard.sort()).toEqual(['down n2: requested', 'down n3: requested', 'up n2', 'up n3']);
  });

  it('drops a peer that does not read what it asks for', () => {
    const { network, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.connect(b.id, b.address, () => undefined);
    network.deliver();
    network.stalled = true;
    const big: WireMessage = { name: 'peer_storage', blob: new Uint8Array(65_531) };
    for (let i = 0; i < 80; i++) a.connections.send(b.id, big);
    expect(a.heard).toEqual(['up n2', 'down n2: not-reading']);
  });
});

describe('a peer that connects twice', () => {
  it('lives on in the newest connection; the old one ends cleanly', () => {
    const { network, clock, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.connect(b.id, b.address, () => undefined);
    network.deliver();
    // B restarts with the same key, and the old socket was never closed.
    const again = node(2);
    clock.advance(1_000);
    again.connections.connect(a.id, a.address, () => undefined);
    clock.advance(20_000);
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: replaced', 'up n2']);
    expect(b.heard).toEqual(['up n1', 'down n1: ended']);
    a.connections.send(b.id, stfu);
    network.deliver();
    expect([b.messages, again.messages]).toEqual([[], [stfu]]);
    expect(network.open).toBe(1);
  });

  it('hears nothing that was meant for the connection before', () => {
    const { network, node } = world();
    const [a, b] = [node(1, false), node(2)];
    a.connections.connect(b.id, b.address, () => undefined);
    network.deliver();
    expect(a.connections.send(b.id, stfu)).toBe(false);
    a.connections.begin(b.id, a.ups[0]!);
    expect(a.connections.send(b.id, stfu)).toBe(true);
    const again = node(2);
    again.connections.connect(a.id, a.address, () => undefined);
    network.deliver();
    expect(a.heard).toEqual(['up n2', 'down n2: replaced', 'up n2']);
    // The node has not come round to the news yet.
    a.connections.begin(b.id, a.ups[0]!);
    expect(a.connections.send(b.id, stfu)).toBe(false);
    a.connections.begin(b.id, a.ups[1]!);
    expect(a.connections.send(b.id, stfu)).toBe(true);
    network.deliver();
    expect(again.messages).toEqual([stfu]);
  });

  it('at the same moment from both sides: both keep the same one', () => {
    const { network, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.keep(b.id, b.address);
    b.connections.keep(a.id, a.address);
    network.deliver();
    expect(network.open).toBe(1);
    expect(a.connections.list()).toMatchObject([{ state: 'connected' }]);
    expect(b.connections.list()).toMatchObject([{ state: 'connected' }]);
    a.connections.send(b.id, stfu);
    b.connections.send(a.id, stfu);
    network.deliver();
    expect([a.messages, b.messages]).toEqual([[stfu], [stfu]]);
  });

  it('answers every caller of connect, whichever connection stays', () => {
    const { network, node } = world();
    const [a, b] = [node(1), node(2)];
    const { list, done } = outcomes();
    a.connections.connect(b.id, b.address, done);
    b.connections.connect(a.id, a.address, done);
    network.deliver();
    expect(list.map((outcome) => outcome.ok)).toEqual([true, true]);
  });
});

describe('hostile peers', () => {
  it('garbage and silence cost their own connection only', () => {
    const { network, clock, node } = world();
    const [a, b] = [node(1), node(2)];
    a.connections.connect(b.id, b.address, () => undefined);
    network.deliver();
    const closed: string[] = [];
    const handlers: SocketHandlers = {
      onOpen: () => undefined,
      onData: () => undefined,
      onClose: ({ code }) => closed.push(code),
    };
    const garbage = network.dial(a.address, handlers);
    network.dial(a.address, handlers);
    network.deliver();
    garbage.send(new Uint8Array(5_000).fill(0x41));
    network.deliver();
    expect(closed).toEqual(['closed']);
    clock.advance(20_000);
    network.deliver();
    expect(closed).toEqual(['closed', 'closed']);
    expect(a.heard).toEqual(['up n2']);
  });

  it('a crowd of those who do not say who they are is shut out, peers are not lost', () => {
    const { network, clock, node } = world();
    const [a, b] = [node(1), node(2)];
    b.connections.keep(a.id, a.address);
    network.deliver();
    let turnedAway = 0;
    for (let i = 0; i < 50; i++)
      network.dial(a.address, {
        onOpen: () => undefined,
        onData: () => undefined,
        onClose: () => turnedAway++,
      });
    network.deliver();
    expect(turnedAway).toBe(18);
    clock.advance(20_000);
    network.deliver();
    expect(turnedAway).toBe(50);
    expect(a.heard).toEqual(['up n2']);
  });

  it('and shuts out nobody who does', () => {
    const { network, node } = world();
    const [a, b] = [node(1), node(2)];
    const silent: SocketHandlers = {
      onOpen: () => undefined,
      onData: () => undefined,
      onClose: () => undefined,
    };
    for (let i = 0; i < 50; i++) network.dial(a.address, silent);
    network.deliver();
    b.connections.connect(a.id, a.address, () => undefined);
    network.deliver();
    expect(a.heard).toEqual(['up n2']);
  });

  it('nor does a crowd of nodes shut out one that has a channel with us', () => {
    const { network, node } = world();
    const a = node(1);
    const secret = new Uint8Array(32);
    for (let i = 1; i <= 501; i++) {
      new DataView(secret.buffer).setUint16(30, i);
      a.connections.keep(toHex(publicKey(secret)) as NodeId, { host: 'nowhere', port: 9735 });
    }
    network.deliver();
    const [stranger, friend] = [node(3), node(FRIEND)];
    stranger.connections.connect(a.id, a.address, () => undefined);
    friend.connections.connect(a.id, a.address, () => undefined);
    network.deliver();
    expect(a.heard).toEqual([`up n${FRIEND}`]);
    expect(stranger.heard).toEqual(['up n1', 'down n1: ended']);
    a.connections.stop();
  });

  it('one that breaks the protocol is told, dropped, and dialled again later', () => {
    const { network, clock, node } = world();
    const a = node(1);
    const evil = sessionConfig(6);
    let session: PeerSession | null = null;
    network.listen('evil', (socket) => {
      const answering = PeerSession.answer(evil, 0);
      session = answering;
      return {
        onOpen: () => undefined,
        onData: (bytes) => {
          const { send, events } = answering.receive(bytes, 0);
          for (const part of send) socket.send(part);
          if (events.some((event) => event.tag === 'ready'))
            for (const part of answering.send(
              { name: 'unknown', type: 40_000, payload: new Uint8Array(9) },
              0,
            ).send)
              socket.send(part);
        },
        onClose: () => undefined,
      };
    });
    a.connections.keep(idOf(evil), { host: 'evil', port: 1 });
    network.deliver();
    expect(a.heard).toEqual(['up stranger', 'down stranger: violation']);
    expect(a.connections.list()).toMatchObject([
      {
        state: 'disconnected',
        lastError: { code: 'violation', violation: { detail: 'unknown message 40000' } },
      },
    ]);
    const first = session;
    clock.advance(1_000);
    network.deliver();
    expect(session).not.toBe(first);
    a.connections.stop();
  });
});

describe('describeClose', () => {
  it('has a line for each reason', () => {
    const violation = { severity: 'disconnect', rule: 'rule', detail: 'detail' } as const;
    const socket = { code: 'proxy-4004', detail: 'no route' };
    expect(
      [
        { code: 'unreachable', socket } as const,
        { code: 'ended', socket } as const,
        { code: 'handshake', act: 2, problem: { code: 'tag' } } as const,
        { code: 'decrypt', part: 'length' } as const,
        { code: 'silent', waitingFor: 'pong' } as const,
        { code: 'incompatible', violation } as const,
        { code: 'violation', violation } as const,
        { code: 'not-reading', buffered: 5 } as const,
        { code: 'replaced' } as const,
        { code: 'crowded' } as const,
        { code: 'requested' } as const,
      ].map(describeClose),
    ).toEqual([
      'unreachable: proxy-4004 no route',
      'ended: proxy-4004 no route',
      'handshake failed in act 2: tag',
      'a length did not decrypt',
      'no pong in time',
      'incompatible: detail',
      'violation: detail',
      '5 bytes waited to be sent',
      'the node connected again',
      'too many incoming connections',
      'disconnected',
    ]);
  });
});
