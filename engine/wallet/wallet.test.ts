import { describe, expect, it } from 'vitest';
import { outPointKey } from '../base/ids.ts';
import { blockHeight, feeratePerKw, sat, timestamp } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import { p2wsh } from '../bitcoin/script.ts';
import { MAX_MONEY } from '../bitcoin/tx-parse.ts';
import { txIdOf, weightOf, type Tx } from '../bitcoin/tx.ts';
import { freshOutPoint, paying, spending } from '../testkit/fake-chain.ts';
import { RATE, sats, value, WalletWorld } from '../testkit/wallet-world.ts';
import { newAddress } from './addresses.ts';
import { balanceOf } from './balance.ts';
import { bumpFee, cancelTx } from './bump-fee.ts';
import { depositsAtStake, lossOf } from './deposits-at-stake.ts';
import { freezeCoin, thawCoin } from './frozen-coins.ts';
import { listTransactions, walletTransaction } from './history.ts';
import { ledgerOf } from './ledger.ts';
import { createWallet, loadWallet } from './open-wallet.ts';
import {
  abandonTx,
  giveWay,
  labelTx,
  noteTaken,
  noteTx,
  spentUnconfirmed,
  standAgain,
  unconfirmedOwn,
  type SeenTx,
} from './record-tx.ts';
import { deriveScript } from './own-script.ts';
import {
  buildAttached,
  buildFunding,
  publishReserved,
  quoteFunding,
  releaseReservation,
} from './reservations.ts';
import { scanAll } from './scan.ts';
import { quoteSend, send, type SendRequest } from './send.ts';
import { signTx } from './sign-tx.ts';
import { applyFacts } from './wallet-facts.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const THEIR_TAPROOT = 'bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6';
const FUNDING = p2wsh(Uint8Array.of(0x51));
const NOW = timestamp(1_750_000_100);

const to = (amount: bigint | 'all', more: Partial<SendRequest> = {}): SendRequest => ({
  address: THEIRS,
  amount: amount === 'all' ? 'all' : sat(amount),
  feerate: RATE,
  ...more,
});

async function funded(...amounts: readonly bigint[]): Promise<WalletWorld> {
  const world = new WalletWorld();
  await world.fund(...amounts);
  return world;
}

const paidTo = (tx: Tx, address: string): bigint | undefined => {
  const script = value(scriptOfAddress(address, 'regtest'));
  return tx.outputs.find((output) => output.script.join() === script.join())?.amount;
};

describe('receiving', () => {
  it('pending, then confirmed, each told once', async () => {
    const world = new WalletWorld();
    await world.sync();
    const tx = world.pay(50_000n);
    expect(await world.sync()).toEqual([{ txId: txIdOf(tx), amount: 50_000n, confirmed: false }]);
    expect(balanceOf(world.state)).toMatchObject({
      untrustedPending: 50_000n,
      spendable: 0n,
      total: 50_000n,
    });
    expect(await world.sync()).toEqual([]);
    world.chain.mine();
    expect(await world.sync()).toEqual([{ txId: txIdOf(tx), amount: 50_000n, confirmed: true }]);
    expect(balanceOf(world.state)).toMatchObject({ confirmed: 50_000n, spendable: 50_000n });
    expect(listTransactions(world.state)).toMatchObject([
      { direction: 'incoming', amount: 50_000n, fee: null, status: 'confirmed', confirmations: 1 },
    ]);
  });

  it('is dated by when it was seen, and never by a miner whose clock is ahead', async () => {
    const world = new WalletWorld();
    await world.sync();
    world.pay(50_000n);
    await world.sync();
    world.chain.mine(1, world.now + 7_200);
    await world.sync();
    expect(listTransactions(world.state)).toMatchObject([{ status: 'confirmed', time: world.now }]);
  });

  it('a reorganisation takes the confirmation back', async () => {
    const world = await funded(50_000n);
    world.chain.reorganise(1, 2);
    await world.sync();
    expect(balanceOf(world.state)).toMatchObject({ confirmed: 0n, untrustedPending: 50_000n });
    world.chain.mine();
    await world.sync();
    expect(balanceOf(world.state)).toMatchObject({ confirmed: 50_000n });
  });

  it('what others took back is forgotten', async () => {
    const world = new WalletWorld();
    await world.sync();
    world.pay(50_000n);
    await world.sync();
    world.chain.mempool = [];
    world.chain.mine();
    world.now += 60;
    await world.sync();
    expect(balanceOf(world.state).total).toBe(50_000n);
    world.chain.mine();
    world.now += 3_600;
    await world.sync();
    expect(balanceOf(world.state).total).toBe(0n);
  });

  it('a coinbase waits for a hundred blocks', async () => {
    const world = new WalletWorld();
    const script = value(scriptOfAddress(world.address(), 'regtest'));
    const nowhere = { txId: '0'.repeat(64) as never, index: 0xffff_ffff };
    world.chain.add(spending([nowhere], [{ script, amount: sat(5_000) }]));
    world.chain.mine(99);
    await world.sync();
    expect(balanceOf(world.state)).toMatchObject({ untrustedPending: 5_000n, spendable: 0n });
    world.chain.mine(1);
    await world.sync();
    expect(balanceOf(world.state)).toMatchObject({ confirmed: 5_000n, spendable: 5_000n });
  });

  it('a closing transaction is noted at once, without a scan', () => {
    const world = new WalletWorld();
    const script = value(scriptOfAddress(world.address(), 'regtest'));
    const close = paying([script, 70_000n]);
    world.take(noteTx(world.state, { tx: close, at: null, purpose: 'mutual-close' }, NOW));
    expect(walletTransaction(world.state, txIdOf(close))).toMatchObject({ purpose: 'mutual-close' });
    expect(unconfirmedOwn(world.state)).toEqual([{ tx: close, purpose: 'mutual-close' }]);
    world.take(noteTx(world.state, { tx: paying([FUNDING, 1n]), at: null }, NOW));
    expect([...world.state.txs.keys()]).toEqual([txIdOf(close)]);
  });

  it('addresses are new, until a restore would not find them', async () => {
    const world = new WalletWorld();
    const given = Array.from({ length: 25 }, () => world.address());
    expect(new Set(given).size).toBe(20);
    expect(given[20]).toBe(given[0]);
    await world.sync();
    world.chain.add(paying([value(scriptOfAddress(given[5]!, 'regtest')), 1_000n]));
    world.chain.mine();
    await world.sync();
    expect(given).not.toContain(world.address());
  });
});

describe('restore', () => {
  it('finds both accounts, both branches, gaps of nineteen, and what was spent', async () => {
    const world = await funded(50_000n, 60_000n, 70_000n);
    for (let i = 0; i < 18; i++) world.address('p2tr');
    world.pay(5_000n, 'p2tr');
    world.chain.mine();
    await world.sync();
    const sent = world.take(value(send(world.state, world.keys, to(80_000n), NOW)));
    world.publish(sent.tx);
    world.chain.mine();
    await world.sync();

    const fresh = createWallet(world.keys, 'regtest').state;
    const { facts } = value(await scanAll(world.follower.reader, fresh, world.follower.tip()!.height));
    const restored = applyFacts(fresh, facts, NOW).state;
    expect(balanceOf(restored)).toEqual(balanceOf(world.state));
    expect(listTransactions(restored).map(({ txId, amount, fee }) => [txId, amount, fee])).toEqual(
      listTransactions(world.state).map(({ txId, amount, fee }) => [txId, amount, fee]),
    );
    expect(restored.accounts.next).toEqual(world.state.accounts.next);
  });

  it('costs a bounded number of requests for words that were never used', async () => {
    const world = new WalletWorld();
    await world.follower.sync();
    world.esplora.log.length = 0;
    value(await scanAll(world.follower.reader, world.state, blockHeight(110)));
    expect(world.esplora.log.length).toBe(80);
  });

  it('a server that fails is a refusal, not an empty wallet', async () => {
    const world = await funded(50_000n);
    world.esplora.fault = (path) => (path.startsWith('/scripthash') ? { status: 500, body: '' } : null);
    expect(await scanAll(world.follower.reader, world.state, blockHeight(110))).toEqual({
      ok: false,
      error: { code: 'chain-unreachable' },
    });
  });

  it('a server cannot invent money', async () => {
    const world = new WalletWorld();
    await world.sync();
    world.address();
    const tx = world.pay(50_000n);
    world.chain.mine();
    const other = paying([FUNDING, 1n]);
    world.esplora.fault = (path) =>
      path.endsWith('/txs')
        ? {
            status: 200,
            body: JSON.stringify(
              [txIdOf(tx), txIdOf(other), 'ab'.repeat(32)].map((txid) => ({
                txid,
                status: { confirmed: true },
              })),
            ),
          }
        : null;
    await world.sync();
    expect(balanceOf(world.state)).toMatchObject({ confirmed: 50_000n, total: 50_000n });
  });

  it('more money than there is, in one transaction, is a lie of its server', async () => {
    const world = await funded(50_000n);
    const script = value(scriptOfAddress(world.address(), 'regtest'));
    for (const [amount, ok] of [
      [MAX_MONEY / 2n, true],
      [MAX_MONEY / 2n + 1n, false],
    ] as const) {
      const tx = paying([script, amount], [script, amount]);
      world.chain.mempool = [tx];
      expect((await world.follower.reader.transaction(txIdOf(tx))).ok).toBe(ok);
    }
  });

  it('what meets a bug of ours while it is taken in costs itself alone', async () => {
    const world = await funded(50_000n);
    const script = value(scriptOfAddress(world.address(), 'regtest'));
    const [good, other] = [paying([script, 20_000n]), paying([script, 30_000n])];
    const broken: Tx = { ...other, inputs: [{ ...other.inputs[0]!, witness: null as never }] };
    const noId: Tx = { ...other, lockTime: null as never, inputs: null as never };
    const seen = [noId, broken, good].map((tx) => ({ tx, at: null }));
    const tipHeight = blockHeight(120);
    const applied = world.take(applyFacts(world.state, { tipHeight, used: [], seen, gone: [] }, NOW));
    expect(applied.faults).toHaveLength(2);
    expect(applied.received).toMatchObject([{ txId: txIdOf(good), amount: 20_000n }]);
    expect(world.state.tipHeight).toBe(120);
    expect(value(loadWallet(world.disk, 'regtest'))!.txs.get(txIdOf(good))?.tx).toEqual(good);
  });

  it('is read back from disk as it was', async () => {
    const world = await funded(50_000n, 60_000n);
    world.take(value(send(world.state, world.keys, to(20_000n, { label: 'tea, 茶' }), NOW)));
    world.take(
      value(
        buildFunding(world.state, world.keys, { script: FUNDING, amount: sats(40_000), feerate: RATE }, NOW),
      ),
    );
    world.take(freezeCoin(world.state, ledgerOf(world.state).coins[0]!.outPoint));
    const heights = listTransactions(world.state).map(({ at }) => at?.height ?? 0);
    const loaded = value(loadWallet(world.disk, 'regtest'))!;
    // Nothing has asked the chain yet: what is known of it is what our own transactions tell.
    expect(loaded).toEqual({ ...world.state, tipHeight: Math.max(...heights) });
    expect(listTransactions(loaded).map(({ confirmations }) => confirmations > 0)).toEqual(
      listTransactions(world.state).map(({ status }) => status === 'confirmed'),
    );
    expect(loadWallet([], 'regtest')).toEqual({ ok: true, value: null });
    world.disk.set(
      [...world.disk.keys()].find((key) => key.startsWith('tx/'))!,
      Uint8Array.of(1, 2),
    );
    expect(loadWallet(world.disk, 'regtest')).toMatchObject({
      ok: false,
      error: { key: expect.stringContaining('tx/') },
    });
  });
});

describe('sending', () => {
  it('pays, with change that can be spent at once', async () => {
    const world = await funded(50_000n, 60_000n);
    const quote = value(quoteSend(world.state, to(80_000n)));
    const sent = world.take(value(send(world.state, world.keys, to(80_000n, { label: 'rent' }), NOW)));
    expect(sent).toMatchObject(quote);
    expect(paidTo(sent.tx, THEIRS)).toBe(80_000n);
    expect(sent.fee).toBe(feeAtLeast(RATE, sent.weight));
    expect(weightOf(sent.tx)).toBeLessThanOrEqual(sent.weight);
    expect(sent.weight - weightOf(sent.tx)).toBeLessThanOrEqual(2);
    expect(sent.tx.lockTime).toBe(world.state.tipHeight);
    expect(balanceOf(world.state)).toMatchObject({
      confirmed: 0n,
      trustedPending: 30_000n - sent.fee,
      spendable: 30_000n - sent.fee,
    });
    expect(walletTransaction(world.state, sent.txId)).toMatchObject({
      direction: 'outgoing',
      amount: 80_000n,
      fee: sent.fee,
      label: 'rent',
      status: 'pending',
    });
    const again = value(send(world.state, world.keys, to(10_000n), NOW));
    expect(again.tx.inputs.map(({ outPoint }) => outPoint.txId)).toEqual([sent.txId]);
  });

  it('change looks like the payment', async () => {
    const world = await funded(50_000n);
    for (const [address, length] of [
      [THEIRS, 22],
      [THEIR_TAPROOT, 34],
    ] as const) {
      const { tx } = value(send(world.state, world.keys, to(20_000n, { address }), NOW));
      expect(tx.outputs.map(({ script }) => script.length)).toEqual([length, length]);
    }
  });

  it('all: everything but the fee, and but what is kept back', async () => {
    const world = await funded(50_000n, 60_000n, 500n);
    const all = value(quoteSend(world.state, to('all')));
    expect(all).toMatchObject({ amount: 110_500n - all.fee, change: 0n });
    const kept = world.take(value(send(world.state, world.keys, to('all', { keepBack: sats(25_000) }), NOW)));
    expect(kept).toMatchObject({ amount: 110_500n - 25_000n - kept.fee, change: 25_000n });
    expect(balanceOf(world.state).total).toBe(25_000n);
  });

  it('chosen coins only', async () => {
    const world = await funded(50_000n, 60_000n);
    const [coin] = ledgerOf(world.state).coins;
    const sent = value(send(world.state, world.keys, to('all', { coins: [coin!.outPoint] }), NOW));
    expect(sent.amount + sent.fee).toBe(coin!.output.amount);
    const keepBack = sats(55_000);
    const other = value(quoteSend(world.state, to('all', { coins: [coin!.outPoint], keepBack })));
    expect(other.change).toBe(coin!.output.amount === 50_000n ? 0n : 5_000n);
  });

  it('frozen coins stay', async () => {
    const world = await funded(50_000n, 60_000n);
    const coin = ledgerOf(world.state).coins.find(({ output }) => output.amount === 60_000n)!;
    world.take(freezeCoin(world.state, coin.outPoint));
    expect(balanceOf(world.state)).toMatchObject({
      confirmed: 110_000n,
      frozen: 60_000n,
      spendable: 50_000n,
    });
    expect(quoteSend(world.state, to(55_000n)).ok).toBe(false);
    world.take(thawCoin(world.state, coin.outPoint));
    expect(quoteSend(world.state, to(55_000n)).ok).toBe(true);
  });

  it('refused by the servers: as if it had not been', async () => {
    const world = await funded(50_000n);
    const before = world.state;
    const disk = new Map(world.disk);
    const sent = world.take(value(send(world.state, world.keys, to('all'), NOW)));
    world.take(abandonTx(world.state, sent.txId));
    expect(world.state.txs).toEqual(before.txs);
    expect(world.disk).toEqual(disk);
  });

  it.each([
    ['not an address', to(5_000n, { address: 'hello' }), { code: 'invalid-address' }],
    ['nothing', to(5_000n, { address: '' }), { code: 'invalid-address' }],
    ['a megabyte', to(5_000n, { address: 'b'.repeat(1_000_000) }), { code: 'invalid-address' }],
    ['unicode', to(5_000n, { address: 'bcrt1ｑ\u202e🦔' }), { code: 'invalid-address' }],
    ['mistyped', to(5_000n, { address: THEIRS.replace('w508', 'w509') }), { code: 'bad-checksum' }],
    [
      'another network',
      to(5_000n, { address: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4' }),
      { code: 'wrong-network', found: 'mainnet', expected: 'regtest' },
    ],
    ['zero', to(0n), { code: 'below-dust', minimumSat: 294n }],
    ['dust', to(293n), { code: 'below-dust', minimumSat: 294n }],
    ['too much', to(60_000n), { code: 'insufficient-funds', missingSat: 10_000n + 437n, feeSat: 437n }],
    ['far too much', to(2n ** 63n), { code: 'insufficient-funds' }],
    ['a rate that nobody relays', to(5_000n, { feerate: feeratePerKw(100) }), { code: 'fee-too-low' }],
    ['an absurd rate', to(5_000n, { feerate: feeratePerKw(10_000_000) }), { code: 'fee-too-high' }],
    [
      'a fee above what was agreed',
      to(5_000n, { maxFee: sats(100) }),
      { code: 'fee-above-limit', limitMsat: 100_000n },
    ],
    ['into the reserve', to(40_000n, { keepBack: sats(25_000) }), { code: 'insufficient-funds' }],
    ['all, and all kept back', to('all', { keepBack: sats(50_000) }), { code: 'insufficient-funds' }],
  ])('refuses %s', async (_, request, refusal) => {
    const world = await funded(50_000n);
    expect(quoteSend(world.state, request)).toMatchObject({ ok: false, error: refusal });
    expect(send(world.state, world.keys, request, NOW)).toMatchObject({ ok: false, error: refusal });
  });

  it('an empty wallet, and one with unconfirmed coins only', async () => {
    const world = new WalletWorld();
    await world.sync();
    expect(quoteSend(world.state, to('all'))).toMatchObject({ error: { code: 'insufficient-funds' } });
    world.pay(50_000n);
    await world.sync();
    expect(quoteSend(world.state, to('all'))).toEqual({
      ok: false,
      error: { code: 'only-unconfirmed-funds', pendingSat: 50_000n },
    });
  });
});

describe('an unconfirmed transaction that a server shows', () => {
  /** What it would be for one who has no key of ours. */
  const stripped = (tx: Tx): Tx => ({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [] })) });
  const altered = (tx: Tx): Tx => ({ ...tx, outputs: [{ ...tx.outputs[0]!, amount: sat(1_000n) }] });
  const shown = async (world: WalletWorld, tx: Tx): Promise<void> => {
    world.chain.mempool = [tx];
    await world.sync();
    await world.sync();
  };

  it.each([
    ['without signatures', stripped],
    ['with signatures over something else', altered],
  ])('takes no coin of ours %s, and the place of no payment', async (_, forge) => {
    for (const amounts of [[50_000n], [50_000n, 60_000n]]) {
      const world = await funded(...amounts);
      const sent = world.take(value(send(world.state, world.keys, to(40_000n), NOW)));
      const own = value(scriptOfAddress(world.address(), 'regtest'));
      const rival = { ...sent.tx, outputs: [{ script: own, amount: sat(9_000_000n) }] };
      const before = balanceOf(world.state);
      await shown(world, forge(rival));
      expect(balanceOf(world.state)).toEqual(before);
      expect(walletTransaction(world.state, sent.txId)).toMatchObject({ status: 'pending' });
    }
  });

  it.each(['p2wpkh', 'p2tr'] as const)(
    'by another device of the same words it is known: %s',
    async (kind) => {
      const world = new WalletWorld();
      world.pay(50_000n, kind);
      world.chain.mine();
      await world.sync();
      const script = value(scriptOfAddress(world.address(), 'regtest'));
      const address = world.address();
      const theirs = value(send(world.state, world.keys, to(20_000n, { address }), NOW));
      expect(theirs.tx.outputs.some((output) => output.script.join() !== script.join())).toBe(true);
      await shown(world, theirs.tx);
      expect(walletTransaction(world.state, theirs.txId)).toMatchObject({ status: 'pending' });
    },
  );

  it('beside an input of others is ours by a segwit signature; a taproot one waits for a block', async () => {
    for (const [i, kind] of (['p2wpkh', 'p2tr'] as const).entries()) {
      const world = new WalletWorld();
      const coin = world.pay(50_000n, kind);
      world.chain.mine();
      await world.sync();
      const own = ledgerOf(world.state).coins[0]!.own;
      const back = value(scriptOfAddress(world.address(), 'regtest'));
      const theirs = paying([FUNDING, 9_000n]);
      const joint = spending(
        [{ txId: txIdOf(coin), index: 0 }, theirs.inputs[0]!.outPoint],
        [{ script: back, amount: sat(40_000n) }],
      );
      const signed = signTx(
        joint,
        [
          { output: coin.outputs[0]!, own },
          { output: theirs.outputs[0]!, own: null },
        ],
        world.keys,
      );
      await shown(world, signed);
      expect(world.state.txs.has(txIdOf(signed))).toBe(i === 0);
      world.chain.mine();
      await world.sync();
      expect(walletTransaction(world.state, txIdOf(signed))).toMatchObject({ status: 'confirmed' });
    }
  });

  it.each(['mined', 'published here'])(
    'before its parent is %s is asked for our signature then',
    async (how) => {
      const world = await funded(50_000n);
      const script = value(scriptOfAddress(world.address(), 'regtest'));
      const request = { script: FUNDING, amount: sats(20_000), feerate: RATE };
      const deposit = paying([script, 1_000n]);
      const funding = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
      const parent = how === 'mined' ? deposit : funding.tx;
      const index = how === 'mined' ? 0 : 1 - funding.outputIndex;
      const child = spending([{ txId: txIdOf(parent), index }], [{ script, amount: sat(MAX_MONEY) }]);
      await shown(world, child);
      expect(balanceOf(world.state).untrustedPending).toBe(MAX_MONEY);
      const { tipHeight } = world.state;
      const at = { height: tipHeight, blockHash: 'ab'.repeat(32) as never, index: 1, time: NOW };
      if (how === 'mined')
        world.take(
          applyFacts(world.state, { tipHeight, used: [], seen: [{ tx: parent, at }], gone: [] }, NOW),
        );
      else world.take(value(publishReserved(world.state, funding.txId, NOW)));
      expect(balanceOf(world.state).total).toBeLessThan(60_000n);
      expect(world.state.txs.has(txIdOf(parent))).toBe(true);
      expect(world.state.txs.has(txIdOf(child))).toBe(false);
      expect(value(loadWallet(world.disk, 'regtest'))!.txs.has(txIdOf(child))).toBe(false);
    },
  );

  it('of a parent that is known later is kept where our signature is in it', async () => {
    const world = await funded(50_000n);
    const before = world.state;
    const first = world.take(value(send(world.state, world.keys, to(20_000n), NOW)));
    const second = world.take(value(send(world.state, world.keys, to(10_000n), NOW)));
    expect(second.tx.inputs.map(({ outPoint }) => outPoint.txId)).toEqual([first.txId]);
    // Another device has the same words, and has seen what it made in the other order.
    world.state = { ...world.state, txs: before.txs };
    for (const tx of [second.tx, first.tx]) world.take(noteTx(world.state, { tx, at: null }, NOW));
    expect([...world.state.txs.keys()]).toEqual(expect.arrayContaining([first.txId, second.txId]));
  });
});

describe('what was signed here with others, for whoever has it whole to publish', () => {
  /** Our taproot coin, a coin of `theirs`, and what spends both: our signature over coins that nobody here knows. */
  async function joint(
    theirs: Tx,
  ): Promise<{ world: WalletWorld; tx: Tx; shown: (...txs: readonly Tx[]) => void }> {
    const world = new WalletWorld();
    const coin = world.pay(50_000n, 'p2tr');
    world.chain.mine();
    await world.sync();
    const tx = spending(
      [coin, theirs].map((one) => ({ txId: txIdOf(one), index: 0 })),
      [{ script: FUNDING, amount: sat(55_000n) }],
    );
    const { tipHeight } = world.state;
    const shown = (...txs: readonly Tx[]): void => {
      const seen = txs.map((one) => ({ tx: one, at: null }));
      world.take(
        applyFacts(world.state, { tipHeight, used: [], seen, gone: [] }, NOW, new Map([[txIdOf(tx), tx]])),
      );
    };
    return { world, tx, shown };
  }

  it('stays where what it spends of others becomes known later', async () => {
    const own = value(scriptOfAddress(new WalletWorld().address(), 'regtest'));
    const theirs = paying([FUNDING, 6_000n], [own, 1_000n]);
    const { world, tx, shown } = await joint(theirs);
    shown(tx);
    expect(balanceOf(world.state).total).toBe(0n);
    world.address();
    shown(theirs);
    for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!])
      expect(balanceOf(state)).toMatchObject({ confirmed: 0n, untrustedPending: 1_000n });
  });

  it('takes the place of no payment that went out from the same coin since, but in a block', async () => {
    const { world, tx, shown } = await joint(paying([FUNDING, 6_000n]));
    const sent = world.take(value(send(world.state, world.keys, to(40_000n), NOW)));
    const before = balanceOf(world.state);
    shown(tx);
    expect(walletTransaction(world.state, sent.txId)).toMatchObject({ status: 'pending' });
    expect(balanceOf(world.state)).toEqual(before);
    const at = { height: blockHeight(112), blockHash: 'ab'.repeat(32) as never, index: 1, time: NOW };
    world.take(noteTx(world.state, { tx, at }, NOW));
    expect(walletTransaction(world.state, sent.txId)).toMatchObject({ status: 'replaced' });
  });
});

describe('what another device of the same words made', () => {
  it.each(['p2wpkh', 'p2tr'] as const)(
    'has its change where this one has handed out nothing yet: %s',
    async (kind) => {
      const world = await funded(50_000n, 60_000n);
      const here = { state: world.state, disk: [...world.disk] };
      const address = kind === 'p2tr' ? THEIR_TAPROOT : THEIRS;
      const theirs = (): Tx =>
        world.take(value(send(world.state, world.keys, to(30_000n, { address }), NOW))).tx;
      for (const tx of [theirs(), theirs()]) world.publish(tx);
      const there = balanceOf(world.state);
      world.state = here.state;
      world.disk.clear();
      for (const [key, row] of here.disk) world.disk.set(key, row);
      world.chain.mine();
      await world.sync();
      for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!])
        expect(balanceOf(state)).toMatchObject({ total: there.total, untrustedPending: 0n });
      expect(world.state.accounts.next[kind].change).toBe(2);
    },
  );

  it('and took in a block what both may take is found by the scripts of the gap, and by none beyond', () => {
    for (const [ahead, isFound] of [
      [1, true],
      [20, true],
      [21, false],
    ] as const) {
      const world = new WalletWorld();
      const { next, xpubs } = world.state.accounts;
      const index = next.p2wpkh.receive + ahead - 1;
      const { script } = deriveScript(xpubs.p2wpkh, { kind: 'p2wpkh', branch: 'receive', index });
      const claim = paying([script, 70_000n]);
      world.take(noteTaken(world.state, claim, NOW));
      for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!])
        expect(balanceOf(state).total).toBe(isFound ? 70_000n : 0n);
      // Known by now, it stands where it stands.
      const at = { height: blockHeight(110), blockHash: 'ab'.repeat(32) as never, index: 1, time: NOW };
      world.take(noteTx(world.state, { tx: claim, at }, NOW));
      expect(noteTaken(world.state, claim, NOW).commit).toEqual([]);
    }
  });
});

it('of closes that gave way to one another and then to a block, the newest alone stands again when it is gone', () => {
  const world = new WalletWorld();
  const script = value(scriptOfAddress(world.address(), 'regtest'));
  const funding = paying([FUNDING, 90_000n]);
  const outPoint = { txId: txIdOf(funding), index: 0 };
  const closes = [80_000n, 70_000n, 60_000n].map((amount) =>
    spending([outPoint], [{ script, amount: sat(amount) }]),
  );
  for (const [i, tx] of closes.entries())
    world.take(noteTx(world.state, { tx, at: null, purpose: 'mutual-close' }, timestamp(1_000 + i)));
  const commitment = spending([outPoint], [{ script: FUNDING, amount: sat(89_000n) }]);
  const at = { height: blockHeight(110), blockHash: 'ab'.repeat(32) as never, index: 1 };
  world.take(giveWay(world.state, commitment, at));
  expect(balanceOf(world.state).total).toBe(0n);
  // Told again, as at each start, it changes nothing of them; of what is in a block nothing is asked.
  expect(spentUnconfirmed(world.state)).toEqual(new Set([outPointKey(outPoint)]));
  expect(giveWay(world.state, commitment, at).commit).toEqual([]);
  world.take(standAgain(world.state, txIdOf(commitment)));
  for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!]) {
    expect(balanceOf(state).total).toBe(60_000n);
    expect(unconfirmedOwn(state).map(({ tx }) => tx)).toEqual([closes[2]]);
  }
});

/** Spend coins of others, named by letters: what each pays is ours. */
function rivals(...spends: readonly string[]): { readonly world: WalletWorld; readonly txs: readonly Tx[] } {
  const world = new WalletWorld();
  const script = value(scriptOfAddress(world.address(), 'regtest'));
  const coins = new Map([...new Set(spends.join(''))].map((name) => [name, freshOutPoint()]));
  const txs = spends.map((names, i) =>
    spending(
      [...names].map((name) => coins.get(name)!),
      [{ script, amount: sat(10n ** BigInt(i)) }],
    ),
  );
  return { world, txs };
}

describe('where a reorganisation has another take the same coin', () => {
  const block = (name: string): NonNullable<SeenTx['at']> => ({
    height: blockHeight(110),
    blockHash: name.repeat(64) as never,
    index: 1,
    time: NOW,
  });

  it.each([
    ['is told of before', [1, 0]],
    ['is told of after', [0, 1]],
  ] as const)('what has left its block gives way to it when it %s', (_, order) => {
    const { world, txs } = rivals('a', 'a');
    world.take(noteTx(world.state, { tx: txs[0]!, at: block('1') }, NOW));
    for (const i of order)
      world.take(noteTx(world.state, { tx: txs[i]!, at: i === 0 ? null : block('2') }, NOW));
    for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!])
      expect(balanceOf(state)).toMatchObject({ confirmed: 10n, total: 10n });
    // That block goes as well: one of them stands.
    world.take(noteTx(world.state, { tx: txs[1]!, at: null }, NOW));
    expect(balanceOf(world.state)).toMatchObject({ untrustedPending: 10n, total: 10n });
  });
});

describe('a deposit that left its block, and that a payment of ours goes on from', () => {
  const TAKEN = { height: blockHeight(111), blockHash: 'ab'.repeat(32) as never, index: 1 };

  type Staked = { world: WalletWorld; payment: Tx; deposit: Tx; taker: Tx };

  async function staked(sure = 50_000n, amount = 80_000n): Promise<Staked> {
    const world = await funded(sure);
    const deposit = world.pay(60_000n);
    world.chain.mine();
    await world.sync();
    const payment = world.take(value(send(world.state, world.keys, to(amount), NOW))).tx;
    world.take(noteTx(world.state, { tx: deposit, at: null }, NOW));
    const taker = spending([deposit.inputs[0]!.outPoint], [{ script: FUNDING, amount: sat(60_000n) }]);
    return { world, payment, deposit, taker };
  }

  it('is not forgotten when servers do: once a block has another spend of its coin, all that we put beside it is free', async () => {
    const { world, payment, deposit, taker } = await staked();
    const before = balanceOf(world.state);
    const { tipHeight } = world.state;
    const gone = [txIdOf(deposit)];
    world.take(applyFacts(world.state, { tipHeight, used: [], seen: [], gone }, NOW));
    expect(balanceOf(world.state)).toEqual(before);
    expect(depositsAtStake(world.state)).toEqual(new Map([[txIdOf(deposit), deposit]]));
    world.take(giveWay(world.state, taker, TAKEN));
    for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!]) {
      expect(balanceOf(state)).toMatchObject({ total: 50_000n, spendable: 50_000n });
      expect(walletTransaction(state, txIdOf(payment))).toMatchObject({ status: 'replaced' });
    }
    const takers = new Map([[txIdOf(taker), { tx: taker, at: TAKEN }]]);
    expect(lossOf(world.state, txIdOf(payment), takers)).toEqual({
      by: taker,
      at: TAKEN,
      through: [deposit],
    });
    expect(lossOf(world.state, txIdOf(payment), new Map())).toBeNull();
    world.take(standAgain(world.state, txIdOf(taker)));
    expect(balanceOf(world.state)).toEqual(before);
  });

  it('is left out when the payment is cancelled: with it that might never be mined', async () => {
    const { world, payment, deposit } = await staked();
    const limits = { feerate: feeratePerKw(4_000) };
    const cancelled = world.take(value(cancelTx(world.state, world.keys, txIdOf(payment), limits, NOW)));
    expect(cancelled.tx.inputs).toHaveLength(1);
    expect(cancelled.tx.inputs[0]?.outPoint.txId).not.toBe(txIdOf(deposit));
    expect(balanceOf(world.state)).toMatchObject({
      trustedPending: 50_000n - cancelled.fee,
      untrustedPending: 60_000n,
    });
    // Nothing of ours goes on from it any more, once that is in a block.
    const at = { ...TAKEN, time: NOW };
    world.take(noteTx(world.state, { tx: cancelled.tx, at }, NOW));
    expect(depositsAtStake(world.state).size).toBe(0);
  });

  it('pays for that where what is beside it does not: nobody is paid whom we take the payment back from', async () => {
    const { world, payment, deposit } = await staked(3_000n, 61_000n);
    const limits = { feerate: feeratePerKw(6_000) };
    const cancelled = world.take(value(cancelTx(world.state, world.keys, txIdOf(payment), limits, NOW)));
    expect(cancelled.tx.inputs.map(({ outPoint }) => outPoint)).toEqual(
      payment.inputs.map(({ outPoint }) => outPoint),
    );
    expect(payment.inputs.map(({ outPoint }) => outPoint.txId)).toContain(txIdOf(deposit));
    expect(balanceOf(world.state).total).toBe(63_000n - cancelled.fee);
  });
});

it('what gave way to one that is given up stays where something else took another of its coins', () => {
  const { world, txs } = rivals('ab', 'a', 'b');
  for (const tx of txs) world.take(noteTx(world.state, { tx, at: null }, NOW));
  expect(balanceOf(world.state).total).toBe(110n);
  world.take(abandonTx(world.state, txIdOf(txs[1]!)));
  for (const state of [world.state, value(loadWallet(world.disk, 'regtest'))!])
    expect(balanceOf(state).total).toBe(100n);
  world.take(abandonTx(world.state, txIdOf(txs[2]!)));
  expect(balanceOf(world.state).total).toBe(1n);
});

describe('bumping the fee', () => {
  it('replaces a send: same payment, higher fee, less change', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(20_000n, { label: 'rent' }), NOW)));
    const feerate = feeratePerKw(2_000);
    const bumped = world.take(value(bumpFee(world.state, world.keys, sent.txId, { feerate }, NOW)));
    expect(bumped).toMatchObject({ kind: 'replacement', fee: feeAtLeast(feerate, sent.weight) });
    expect(paidTo(bumped.tx, THEIRS)).toBe(20_000n);
    expect(walletTransaction(world.state, sent.txId)).toMatchObject({
      status: 'replaced',
      replacedBy: bumped.txId,
    });
    expect(walletTransaction(world.state, bumped.txId)).toMatchObject({ status: 'pending', label: 'rent' });
    expect(balanceOf(world.state).total).toBe(30_000n - bumped.fee);
    expect(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(9_000) }, NOW)).toMatchObject({
      error: { code: 'not-replaceable' },
    });

    world.publish(bumped.tx);
    world.chain.mine();
    await world.sync();
    expect(walletTransaction(world.state, bumped.txId)).toMatchObject({ status: 'confirmed' });
    expect(
      bumpFee(world.state, world.keys, bumped.txId, { feerate: feeratePerKw(9_000) }, NOW),
    ).toMatchObject({
      error: { code: 'not-replaceable' },
    });
  });

  it('pays for its own bandwidth (BIP 125), also when the rate rises little', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(20_000n), NOW)));
    const bumped = value(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(1_010) }, NOW));
    expect(bumped.fee).toBe(sent.fee + feeAtLeast(feeratePerKw(253), sent.weight));
  });

  it('the original confirms after all', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(20_000n), NOW)));
    const bumped = world.take(
      value(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(2_000) }, NOW)),
    );
    world.publish(sent.tx);
    world.chain.mine();
    await world.sync();
    expect(walletTransaction(world.state, sent.txId)).toMatchObject({
      status: 'confirmed',
      replacedBy: null,
    });
    expect(walletTransaction(world.state, bumped.txId)).toMatchObject({
      status: 'replaced',
      replacedBy: sent.txId,
    });
    expect(balanceOf(world.state).total).toBe(30_000n - sent.fee);
  });

  it('takes more coins when change does not suffice', async () => {
    const world = await funded(50_000n, 60_000n);
    const sent = world.take(value(send(world.state, world.keys, to(49_000n), NOW)));
    const bumped = value(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(30_000) }, NOW));
    expect(bumped.tx.inputs.length).toBe(2);
    expect(paidTo(bumped.tx, THEIRS)).toBe(49_000n);
  });

  it('of a send of all comes out of what is sent', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to('all'), NOW)));
    const bumped = value(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(3_000) }, NOW));
    expect(paidTo(bumped.tx, THEIRS)).toBe(50_000n - bumped.fee);
  });

  it('of a send of all leaves what was kept back for closing channels as it was, again and again', async () => {
    const world = await funded(50_000n, 60_000n);
    const first = world.take(
      value(send(world.state, world.keys, to('all', { keepBack: sats(25_000) }), NOW)),
    );
    await world.fund(30_000n);
    let { txId } = first;
    for (const rate of [3_000, 6_000]) {
      const limits = { feerate: feeratePerKw(rate) };
      const bumped = world.take(value(bumpFee(world.state, world.keys, txId, limits, NOW)));
      expect(paidTo(bumped.tx, THEIRS)).toBe(110_000n - 25_000n - bumped.fee);
      expect(balanceOf(world.state)).toMatchObject({ total: 55_000n, spendable: 55_000n });
      expect(bumped.fee).toBeGreaterThanOrEqual(feeAtLeast(limits.feerate, weightOf(bumped.tx)));
      ({ txId } = bumped);
    }
    const cancelled = value(cancelTx(world.state, world.keys, txId, { feerate: feeratePerKw(9_000) }, NOW));
    expect(cancelled.tx.outputs.map(({ amount }) => amount)).toEqual([110_000n - cancelled.fee]);
  });

  it('without the coins for it is refused', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(49_300n), NOW)));
    expect(bumpFee(world.state, world.keys, sent.txId, { feerate: feeratePerKw(9_000) }, NOW)).toMatchObject({
      error: { code: 'insufficient-funds' },
    });
    expect(bumpFee(world.state, world.keys, sent.txId, { feerate: RATE }, NOW)).toMatchObject({
      error: { code: 'fee-too-low' },
    });
  });

  // Its change is what the channel is to be funded with: replaced, the funding transaction could never be.
  it('does not take the place of what a waiting transaction spends from', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(20_000n), NOW)));
    const funding = value(
      buildFunding(world.state, world.keys, { script: FUNDING, amount: sat(25_000n), feerate: RATE }, NOW),
    );
    world.take(funding);
    const limits = { feerate: feeratePerKw(2_000) };
    expect(cancelTx(world.state, world.keys, sent.txId, limits, NOW)).toMatchObject({
      error: { code: 'not-replaceable', reason: 'another transaction spends its change' },
    });
    expect(bumpFee(world.state, world.keys, sent.txId, limits, NOW).ok).toBe(false);
    world.take(releaseReservation(world.state, txIdOf(funding.tx)));
    expect(value(bumpFee(world.state, world.keys, sent.txId, limits, NOW)).kind).toBe('replacement');
  });

  it('cancels: all returns but the fee', async () => {
    const world = await funded(50_000n);
    const sent = world.take(value(send(world.state, world.keys, to(20_000n), NOW)));
    const cancelled = world.take(
      value(cancelTx(world.state, world.keys, sent.txId, { feerate: feeratePerKw(2_000) }, NOW)),
    );
    expect(paidTo(cancelled.tx, THEIRS)).toBeUndefined();
    expect(balanceOf(world.state)).toMatchObject({
      total: 50_000n - cancelled.fee,
      spendable: 50_000n - cancelled.fee,
    });
    expect(walletTransaction(world.state, cancelled.txId)).toMatchObject({ direction: 'internal' });
  });

  it('of a funding transaction is paid by a child, so that its id stays', async () => {
    const world = await funded(50_000n);
    const funding = world.take(
      value(
        buildFunding(world.state, world.keys, { script: FUNDING, amount: sats(20_000), feerate: RATE }, NOW),
      ),
    );
    world.take(value(publishReserved(world.state, funding.txId, NOW)));
    const feerate = feeratePerKw(4_000);
    const bumped = world.take(value(bumpFee(world.state, world.keys, funding.txId, { feerate }, NOW)));
    expect(bumped.kind).toBe('child');
    const both = weightOf(funding.tx) + weightOf(bumped.tx);
    expect(Number(funding.fee + bumped.fee)).toBeGreaterThanOrEqual((both * feerate) / 1_000);
    expect(Number(funding.fee + bumped.fee)).toBeLessThan((both * feerate) / 1_000 + 20);
    expect(walletTransaction(world.state, funding.txId)).toMatchObject({ status: 'pending' });
  });

  it.each(['bump', 'cancel'])('%s: what is unknown, and what others made, is refused', async (what) => {
    const world = await funded(50_000n);
    const act = what === 'bump' ? bumpFee : cancelTx;
    const feerate = feeratePerKw(9_000);
    const theirs = world.pay(1_000n);
    await world.sync();
    expect(act(world.state, world.keys, txIdOf(theirs), { feerate }, NOW)).toMatchObject({
      error: { code: 'not-replaceable' },
    });
    expect(act(world.state, world.keys, 'ab'.repeat(32) as never, { feerate }, NOW)).toEqual({
      ok: false,
      error: { code: 'unknown-transaction' },
    });
  });
});

describe('reservations', () => {
  const request = { script: FUNDING, amount: sats(40_000), feerate: RATE } as const;

  it('hold coins, on disk too, until released', async () => {
    const world = await funded(50_000n);
    const quote = value(quoteFunding(world.state, request));
    const funding = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
    expect(funding).toMatchObject({ fee: quote.fee, amount: 40_000n });
    expect(funding.tx.outputs[funding.outputIndex]).toEqual({ script: FUNDING, amount: 40_000n });
    expect(funding.tx.inputs.every(({ scriptSig }) => scriptSig.length === 0)).toBe(true);
    expect(balanceOf(world.state)).toMatchObject({ reserved: 50_000n, spendable: 0n, total: 50_000n });
    expect(buildFunding(world.state, world.keys, request, NOW).ok).toBe(false);
    const loaded = value(loadWallet(world.disk, 'regtest'))!;
    expect(balanceOf(loaded)).toMatchObject({ reserved: 50_000n });
    world.take(releaseReservation(world.state, funding.txId));
    expect(balanceOf(world.state)).toMatchObject({ reserved: 0n, spendable: 50_000n });
    expect(balanceOf(value(loadWallet(world.disk, 'regtest'))!)).toMatchObject({ reserved: 0n });
  });

  it('become transactions when published; twice is once', async () => {
    const world = await funded(50_000n);
    const funding = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
    const published = world.take(value(publishReserved(world.state, funding.txId, NOW)));
    expect(published.tx).toEqual(funding.tx);
    expect(value(publishReserved(world.state, funding.txId, NOW))).toMatchObject({
      commit: [],
      tx: funding.tx,
    });
    expect(balanceOf(world.state)).toMatchObject({ reserved: 0n, trustedPending: 10_000n - funding.fee });
    expect(walletTransaction(world.state, funding.txId)).toMatchObject({
      direction: 'outgoing',
      amount: 40_000n,
      purpose: 'funding',
    });
  });

  it('seen on chain before they were published here: theirs is the coin', async () => {
    const world = await funded(50_000n);
    const funding = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
    world.publish(funding.tx);
    world.chain.mine();
    for (let i = 0; i < 3; i++) {
      world.chain.mine();
      await world.sync();
    }
    expect(world.state.reservations.size).toBe(0);
    expect(walletTransaction(world.state, funding.txId)).toMatchObject({
      status: 'confirmed',
      purpose: 'funding',
    });
  });

  it('two fundings have different coins and different change', async () => {
    const world = await funded(50_000n, 60_000n);
    const a = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
    const b = world.take(value(buildFunding(world.state, world.keys, request, NOW)));
    expect(a.tx.inputs[0]!.outPoint).not.toEqual(b.tx.inputs[0]!.outPoint);
    const scripts = [...a.tx.outputs, ...b.tx.outputs].map(({ script }) => script.join());
    expect(new Set(scripts).size).toBe(3);
  });

  it('all that there is goes into a channel, but the fee', async () => {
    const world = await funded(50_000n, 60_000n);
    const funding = value(buildFunding(world.state, world.keys, { ...request, amount: 'all' }, NOW));
    expect(funding.amount).toBe(110_000n - funding.fee);
    expect(funding.tx.outputs.length).toBe(1);
  });

  it('pay for a parent through an input that others sign', async () => {
    const world = await funded(50_000n);
    const anchor = { script: FUNDING, amount: sats(330) };
    const commitment = paying([FUNDING, 330n]);
    const parent = { weight: weightOf(commitment), fee: sats(50) };
    const foreign = [
      {
        outPoint: { txId: txIdOf(commitment), index: 0 },
        sequence: 0xffff_fffe,
        output: anchor,
        witnessWeight: 115,
      },
    ];
    const feerate = feeratePerKw(5_000);
    const bump = world.take(
      value(
        buildAttached(
          world.state,
          world.keys,
          { purpose: 'anchor-bump', feerate, foreign, outputs: [], parent },
          NOW,
        ),
      ),
    );
    expect(bump.tx.inputs[0]).toMatchObject({ sequence: 0xffff_fffe, witness: [] });
    expect(bump.tx.inputs[1]!.witness.length).toBeGreaterThan(0);
    const complete = {
      ...bump.tx,
      inputs: bump.tx.inputs.map((input, i) =>
        i === 0 ? { ...input, witness: [new Uint8Array(71), new Uint8Array(40)] } : input,
      ),
    };
    const both = weightOf(complete) + parent.weight;
    expect(Number(bump.fee + parent.fee)).toBeGreaterThanOrEqual((both * feerate) / 1_000);
    expect(330n + 50_000n - bump.fee).toBe(bump.tx.outputs.reduce((sum, { amount }) => sum + amount, 0n));
    const published = world.take(value(publishReserved(world.state, bump.txId, NOW, { complete })));
    expect(published.tx).toBe(complete);
  });
});

it('labels are kept', async () => {
  const world = await funded(50_000n);
  const [{ txId } = { txId: '' as never }] = listTransactions(world.state);
  world.take(labelTx(world.state, txId, 'salary'));
  expect(value(loadWallet(world.disk, 'regtest'))!.txs.get(txId)?.label).toBe('salary');
  const { script } = world.take(newAddress(world.state, { label: 'from Ann' }));
  expect(script.label).toBe('from Ann');
});

it('what is paid to an address has the label of that address; what we pay to ourselves has not', async () => {
  const world = await funded(50_000n);
  const { script, address } = world.take(newAddress(world.state, { label: 'from Ann' }));
  world.take(value(send(world.state, world.keys, { ...to(20_000n), address }, NOW)));
  const [own] = listTransactions(world.state);
  expect(own?.label).toBe('');
  const theirs = paying([script.script, sat(7_000n)]);
  world.take(noteTx(world.state, { tx: theirs, at: null }, NOW));
  expect(walletTransaction(world.state, txIdOf(theirs))).toMatchObject({ label: 'from Ann', amount: 7_000n });
  // It is the user's own from then on.
  world.take(labelTx(world.state, txIdOf(theirs), ''));
  expect(walletTransaction(world.state, txIdOf(theirs))?.label).toBe('');
});
