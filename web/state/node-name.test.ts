import { expect, it } from 'vitest';
import { channel, nodeIdOf } from '../testkit/snapshots.ts';
import { nodeName, payeeName } from './node-name.ts';

const [ADA, SHOP, STRANGER] = [nodeIdOf(1), nodeIdOf(2), nodeIdOf(3)];
const known = {
  peers: [
    {
      nodeId: ADA,
      alias: 'Ada',
      host: '127.0.0.1',
      port: 9735,
      state: 'connected' as const,
      persisted: true,
      lastError: null,
    },
  ],
  channels: [channel(1, 'ready', 5n, 5n, { peerNodeId: SHOP, peerAlias: 'Corner shop' })],
};

it('a peer is called as we know it, whatever the map calls it, and others as the map does', () => {
  expect(nodeName(known, ADA, 'Somebody else')).toBe('Ada');
  expect(nodeName(known, SHOP, 'Somebody else')).toBe('Corner shop');
  expect(nodeName(known, STRANGER, 'River crossing')).toBe('River crossing');
  expect(nodeName({ peers: null, channels: null }, STRANGER, 'River crossing')).toBe('River crossing');
  expect(nodeName(known, STRANGER)).toBeNull();
  expect(nodeName(known, STRANGER, ' ')).toBeNull();
});

it.each(['Ada', 'ADA', ' áda. ', 'Ａｄａ', 'corner-shop', 'You', 'you!', 'Receiver'])(
  'a stranger that calls itself %j stands by its id: the name is taken',
  (told) => {
    expect(nodeName(known, STRANGER, told)).toBeNull();
  },
);

it('a sign alone is a name, and is like no other', () => {
  expect(nodeName(known, STRANGER, '⚡')).toBe('⚡');
});

it('who is to be paid stands by the name and the ends of the id', () => {
  expect(payeeName(known, STRANGER, 'River crossing')).toBe(
    `River crossing · ${STRANGER.slice(0, 6)}…${STRANGER.slice(-6)}`,
  );
  expect(payeeName(known, STRANGER, 'Ada')).toBe(`${STRANGER.slice(0, 6)}…${STRANGER.slice(-6)}`);
});
