import { beforeEach, describe, expect, it } from 'vitest';
import { fakeWallet, no, ok } from '../testkit/fake-wallet.ts';
import { snapshots } from '../testkit/snapshots.ts';
import { begin, sendDraft } from './send-draft.ts';
import { Sending } from './sending.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

const wallet = (): Wallet => new Wallet(fakeWallet({ state: { tag: 'none' }, snapshots: snapshots() }));

describe('sending', () => {
  beforeEach(() => sendDraft().clear());

  it('sends once however often the button is pressed', async () => {
    const draft = sendDraft();
    begin(draft, 'an address');
    const sending = new Sending(wallet(), draft, false);
    let calls = 0;
    const press = (): Promise<string | null> =>
      sending.send(() => {
        calls += 1;
        return ok('sent');
      });
    expect(await Promise.all([press(), press()])).toEqual(['sent', null]);
    expect(calls).toBe(1);
    expect(draft.value.text).toBe('');
  });

  it('keeps what was typed and says why when it is refused', async () => {
    const draft = sendDraft();
    begin(draft, 'an address');
    const sending = new Sending(wallet(), draft, false);
    expect(await sending.send(() => no({ code: 'chain-unreachable' }))).toBeNull();
    expect(sending.refusal?.code).toBe('chain-unreachable');
    expect(draft.value).toMatchObject({ text: 'an address', sending: false });
  });

  it('asks first when the page was closed in the middle, but not for an invoice', () => {
    const draft = sendDraft();
    const page = new Sending(wallet(), draft, false);
    void page.send(() => new Promise<never>(() => undefined));
    expect(new Sending(wallet(), draft, true).interrupted).toBe(false);
    const again = new Sending(wallet(), draft, false);
    expect(again.interrupted).toBe(true);
    again.goOn();
    expect(again.interrupted).toBe(false);
    expect(draft.value.sending).toBe(false);
  });
});
