import { expect, it } from 'vitest';
import { timestamp } from '../base/units.ts';
import { announcer, nodeBy } from '../testkit/signed-gossip.ts';
import { PeerQueues } from './peer-queues.ts';

const [a, b, c] = [announcer('a'), announcer('b'), announcer('c')];
const message = nodeBy(a, 1, '');

it('peers take turns, however much one of them says', () => {
  const queues = new PeerQueues();
  for (let i = 0; i < 1_000; i++) queues.add(a.id, { ...message, timestamp: timestamp(i) });
  queues.add(b.id, message);
  queues.add(b.id, message);
  const order = Array.from({ length: 6 }, () => queues.next()?.peer);
  expect(order).toEqual([a.id, b.id, a.id, b.id, a.id, a.id]);
  expect(queues.size).toBe(996);
  const times = Array.from({ length: 996 }, () => queues.next()?.message);
  expect(times.map((one) => (one?.name === 'node_announcement' ? one.timestamp : -1))).toEqual(
    Array.from({ length: 996 }, (_, i) => i + 4),
  );
  expect(queues.next()).toBeNull();
  expect(queues.size).toBe(0);
});

it('what waits has an end, of one and of all', () => {
  const queues = new PeerQueues();
  const taken = (peer: typeof a): number => {
    let count = 0;
    while (queues.add(peer.id, message)) count++;
    return count;
  };
  expect([taken(a), taken(b), taken(c)]).toEqual([5_000, 5_000, 0]);
  queues.drop(a.id);
  expect(queues.size).toBe(5_000);
  expect(taken(c)).toBe(5_000);
  expect(queues.waitingOf(a.id)).toBe(0);
});

it('one that is far longer than any honest one does not wait: 65 kB each of ten thousand are more than there is', () => {
  const queues = new PeerQueues();
  for (const field of ['features', 'addresses', 'extension'])
    expect(queues.add(a.id, { ...message, [field]: new Uint8Array(4_097) }), field).toBe(false);
  expect(
    queues.add(a.id, { ...message, features: new Uint8Array(1_000), extension: new Uint8Array(3_000) }),
  ).toBe(true);
  expect(queues.size).toBe(1);
});
