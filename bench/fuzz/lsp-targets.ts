import { nodeId } from '../../engine/base/ids.ts';
import { sat, timestamp, blockDelta, msat } from '../../engine/base/units.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { chooseOffer } from '../../engine/lsp/choose-offer.ts';
import { readLspMessage } from '../../engine/lsp/lsps0.ts';
import { changedSince, lightningUntil, orderFault } from '../../engine/lsp/order-fault.ts';
import { readOptions, wishWithin } from '../../engine/lsp/lsps1-options.ts';
import { readOrder } from '../../engine/lsp/lsps1-order.ts';
import { buy } from '../../engine/lsp/lsps2.ts';
import { listWebhooks, setWebhook } from '../../engine/lsp/lsps5.ts';
import { readMenu, type OpeningFeeParams } from '../../engine/lsp/opening-fee-params.ts';
import { RpcClient, type RpcAnswer } from '../../engine/lsp/rpc-client.ts';
import examples from '../../engine/invoice/fixtures/bolt11.json' with { type: 'json' };
import { RoomShop } from '../../engine/testkit/room-shop.ts';
import type { Target } from './target.ts';

const LSP = nodeId(`02${'ab'.repeat(32)}`);
const ID = '0'.repeat(32);
const NOW = timestamp(1_780_000_000);

const FEE = {
  min_fee_msat: '546000',
  proportional: 1200,
  valid_until: '2027-02-23T08:47:30.511Z',
  min_lifetime: 1008,
  max_client_to_self_delay: 2016,
  min_payment_size_msat: '1000',
  max_payment_size_msat: '1000000000',
  promise: 'abcdefghijklmnopqrstuvwxyz',
};
const shop = new RoomShop('fuzz', () => NOW);
shop.invoice = examples.valid[0]?.invoice ?? null;
const order = shop.serve('lsps1.create_order', {
  lsp_balance_sat: '100000',
  client_balance_sat: '0',
  required_channel_confirmations: 0,
  funding_confirms_within_blocks: 6,
  channel_expiry_blocks: 1_000,
  refund_onchain_address: shop.address,
  announce_channel: false,
});
shop.opened(`${'ab'.repeat(32)}:1`);
const opened = shop.serve('lsps1.get_order', {});

const RESULTS: readonly object[] = [
  { protocols: [1, 2, 5] },
  shop.options,
  order,
  opened,
  { opening_fee_params_menu: [] },
  { opening_fee_params_menu: [FEE, { ...FEE, min_fee_msat: '1' }] },
  { jit_channel_scid: '29451x4815x1', lsp_cltv_expiry_delta: 144, client_trusts_lsp: false },
  { num_webhooks: 2, max_webhooks: 4, no_change: false },
  { app_names: ['Leyden', 'another'] },
  {},
];
const text = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));
const answer = (result: unknown): Uint8Array => text({ jsonrpc: '2.0', id: ID, result });
const raw = (result: string): Uint8Array => encodeUtf8(`{"jsonrpc":"2.0","id":"${ID}","result":${result}}`);

/** The one question that waits has the id of the answer, so that the answer is read to its end. */
function ask(input: Uint8Array, question: (rpc: RpcClient) => Promise<unknown>): void {
  const rpc = new RpcClient({
    send: () => true,
    random: (length) => new Uint8Array(length),
    clock: { after: () => () => {} },
    log: () => {},
  });
  // The answer is read before `heard` returns, and throws there what it throws. Nothing may wait for the promise: a run
  // gives no turn to what waits.
  void question({ ask: (...asked: Parameters<RpcClient['ask']>) => rpc.ask(...asked) } as RpcClient);
  rpc.heard(LSP, input);
}

const AGREED = readOrder(order);
const WISH = { lspBalance: sat(100_000), token: null, refundAddress: shop.address };

/** What is done with an order and with options, once they are read. */
function use(result: Readonly<Record<string, unknown>>): unknown {
  const options = readOptions(result);
  const wish = options.ok ? wishWithin(options.value, WISH) : null;
  const read = readOrder(result);
  if (!read.ok || !AGREED.ok) return [options, wish];
  const whole = { ...WISH, clientBalance: sat(0), confirmations: 0, fundingBlocks: 6, expiryBlocks: 1_000 };
  return [
    read,
    orderFault(read.value, whole, 'mainnet'),
    changedSince(AGREED.value, read.value),
    lightningUntil(read.value, 'mainnet'),
  ];
}

function menuOf(message: Extract<RpcAnswer, { readonly ok: true }>['value']): unknown {
  const menu = readMenu(message);
  if (!menu.ok) return menu;
  return [null, msat(5_000_000)].map((amount) =>
    chooseOffer(menu.value, { amount, now: NOW, toSelfDelay: blockDelta(144) }),
  );
}

const params: OpeningFeeParams | null = (() => {
  const message = readLspMessage(answer(RESULTS[5]));
  const menu = message.ok && message.value.tag === 'result' ? readMenu(message.value) : null;
  return menu?.ok === true ? (menu.value[0] ?? null) : null;
})();

const repeated = (piece: string, times: number): string =>
  Array.from({ length: times }, () => piece).join(',');

/** LSPS0, 1, 2 and 5: an answer is read as every answer that may be awaited. */
export const lspTargets: readonly Target[] = [
  {
    name: 'lsps',
    corpus: [
      ...RESULTS.map(answer),
      text({ jsonrpc: '2.0', id: ID, error: { code: 1_010, message: 'no <such>\nwebhook', data: {} } }),
      text({ jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'x' } }),
      text({ jsonrpc: '2.0', method: 'lsps5.payment_incoming', params: {} }),
    ],
    grown: [
      (times) => raw(`{"opening_fee_params_menu":[${repeated(JSON.stringify(FEE), times)}]}`),
      (times) => raw(`{"opening_fee_params_menu":[${repeated('{}', times)}]}`),
      (times) => raw(`{"app_names":[${repeated('"a"', times)}]}`),
      (times) => raw(`{${Array.from({ length: times }, (_, i) => `"m${i}":[]`).join(',')}}`),
      (times) => raw(`{"a":"${'\\"'.repeat(times)}"}`),
      (times) => raw(`{"a":${' '.repeat(times)}1}`),
      (times) => raw(`${'{"a":'.repeat(times)}1${'}'.repeat(times)}`),
      (times) => raw('['.repeat(times)),
      (times) => raw(`{"min_fee_msat":"${'9'.repeat(times)}"}`),
    ],
    read: (input) => {
      ask(input, (rpc) => setWebhook(rpc, LSP, 'Leyden', 'https://relay.example/1'));
      ask(input, (rpc) => listWebhooks(rpc, LSP));
      if (params !== null) ask(input, (rpc) => buy(rpc, LSP, params, null));
      const message = readLspMessage(input);
      if (!message.ok || message.value.tag !== 'result') return message;
      return [message, use(message.value.result), menuOf(message.value)];
    },
  },
];
