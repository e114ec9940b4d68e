import { expect, test } from 'vitest';
import type { ChannelDetails, ClosingDetails, ClosingOutput } from '../../engine/node/api.ts';
import { channel } from '../testkit/snapshots.ts';
import { channels, channelStates } from '../i18n/en.ts';
import {
  coinsLacked,
  homecoming,
  returnOf,
  standingOf,
  type Act,
  type Homecoming,
  type Return,
} from './closing.ts';

const TIP = 1_000;
const output = (claimableAtHeight: number | null, txId: string | null = null): ClosingOutput => ({
  kind: 'balance',
  amountSat: 300n,
  claimableAtHeight,
  deadlineHeight: null,
  txId,
  missingSat: null,
  isLate: false,
});
const moved = (confirmations: number, receivedSat = 280n): ClosingDetails['transactions'][number] => ({
  txId: 'aa',
  feeSat: 20n,
  receivedSat,
  confirmations,
});
const closing = (change: Partial<ClosingDetails>): ClosingDetails => ({
  kind: 'local-force',
  txId: 'bb',
  confirmations: 1,
  amountSat: 300n,
  feeSat: 10n,
  claimableAtHeight: null,
  leftSat: 0n,
  outputs: [],
  transactions: [],
  ...change,
});

test.each<readonly [string, Partial<ClosingDetails>, Homecoming | null]>([
  ['ours, in no block', { confirmations: 0, outputs: [output(null)] }, 'after-wait'],
  [
    'the peer’s, in no block',
    { confirmations: 0, kind: 'remote-force', outputs: [output(null)] },
    'after-close',
  ],
  ['the delay has begun', { outputs: [output(TIP + 143)] }, 'after-wait'],
  ['the next block may have it', { outputs: [output(TIP + 1)] }, 'moving'],
  ['one is due, one is not', { outputs: [output(TIP + 1), output(TIP + 2)] }, 'after-wait'],
  ['a second stage is on its way', { outputs: [output(TIP + 9, 'cc')] }, 'moving'],
  ['coins are missing', { outputs: [output(TIP + 143), { ...output(TIP), missingSat: 9n }] }, 'after-coins'],
  ['some are, of what is on its way', { outputs: [{ ...output(TIP, 'cc'), missingSat: 9n }] }, 'moving'],
  ['claimed, in no block', { transactions: [moved(0)] }, 'moving'],
  ['claimed', { transactions: [moved(1)] }, 'here'],
  ['nothing was looked at yet', {}, null],
])('how far it has come: %s', (_, change, stage) => {
  expect(homecoming(closing(change), TIP)).toBe(stage);
});

test('coins that are lacked: as many as the alarm of the channel asks for, where one stands', () => {
  const one = channel(0, 'force-closing', 400n, 0n, {
    closing: closing({
      outputs: [output(TIP), { ...output(TIP), missingSat: 9n }, { ...output(TIP), missingSat: 7n }],
    }),
  });
  const alarm = (detail: string) => {
    const claim = { amountSat: 300n, deadlineHeight: TIP + 9, missingSat: 25_000n };
    return { code: 'claim-unpaid' as const, detail, at: 0, claim };
  };
  expect(coinsLacked(one, [])).toBe(9n);
  expect(coinsLacked(one, [alarm('another')])).toBe(9n);
  expect(coinsLacked(one, [alarm('another'), alarm(one.channelId)])).toBe(25_000n);
  expect(coinsLacked({ ...one, closing: closing({ outputs: [output(TIP)] }) }, [])).toBe(null);
});

const of = (state: ChannelDetails['state'], change: Partial<ClosingDetails> | null): ChannelDetails =>
  channel(0, state, 400n, 0n, { closing: change === null ? null : closing(change) });

test.each<readonly [string, ChannelDetails, Return | null]>([
  ['a channel that is one', of('ready', null), null],
  ['one that never was', of('closed', null), null],
  ['data was lost: what was known', of('data-loss', {}), { is: 'known', msat: 400_000n }],
  ['still to come', of('force-closing', { outputs: [output(null)] }), { is: 'onItsWay', msat: 300_000n }],
  [
    'still to come, but for what the peer can take',
    of('force-closing', { outputs: [output(null), { ...output(TIP - 20), missingSat: 9n, isLate: true }] }),
    { is: 'onItsWay', msat: 300_000n },
  ],
  [
    'on its way, less the fee',
    of('force-closing', { transactions: [moved(0)] }),
    { is: 'returned', msat: 280_000n },
  ],
  [
    'closed: what came, less what was paid for it',
    of('closed', { transactions: [moved(9), moved(9, -50n)] }),
    { is: 'cameBack', msat: 230_000n },
  ],
  ['closed by both', of('closed', { kind: 'cooperative' }), { is: 'cameBack', msat: 300_000n }],
  ['nothing but fees', of('closed', { transactions: [moved(9, -50n)] }), { is: 'cameBack', msat: 0n }],
])('what is ours of it: %s', (_, details, expected) => {
  expect(returnOf(details)).toEqual(expected);
});

const unconfirmed = { kind: 'cooperative', confirmations: 0 } as const;
test.each<readonly [string, ChannelDetails, Act | null, boolean, string]>([
  ['one that works', of('ready', null), 'close', true, channelStates.ready.next],
  ['away', of('offline', null), 'close', true, channelStates.offline.next],
  ['stopped by a bug', of('frozen', null), 'close', true, channelStates.frozen.next],
  ['payments end first', of('shutting-down', null), 'force', true, channelStates['shutting-down'].next],
  ['no fee yet', of('negotiating-close', null), 'force', true, channelStates['negotiating-close'].next],
  [
    'signed, seen by nobody',
    of('negotiating-close', unconfirmed),
    'raise',
    false,
    channelStates.closing.next,
  ],
  ['signed, in no block', of('closing', unconfirmed), 'raise', false, channelStates.closing.next],
  ['in a block', of('closing', { kind: 'cooperative' }), null, false, channels.closeConfirmed],
  ['both ways at once', of('force-closing', unconfirmed), null, false, channels.bothOffered],
  [
    'by force',
    of('force-closing', { outputs: [output(TIP + 143)] }),
    null,
    false,
    channels.homecoming['after-wait'],
  ],
  ['data lost', of('data-loss', {}), null, false, channelStates['data-loss'].next],
  ['over', of('closed', { kind: 'cooperative' }), null, false, channelStates.closed.next],
  ['never was', of('closed', null), null, false, channels.neverWas],
  ['being opened', of('opening', null), null, true, channelStates.opening.next],
])('where it stands, and what may be done: %s', (_, details, act, isLive, sentence) => {
  expect(standingOf(details, 'Ada', TIP)).toEqual({ act, isLive, sentence, comesBack: returnOf(details) });
});

test('where it stands: used before the chain confirms it', () => {
  const { sentence } = standingOf({ ...of('ready', null), confirmations: 0 }, 'Ada', TIP);
  expect(sentence).toBe(channels.unconfirmed('Ada'));
});

test.each([
  ['ours, in no block', true, 0, channels.unminedOpening],
  ['ours, in a block', true, 1, channelStates['waiting-for-confirmations'].next],
  ['the peer’s', false, 0, channelStates['waiting-for-confirmations'].next],
])('where it stands: an opening that is %s', (_, isOpener, confirmations, sentence) => {
  const opening = { ...of('waiting-for-confirmations', null), isOpener, confirmations };
  expect(standingOf(opening, 'Ada', TIP).sentence).toBe(sentence);
});

test('a channel that has failed, says its peer: how long it is waited for, and that one need not', () => {
  const failed = channel(1, 'offline', 300n, 200n, { failsAtHeight: TIP + 432, isUnproven: true });
  const { sentence, act } = standingOf(failed, 'Ada', TIP);
  expect(sentence).toMatch(/^Ada says that this channel has failed.* waits about 3 days .*force close/);
  expect(act).toBe('close');
});
