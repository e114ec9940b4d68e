import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvoiceDetails, LspQuote, LspQuotes } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { fakeWallet, no, ok } from '../testkit/fake-wallet.ts';
import { openState } from '../testkit/open-state.ts';
import { NOW, balances, hex, page, snapshots } from '../testkit/snapshots.ts';
import { LspOffers } from './lsp-offers.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

const CHEAP = { nodeId: hex(1), alias: 'Cheap' };
const DEAR = { nodeId: hex(2), alias: 'Dear' };

let count = 0;
const quote = (lsp: LspQuote['lsp'], feeMsat: bigint, isDear = false): LspQuote => ({
  quoteId: `quote ${count++}`,
  lsp,
  amountMsat: 50_000_000n,
  feeMsat,
  minFeeMsat: feeMsat,
  proportionalMillionths: 0,
  minimumMsat: 3_000_000n,
  maximumMsat: 100_000_000n,
  validUntil: NOW + 600,
  trusted: true,
  isDear,
});
const bothOf = (): LspQuotes => ({
  offers: [quote(CHEAP, 1_000_000n), quote(DEAR, 2_000_000n)],
  refused: [],
});
const withoutDear = (): LspQuotes => ({
  offers: [quote(CHEAP, 1_000_000n)],
  refused: [{ lsp: DEAR, refusal: { code: 'peer-unreachable', detail: '' } }],
});

/** A wallet whose LSPs say this, and what was bought of them. */
function market(
  answers: () => LspQuotes,
  refuse: Refusal | null = null,
): { readonly wallet: Wallet; readonly bought: { quoteId: unknown; maxFeeMsat?: unknown }[] } {
  const bought: { quoteId: unknown; maxFeeMsat?: unknown }[] = [];
  const service = fakeWallet({
    state: openState(),
    snapshots: snapshots({ balances: balances({}), channels: [], payments: page([]) }),
  });
  const { lsp } = service.node;
  Object.assign(lsp, {
    quote: () => ok(answers()),
    receive: (request: { quoteId: unknown; maxFeeMsat?: unknown }) => {
      bought.push(request);
      return refuse === null ? ok({ invoice: 'lnbcrt' } as InvoiceDetails) : no(refuse);
    },
  });
  return { wallet: new Wallet(service), bought };
}

describe('what LSPs ask for one payment', () => {
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    });
  });
  afterEach(() => void vi.unstubAllGlobals());

  it('the first is proposed, and whom one chose is proposed from then on, also after a reload', async () => {
    const { wallet } = market(bothOf);
    const offers = new LspOffers(wallet);
    await offers.ask(50_000n);
    expect(offers.chosen?.lsp).toEqual(CHEAP);
    offers.choose(DEAR.nodeId);
    expect(offers.chosen?.lsp).toEqual(DEAR);
    const again = new LspOffers(wallet);
    await again.ask(20_000n);
    expect([again.chosen?.lsp, again.missed]).toEqual([DEAR, null]);
  });

  it('who was chosen and is gone is named, and the next takes the place in two taps', async () => {
    let answers = bothOf;
    const { wallet, bought } = market(() => answers(), { code: 'peer-unreachable', detail: '' });
    const offers = new LspOffers(wallet);
    offers.choose(DEAR.nodeId);
    await offers.ask(50_000n);
    expect(await offers.buy('')).toBeNull();
    expect(offers.refusal).toEqual({ code: 'peer-unreachable', detail: '' });
    answers = withoutDear;
    // Once more: the price of who is left.
    await offers.ask(50_000n);
    expect([offers.chosen?.lsp, offers.missed]).toEqual([CHEAP, DEAR]);
    const quoteId = offers.chosen?.quoteId;
    // And taken.
    await offers.buy('');
    expect(bought.slice(1)).toEqual([{ quoteId, description: '', maxFeeMsat: 1_000_000n }]);
    // It is still the one that was chosen: when it is back, it is proposed again.
    answers = bothOf;
    await offers.ask(50_000n);
    expect(offers.chosen?.lsp).toEqual(DEAR);
  });

  it('a dear price is bought only once it was agreed to, and that agrees to no other', async () => {
    const { wallet, bought } = market(() => ({
      offers: [quote(CHEAP, 3_000_000n, true), quote(DEAR, 9_000_000n, true)],
      refused: [],
    }));
    const offers = new LspOffers(wallet);
    await offers.ask(50_000n);
    expect([offers.agreed, offers.mayBuy]).toEqual([false, false]);
    expect(await offers.buy('')).toBeNull();
    offers.agree(true);
    expect(offers.mayBuy).toBe(true);
    offers.choose(DEAR.nodeId);
    expect([offers.agreed, offers.mayBuy]).toEqual([false, false]);
    offers.choose(CHEAP.nodeId);
    // The same LSP asks anew: that is another price.
    await offers.ask(50_000n);
    expect(offers.mayBuy).toBe(false);
    expect(await offers.buy('')).toBeNull();
    expect(bought).toEqual([]);
    offers.agree(true);
    await offers.buy('');
    expect(bought).toMatchObject([{ maxFeeMsat: 3_000_000n }]);
  });
});
