import { expect, it } from 'vitest';
import type { WalletState } from '../../engine/node/service-api.ts';
import { openState } from '../testkit/open-state.ts';
import { balances, channel } from '../testkit/snapshots.ts';
import { nextSteps, type Known } from './next-steps.ts';

const open = (change: Parameters<typeof openState>[0] = {}): WalletState =>
  openState({ lock: { passphrase: true, passkeys: [] }, ...change });
const known = (change: Partial<Known> = {}): Known => ({
  state: open(),
  balances: balances({ onchain: 600_000n, kept: 25_000n, lightning: 300_000n }),
  channels: [channel(0, 'ready', 300_000n, 100_000n)],
  alarms: [],
  lacks: null,
  canInstall: false,
  noLockMeant: false,
  ...change,
});
const tags = (change: Partial<Known>): readonly string[] => nextSteps(known(change)).map(({ tag }) => tag);
const short = balances({ keptWanted: 25_000n, kept: 5_000n, onchain: 5_000n, lightning: 300_000n });

it('tells of each danger to money, the most pressing first, and of nothing else beside them', () => {
  const all = known({
    state: open({ wordsConfirmed: false, lock: { passphrase: false, passkeys: [] } }),
    balances: short,
    channels: [],
    lacks: 'file',
    canInstall: true,
  });
  expect(nextSteps(all)).toEqual([
    { tag: 'words' },
    { tag: 'reserve', missingSat: 20_000n },
    { tag: 'backup', reason: 'file' },
    { tag: 'lock' },
  ]);
});

it('tells of coins that are missing to close a channel whatever else there is to say', () => {
  expect(tags({ balances: short })).toEqual(['reserve']);
  expect(tags({ balances: short, lacks: 'stale' })).toEqual(['reserve', 'backup']);
  expect(tags({ balances: short, state: open({ wordsConfirmed: false }) })).toEqual(['words', 'reserve']);
  expect(tags({ balances: short, channels: [], canInstall: true })).toEqual(['reserve']);
});

it('asks once for coins that an alarm asks for', () => {
  const claim = { amountSat: 48_000n, deadlineHeight: 868_430, missingSat: 20_000n };
  const alarms = [{ code: 'claim-unpaid', detail: '', at: 0, claim }] as const;
  expect(tags({ balances: short, alarms })).toEqual([]);
  expect(tags({ balances: short, alarms: [{ code: 'storage', detail: '', at: 0 }] })).toEqual(['reserve']);
});

it('advises one thing when no danger is left, also where no lock is wanted', () => {
  const state = open({ lock: { passphrase: false, passkeys: [] } });
  expect(tags({})).toEqual([]);
  expect(tags({ canInstall: true })).toEqual(['install']);
  expect(tags({ channels: [], canInstall: true })).toEqual(['channel']);
  expect(tags({ channels: [channel(0, 'closed', 0n, 0n)], state })).toEqual(['lock', 'channel']);
});

it('tells of a channel that slows the wallet down, as long as it is open', () => {
  const overused = (state: 'ready' | 'closed') => [
    channel(0, 'ready', 1n, 1n),
    channel(1, state, 1n, 1n, { isOverused: true }),
  ];
  expect(nextSteps(known({ channels: overused('ready'), canInstall: true }))).toEqual([
    { tag: 'overused', channelId: overused('ready')[1]?.channelId },
  ]);
  expect(tags({ channels: overused('closed') })).toEqual([]);
});

it('does not tell again of a lock that is not wanted, and tells of all else', () => {
  const state = open({ wordsConfirmed: false, lock: { passphrase: false, passkeys: [] } });
  expect(tags({ state, noLockMeant: true })).toEqual(['words']);
  expect(tags({ state: open({ lock: { passphrase: false, passkeys: [] } }), noLockMeant: true })).toEqual([]);
});

it('asks nothing of a wallet that holds nothing, or of which nothing is known yet', () => {
  const state = open({ wordsConfirmed: false, lock: { passphrase: false, passkeys: [] } });
  expect(tags({ state, balances: balances({}), channels: [], canInstall: true })).toEqual([]);
  expect(tags({ state: null, balances: null, channels: null })).toEqual([]);
});
