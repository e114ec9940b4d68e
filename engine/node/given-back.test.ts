import { expect, it } from 'vitest';
import { channelId, nodeId } from '../base/ids.ts';
import { msat, sat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { GivenBack } from './given-back.ts';
import { PaymentDesk, type PaymentDeskCore } from './payment-desk.ts';
import { Turn } from './turn.ts';

const PEER = nodeId(`02${'11'.repeat(32)}`);
const OTHER = nodeId(`02${'22'.repeat(32)}`);
const CHANNEL = channelId('33'.repeat(32));

const back: ChannelCommand = { tag: 'fail-htlc', id: 0n, reason: new Uint8Array(0) };
const malformed: ChannelCommand = {
  tag: 'fail-malformed-htlc',
  id: 0n,
  onionHash: new Uint8Array(32),
  failureCode: 1,
};
const claim: ChannelCommand = { tag: 'fulfill-htlc', id: 0n, preimage: new Uint8Array(32) };

/** A desk that says so often what becomes of an HTLC of so many millisatoshis over a channel with PEER. */
function stage() {
  const seen = { now: 0, commands: 0 };
  const givenBack = new GivenBack({ monotonicMs: () => seen.now });
  let htlc = { add: { amount: msat(0) }, removal: null as object | null };
  const params = { remote: { dustLimit: sat(354) } };
  const channel = { peerId: PEER, state: { durable: { params, ledger: { incoming: { get: () => htlc } } } } };
  const core = { givenBack, channels: { get: () => channel, command: () => void seen.commands++ } };
  const desk = new PaymentDesk({
    ...core,
    options: { clock: { monotonicMs: () => seen.now } },
  } as unknown as PaymentDeskCore);
  const say = (times: number, command: ChannelCommand, amount = 354_000, removal: object | null = null) => {
    htlc = { add: { amount: msat(amount) }, removal };
    for (let i = 0; i < times; i++)
      desk.apply(new Turn(), {
        commit: [],
        after: [{ tag: 'command', channelId: CHANNEL, command }],
      });
    return givenBack.isTooMuch(PEER);
  };
  return { say, seen, givenBack };
}

it('takes 4,000 HTLCs of a peer that are given back, and then four in a second', () => {
  const { say, seen, givenBack } = stage();
  expect(say(3_000, back)).toBe(false);
  expect(say(1_000, malformed)).toBe(false);
  expect(say(1, back)).toBe(true);
  expect(givenBack.isTooMuch(OTHER)).toBe(false);
  // Those that were on their way by then are given back all the same, and have to be made good.
  expect(say(99, back)).toBe(true);
  seen.now += 24_000;
  expect(say(0, back)).toBe(true);
  seen.now += 1_000;
  expect(say(0, back)).toBe(false);
  expect(say(1, back)).toBe(true);
  expect(seen.commands).toBe(4_101);
});

it('counts no payment that is claimed, none that leaves no record, and none twice', () => {
  const { say, seen } = stage();
  expect(say(20_000, claim)).toBe(false);
  expect(say(20_000, back, 353_999)).toBe(false);
  expect(say(20_000, back, 354_000, { tag: 'fail' })).toBe(false);
  expect(seen.commands).toBe(60_000);
  expect(say(4_001, back)).toBe(true);
});
