import { beforeAll, describe, expect, it } from 'vitest';
import type { Scid } from '../../base/units.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import type { ChannelMessage } from '../../channel/message.ts';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** `jit_channel_scid` of the double. */
const PROMISED = ((100n << 40n) | (1n << 16n)) as Scid;

/** The first hop that an invoice for a further payment names. */
async function nextHint({ world, wallet }: LspStage) {
  const request = { amountMsat: 5_000_000n, description: 'next' };
  const { invoice } = value(await world.ask(wallet.api.bolt11.receive(request)));
  return value(decodeBolt11(invoice, 'regtest')).routeHints[0]?.[0];
}

describe('an LSP that opens its channel for a payment', () => {
  // bLIP 52 §5: "The client MUST NOT treat an `error` of a channel open as a failure of the LSP to deliver the requested
  // service"
  // bLIP 52 §5: "The LSP MAY `error` the channel before it broadcasts the"; "If it does so, it MUST attempt
  // to re-initiate a"; "The LSP MAY repeat this channel open-`error`-repeat flow any number"
  it('and takes it back, and opens another: nobody is told that it did wrong, and the payment arrives', async () => {
    const stage = await LspStage.start();
    const { lsp, wallet, world } = stage;
    const { invoice, paymentId } = await stage.invoice();
    const failing = (message: ChannelMessage): ChannelMessage =>
      message.name === 'funding_created'
        ? {
            name: 'error',
            channelId: message.temporaryChannelId,
            data: encodeUtf8('one of the batch failed'),
          }
        : message;
    for (let times = 0; times < 2; times++) {
      lsp.tap = failing;
      await stage.open();
      expect(await wallet.api.listChannels()).toEqual([]);
      expect(await wallet.api.lsp.conduct(paymentId)).toEqual({ ok: true, value: null });
      expect(await stage.payment(paymentId)).toMatchObject({ state: 'pending' });
    }
    lsp.tap = (message) => message;
    await stage.open();
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
    expect((await world.ask(wallet.api.listPayments())).payments).toHaveLength(1);
  });

  // bLIP 52 §5: "If the client disconnects before the LSP can receive `funding_signed`"
  it('and hangs up while it opens: nobody is told that it did wrong', async () => {
    const stage = await LspStage.start();
    const { lsp, wallet } = stage;
    const { paymentId } = await stage.invoice();
    lsp.deaf = ({ name }) => name === 'accept_channel';
    await stage.open();
    await lsp.vanish();
    expect(await wallet.api.lsp.conduct(paymentId)).toEqual({ ok: true, value: null });
    expect(await wallet.api.listChannels()).toEqual([]);
  });

  // bLIP 52 §5: "Clients MUST NOT expect that `jit_channel_scid` is the same as the `alias`"
  // bLIP 52 §6: "the client MUST use the `alias` for future invoices on the channel"
  // bLIP 52 §6: "Invoices issued after the channel open MUST use the fee rates negotiated for the new channel"
  it('under an alias of its own: that is what further invoices name, with the fees that the channel has', async () => {
    const stage = await LspStage.start();
    const said: ChannelMessage[] = [];
    stage.lsp.tap = (message) => {
      said.push(message);
      return message;
    };
    const { invoice } = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    const ready = said.find((message) => message.name === 'channel_ready');
    const update = said.find((message) => message.name === 'channel_update');
    const hint = await nextHint(stage);
    expect(ready?.alias).not.toBe(PROMISED);
    expect(hint).toEqual({
      nodeId: stage.lsp.id,
      scid: ready?.alias,
      feeBase: BigInt(update?.feeBase ?? -1),
      feeProportionalMillionths: update?.feeProportionalMillionths,
      cltvExpiryDelta: update?.cltvExpiryDelta,
    });
  });

  // bLIP 52 §5: "Clients MUST NOT expect that `jit_channel_scid` is different from the `alias`"
  it('under the alias that it promised: that is what further invoices name', async () => {
    const stage = await LspStage.start();
    stage.lsp.tap = (message) =>
      message.name === 'channel_ready' ? { ...message, alias: PROMISED } : message;
    const { invoice, paymentId } = await stage.invoice();
    await stage.open();
    await stage.lsp.forward(invoice, [{ amount: AMOUNT, kept: FEE }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
    expect(await nextHint(stage)).toMatchObject({ scid: PROMISED });
  });

  // bLIP 52 §Trust Models: "the client SHOULD wait for at least 1 confirmation and check that the funding transaction output is
  // the expected script and value"
  it('that is not trusted, with a transaction that pays another script: blocks make it no better', async () => {
    const stage = await LspStage.start({ trusted: false });
    const { lsp, wallet, world } = stage;
    await stage.invoice();
    lsp.fundsElsewhere = true;
    await stage.open();
    await world.mine(6);
    await world.pass(60_000);
    expect(lsp.heard.map(({ name }) => name)).toContain('funding_signed');
    expect(lsp.heard.map(({ name }) => name)).not.toContain('channel_ready');
    for (const channel of await wallet.api.listChannels())
      expect(channel).toMatchObject({ isUsable: false, confirmations: 0 });
  });
});
