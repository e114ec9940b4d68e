import { describe, expect, it } from 'vitest';
import { activity } from '../i18n/en.ts';
import { onchain, payment } from '../testkit/snapshots.ts';
import { stateText } from './payments.ts';

describe('the word for where a payment stands', () => {
  it('what moves to a channel and back was never sent or received: it is the wallet’s all along', () => {
    const opened = { kind: 'channel-open', direction: 'outgoing' } as const;
    const closed = { kind: 'channel-close', direction: 'incoming' } as const;
    expect(stateText(onchain(1, opened))).toBe(activity.moved.toLightning);
    expect(stateText(onchain(1, closed))).toBe(activity.moved.toChain);
    expect(stateText(onchain(1, { ...opened, state: 'pending' }))).toBe(activity.confirming);
    expect(stateText(onchain(1, { ...closed, state: 'pending' }))).toBe(activity.confirming);
    expect(stateText(onchain(1, { ...opened, state: 'failed' }))).toBe(activity.states.failed.outgoing);
  });

  it('what went to others, or came from them, says so', () => {
    expect(stateText(onchain(1, { direction: 'outgoing' }))).toBe(activity.states.succeeded.outgoing);
    expect(stateText(payment(1, { direction: 'incoming' }))).toBe(activity.states.succeeded.incoming);
    expect(stateText(payment(1, { direction: 'incoming', state: 'pending' }))).toBe(activity.notPaidYet);
  });
});
