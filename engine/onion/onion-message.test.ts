import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Scid } from '../base/units.ts';
import { tryEcdh } from '../crypto/secp256k1.ts';
import type { OnionMessage } from '../wire/onion-message.ts';
import { blindPath } from './blinding.ts';
import vector from './fixtures/onion-message.json' with { type: 'json' };
import { blindForMessages, buildOnionMessage, openOnionMessage } from './onion-message.ts';
import { encodeRecipientData, type RecipientData } from './recipient-data.ts';

const ecdhOf = (secret: string) => (point: Uint8Array) => tryEcdh(fromHex(secret), point);
type Hop = (typeof vector.hops)[number];
const [alice, bob, carol, dave] = vector.hops as [Hop, Hop, Hop, Hop];
const SESSION = new Uint8Array(32).fill(5);
const PATH = new Uint8Array(32).fill(6);
const HELLO = { type: 65_537n, value: Uint8Array.of(1, 2, 3) };

const messageTo = (hop: { pathKey: string; packet: string }): OnionMessage => ({
  name: 'onion_message',
  pathKey: fromHex(hop.pathKey),
  packet: fromHex(hop.packet),
});

/** From the first of these hops on, each is told what `data` says. */
function messageAlong(data: readonly RecipientData[], records = [HELLO]): OnionMessage {
  const hops = [bob, carol, dave].slice(0, data.length);
  const { path } = blindPath(
    PATH,
    hops.map(({ nodeId }, i) => ({
      nodeId: fromHex(nodeId),
      data: encodeRecipientData(data[i] ?? {}),
    })),
  );
  const built = buildOnionMessage(SESSION, path, records);
  if (!built.ok) throw new Error('it does not fit');
  return built.value;
}
const openedByBob = (message: OnionMessage) => openOnionMessage(message, ecdhOf(bob.nodeSecret));

describe('an onion message', () => {
  it('of BOLT 4 goes on from hop to hop, and arrives', () => {
    const all = [alice, bob, carol, dave];
    for (const [i, hop] of all.entries()) {
      const opened = openOnionMessage(messageTo(hop), ecdhOf(hop.nodeSecret));
      const next = all[i + 1];
      if (next !== undefined)
        expect(opened).toMatchObject({
          tag: 'forward',
          message: messageTo(next),
          next: { nodeId: next.nodeId },
        });
      else
        expect(opened).toMatchObject({
          tag: 'arrived',
          records: [{ type: 1n, value: fromHex(vector.hello) }],
        });
    }
  });

  it('of ours is read by who it is for, along the way that it was given', () => {
    const pathId = Uint8Array.of(7, 7);
    const path = blindForMessages(PATH, [fromHex(bob.nodeId), fromHex(carol.nodeId)], pathId);
    expect(new Set(path.hops.map(({ encryptedRecipientData }) => encryptedRecipientData.length)).size).toBe(
      1,
    );
    const built = buildOnionMessage(SESSION, path, [HELLO]);
    if (!built.ok) throw new Error('it does not fit');
    expect(built.value.packet).toHaveLength(1366);
    const atBob = openedByBob(built.value);
    if (atBob.tag !== 'forward') throw new Error(atBob.tag);
    expect(atBob.next).toEqual({ nodeId: carol.nodeId });
    expect(openOnionMessage(atBob.message, ecdhOf(carol.nodeSecret))).toEqual({
      tag: 'arrived',
      pathId,
      records: [HELLO],
    });
    // And by nobody else.
    expect(openOnionMessage(built.value, ecdhOf(dave.nodeSecret)).tag).toBe('ignored');
  });

  it('too long for one of 1,366 bytes takes 32,834, and no more', () => {
    const path = blindForMessages(PATH, [fromHex(bob.nodeId)], null);
    const long = (length: number) =>
      buildOnionMessage(SESSION, path, [{ type: 65_537n, value: new Uint8Array(length) }]);
    const built = long(2_000);
    expect(built.ok && built.value.packet.length).toBe(32_834);
    expect(built.ok && openedByBob(built.value)).toMatchObject({ tag: 'arrived', pathId: null });
    expect(long(33_000)).toMatchObject({ ok: false, error: { code: 'onion-too-long' } });
  });

  it('names a channel where it names no node', () => {
    const shortChannelId = 1_105n as Scid;
    expect(openedByBob(messageAlong([{ shortChannelId }, {}]))).toMatchObject({
      tag: 'forward',
      next: { scid: 1_105n },
    });
  });

  it('uses the path key that overrides', () => {
    const nextPathKeyOverride = fromHex(dave.nodeId);
    const opened = openedByBob(
      messageAlong([{ nextNodeId: fromHex(carol.nodeId), nextPathKeyOverride }, {}]),
    );
    expect(opened.tag === 'forward' && toHex(opened.message.pathKey)).toBe(dave.nodeId);
  });

  const nextNodeId = fromHex(carol.nodeId);
  const even = { type: 70n, value: Uint8Array.of(1) };
  it.each<[string, OnionMessage]>([
    ['was changed', { ...messageAlong([{}]), packet: messageAlong([{}]).packet.fill(1, 100, 101) }],
    ['has no bytes', { ...messageAlong([{}]), packet: new Uint8Array(0) }],
    ['comes with a key that is no point', { ...messageAlong([{}]), pathKey: new Uint8Array(33).fill(2) }],
    ['holds an unknown even record', messageAlong([{}], [even])],
    [
      'holds two payloads',
      messageAlong(
        [{}],
        [
          { ...even, type: 64n },
          { ...even, type: 66n },
        ],
      ),
    ],
    ['is to be relayed and names nobody', messageAlong([{}, {}])],
    ['is to be relayed and names a path', messageAlong([{ nextNodeId, pathId: Uint8Array.of(1) }, {}])],
    ['asks for a feature', messageAlong([{ nextNodeId, allowedFeatures: Uint8Array.of(2) }, {}])],
    [
      'comes along a path for payments',
      messageAlong([
        {
          paymentConstraints: { maxCltvExpiry: 9 as never, htlcMinimum: 1n as never },
        },
      ]),
    ],
  ])('that %s is ignored', (_what, message) => {
    expect(openedByBob(message).tag).toBe('ignored');
  });
});
