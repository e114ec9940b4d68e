import { describe, expect, it } from 'vitest';
import { sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { spending } from '../../testkit/fake-chain.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { walletScript } from '../../testkit/two-peer-env.ts';
import type { Alarm } from '../api.ts';

const PAID = (AMOUNT - FEE) / 1_000n;
/** Blocks until what the LSP forwards expires. */
const LIFE = 50;

type Held = { readonly stage: LspStage; readonly paymentId: string; readonly expiry: number };

/** A payment to a wallet without coins, whose preimage the LSP has and does not answer. */
async function held(): Promise<Held> {
  const stage = await LspStage.start();
  const { world, lsp } = stage;
  const { invoice, paymentId } = await stage.invoice();
  await stage.open();
  await world.mine(6);
  lsp.deaf = () => lsp.heard.some(({ name }) => name === 'update_fulfill_htlc');
  const expiry = heightOf(stage) + LIFE;
  await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
  return { stage, paymentId, expiry };
}

const heightOf = ({ world }: LspStage): number => world.chain.blocks.length - 1;
const alarmsOf = async ({ wallet }: LspStage): Promise<readonly Alarm[]> =>
  (await wallet.api.status()).alarms;
const closingSat = async ({ wallet }: LspStage): Promise<bigint> =>
  (await wallet.api.listBalances()).closingSat;

async function commitmentOf({ world, wallet }: LspStage): Promise<Tx | undefined> {
  const [channel] = await wallet.api.listChannels();
  return [...world.chain.mempool, ...world.chain.blocks.flatMap(({ txs }) => txs)].find(({ inputs }) =>
    inputs.some(({ outPoint }) => outPoint.txId === channel?.fundingTxId),
  );
}

/** Until our commitment is in a block. */
async function closed(stage: LspStage): Promise<Tx> {
  for (let blocks = 0; blocks < LIFE; blocks++) {
    await stage.world.mine(1);
    const commitment = await commitmentOf(stage);
    if (commitment === undefined) continue;
    await stage.world.mine(1);
    return commitment;
  }
  throw new Error('it did not go to the chain');
}

describe('a payment that only the chain can secure, to a wallet without coins', () => {
  it('is told of at high fees while the LSP is still connected, before it goes to the chain', async () => {
    const { stage, expiry } = await held();
    const { world, wallet } = stage;
    world.esplora.estimates = Object.fromEntries([1, 2, 3, 6, 12, 24, 144].map((n) => [n, 200]));
    await world.pass(700_000);
    const wanted = async (): Promise<bigint> => (await wallet.api.listBalances()).onchain.keptWantedSat;
    await world.mine(expiry - 37 - heightOf(stage));
    expect(await wanted()).toBe(25_000n);
    await world.mine(1);
    expect(await wanted()).toBeGreaterThan(25_000n);
    expect(await commitmentOf(stage)).toBeUndefined();
  });

  it('is told of with its deadline and what it lacks, before the LSP can take it back', async () => {
    const { stage, expiry } = await held();
    const { world, wallet } = stage;
    expect(await alarmsOf(stage)).toEqual([]);
    await closed(stage);
    expect(heightOf(stage)).toBeLessThan(expiry - 12);
    const [channel] = await wallet.api.listChannels();
    expect(await alarmsOf(stage)).toMatchObject([
      {
        code: 'claim-unpaid',
        detail: channel?.channelId,
        claim: { amountSat: PAID, deadlineHeight: expiry, missingSat: 25_000n },
      },
    ]);
    expect(await closingSat(stage)).toBe(PAID);
    // So much, and it is taken; nothing is to be told any more.
    await world.fund(wallet, 25_000n);
    expect(await alarmsOf(stage)).toEqual([]);
    await world.mine(1);
    await world.mine(150);
    await world.mine(1);
    expect(await closingSat(stage)).toBe(0n);
    expect(await stage.total()).toBeGreaterThan((25_000n + PAID) * 1_000n - 3_000_000n);
  });

  it('is not counted as money that comes once the LSP can take it, and is told as lost once it has', async () => {
    const { stage, paymentId, expiry } = await held();
    const { world, wallet } = stage;
    const commitment = await closed(stage);
    const txId = txIdOf(commitment);
    await world.mine(expiry - heightOf(stage) - 1);
    expect(await closingSat(stage)).toBe(PAID);
    await world.mine(1);
    expect(await closingSat(stage)).toBe(0n);
    expect(await stage.total()).toBe(0n);
    const [channel] = await wallet.api.listChannels();
    expect(channel?.closing?.outputs).toMatchObject([{ amountSat: PAID, isLate: true }]);
    // Coins may still be in time: it stays said.
    expect(await alarmsOf(stage)).toMatchObject([
      { code: 'claim-unpaid', claim: { deadlineHeight: expiry } },
    ]);

    const index = commitment.outputs.findIndex(({ amount }) => amount === PAID);
    const back = spending([{ txId, index }], [{ script: walletScript('lsp'), amount: sat(PAID - 500n) }]);
    world.chain.add({ ...back, lockTime: expiry });
    await world.mine(1);
    expect(await alarmsOf(stage)).toEqual([]);
    await world.mine(6);
    expect(await stage.payment(paymentId)).toMatchObject({
      state: 'failed',
      failure: { code: 'taken-back' },
    });
    expect(await stage.total()).toBe(0n);
  });

  it('comes in by coins that came late, where the LSP has not taken it', async () => {
    const { stage, expiry } = await held();
    const { world, wallet } = stage;
    await closed(stage);
    await world.mine(expiry - heightOf(stage) + 5);
    expect(await closingSat(stage)).toBe(0n);
    await world.fund(wallet, 25_000n);
    expect(await closingSat(stage)).toBe(PAID);
    expect(await alarmsOf(stage)).toEqual([]);
  });

  it('needs none on the commitment of the LSP: what it takes pays for taking it', async () => {
    const { stage, expiry } = await held();
    const { world } = stage;
    stage.lsp.closeByForce();
    await world.mine(1);
    expect(await alarmsOf(stage)).toEqual([]);
    await world.mine(1);
    expect(heightOf(stage)).toBeLessThan(expiry - 12);
    const { onchain } = await stage.wallet.api.listBalances();
    expect(onchain.confirmedSat).toBeGreaterThan(PAID - 3_000n);
    expect(await alarmsOf(stage)).toEqual([]);
  });

  it('is settled by the LSP once it listens again', async () => {
    const { stage, expiry } = await held();
    const { world, wallet, lsp } = stage;
    await world.mine(10);
    lsp.deaf = () => false;
    await wallet.restart();
    await world.pass(5_000);
    expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: true, pendingHtlcs: 0 }]);
    await world.mine(expiry - heightOf(stage));
    expect(await commitmentOf(stage)).toBeUndefined();
    expect(await alarmsOf(stage)).toEqual([]);
    expect(await stage.total()).toBe(PAID * 1_000n);
  });
});
