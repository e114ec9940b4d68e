import { beforeAll, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { AMOUNT, FEE, LspStage } from '../testkit/lsp-stage.ts';
import { value } from '../testkit/wallet-world.ts';

const MORE = 20_000_000n;

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** The LSP opened the channel, and owes its signature of what it paid and the wallet took; it signs with the next HTLC. */
async function owed(): Promise<{ stage: LspStage; asked: () => number; left: () => number }> {
  const stage = await LspStage.start();
  const { world, wallet, lsp } = stage;
  const { invoice } = await stage.invoice();
  await stage.open();
  await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
  const more = value(await world.ask(wallet.api.bolt11.receive({ amountMsat: MORE, description: 'more' })));
  lsp.deaf = ({ name }) => {
    if (name === 'update_fulfill_htlc') lsp.signs = false;
    else if (name === 'update_add_htlc') lsp.signs = true;
    return false;
  };
  await lsp.forward(more.invoice, [{ amount: MORE, kept: 0n }]);
  const asked = (): number => lsp.heard.filter(({ name }) => name === 'update_add_htlc').length;
  return { stage, asked, left: () => lsp.state.durable?.ledger.outgoing.size ?? -1 };
}

// LND that died between its revoke_and_ack and its commitment_signed signs with the next update alone, and of who does not
// pay the fee that may not be update_fee.
it('a peer that opened the channel and does not sign is offered a satoshi under a hash that nobody knows, and signs', async () => {
  const { stage, asked, left } = await owed();
  const { world, wallet } = stage;
  await world.mine();
  expect([asked(), left()]).toEqual([0, 1]);
  await world.pass(6_000);
  await world.mine();
  expect([asked(), left()]).toEqual([1, 0]);
  await world.pass(60_000);
  await world.mine();
  expect(asked()).toBe(1);
  expect(await stage.total()).toBe(AMOUNT - FEE + MORE);
  const { payments } = await world.ask(wallet.api.listPayments());
  expect(payments.map(({ amountMsat }) => amountMsat)).toEqual([MORE, AMOUNT - FEE]);
});
