import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../engine/base/result.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { fakeWallet, no, ok } from '../testkit/fake-wallet.ts';
import { snapshots } from '../testkit/snapshots.ts';
import { Quote } from './quote.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

const wallet = (): Wallet => new Wallet(fakeWallet({ state: { tag: 'none' }, snapshots: snapshots() }));

describe('a price', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('asks once for what was typed last', async () => {
    const quote = new Quote<number>(wallet());
    const asked: number[] = [];
    for (const amount of [1, 12, 125])
      void quote.ask(() => {
        asked.push(amount);
        return ok(amount);
      });
    expect(quote.asking).toBe(true);
    await vi.runAllTimersAsync();
    expect(asked).toEqual([125]);
    expect(quote.value).toBe(125);
    expect(quote.asking).toBe(false);
  });

  it('never shows an answer to an older question', async () => {
    const quote = new Quote<string>(wallet());
    let answerSlow: (result: Result<string, Refusal>) => void = () => undefined;
    void quote.ask(() => new Promise((resolve) => (answerSlow = resolve)));
    await vi.runAllTimersAsync();
    void quote.ask(() => ok('new'));
    answerSlow({ ok: true, value: 'old' });
    await vi.runAllTimersAsync();
    expect(quote.value).toBe('new');
  });

  it('is gone as soon as what it was for has changed', async () => {
    const quote = new Quote<string>(wallet());
    void quote.ask(() => ok('price'));
    await vi.runAllTimersAsync();
    void quote.ask(null);
    expect(quote.value).toBeNull();
    expect(quote.asking).toBe(false);
  });

  it('tells a refusal, and a worker that is gone', async () => {
    const quote = new Quote<string>(wallet());
    void quote.ask(() => no({ code: 'chain-unreachable' }));
    await vi.runAllTimersAsync();
    expect(quote.refusal).toEqual({ code: 'chain-unreachable' });
    void quote.ask(() => Promise.reject(new Error('gone')));
    await vi.runAllTimersAsync();
    expect(quote.refusal).toEqual({ code: 'internal', detail: 'Error: gone' });
  });
});
