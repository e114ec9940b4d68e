import { beforeAll, expect, it } from 'vitest';
import { assert } from '../../base/assert.ts';
import { txId } from '../../base/ids.ts';
import { sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { spending } from '../../testkit/fake-chain.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** Paid once through a channel that is in no block, whose coins the LSP now spends to itself. */
async function robbed(): Promise<{ readonly stage: LspStage; readonly rival: Tx; readonly funding: Tx }> {
  const stage = await LspStage.start();
  const { invoice } = await stage.invoice();
  await stage.open();
  await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
  expect(stage.outcome).toBe('fulfilled');
  const { chain } = stage.world;
  const [channel] = await stage.wallet.api.listChannels();
  const funding = chain.findTx(txId(channel?.fundingTxId ?? ''))?.tx;
  assert(funding !== undefined, 'no funding transaction');
  chain.mempool = chain.mempool.filter((tx) => tx !== funding);
  const rival = spending(
    funding.inputs.map(({ outPoint }) => outPoint),
    [{ amount: sat(190_000), script: Uint8Array.of(0x51, 0x20, ...new Uint8Array(32).fill(7)) }],
  );
  chain.add(rival);
  stage.world.esplora.refusal = 'txn-mempool-conflict';
  await stage.world.pass(5_000);
  return { stage, rival, funding };
}

const second = async ({ world, wallet, lsp }: LspStage): Promise<string> => {
  const { invoice, paymentId } = value(
    await world.ask(wallet.api.bolt11.receive({ amountMsat: 20_000_000n, description: 'second' })),
  );
  await lsp.forward(invoice, [{ amount: 20_000_000n, kept: 0n }]);
  return paymentId;
};

it('a trusted LSP that spends its funding elsewhere is found out, told of, and given no more preimages', async () => {
  const { stage } = await robbed();
  const { wallet } = stage;
  expect(await wallet.api.listChannels()).toMatchObject([
    { state: 'waiting-for-confirmations', isUsable: false, receivableMsat: 0n },
  ]);
  expect((await wallet.events()).filter(({ tag }) => tag === 'alarm')).toMatchObject([
    { alarm: { code: 'double-spent' } },
  ]);
  const paymentId = await second(stage);
  expect(stage.outcome).toBe('failed');
  expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
  // Also after a start, and without being told a second time.
  await wallet.restart();
  await stage.world.pass(5_000);
  expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
  expect((await wallet.events()).filter(({ tag }) => tag === 'alarm')).toEqual([]);
  // But it is shown for as long as it stands.
  expect((await wallet.api.status()).alarms).toMatchObject([{ code: 'double-spent' }]);
});

it('once the other transaction is deep, the channel never was', async () => {
  const { stage } = await robbed();
  const { wallet, world } = stage;
  await world.mine(3);
  expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
  await world.mine(4);
  expect(await wallet.api.listChannels()).toMatchObject([{ state: 'closed', closing: null }]);
  expect(await wallet.api.listBalances()).toMatchObject({ totalMsat: 0n });
  expect((await wallet.events()).map(({ tag }) => tag)).toContain('channel-void');
});

it('a rival that loses is forgotten, and the channel goes on', async () => {
  const { stage, rival, funding } = await robbed();
  const { world, wallet } = stage;
  world.chain.mempool = world.chain.mempool.filter((tx) => tx !== rival);
  world.chain.add(funding);
  world.esplora.refusal = null;
  await world.mine(1);
  expect(await wallet.api.listChannels()).toMatchObject([{ state: 'ready', confirmations: 1 }]);
  expect(world.chain.findTx(txIdOf(rival))).toBe(null);
  await second(stage);
  expect(stage.outcome).toBe('fulfilled');
});
