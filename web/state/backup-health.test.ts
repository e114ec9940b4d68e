import { expect, test } from 'vitest';
import { NOW, backup, backupPeer } from '../testkit/snapshots.ts';
import { healthOf, type Health } from './backup-health.ts';

const at = (days: number): number => NOW - days * 86_400;
const calm = {
  wordsConfirmed: true,
  isKept: true,
  folder: 'none',
  now: NOW,
} satisfies Parameters<typeof healthOf>[1];
type Circumstances = Partial<Parameters<typeof healthOf>[1]>;
const channels = { counter: 5, channels: 1 };
const withPeer = { ...channels, peers: [backupPeer(0)] };

test.each<readonly [string, Parameters<typeof backup>[0], Circumstances, Health['next']]>([
  ['no words yet', withPeer, { wordsConfirmed: false }, 'words'],
  ['no channels: words are all', { counter: 5 }, { isKept: false }, null],
  ['channels and no copy anywhere', channels, {}, 'file'],
  [
    'a peer that lost it is no copy',
    { ...channels, peers: [backupPeer(0, { state: 'missing' })] },
    {},
    'file',
  ],
  [
    'a peer that keeps the copy of another device is no copy',
    { ...channels, peers: [backupPeer(0, { state: 'shared', sent: null })] },
    {},
    'file',
  ],
  ['a peer keeps it', withPeer, {}, null],
  ['a peer keeps it, and the browser may forget', withPeer, { isKept: false }, 'unkept'],
  ['the newest is in a file', { ...channels, file: { counter: 5, at: at(1) } }, { isKept: false }, null],
  ['a file of yesterday', { ...channels, file: { counter: 4, at: at(1) } }, {}, null],
  ['a file of last month', { ...channels, file: { counter: 4, at: at(30) } }, {}, 'stale'],
  [
    'a folder that the browser took back, and a peer',
    { ...withPeer, file: { counter: 4, at: at(1) } },
    { folder: 'ask' },
    'ask',
  ],
  ['a folder in which nothing can be written', { ...withPeer, file: null }, { folder: 'failed' }, 'failed'],
  [
    'a folder that the browser took back, and nothing has changed since',
    { ...channels, file: { counter: 5, at: at(30) } },
    { folder: 'ask' },
    null,
  ],
  [
    'a folder that is written to',
    { ...withPeer, file: { counter: 4, at: at(1) } },
    { folder: 'ready' },
    null,
  ],
  ['a file of last month, and a peer', { ...withPeer, file: { counter: 4, at: at(30) } }, {}, null],
])('%s', (_, details, circumstances, next) => {
  expect(healthOf(backup(details), { ...calm, ...circumstances }).next).toBe(next);
});

test('a file lacks what waits for the next backup', () => {
  const file = { counter: 5, at: at(0) };
  expect(healthOf(backup({ ...channels, file }), calm).isFileCurrent).toBe(true);
  expect(healthOf(backup({ ...channels, file, isBehind: true }), calm).isFileCurrent).toBe(false);
});
