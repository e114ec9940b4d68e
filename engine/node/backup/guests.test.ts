import { beforeEach, expect, it } from 'vitest';
import { nodeId, type NodeId } from '../../base/ids.ts';
import { blockHeight } from '../../base/units.ts';
import { ManualClock } from '../../testkit/manual-clock.ts';
import { MAX_PEER_STORAGE_BLOB } from '../../wire/peer-storage.ts';
import { Turn } from '../turn.ts';
import { Guests, MOST_GUESTS, MOST_WITHOUT_FUNDING, type GuestPorts } from './guests.ts';

type Channels = ReturnType<GuestPorts['channelWith']>;
const peer = (number: number): NodeId => nodeId(`02${number.toString(16).padStart(64, '0')}`);
const blob = (length: number, byte = 1): Uint8Array => new Uint8Array(length).fill(byte);

let clock: ManualClock;
let guests: Guests;
/** Puts of what is kept, and removals, by what the disk was told. */
let written: number;
const channels = new Map<NodeId, Channels>();

function inTurn(run: (turn: Turn) => void): void {
  const turn = new Turn();
  run(turn);
  written += turn.writes.length;
}
const give = (who: NodeId, given: Uint8Array): void => inTurn((turn) => guests.take(turn, who, given));

beforeEach(() => {
  clock = new ManualClock();
  written = 0;
  channels.clear();
  guests = new Guests(
    {
      clock,
      driver: { submit: (input) => inTurn(input) },
      channelWith: (who) => channels.get(who) ?? 'none',
    },
    [],
  );
});

it('of one peer: one blob of 65,531 bytes, written once a minute however often it comes', () => {
  channels.set(peer(1), 'funded');
  give(peer(1), blob(MAX_PEER_STORAGE_BLOB + 1));
  expect([guests.count, written]).toEqual([0, 0]);
  give(peer(1), blob(MAX_PEER_STORAGE_BLOB));
  for (let i = 0; i < 1_000; i++) give(peer(1), blob(8, i));
  expect([guests.count, written, clock.waiting]).toEqual([1, 1, 1]);
  // The latest is what it gets back, saved or not.
  expect(guests.blobOf(peer(1))).toEqual(blob(8, 999));
  clock.advance(60_000);
  expect([guests.count, written, clock.waiting]).toEqual([1, 2, 0]);
  expect(guests.blobOf(peer(1))).toEqual(blob(8, 999));
});

it('of all peers: so many, none without a channel, and channels in no block take a part of the places only', () => {
  give(peer(0), blob(8));
  expect(guests.count).toBe(0);
  for (let i = 1; i <= 1_000; i++) {
    channels.set(peer(i), 'pending');
    give(peer(i), blob(8));
  }
  expect(guests.count).toBe(MOST_WITHOUT_FUNDING);
  for (let i = 2_001; i <= 2_500; i++) {
    channels.set(peer(i), 'funded');
    give(peer(i), blob(8));
  }
  expect([guests.count, written]).toEqual([MOST_GUESTS, MOST_GUESTS]);
  expect(guests.blobOf(peer(2_001))).toEqual(blob(8));
  expect(guests.blobOf(peer(2_500))).toBeNull();
  // Who is kept is kept up to date.
  clock.advance(61_000);
  give(peer(2_001), blob(8, 2));
  expect(guests.blobOf(peer(2_001))).toEqual(blob(8, 2));
});

it('is kept for two weeks after the last channel, then its place is free', () => {
  channels.set(peer(1), 'funded');
  give(peer(1), blob(8));
  channels.delete(peer(1));
  const at = (height: number): void => inTurn((turn) => guests.onHeight(turn, blockHeight(height)));
  at(1_000);
  at(1_000 + 2_015);
  expect(guests.blobOf(peer(1))).toEqual(blob(8));
  at(1_000 + 2_016);
  expect([guests.count, guests.blobOf(peer(1))]).toEqual([0, null]);
});
