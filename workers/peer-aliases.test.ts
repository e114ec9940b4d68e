import { expect, it } from 'vitest';
import type { Snapshots } from '../engine/node/api.ts';
import { withAliases } from './peer-aliases.ts';

const OURS = `02${'ab'.repeat(32)}`;
const OTHER = `03${'cd'.repeat(32)}`;
const offered = [{ alias: 'Corner shop', nodeId: OURS, host: '127.0.0.1', port: 9735 }];

it('names the peers that the configuration names, whatever they call themselves, and leaves the names of others', () => {
  const channels = [
    { peerNodeId: OURS, peerAlias: null },
    { peerNodeId: OTHER, peerAlias: null },
    { peerNodeId: OURS, peerAlias: 'Its own' },
    { peerNodeId: OTHER, peerAlias: 'Its own' },
  ] as unknown as Snapshots['channels'];
  expect(withAliases('channels', channels, offered).map(({ peerAlias }) => peerAlias)).toEqual([
    'Corner shop',
    null,
    'Corner shop',
    'Its own',
  ]);
  const peers = [{ nodeId: OURS, alias: null }] as unknown as Snapshots['peers'];
  expect(withAliases('peers', peers, offered).map(({ alias }) => alias)).toEqual(['Corner shop']);
});

it('leaves the rest alone', () => {
  const payments = { payments: [], next: null };
  expect(withAliases('payments', payments, offered)).toBe(payments);
});
