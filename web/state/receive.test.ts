import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LspServer, PaymentDetails, PeerDetails } from '../../engine/node/api.ts';
import { ADDRESS, fakeWallet, ok, type FakeWallet } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { openState } from '../testkit/open-state.ts';
import {
  NOW,
  balances,
  channel,
  hex,
  nodeIdOf,
  onchain,
  page,
  payment,
  peer,
  snapshots,
} from '../testkit/snapshots.ts';
import { ReceiveRequest } from './receive.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

const OTHER = 'bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry';
const BOUGHT = {
  paymentId: hex(200),
  invoice: 'lnbcrt500u1bought',
  paymentHash: hex(200),
  amountMsat: 50_000_000n,
  expiresAt: NOW + 3_600,
  receivableMsat: 50_000_000n,
};
const QUOTE = {
  quoteId: '0',
  lsp: { nodeId: hex(1), alias: 'LSP' },
  amountMsat: 50_000_000n,
  feeMsat: 2_000_000n,
  minFeeMsat: 2_000_000n,
  proportionalMillionths: 4_000,
  minimumMsat: 3_000_000n,
  maximumMsat: 4_000_000_000n,
  validUntil: NOW + 3_600,
  trusted: true,
  isDear: false,
};
const old = onchain(30, { direction: 'incoming', createdAt: NOW - 240 });

/** Coins that came to the address of the first request, if not `to` another. */
function coin(
  seed: number,
  sat: bigint,
  { to = ADDRESS, confirmations = 0 }: { readonly to?: string; readonly confirmations?: number } = {},
): PaymentDetails {
  return onchain(seed, {
    direction: 'incoming',
    state: confirmations > 0 ? 'succeeded' : 'pending',
    createdAt: NOW + 5,
    // Another address of the wallet is paid by it too.
    amountMsat: sat * 1000n + 5_000n,
    cameTo: [
      { address: to, amountSat: sat },
      { address: 'bcrt1qchange', amountSat: 5n },
    ],
    confirmations,
  });
}

async function opened(
  receivable = 148_000n,
  lsps: readonly LspServer[] = [],
): Promise<{ service: FakeWallet; wallet: Wallet }> {
  const addresses = [ADDRESS, OTHER];
  const service = fakeWallet({
    state: openState(),
    snapshots: snapshots({
      balances: balances({ receivable }),
      channels: [channel(0, 'ready', 0n, 150_000n)],
      payments: page([old]),
    }),
    servers: { lsps },
    node: { newAddress: () => ok({ address: addresses.shift() ?? 'none left', index: 0 }) },
  });
  const wallet = new Wallet(service);
  await wallet.open();
  return { service, wallet };
}

describe('a request for money', () => {
  beforeEach(() => {
    vi.stubGlobal('sessionStorage', new MemoryStorage());
    vi.useFakeTimers({ now: NOW * 1000 });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('is the same after a reload, and money from before is not its answer', async () => {
    const { wallet } = await opened();
    const first = new ReceiveRequest(wallet);
    await first.prepare();
    const again = new ReceiveRequest(wallet);
    expect(again.state.tag).toBe('waiting');
    await again.prepare();
    expect(again.uri).toBe(first.uri);
    expect(again.address).toBe(ADDRESS);
    expect(again.state.tag).toBe('waiting');
  });

  it('knows that nobody is set who could open a channel, once it has looked', async () => {
    const { wallet } = await opened(0n);
    const request = new ReceiveRequest(wallet);
    expect([request.lacksLsp, request.canBuy]).toEqual([false, false]);
    await request.prepare();
    expect([request.lacksLsp, request.canBuy]).toEqual([true, false]);
    const lsp = { alias: 'LSP', nodeId: hex(9), host: 'lsp.test', port: 9735, token: null, trusted: false };
    const other = new ReceiveRequest((await opened(0n, [lsp])).wallet);
    await other.prepare();
    expect([other.lacksLsp, other.canBuy]).toEqual([false, true]);
  });

  it('sees the payment of its invoice', async () => {
    const { service, wallet } = await opened();
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    const paid = (state: 'claimable' | 'succeeded') => payment(200, { direction: 'incoming', state });
    service.publish('payments', page([paid('claimable'), old]));
    expect(request.state.tag).toBe('arriving');
    service.publish('payments', page([paid('succeeded'), old]));
    expect(request.state.tag).toBe('received');
  });

  it('asks for no more than may come before the words are saved, on chain neither', async () => {
    const { service, wallet } = await opened();
    const unsaved = { limitMsat: 100_000_000n, leftMsat: 60_000_000n };
    service.publish('balances', { ...balances({ receivable: 148_000n }), unsaved });
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '60001' });
    await request.prepare();
    expect(request.refusal).toEqual({ code: 'words-not-saved', limitMsat: 100_000_000n });
    expect(request.ready).toBe(false);
    request.asked.set({ amountSat: '60000' });
    await request.prepare(true);
    expect(request.refusal).toBeNull();
    expect(request.address).toBe(ADDRESS);
    expect(request.leftMsat).toBe(60_000_000n);
  });

  it('that was paid is not asked for again by itself: the next starts empty', async () => {
    const { service, wallet } = await opened();
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10000', note: 'Lunch' });
    await request.prepare();
    expect(request.amountSat).toBe(10_000n);
    service.publish('payments', page([payment(200, { direction: 'incoming', state: 'succeeded' }), old]));
    const next = new ReceiveRequest(wallet);
    await next.prepare();
    expect([next.amountSat, next.note, next.asked.value.amountSat]).toEqual([null, '', '']);
  });

  it('sees coins that come to its address, and does not give it out again', async () => {
    const { service, wallet } = await opened();
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    service.publish('payments', page([coin(60, 700n), old]));
    expect(request.state.tag).toBe('seen');
    service.publish('payments', page([coin(61, 50n), coin(60, 700n, { confirmations: 1 }), old]));
    expect(request.state).toMatchObject({ tag: 'seen', amountMsat: 750_000n });
    service.publish('payments', page([coin(60, 700n, { confirmations: 1 }), old]));
    expect(request.state).toMatchObject({ tag: 'received', amountMsat: 700_000n });
    const next = new ReceiveRequest(wallet);
    await next.prepare();
    expect(next.address).toBe(OTHER);
    expect(next.state.tag).toBe('waiting');
  });

  it('is answered by coins once they are as much as it asks for, and in blocks', async () => {
    const { service, wallet } = await opened();
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10000' });
    await request.prepare();
    const told = (...coins: readonly PaymentDetails[]): readonly unknown[] => {
      service.publish('payments', page([...coins, old]));
      return [request.state.tag, request.part];
    };
    // Of somebody who knows an address from before.
    const elsewhere = coin(62, 90_000n, { to: OTHER });
    expect(told(elsewhere)).toEqual(['waiting', null]);
    const part = { cameSat: 4_000n, missingSat: 6_000n };
    expect(told(coin(60, 4_000n), elsewhere)).toEqual(['waiting', part]);
    expect(told(coin(60, 4_000n, { confirmations: 1 }))).toEqual(['waiting', part]);
    expect(told(coin(61, 6_000n), coin(60, 4_000n, { confirmations: 1 }))).toEqual(['seen', null]);
    expect(request.state).toMatchObject({ amountMsat: 10_000_000n });
    expect(told(coin(61, 6_000n, { confirmations: 1 }), coin(60, 4_000n, { confirmations: 1 }))).toEqual([
      'received',
      null,
    ]);
    expect(request.state).toMatchObject({ amountMsat: 10_000_000n });
    // Another sender took its place, with more.
    expect(told(coin(63, 12_000n))).toEqual(['seen', null]);
  });

  it('that is paid in part is the same after a reload, and as channels get the room for it', async () => {
    const { service, wallet } = await opened(0n);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10000' });
    await request.prepare();
    service.publish('payments', page([coin(60, 4_000n), old]));
    const again = new ReceiveRequest(wallet);
    await again.prepare();
    const part = { cameSat: 4_000n, missingSat: 6_000n };
    expect([again.address, again.part]).toEqual([ADDRESS, part]);
    service.publish('balances', balances({ receivable: 148_000n }));
    again.tick();
    await vi.advanceTimersByTimeAsync(0);
    expect([again.address, again.part, again.invoice === null]).toEqual([ADDRESS, part, false]);
    // What is asked for anew is something else.
    await again.prepare(true);
    expect([again.address, again.part]).toEqual([OTHER, null]);
  });

  it('that was answered stays so while channels get the room for it', async () => {
    const { service, wallet } = await opened(0n);
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    service.publish('payments', page([coin(60, 4_000n), old]));
    service.publish('balances', balances({ receivable: 148_000n }));
    request.tick();
    await vi.advanceTimersByTimeAsync(0);
    expect(request.state.tag).toBe('seen');
  });

  it('carries no invoice that channels cannot receive', async () => {
    const { wallet } = await opened(10_000n);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10001' });
    await request.prepare();
    expect(request.invoice).toBeNull();
    expect(request.uri).toBe(`bitcoin:${ADDRESS}?amount=0.00010001`);
    request.asked.set({ amountSat: '10000' });
    await request.prepare(true);
    expect(request.uri).toContain(`lightning=lnbcrt125u1p${hex(200, 4)}`);
  });

  it('may be bought of an LSP where channels lack room, and says what it costs from then on', async () => {
    const lsps = [{ alias: 'LSP', nodeId: hex(1), host: 'lsp.test', port: 9735, token: null, trusted: true }];
    const { wallet } = await opened(10_000n, lsps);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10000' });
    await request.prepare();
    expect(request.canBuy).toBe(false);
    request.asked.set({ amountSat: '50000' });
    await request.prepare(true);
    expect([request.canBuy, request.feeMsat]).toEqual([true, null]);
    request.bought(BOUGHT, QUOTE);
    expect([request.canBuy, request.feeMsat, request.amountSat]).toEqual([false, 2_000_000n, 50_000n]);
    expect(request.lsp).toBe('LSP');
    expect(request.uri).toContain('lightning=lnbcrt500u1bought');
    // The payer may be left to choose: then the fee is not known before.
    const open = { ...BOUGHT, amountMsat: null, invoice: 'lnbcrt1open' };
    const other = new ReceiveRequest(wallet);
    other.bought(open, { ...QUOTE, amountMsat: null, feeMsat: null });
    expect([other.feeMsat, other.amountSat, other.lsp]).toEqual([null, null, 'LSP']);
    other.bought(BOUGHT, QUOTE);
    const again = new ReceiveRequest(wallet);
    await again.prepare();
    expect([again.uri, again.feeMsat]).toEqual([request.uri, 2_000_000n]);
    again.reset();
    await again.prepare();
    expect([again.feeMsat, again.amountSat]).toEqual([null, null]);
  });

  it('made before channels could receive is paid over Lightning as soon as they can', async () => {
    const { wallet, service } = await opened(0n);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '10000', note: 'Lunch' });
    await request.prepare();
    request.tick();
    await vi.advanceTimersByTimeAsync(0);
    expect(request.invoice).toBeNull();
    // Too little: the code stays as it is.
    service.publish('balances', balances({ receivable: 9_999n }));
    request.tick();
    await vi.advanceTimersByTimeAsync(0);
    expect(request.invoice).toBeNull();
    service.publish('balances', balances({ receivable: 148_000n }));
    request.tick();
    await vi.advanceTimersByTimeAsync(0);
    expect(request.uri).toContain(`lightning=lnbcrt125u1p${hex(200, 4)}`);
    expect([request.address, request.amountSat, request.note]).toEqual([ADDRESS, 10_000n, 'Lunch']);
    // Also where the screen was left meanwhile.
    vi.stubGlobal('sessionStorage', new MemoryStorage());
    service.publish('balances', balances({ receivable: 0n }));
    await new ReceiveRequest(wallet).prepare();
    service.publish('balances', balances({ receivable: 148_000n }));
    const later = new ReceiveRequest(wallet);
    await later.prepare();
    expect([later.invoice === null, later.address]).toEqual([false, OTHER]);
  });

  it('may still be bought of an LSP while another amount is typed that channels could receive', async () => {
    const lsps = [{ alias: 'LSP', nodeId: hex(1), host: 'lsp.test', port: 9735, token: null, trusted: true }];
    const { wallet } = await opened(10_000n, lsps);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '50000' });
    await request.prepare();
    for (const amountSat of ['5000', '5', '', '6', '60000']) {
      request.asked.set({ amountSat });
      expect(request.canBuy).toBe(true);
    }
    expect([request.fits(10_000n), request.fits(10_001n), request.fits(null)]).toEqual([true, false, true]);
    // Asked for, what fits costs nothing.
    request.asked.set({ amountSat: '6000' });
    await request.prepare(true);
    expect([request.canBuy, request.invoice === null, request.feeMsat]).toEqual([false, false, null]);
  });

  it('may be bought of an LSP while who has the room is away, when the person does not wait', async () => {
    const lsps = [{ alias: 'LSP', nodeId: hex(1), host: 'lsp.test', port: 9735, token: null, trusted: true }];
    const { wallet, service } = await opened(0n, lsps);
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    expect([request.isAway, request.mayInsist, request.canBuy]).toEqual([false, false, true]);
    service.publish('channels', [channel(0, 'offline', 0n, 150_000n)]);
    expect([request.isAway, request.mayInsist, request.canBuy]).toEqual([true, true, false]);
    request.insist();
    expect([request.mayInsist, request.canBuy]).toEqual([false, true]);
  });

  it('of an LSP that is gone says so, and is asked for again with another', async () => {
    const server = { host: 'lsp.test', port: 9735, token: null, trusted: true };
    const one = { ...server, alias: 'One', nodeId: nodeIdOf(1) };
    const two = { ...server, alias: 'Two', nodeId: nodeIdOf(2) };
    const { wallet, service } = await opened(0n, [one, two]);
    const request = new ReceiveRequest(wallet);
    request.asked.set({ amountSat: '50000', note: 'Lunch' });
    await request.prepare();
    request.bought(BOUGHT, { ...QUOTE, lsp: one });
    const look = (state: PeerDetails['state']): typeof request.trouble => {
      service.publish('peers', [peer(1, { state })]);
      request.tick();
      return request.trouble;
    };
    expect(look('connected')).toBeNull();
    // As at each reconnection: not spoken of.
    expect([look('disconnected'), look('connecting'), look('connected')]).toEqual([null, null, null]);
    const looks = ['disconnected', 'connecting', 'disconnected', 'connecting', 'disconnected'] as const;
    expect(looks.map(look)).toEqual([null, null, null, null, 'away']);
    expect(look('connected')).toBeNull();
    looks.map(look);
    expect([request.trouble, request.hasAnother, request.canBuy]).toEqual(['away', true, false]);

    const { address } = request;
    await request.replace();
    expect([request.trouble, request.canBuy, request.invoice, request.lsp]).toEqual([null, true, null, null]);
    // What was typed stays, and the address too.
    expect([request.amountSat, request.asked.value.note, request.address]).toEqual([
      50_000n,
      'Lunch',
      address,
    ]);
    request.bought(BOUGHT, { ...QUOTE, lsp: two });
    looks.map(look);
    expect([request.trouble, request.lsp]).toEqual([null, 'Two']);
  });

  it('of the only LSP has no other one to be asked of', async () => {
    const one = {
      alias: 'One',
      nodeId: nodeIdOf(1),
      host: 'lsp.test',
      port: 9735,
      token: null,
      trusted: true,
    };
    const { wallet } = await opened(0n, [one]);
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    request.bought(BOUGHT, { ...QUOTE, lsp: one });
    expect(request.hasAnother).toBe(false);
  });

  it('whose LSP sent nothing in time is made anew through the channel that it did open', async () => {
    const { wallet, service } = await opened(0n, []);
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    request.bought(BOUGHT, QUOTE);
    service.publish('balances', balances({ receivable: 148_000n }));
    await request.replace();
    expect([request.lsp, request.feeMsat]).toEqual([null, null]);
    expect(request.invoice).toMatch(/^lnbcrt/);
  });

  it('expires', async () => {
    const { wallet } = await opened();
    const request = new ReceiveRequest(wallet);
    await request.prepare();
    vi.setSystemTime((NOW + 3601) * 1000);
    request.tick();
    expect(request.state.tag).toBe('expired');
  });
});
