import { expect, it } from 'vitest';
import { blockHeight, feeratePerKw, msat } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../../channel/default-config.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { HostedChannel } from '../channel-host.ts';
import { RESERVE_PER_CHANNEL, reserveWanted, type ReserveCore } from './reserve.ts';

const [FLOOR, DEAR] = [feeratePerKw(253), feeratePerKw(50_000)];
const FEERATES: Feerates = { minimum: FLOOR, background: DEAR, normal: DEAR, urgent: DEAR };

/** Of a wallet with these channels. */
function wantedFor(
  sides: readonly Side[],
  frozen = false,
  more = 0,
  height = Number(sides[0]!.env.height),
  feerates: Feerates = FEERATES,
): bigint {
  const hosted = sides.map(({ state }) => ({ state, frozen }) as unknown as HostedChannel);
  const channels = { all: () => hosted } as unknown as ReserveCore['channels'];
  // Of channels that are closing claims tell.
  const core = { channels, feerates, height: blockHeight(height), demands: new Map() } as const;
  return reserveWanted(core as unknown as ReserveCore, more);
}

it('asks for the usual of each channel, one more to come among them, and no more than four times that', () => {
  const { alice } = TwoPeers.ready();
  expect(wantedFor([alice])).toBe(RESERVE_PER_CHANNEL);
  expect(wantedFor([alice, alice], false, 1)).toBe(3n * RESERVE_PER_CHANNEL);
  expect(wantedFor([alice, alice, alice, alice], false, 5)).toBe(4n * RESERVE_PER_CHANNEL);
});

it('asks for nothing where HTLC transactions pay for themselves', () => {
  const { option_anchors: _, ...plain } = TEST_FEATURES;
  const { alice } = TwoPeers.ready({}, { features: plain }, { features: plain });
  expect(alice.durable.params.type.base).not.toBe('anchors');
  expect(wantedFor([alice])).toBe(0n);
});

it('asks for nothing on account of a channel that a peer has yet to fund', () => {
  const peers = new TwoPeers();
  peers.connect();
  peers.pump();
  peers.open();
  peers.pump();
  expect(peers.bob.durable.active[0].confirmed).toBeNull();
  expect([wantedFor([peers.alice]), wantedFor([peers.bob])]).toEqual([RESERVE_PER_CHANNEL, 0n]);
  expect(wantedFor([TwoPeers.ready().bob])).toBe(RESERVE_PER_CHANNEL);
});

it('asks for more where a payment stands with a peer that is away, or in a channel that is frozen', () => {
  const peers = TwoPeers.ready();
  peers.add(peers.alice, msat(200_000_000));
  peers.pump();
  expect(wantedFor([peers.alice])).toBe(RESERVE_PER_CHANNEL);
  expect(wantedFor([peers.alice], true)).toBeGreaterThan(RESERVE_PER_CHANNEL);
  peers.disconnect();
  expect(wantedFor([peers.alice])).toBeGreaterThan(RESERVE_PER_CHANNEL);
});

it('asks for more where a peer is connected and deaf, as soon as the chain will have to decide soon', () => {
  const peers = TwoPeers.ready();
  const { bob } = peers;
  peers.add(peers.alice, msat(200_000_000), 'one');
  peers.pump();
  const [{ add } = { add: null }] = [...bob.durable.ledger.incoming.values()];
  if (add === null) throw new Error('no HTLC');
  bob.command({ tag: 'fulfill-htlc', id: add.id, preimage: preimageOf('one') });
  const soon = add.cltvExpiry - 2 * DEFAULT_CHANNEL_CONFIG.fulfillSafety;
  expect(wantedFor([bob], false, 0, soon - 1)).toBe(RESERVE_PER_CHANNEL);
  expect(wantedFor([bob], false, 0, soon)).toBeGreaterThan(RESERVE_PER_CHANNEL);
});

it('asks for as much as the dearer of two servers has it, where they are far apart', () => {
  const peers = TwoPeers.ready();
  peers.add(peers.alice, msat(200_000_000));
  peers.pump();
  peers.disconnect();
  const wanted = (feerates: Feerates): bigint => wantedFor([peers.alice], false, 0, undefined, feerates);
  const calm = { minimum: FLOOR, background: FLOOR, normal: FLOOR, urgent: FLOOR };
  const dearer = { urgent: DEAR, background: DEAR, minimum: DEAR };
  expect(wanted(calm)).toBe(RESERVE_PER_CHANNEL);
  expect(wanted({ ...calm, dearer })).toBe(wanted(FEERATES));
  expect(wanted(FEERATES)).toBeGreaterThan(RESERVE_PER_CHANNEL);
});
