import type { NodeId } from '../base/ids.ts';
import { err, type Result } from '../base/result.ts';
import type { LspFailure } from './lsp-failure.ts';
import { readOptions, type ChannelOptions, type OrderWish } from './lsps1-options.ts';
import { readOrder, type LspOrder } from './lsps1-order.ts';
import type { RpcClient } from './rpc-client.ts';

type Rpc = Pick<RpcClient, 'ask'>;
type Params = Parameters<RpcClient['ask']>[2];

/** bLIP 51 §1: "The client MUST call `lsps1.get_info` first." */
export const channelOptions = (rpc: Rpc, lsp: NodeId): Promise<Result<ChannelOptions, LspFailure>> =>
  asked(rpc, lsp, 'lsps1.get_info', [], readOptions);

/** Costs nothing until it is paid, and ends by itself when it is not. */
export function createOrder(rpc: Rpc, lsp: NodeId, wish: OrderWish): Promise<Result<LspOrder, LspFailure>> {
  const { token, refundAddress } = wish;
  const params: Params = [
    ['lsp_balance_sat', JSON.stringify(wish.lspBalance.toString())],
    ['client_balance_sat', JSON.stringify(wish.clientBalance.toString())],
    ['required_channel_confirmations', String(wish.confirmations)],
    ['funding_confirms_within_blocks', String(wish.fundingBlocks)],
    ['channel_expiry_blocks', String(wish.expiryBlocks)],
    // bLIP 51 §2: "Client MAY omit this field." So it says of both.
    ...(token === null ? [] : [['token', JSON.stringify(token)] as const]),
    ...(refundAddress === null ? [] : [['refund_onchain_address', JSON.stringify(refundAddress)] as const]),
    ['announce_channel', 'false'],
  ];
  return asked(rpc, lsp, 'lsps1.create_order', params, readOrder);
}

/** bLIP 51 §2.1: "The client MAY check the current status of the order at any point." */
export const getOrder = (rpc: Rpc, lsp: NodeId, orderId: string): Promise<Result<LspOrder, LspFailure>> =>
  asked(rpc, lsp, 'lsps1.get_order', [['order_id', JSON.stringify(orderId)]], readOrder);

function asked<T>(
  rpc: Rpc,
  lsp: NodeId,
  method: string,
  params: Params,
  read: (result: Readonly<Record<string, unknown>>) => Result<T, LspFailure>,
): Promise<Result<T, LspFailure>> {
  return new Promise((resolve) =>
    rpc.ask(lsp, method, params, (answer) =>
      resolve(answer.ok ? read(answer.value.result) : err(answer.error)),
    ),
  );
}
