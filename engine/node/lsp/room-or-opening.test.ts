import { beforeAll, expect, it } from 'vitest';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { ROOM, RoomStage } from '../../testkit/room-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const JIT = 50_000_000n;
const JIT_FEE = 2_000_000n;

async function jitInvoice(stage: RoomStage) {
  const { world, wallet } = stage;
  const { offers } = value(await world.ask(wallet.api.lsp.quote(JIT)));
  const request = { quoteId: offers[0]?.quoteId ?? '', description: 'jit', maxFeeMsat: 10_000_000n };
  return value(await world.ask(wallet.api.lsp.receive(request)));
}

it('a channel that was bought ahead (LSPS1) does not earn the LSP the fee of an opening (LSPS2) as well', async () => {
  const stage = await RoomStage.start();
  const { lsp } = stage;
  value(await stage.buy('lightning'));
  const { invoice } = await jitInvoice(stage);
  await stage.claim();
  await stage.deliver();
  expect(await stage.order()).toMatchObject({ stage: 'open' });
  await lsp.forward(invoice, [{ amount: JIT, kept: JIT_FEE }]);
  expect(lsp.results.map(({ tag }) => tag)).toEqual(['failed']);
});

it('a channel that a payment paid for (LSPS2) is not the one that was bought ahead (LSPS1)', async () => {
  const stage = await RoomStage.start();
  const { world, lsp } = stage;
  value(await stage.buy('lightning'));
  const { invoice } = await jitInvoice(stage);
  await stage.claim();
  await lsp.open(ROOM + 1_000n);
  await world.pass(2_000);
  await lsp.forward(invoice, [{ amount: JIT, kept: JIT_FEE }]);
  expect(lsp.results.map(({ tag }) => tag)).toContain('fulfilled');
  const outPoint = lsp.state.durable?.active[0].funding.outPoint;
  lsp.shop.opened(`${outPoint?.txId}:${outPoint?.index}`);
  expect(await stage.order()).toMatchObject({
    stage: 'undelivered',
    channelId: null,
    namedChannel: 'paid-for',
  });
});

it('a channel that was bought ahead (LSPS1) stays paid for when its order is off the list', async () => {
  const stage = await RoomStage.start();
  const { world, wallet, lsp } = stage;
  const { id } = value(await stage.buy('lightning'));
  const { invoice } = await jitInvoice(stage);
  await stage.claim();
  await stage.deliver();
  expect(await stage.order()).toMatchObject({ stage: 'open', namedChannel: null });
  value(await world.ask(wallet.api.lsp.orders.forget(id)));
  expect(await wallet.api.lsp.orders.list()).toEqual([]);
  expect(await world.ask(wallet.api.lsp.orders.forget(id))).toMatchObject({ ok: false });
  await wallet.restart();
  for (let seconds = 0; seconds < 30 && !lsp.isConnected; seconds++) await world.pass(1_000);
  expect(await wallet.api.lsp.orders.list()).toEqual([]);
  await lsp.forward(invoice, [{ amount: JIT, kept: JIT_FEE }]);
  expect(lsp.results.map(({ tag }) => tag)).toEqual(['failed']);
});
