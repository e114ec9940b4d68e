import { describe, expect, it } from 'vitest';
import { activity } from '../i18n/en.ts';
import { onchain, payment } from '../testkit/snapshots.ts';
import { directionOf, isOtherHalf, latestOf, stateText, titleOf } from './payments.ts';

describe('the word for where a payment stands', () => {
  it('what moves to a channel and back was never sent or received: it is the wallet’s all along', () => {
    const opened = { kind: 'channel-open', direction: 'outgoing' } as const;
    const closed = { kind: 'channel-close', direction: 'incoming' } as const;
    expect(stateText(onchain(1, opened))).toBe(activity.moved.toLightning);
    expect(stateText(onchain(1, closed))).toBe(activity.moved.toChain);
    expect(stateText(onchain(1, { ...opened, state: 'pending' }))).toBe(activity.confirming);
    expect(stateText(onchain(1, { ...closed, state: 'pending' }))).toBe(activity.confirming);
    expect(stateText(onchain(1, { ...opened, state: 'failed' }))).toBe(activity.states.failed.outgoing);
    // Neither less money nor more of it: no sign.
    expect([opened, closed].map((move) => directionOf(onchain(1, move)))).toEqual([null, null]);
    // But for the fee, which is gone.
    expect(directionOf(onchain(1, { ...closed, direction: 'outgoing' }))).toBe('outgoing');
  });

  it('what may have been paid is not said to be unsent', () => {
    const failure = { code: 'outcome-unknown', detail: '' } as const;
    const lost = payment(1, { direction: 'outgoing', state: 'failed', preimage: null, failure });
    expect(stateText(lost)).toBe(activity.outcomeUnknown);
    expect(stateText({ ...lost, failure: { code: 'no-route', detail: '' } })).toBe(
      activity.states.failed.outgoing,
    );
  });

  it('what moves between channels is one move, neither sent nor received', () => {
    const half = { toSelf: true, description: '' } as const;
    const out = payment(1, { ...half, direction: 'outgoing' });
    const back = payment(1, { ...half, direction: 'incoming' });
    expect([out, back].map(isOtherHalf)).toEqual([false, true]);
    expect([out, back].map(stateText)).toEqual([activity.moved.between, activity.moved.between]);
    expect([out, back].map(directionOf)).toEqual([null, null]);
    expect(titleOf(out)).toBe(activity.toSelf.channels);
  });

  it('coins sent to oneself are told by what they cost', () => {
    const own = onchain(1, { direction: 'outgoing', toSelf: true, description: '' });
    expect([stateText(own), titleOf(own), directionOf(own), isOtherHalf(own)]).toEqual([
      activity.toSelf.feePaid,
      activity.toSelf.coins,
      'outgoing',
      false,
    ]);
  });

  it('what was asked for long ago and came just now is the latest', () => {
    const [later, earlier] = [payment(1), payment(2)];
    const asked = payment(3, { direction: 'incoming', settledAt: later.createdAt + 60 });
    const unpaid = payment(4, { direction: 'incoming', state: 'pending', settledAt: null });
    expect(latestOf([later, earlier, asked, unpaid], 2)).toEqual([asked, later]);
  });

  it('what went to others, or came from them, says so', () => {
    expect(stateText(onchain(1, { direction: 'outgoing' }))).toBe(activity.states.succeeded.outgoing);
    expect(stateText(payment(1, { direction: 'incoming' }))).toBe(activity.states.succeeded.incoming);
    expect(stateText(payment(1, { direction: 'incoming', state: 'pending' }))).toBe(activity.notPaidYet);
  });
});
