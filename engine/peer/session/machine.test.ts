import { describe, expect, it } from 'vitest';
import { channelId } from '../../base/ids.ts';
import { NETWORKS } from '../../base/network.ts';
import { err, ok } from '../../base/result.ts';
import type { Init } from '../../wire/connection.ts';
import { DEFAULT_FEATURES, featuresFor, withBits } from '../../wire/features.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import { newSession, transition } from './machine.ts';
import { nextTickAt } from './on-tick.ts';
import { DEFAULT_TIMING, type SessionEffect, type SessionEnv, type SessionState } from './state.ts';

const timing = DEFAULT_TIMING;
const env: SessionEnv = {
  now: 1_000,
  features: featuresFor('I', DEFAULT_FEATURES),
  chains: [NETWORKS.regtest.genesisHash],
  remoteAddress: null,
  isCustom: (type) => type === 37_913 || type === 40_000,
  timing,
};
const at = (now: number): SessionEnv => ({ ...env, now });
const theirs: Init = { name: 'init', globalFeatures: new Uint8Array(0), features: env.features };

const handshaking = newSession(env);
const greeting = transition(handshaking, { tag: 'established' }, env).next;
const receive = (state: SessionState, message: WireMessage, when = env) =>
  transition(state, { tag: 'message', message: ok(message) }, when);
const ready = receive(greeting, theirs).next;

const ping = (pongBytes: number): WireMessage => ({
  name: 'ping',
  pongBytes,
  ignored: new Uint8Array(3),
});
const unknown = (type: number): WireMessage => ({ name: 'unknown', type, payload: new Uint8Array(1) });

/** Closed after a warning, with this reason and for a rule that holds these words. */
function expectRefusal(after: readonly SessionEffect[], code: string, words: string): void {
  expect(after.map((effect) => effect.tag)).toEqual(['send', 'close']);
  expect(after[0]).toMatchObject({ message: { name: 'warning', channelId: '00'.repeat(32) } });
  expect(after[1]).toMatchObject({ reason: { code } });
  expect(JSON.stringify(after[1])).toContain(words);
}

describe('init', () => {
  it('is the first thing said', () => {
    const step = transition(handshaking, { tag: 'established' }, env);
    expect(step.commit).toEqual([]);
    expect(step.after).toEqual([
      {
        tag: 'send',
        message: {
          name: 'init',
          globalFeatures: new Uint8Array(0),
          features: env.features,
          networks: env.chains,
        },
      },
    ]);
  });

  it('tells an incoming peer its address', () => {
    const remoteAddress = Uint8Array.of(1, 203, 0, 113, 7, 0x26, 0x07);
    const step = transition(handshaking, { tag: 'established' }, { ...env, remoteAddress });
    expect(step.after[0]).toMatchObject({ message: { remoteAddress } });
  });

  it('is waited for before anything else is sent', () => {
    const stfu: WireMessage = { name: 'stfu', channelId: channelId('11'.repeat(32)), initiator: 1 };
    const held = transition(greeting, { tag: 'send', message: stfu }, env);
    expect(held.after).toEqual([]);
    expect(receive(held.next, theirs).after.map((effect) => effect.tag)).toEqual(['ready', 'send']);
    expect(receive(held.next, theirs).after[1]).toEqual({ tag: 'send', message: stfu });
    expect(transition(ready, { tag: 'send', message: stfu }, env).after).toEqual([
      { tag: 'send', message: stfu },
    ]);
  });

  it('combines the two feature maps into one', () => {
    const init: Init = { ...theirs, globalFeatures: withBits([13]), features: withBits([1, 15, 17]) };
    const { after } = receive(greeting, init);
    expect(after).toEqual([
      {
        tag: 'ready',
        remoteInit: { ...init, globalFeatures: new Uint8Array(0), features: withBits([1, 13, 15, 17]) },
      },
    ]);
  });

  it.each([
    ['an unknown odd bit', { ...theirs, features: withBits([0, 1001]) }],
    ['no networks', theirs],
    [
      'our chain among others',
      { ...theirs, networks: [NETWORKS.signet.genesisHash, NETWORKS.regtest.genesisHash] },
    ],
  ])('accepts %s', (_name, init) => {
    expect(receive(greeting, init).next.phase).toBe('ready');
  });

  it.each([
    ['an unknown even bit', { ...theirs, features: withBits([1000]) }, 'MUST close the connection'],
    [
      'an unknown even bit in the global map',
      { ...theirs, globalFeatures: withBits([1000]) },
      'feature bit 1000',
    ],
    [
      'a feature without what it needs',
      { ...theirs, features: withBits([51]) },
      'option_zeroconf is set without option_scid_alias',
    ],
    ['another chain', { ...theirs, networks: [NETWORKS.mainnet.genesisHash] }, 'no common chains'],
  ])('refuses %s', (_name, init, words) => {
    const { after, next } = receive(greeting, init);
    expect(next.phase).toBe('closed');
    expectRefusal(after, 'incompatible', words);
  });

  it('with every bit that it has room for is refused as any other', () => {
    const init: Init = { ...theirs, features: new Uint8Array(65_529).fill(0xff) };
    expectRefusal(receive(greeting, init).after, 'incompatible', 'MUST close the connection');
  });

  it('must be the first message', () => {
    expectRefusal(receive(greeting, ping(1)).after, 'violation', 'MUST send `init` as the first');
  });

  it('comes once', () => {
    expectRefusal(receive(ready, theirs).after, 'violation', 'init came twice');
  });

  it('must come in time, as must the handshake', () => {
    expect(nextTickAt(handshaking, env)).toBe(1_000 + timing.greetingMs);
    const late = at(1_000 + timing.greetingMs);
    expect(transition(handshaking, { tag: 'tick' }, at(late.now - 1)).next).toBe(handshaking);
    expect(transition(handshaking, { tag: 'tick' }, late).after).toEqual([
      { tag: 'close', reason: { code: 'silent', waitingFor: 'handshake' } },
    ]);
    expect(transition(greeting, { tag: 'tick' }, late).after).toEqual([
      { tag: 'close', reason: { code: 'silent', waitingFor: 'init' } },
    ]);
  });
});

describe('ping', () => {
  it.each([0, 1, 65_531])('is answered with %i bytes of zeros', (pongBytes) => {
    expect(receive(ready, ping(pongBytes)).after).toEqual([
      { tag: 'send', message: { name: 'pong', ignored: new Uint8Array(pongBytes) } },
    ]);
  });

  it.each([65_532, 65_535])('that asks for %i bytes is ignored', (pongBytes) => {
    expect(receive(ready, ping(pongBytes)).after).toEqual([]);
  });

  it('may come often, but not without end', () => {
    let state = ready;
    let answered = 0;
    for (; answered < 1_000 && state.phase === 'ready'; answered++) state = receive(state, ping(0)).next;
    expect(answered).toBe(101);
    expect(state).toMatchObject({ phase: 'closed', reason: { code: 'violation' } });
  });

  it('at a bearable pace never ends the session', () => {
    let state = ready;
    for (let second = 1; second < 300; second++)
      for (let i = 0; i < 5; i++) state = receive(state, ping(0), at(1_000 + 1000 * second)).next;
    expect(state.phase).toBe('ready');
  });

  it('goes out when the peer is quiet, and any answer will do', () => {
    const due = 1_000 + timing.pingAfterMs;
    expect(nextTickAt(ready, env)).toBe(due);
    expect(transition(ready, { tag: 'tick' }, at(due - 1)).after).toEqual([]);
    const pinged = transition(ready, { tag: 'tick' }, at(due));
    expect(pinged.after).toMatchObject([
      { tag: 'send', message: { name: 'ping', ignored: new Uint8Array(0) } },
    ]);
    expect(nextTickAt(pinged.next, env)).toBe(due + timing.pongWithinMs);
    const heard = receive(pinged.next, { name: 'pong', ignored: new Uint8Array(0) }, at(due + 50));
    expect(heard.after).toEqual([]);
    expect(nextTickAt(heard.next, env)).toBe(due + 50 + timing.pingAfterMs);
  });

  it('without an answer ends the connection', () => {
    const due = 1_000 + timing.pingAfterMs;
    const pinged = transition(ready, { tag: 'tick' }, at(due)).next;
    expect(transition(pinged, { tag: 'tick' }, at(due + timing.pongWithinMs)).after).toEqual([
      { tag: 'close', reason: { code: 'silent', waitingFor: 'pong' } },
    ]);
  });

  it('is not needed while the peer speaks', () => {
    const heard = receive(ready, unknown(40_001), at(20_000)).next;
    expect(nextTickAt(heard, env)).toBe(20_000 + timing.pingAfterMs);
  });
});

describe('probe', () => {
  const { probeWithinMs } = timing;

  it('pings at once and waits a short while', () => {
    const probed = transition(ready, { tag: 'probe' }, at(2_000));
    expect(probed.after).toMatchObject([{ message: { name: 'ping' } }]);
    expect(nextTickAt(probed.next, env)).toBe(2_000 + probeWithinMs);
  });

  it('shortens the wait for a pong that is out, never lengthens it', () => {
    const due = 1_000 + timing.pingAfterMs;
    const pinged = transition(ready, { tag: 'tick' }, at(due)).next;
    const soon = transition(pinged, { tag: 'probe' }, at(due + 1));
    expect(soon.after).toEqual([]);
    expect(nextTickAt(soon.next, env)).toBe(due + 1 + probeWithinMs);
    const again = transition(soon.next, { tag: 'probe' }, at(due + 2));
    expect(nextTickAt(again.next, env)).toBe(due + 1 + probeWithinMs);
  });

  it('after a long sleep finds the time up', () => {
    const probed = transition(ready, { tag: 'probe' }, at(2_000)).next;
    expect(transition(probed, { tag: 'probe' }, at(9_999_999)).after).toEqual([
      { tag: 'close', reason: { code: 'silent', waitingFor: 'pong' } },
    ]);
    expect(transition(greeting, { tag: 'probe' }, env).after).toEqual([]);
  });
});

describe('messages', () => {
  it('of a known kind are delivered', () => {
    const warning: WireMessage = {
      name: 'warning',
      channelId: channelId('00'.repeat(32)),
      data: new Uint8Array(0),
    };
    expect(receive(ready, warning).after).toEqual([{ tag: 'deliver', message: warning }]);
  });

  it('of an unknown odd type are ignored', () => {
    expect(receive(ready, unknown(40_001)).after).toEqual([]);
  });

  it('of an unknown even type end the connection', () => {
    expectRefusal(receive(ready, unknown(40_002)).after, 'violation', 'even, unknown type: MUST close');
  });

  it.each([37_913, 40_000])('of the custom type %i are delivered', (type) => {
    expect(receive(ready, unknown(type)).after).toEqual([{ tag: 'deliver', message: unknown(type) }]);
  });

  it('that cannot be decoded end the connection, before and after init', () => {
    const error = { code: 'truncated', field: 'open_channel.chain_hash', offset: 3 } as const;
    for (const state of [greeting, ready])
      expectRefusal(
        transition(state, { tag: 'message', message: err(error) }, env).after,
        'violation',
        'truncated at open_channel.chain_hash',
      );
  });
});

describe('the end', () => {
  const reason = { code: 'requested' } as const;
  const closed = transition(ready, { tag: 'close', reason }, env);

  it('is said once', () => {
    expect(closed.after).toEqual([{ tag: 'close', reason }]);
    expect(closed.next).toEqual({ phase: 'closed', reason });
    expect(nextTickAt(closed.next, env)).toBeNull();
  });

  it('nothing happens after it', () => {
    for (const event of [
      { tag: 'established' },
      { tag: 'tick' },
      { tag: 'probe' },
      { tag: 'close', reason },
      { tag: 'send', message: ping(1) },
      { tag: 'message', message: ok(ping(1)) },
    ] as const)
      expect(transition(closed.next, event, at(9_999_999))).toEqual({
        next: closed.next,
        commit: [],
        after: [],
      });
  });
});
