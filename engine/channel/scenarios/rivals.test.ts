import { expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { walletScript } from '../../testkit/two-peer-env.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';

/** Bob took the channel before any block has it, and knows the transaction that pays it. */
function unconfirmed(): { readonly peers: TwoPeers; readonly funding: Tx } {
  const peers = new TwoPeers();
  peers.open({ push: msat(1_000_000) });
  const funding = twoInputs(peers.fundingTx);
  const { bob } = peers;
  const { durable } = bob;
  const [active] = durable.active;
  const outPoint = { ...active.funding.outPoint, txId: txIdOf(funding) };
  bob.state = {
    ...bob.state,
    durable: { ...durable, active: [{ ...active, funding: { ...active.funding, outPoint } }] },
  };
  expect(bob.command({ tag: 'funding-seen', tx: funding })).toMatchObject({ ok: true });
  return { peers, funding };
}

const twoInputs = (tx: Tx): Tx => ({
  ...tx,
  inputs: tx.inputs.flatMap((input) => [
    input,
    { ...input, outPoint: { ...input.outPoint, index: input.outPoint.index + 1 } },
  ]),
});

/** Spends the input of that number of the funding transaction to somebody else. */
const rivalOf = (funding: Tx, input: number, amount = 1n): Tx => ({
  ...funding,
  inputs: funding.inputs.slice(input, input + 1),
  outputs: [{ amount: sat(amount), script: walletScript('carol') }],
});

const doubles = ({ bob }: TwoPeers): number => bob.notices.filter(({ tag }) => tag === 'double-spent').length;

test('a rival that is told of again, by objects of another identity, is neither written nor told again', () => {
  const { peers, funding } = unconfirmed();
  const rival = rivalOf(funding, 0);
  for (const at of [null, confirmedAt(peers.height)]) {
    peers.tell(peers.bob, rival, at);
    const { written } = peers.bob;
    peers.tell(peers.bob, rival, at === null ? null : { ...at });
    expect(peers.bob.written).toBe(written);
  }
  expect(doubles(peers)).toBe(1);
});

test('of rivals for different coins one that is in a block is not displaced by one that is in none', () => {
  const { peers, funding } = unconfirmed();
  const [mined, loose] = [rivalOf(funding, 0), rivalOf(funding, 1)];
  peers.tell(peers.bob, loose, null);
  peers.mine(1, [mined]);
  peers.tell(peers.bob, loose, null);
  expect(peers.bob.durable.active[0].rival?.txId).toBe(txIdOf(mined));
  peers.mine(6);
  expect(peers.bob.durable.phase).toBe('closed');
});

test('rivals that take turns in no block are one: one write, one word', () => {
  const { peers, funding } = unconfirmed();
  const rivals = [rivalOf(funding, 0), rivalOf(funding, 0, 2n), rivalOf(funding, 1)];
  for (const rival of rivals) peers.tell(peers.bob, rival, null);
  const { written } = peers.bob;
  for (const rival of rivals) peers.tell(peers.bob, rival, null);
  expect(peers.bob.written).toBe(written);
  expect(doubles(peers)).toBe(1);
});

test('a rival in a block steps back only when the block is gone', () => {
  const { peers, funding } = unconfirmed();
  const rival = rivalOf(funding, 0);
  const at = confirmedAt(peers.height);
  peers.tell(peers.bob, rival, at);
  peers.tell(peers.bob, rival, null);
  expect(peers.bob.durable.active[0].rival?.at).toEqual(at);
  peers.bob.apply({
    tag: 'chain',
    event: { tag: 'reorged', txId: txIdOf(rival), tipHeight: peers.height },
  });
  expect(peers.bob.durable.active[0].rival?.at).toBeNull();
});

test('once there was a rival only a block decides: that the funding transaction is seen again in none gives no trust back', () => {
  const { peers, funding } = unconfirmed();
  const rival = rivalOf(funding, 0);
  peers.tell(peers.bob, rival, null);
  peers.tell(peers.bob, funding, null);
  expect(peers.bob.durable.active[0].rival?.txId).toBe(txIdOf(rival));
  peers.tell(peers.bob, rival, null);
  expect(doubles(peers)).toBe(1);
  peers.tell(peers.bob, funding, confirmedAt(peers.height));
  expect(peers.bob.durable.active[0].rival).toBeUndefined();
});

test('a funding transaction that leaves its block has its coins watched again', () => {
  const { peers, funding } = unconfirmed();
  peers.mine(1, [funding]);
  peers.crash(peers.bob);
  const coins = funding.inputs.map(({ outPoint }) => outPoint);
  const watched = (): number =>
    peers.bob.watches.filter(
      (watch) =>
        watch.tag === 'spent' &&
        coins.some((coin) => coin.txId === watch.outPoint.txId && coin.index === watch.outPoint.index),
    ).length;
  expect(watched()).toBe(0);
  peers.bob.apply({
    tag: 'chain',
    event: { tag: 'reorged', txId: txIdOf(funding), tipHeight: peers.height },
  });
  expect(watched()).toBe(2);
});

/** Void, by a rival that six blocks bury. */
function voided(): { readonly peers: TwoPeers; readonly funding: Tx; readonly rival: Tx } {
  const { peers, funding } = unconfirmed();
  const rival = rivalOf(funding, 0);
  peers.mine(1, [rival]);
  peers.mine(6);
  expect(peers.bob.durable).toMatchObject({ phase: 'closed', spend: null });
  return { peers, funding, rival };
}

test.each([false, true])(
  'a chain that goes back further than expected brings the funding transaction: what is ours of it is taken (restart: %s)',
  (restart) => {
    const { peers, funding, rival } = voided();
    const { bob } = peers;
    if (restart) peers.crash(bob);
    bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(rival), tipHeight: peers.height } });
    peers.mine(1);
    expect(bob.durable.phase).toBe('closed');
    if (restart) peers.crash(bob);
    peers.tell(bob, funding, confirmedAt(peers.height));
    expect(bob.durable.phase).toBe('closing');
    expect(bob.published.map(({ purpose }) => purpose)).toContain('local-commitment');
    expect(bob.durable.active[0].rival).toBeUndefined();
  },
);

test('a state that may be old is not published then either', () => {
  const { peers, funding, rival } = voided();
  const { bob } = peers;
  const { durable } = bob;
  if (durable.phase !== 'closed' || durable.past === null) throw new Error('not void');
  bob.state = { ...bob.state, durable: { ...durable, past: { ...durable.past, lostData: true } } };
  bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(rival), tipHeight: peers.height } });
  bob.published.length = 0;
  peers.tell(bob, funding, confirmedAt(peers.height));
  expect(bob.durable.phase).toBe('closing');
  expect(bob.published).toEqual([]);
});

test('a hundred blocks deep it is forgotten, and nothing is asked of the chain any more', () => {
  const { peers } = voided();
  peers.mine(92);
  peers.crash(peers.bob);
  expect(peers.bob.watches.length).toBeGreaterThan(0);
  peers.mine(2);
  expect(peers.bob.durable).toMatchObject({ phase: 'closed', past: null });
  peers.crash(peers.bob);
  expect(peers.bob.watches).toEqual([]);
});

test('a payment out that was under way in a channel that never was has an end, told once', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { bob, fundingTx } = peers;
  peers.add(bob, msat(10_000_000), 'out');
  peers.pump();
  bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(fundingTx), tipHeight: peers.height } });
  expect(bob.command({ tag: 'funding-seen', tx: fundingTx })).toMatchObject({ ok: true });
  const rival = rivalOf(fundingTx, 0);
  peers.tell(bob, rival, confirmedAt(peers.height));
  peers.mine(6);
  expect(bob.durable.phase).toBe('closed');
  const ended = [{ id: 0n, result: { tag: 'abandoned', cause: 'channel-closed' } }];
  expect(bob.settled).toMatchObject(ended);
  expect(bob.settled).toHaveLength(1);
  peers.crash(bob);
  // And not taken back when the channel comes to be after all.
  bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(rival), tipHeight: peers.height } });
  peers.tell(bob, fundingTx, confirmedAt(peers.height));
  peers.mine(200);
  expect(bob.settled).toHaveLength(1);
});

test('a close that both signed of a channel that comes to be after all has its time from then', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { bob, fundingTx } = peers;
  bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(fundingTx), tipHeight: peers.height } });
  expect(bob.command({ tag: 'funding-seen', tx: fundingTx })).toMatchObject({ ok: true });
  peers.close(bob);
  peers.pump();
  expect(bob.published.map(({ purpose }) => purpose)).toContain('mutual-close');
  peers.mine(80);
  const rival = rivalOf(fundingTx, 0);
  peers.tell(bob, rival, confirmedAt(peers.height));
  peers.mine(80);
  expect(bob.durable.phase).toBe('closed');
  bob.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(rival), tipHeight: peers.height } });
  peers.tell(bob, fundingTx, confirmedAt(peers.height));
  peers.mine(10);
  peers.mine(10);
  expect(bob.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
  peers.mine(DEFAULT_CHANNEL_CONFIG.closingTimeout);
  peers.mine(10);
  expect(bob.published.map(({ purpose }) => purpose)).toContain('local-commitment');
});
