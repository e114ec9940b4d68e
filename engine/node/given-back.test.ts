import { expect, it } from 'vitest';
import { channelId, nodeId } from '../base/ids.ts';
import { blockHeight, msat, sat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { GivenBack, type GivenBackCore } from './given-back.ts';
import { PaymentDesk, type PaymentDeskCore } from './payment-desk.ts';
import { Turn } from './turn.ts';

const PEER = nodeId(`02${'11'.repeat(32)}`);
const OTHER = nodeId(`02${'22'.repeat(32)}`);
const FAR = 100;

type Said = {
  readonly times: number;
  readonly amount?: number;
  readonly expiry?: number;
  readonly of?: string;
};
type Htlc = { readonly add: object; removal: object | null };

/** A desk at height 0 that decides what becomes of HTLCs, and its clock. */
function stage() {
  const seen = { now: 0, given: [] as ChannelCommand[] };
  const alarms: (() => void)[] = [];
  const clock = {
    monotonicMs: () => seen.now,
    after: (_ms: number, run: () => void) => {
      alarms.push(run);
      return () => void alarms.splice(alarms.indexOf(run), 1);
    },
  };
  const channelOf = (id: string, peerId: string) => ({
    id: channelId(id.repeat(32)),
    peerId,
    state: {
      durable: {
        phase: 'normal',
        params: { remote: { dustLimit: sat(354) } },
        ledger: { incoming: new Map<bigint, Htlc>() },
      },
    },
  });
  const channels = new Map(
    [channelOf('33', PEER), channelOf('44', OTHER), channelOf('55', PEER)].map((one) => [
      one.id as string,
      one,
    ]),
  );
  const core = {
    height: blockHeight(0),
    isCurrent: true,
    driver: { submit: (run: (turn: Turn) => void) => run(new Turn()) },
    options: { clock },
    channels: {
      get: (id: string) => channels.get(id),
      command: (
        _turn: Turn,
        channel: ReturnType<typeof channelOf>,
        command: Extract<ChannelCommand, { id: bigint }>,
      ) => {
        seen.given.push(command);
        const htlc = channel.state.durable.ledger.incoming.get(command.id);
        if (htlc !== undefined) htlc.removal = command;
      },
    },
    givenBack: null as GivenBack | null,
  };
  core.givenBack = new GivenBack(core as unknown as GivenBackCore);
  const desk = new PaymentDesk(core as unknown as PaymentDeskCore);
  let id = 0n;
  const decide = (
    command: (id: bigint) => ChannelCommand,
    { times, amount = 354_000, expiry = FAR, of = '33' }: Said,
  ) => {
    for (let i = 0; i < times; i++) {
      const { id: name, state } = channels.get(of.repeat(32))!;
      state.durable.ledger.incoming.set(id, {
        add: { amount: msat(amount), cltvExpiry: expiry },
        removal: null,
      });
      desk.apply(new Turn(), {
        commit: [],
        after: [{ tag: 'command', channelId: name, command: command(id++) }],
      });
    }
  };
  /** So many seconds pass; what was given back meanwhile. */
  const pass = (seconds: number): number => {
    const before = seen.given.length;
    for (let i = 0; i < seconds; i++) {
      seen.now += 1_000;
      for (const run of alarms.splice(0)) run();
    }
    return seen.given.length - before;
  };
  const mined = (height: number): void => void (core.height = blockHeight(height));
  const shutDown = (of: string): void =>
    void (channels.get(of.repeat(32))!.state.durable.phase = 'shutting-down');
  const notCurrent = (): void => void (core.isCurrent = false);
  return { decide, pass, mined, shutDown, notCurrent, seen, channels, alarms, desk };
}

const back = (id: bigint): ChannelCommand => ({ tag: 'fail-htlc', id, reason: new Uint8Array(0) });
const malformed = (id: bigint): ChannelCommand => ({
  tag: 'fail-malformed-htlc',
  id,
  onionHash: new Uint8Array(32),
  failureCode: 1,
});
const claim = (id: bigint): ChannelCommand => ({ tag: 'fulfill-htlc', id, preimage: new Uint8Array(32) });

it('gives 4,000 HTLCs of a peer back at once, then four in a second, and holds the others', () => {
  const { decide, pass, seen } = stage();
  decide(back, { times: 3_000 });
  decide(malformed, { times: 1_001 });
  expect(seen.given).toHaveLength(4_001);
  decide(back, { times: 100 });
  decide(back, { times: 1, of: '44' });
  expect(seen.given).toHaveLength(4_002);
  expect(pass(10)).toBe(40);
  expect(pass(14)).toBe(56);
  expect(pass(1)).toBe(4);
  expect(pass(1)).toBe(0);
});

it('holds none until its peer would close the channel over it: the soonest expiry first, and at once with three blocks left', () => {
  const { decide, pass, mined, seen } = stage();
  decide(back, { times: 4_001 });
  decide(back, { times: 483, expiry: 50 });
  decide(back, { times: 4, expiry: 6 });
  decide(back, { times: 1, expiry: 4 });
  expect(seen.given).toHaveLength(4_001);
  expect(pass(1)).toBe(4);
  expect(seen.given.slice(-4)).toMatchObject([
    { id: 4_488n },
    { id: 4_484n },
    { id: 4_485n },
    { id: 4_486n },
  ]);
  // All of them at once, far from what the rate has.
  mined(47);
  expect(pass(1)).toBe(484);
  decide(back, { times: 1, expiry: 50 });
  expect(seen.given).toHaveLength(4_490);
});

it('holds none that expires at once, none that a closing channel waits for, and none while nobody knows how high the chain is', () => {
  const { decide, pass, shutDown, notCurrent, seen } = stage();
  decide(back, { times: 9_000, expiry: 3 });
  expect(seen.given).toHaveLength(9_000);
  decide(back, { times: 100 });
  decide(back, { times: 20, of: '55' });
  // What went in haste is not owed for: others have their four in a second, however much it was.
  expect(pass(2)).toBe(8);
  shutDown('55');
  expect(pass(1)).toBe(24);
  decide(back, { times: 1, of: '55' });
  expect(seen.given).toHaveLength(9_033);
  notCurrent();
  expect(pass(1)).toBe(88);
});

it('counts no payment that is claimed, none that leaves no record, and none twice', () => {
  const { decide, pass, seen, channels, desk } = stage();
  decide(claim, { times: 20_000 });
  decide(back, { times: 20_000, amount: 353_999 });
  decide(back, { times: 4_002 });
  expect(seen.given).toHaveLength(44_001);
  // What was given back already, and is said again, goes on to its channel.
  for (let i = 0; i < 10; i++)
    desk.apply(new Turn(), {
      commit: [],
      after: [{ tag: 'command', channelId: channelId('33'.repeat(32)), command: back(40_000n) }],
    });
  expect(seen.given).toHaveLength(44_011);
  // What is held, and the chain has settled meanwhile.
  channels.get('33'.repeat(32))!.state.durable.ledger.incoming.clear();
  expect(pass(5)).toBe(0);
  decide(back, { times: 6 });
  expect(seen.given).toHaveLength(44_017);
});

it('looks no more once the node stops', () => {
  const { decide, pass, desk, alarms } = stage();
  decide(back, { times: 4_010 });
  expect(alarms).toHaveLength(1);
  desk.stop();
  expect(alarms).toHaveLength(0);
  expect(pass(10)).toBe(0);
});
