import { describe, expect, it } from 'vitest';
import { nodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { msat } from '../base/units.ts';
import { negateSecret } from '../crypto/secp256k1.ts';
import { announcementBy, announcer, nodeBy, scidAtPlace, updateBy } from '../testkit/signed-gossip.ts';
import { decodeMessage, encodeMessage, type KnownMessage } from '../wire/wire-message.ts';
import { isSignedChannel, isSignedNode, isSignedUpdate } from './verify-gossip.ts';

const { genesisHash } = NETWORKS.regtest;
const scid = scidAtPlace(110, 1, 0);
const [alice, bob, mallory] = [announcer('alice'), announcer('bob'), announcer('mallory')];
const later = Uint8Array.of(1, 2, 3);

const travelled = <M extends KnownMessage>(message: M): M => {
  const decoded = decodeMessage(encodeMessage(message));
  if (!decoded.ok) throw new Error(decoded.error.code);
  return decoded.value as M;
};

describe('channel_announcement', () => {
  const sound = announcementBy(genesisHash, scid, alice, bob);

  it('needs four signatures, over fields of the future too', () => {
    expect(isSignedChannel(travelled(sound))).toBe(true);
    const longer = announcementBy(genesisHash, scid, alice, bob, { extension: later });
    expect(isSignedChannel(travelled(longer))).toBe(true);
    expect(isSignedChannel({ ...longer, extension: new Uint8Array() })).toBe(false);
  });

  it.each(['nodeSignature1', 'nodeSignature2', 'bitcoinSignature1', 'bitcoinSignature2'] as const)(
    'of which %s may not be another',
    (name) => {
      const other = announcementBy(genesisHash, scid, alice, mallory);
      expect(isSignedChannel({ ...sound, [name]: other[name] })).toBe(false);
      expect(isSignedChannel({ ...sound, [name]: new Uint8Array(64) })).toBe(false);
    },
  );

  it('by keys that are points', () => {
    expect(isSignedChannel({ ...sound, nodeId1: nodeId(`02${'ff'.repeat(32)}`) })).toBe(false);
    expect(isSignedChannel({ ...sound, bitcoinKey2: mallory.bitcoinKey })).toBe(false);
  });
});

describe('channel_update', () => {
  const sound = updateBy(genesisHash, scid, alice, bob, 1_000, { extension: later });

  it('is signed by the node of its direction', () => {
    expect(isSignedUpdate(travelled(sound), alice.id)).toBe(true);
    expect(isSignedUpdate(sound, bob.id)).toBe(false);
    expect(isSignedUpdate({ ...sound, htlcMaximum: msat(1) }, alice.id)).toBe(false);
  });

  it('is not taken with the other S', () => {
    const { signature } = sound;
    const high = Uint8Array.of(...signature.slice(0, 32), ...negateSecret(signature.slice(32)));
    expect(isSignedUpdate({ ...sound, signature: high }, alice.id)).toBe(false);
  });
});

describe('node_announcement', () => {
  it('is signed by the node it names', () => {
    const sound = nodeBy(alice, 1_000, 'alice', { extension: later });
    expect(isSignedNode(travelled(sound))).toBe(true);
    expect(isSignedNode({ ...sound, nodeId: bob.id })).toBe(false);
    expect(isSignedNode({ ...sound, nodeId: nodeId(`03${'ff'.repeat(32)}`) })).toBe(false);
    expect(isSignedNode({ ...sound, alias: new Uint8Array(32) })).toBe(false);
  });
});
