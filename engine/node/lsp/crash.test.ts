import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** Starts the wallet again if it died, as often as it takes; the LSP is found again by itself. */
async function revive({ wallet, world, lsp }: LspStage): Promise<boolean> {
  if (!wallet.isDead) return false;
  await wallet.restart();
  for (let seconds = 0; seconds < 60 && !lsp.isConnected; seconds++) await world.pass(1_000);
  await world.pass(2_000);
  return true;
}

describe('a wallet that ends in the middle', () => {
  it('and has shown its invoice: it finds its LSP again and is paid', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    stage.wallet.die();
    stage.wallet.store = stage.wallet.store.restart();
    await stage.wallet.start();
    await stage.world.pass(5_000);
    expect(stage.lsp.isConnected).toBe(true);
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
  });

  it('and is woken: its LSP opens before it has seen the chain, and waits for it', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    const { world, wallet, lsp } = stage;
    world.esplora.fault = () => ({ code: 'unreachable', detail: '' });
    await wallet.restart();
    // A person, or what renews notifications, connects before the chain was seen.
    const { host, port } = lsp.server();
    const connected = wallet.api.connect(lsp.id, host, port, false);
    await world.pass(1_000);
    expect((await connected).ok).toBe(true);
    await lsp.open(200_000n);
    expect(lsp.heard.map(({ name }) => name)).not.toContain('error');
    world.esplora.fault = () => null;
    for (let second = 0; second < 40; second++) await world.pass(1_000);
    expect(await wallet.api.listChannels()).toMatchObject([{ isUsable: true }]);
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
  });

  it('and has not seen the funding transaction: it looks for it anew', async () => {
    const stage = await LspStage.start();
    const { invoice, paymentId } = await stage.invoice();
    stage.lsp.publishes = false;
    await stage.open();
    await stage.wallet.restart();
    await stage.world.pass(5_000);
    expect(await stage.wallet.api.listChannels()).toMatchObject([{ isUsable: false }]);
    stage.lsp.publishNow();
    await stage.world.pass(5_000);
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded' });
  });

  it.each(['crash-before', 'crash-after'] as const)(
    'at each commit between the invoice and the money (%s): it is paid once, with one fee',
    async (tag) => {
      const ends: string[] = [];
      for (let ahead = 0; ahead < 14; ahead++) {
        const stage = await LspStage.start();
        const { invoice, paymentId } = await stage.invoice();
        stage.wallet.store.plan({ tag }, ahead);
        await stage.open();
        await revive(stage);
        // What a real LSP does when the channel did not come to be.
        if (stage.lsp.state.durable === null) await stage.open();
        if (stage.outcome === null) await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
        await revive(stage);
        // An HTLC that had not been signed for is gone with the connection: it is sent again.
        if ((await stage.payment(paymentId)).state === 'pending')
          await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
        stage.wallet.store.spare();
        await revive(stage);
        const { state, amountMsat, feeMsat } = await stage.payment(paymentId);
        const channels = await stage.wallet.api.listChannels();
        const local = channels.reduce((sum, { localMsat }) => sum + localMsat, 0n);
        ends.push(`${state} ${amountMsat} ${feeMsat} ${local}`);
      }
      expect(new Set(ends)).toEqual(new Set([`succeeded ${AMOUNT - FEE} ${FEE} ${AMOUNT - FEE}`]));
    },
  );
});
