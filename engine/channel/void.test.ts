import { describe, expect, test } from 'vitest';
import { outPointKey, txId } from '../base/ids.ts';
import { msat } from '../base/units.ts';
import { TwoPeers } from '../testkit/two-peer.ts';
import type { Durable } from './state.ts';
import { watchedAlone } from './void.ts';

const ready = (): TwoPeers => TwoPeers.ready({ push: msat(400_000_000) });

/** The same funding output, of another channel. */
const moved = (durable: Durable, id: string): Durable => {
  const [{ funding, ...first }, ...others] = durable.active;
  const outPoint = { ...funding.outPoint, txId: txId(id) };
  return { ...durable, active: [{ ...first, funding: { ...funding, outPoint } }, ...others] };
};

describe('what a channel that never was had watched', () => {
  const live = ready().bob.durable;

  test('is watched no more where nobody else looks for it', () => {
    expect(watchedAlone(live, []).map(({ tag }) => tag)).toEqual(['confirmed', 'spent']);
    expect(watchedAlone(live, [moved(live, 'ab'.repeat(32))])).toHaveLength(2);
  });

  test('is watched on for another channel that has the same coin', () => {
    expect(watchedAlone(live, [live])).toEqual([]);
  });

  test('is watched on where the coin is watched for the wallet too', () => {
    const [{ funding }] = live.active;
    const staked = new Set([outPointKey(funding.outPoint)]);
    expect(watchedAlone(live, [], staked).map(({ tag }) => tag)).toEqual(['confirmed']);
  });

  test('is watched on where it is an output that a close claims', () => {
    const peers = ready();
    peers.alice.command({ tag: 'force-close' });
    const commitment = peers.alice.published.findLast(({ purpose }) => purpose === 'local-commitment');
    if (commitment === undefined) throw new Error('not published');
    peers.mine(1, [commitment.tx]);
    const { durable } = peers.alice;
    if (durable.phase !== 'closing' || durable.spend === null) throw new Error('not closing');
    const [claim] = peers.alice.demand.open;
    if (claim === undefined) throw new Error('nothing to claim');
    const gone = moved(live, claim.claim.outPoint.txId);
    expect(watchedAlone(gone, [durable]).map(({ tag }) => tag)).not.toContain('spent');
  });
});
