import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import { publicKey, tryEcdh } from '../crypto/secp256k1.ts';
import { blindPath, type BlindedPath } from '../onion/blinding.ts';
import { blindForMessages, buildOnionMessage, openOnionMessage } from '../onion/onion-message.ts';
import { encodeRecipientData } from '../onion/recipient-data.ts';
import { ManualClock } from '../testkit/manual-clock.ts';
import type { Scid } from '../base/units.ts';
import type { OnionMessage } from '../wire/onion-message.ts';
import { OnionRelay } from './onion-relay.ts';

const secretOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
const idOf = (seed: number): NodeId => nodeId(toHex(publicKey(secretOf(seed))));
const US = 1;
const [us, friend, target] = [idOf(US), idOf(2), idOf(3)];
const SCID = 77n as Scid;
const HELLO = { type: 65_537n, value: Uint8Array.of(1) };

function message(path: BlindedPath, records = [HELLO]): OnionMessage {
  const built = buildOnionMessage(secretOf(9), path, records);
  if (!built.ok) throw new Error('it does not fit');
  return built.value;
}
const along = (...nodes: readonly NodeId[]): BlindedPath =>
  blindForMessages(
    secretOf(8),
    nodes.map((id) => fromHex(id)),
    null,
  );
const toTarget = message(along(us, target));

function stage() {
  const clock = new ManualClock();
  const sent: { readonly to: NodeId; readonly message: OnionMessage }[] = [];
  const relay = new OnionRelay({
    ourId: us,
    ecdh: (point) => tryEcdh(secretOf(US), point),
    clock,
    isFriend: (peerId) => peerId === friend,
    takes: (peerId) => peerId === target,
    peerOf: (scid) => (scid === SCID ? target : null),
    send: (to, onion) => sent.push({ to, message: onion }),
  });
  /** How many of these get through before one is too many. */
  const most = (from: () => NodeId): number => {
    for (let count = 0; ; count++) if (relay.heard(from(), toTarget) === 'too many') return count;
  };
  return { clock, sent, relay, most };
}

describe('onion messages', () => {
  it('go on to who is connected, who can read them', () => {
    const { relay, sent } = stage();
    expect(relay.heard(friend, toTarget)).toBeNull();
    expect(sent.map(({ to }) => to)).toEqual([target]);
    const ecdh = (point: Uint8Array) => tryEcdh(secretOf(3), point);
    expect(openOnionMessage(sent[0]?.message ?? toTarget, ecdh)).toMatchObject({
      tag: 'arrived',
      records: [HELLO],
    });
  });

  it('go on by the name of a channel, and over layers that are all ours', () => {
    const { relay, sent } = stage();
    const { path } = blindPath(secretOf(8), [
      { nodeId: fromHex(us), data: encodeRecipientData({ shortChannelId: SCID }) },
      { nodeId: fromHex(target), data: encodeRecipientData({}) },
    ]);
    expect(relay.heard(friend, message(path))).toBeNull();
    expect(relay.heard(friend, message(along(us, us, us, target)))).toBeNull();
    expect(sent.map(({ to }) => to)).toEqual([target, target]);
    expect(relay.heard(friend, message(along(...Array.from({ length: 9 }, () => us), target)))).toBe(
      'too many layers for us',
    );
  });

  it.each([
    ['to who is not connected, or takes none', message(along(us, friend))],
    ['for another', message(along(target, us))],
    ['for us', message(along(us))],
    ['of no use', { ...toTarget, packet: new Uint8Array(3) }],
    ['longer than any', { ...toTarget, packet: new Uint8Array(32_835) }],
  ])('%s are dropped', (_what, onion) => {
    const { relay, sent } = stage();
    expect(relay.heard(friend, onion)).not.toBeNull();
    expect(sent).toEqual([]);
  });

  it('of strangers together are few, and take nothing from those of who has a channel', () => {
    const { relay, most, clock, sent } = stage();
    expect(most(() => idOf(20))).toBe(10);
    let seed = 30;
    expect(most(() => idOf(seed++))).toBe(10);
    expect(relay.heard(friend, toTarget)).toBeNull();
    expect(sent).toHaveLength(21);
    clock.advance(2_000);
    expect(most(() => idOf(20))).toBe(1);
    // A large one is too much for a stranger at any time.
    const large = message(along(us, target), [{ ...HELLO, value: new Uint8Array(5_000) }]);
    clock.advance(3_600_000);
    expect(relay.heard(idOf(20), large)).toBe('too many');
    expect(relay.heard(friend, large)).toBeNull();
  });
});
