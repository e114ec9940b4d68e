import { expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { walletScript } from '../../testkit/two-peer-env.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';

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
