import { nodeId } from '../../base/ids.ts';
import { err, ok } from '../../base/result.ts';
import type { Sat } from '../../base/units.ts';
import { channelOptions, createOrder } from '../../lsp/lsps1.ts';
import { wishWithin, type OrderWish } from '../../lsp/lsps1-options.ts';
import type { LspOrder } from '../../lsp/lsps1-order.ts';
import { orderFault } from '../../lsp/order-fault.ts';
import type { RpcClient } from '../../lsp/rpc-client.ts';
import type { Answer } from '../api.ts';
import { connectTo } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import type { LspServer } from '../lsp-api.ts';
import { refusalFromLsp } from './lsp-refusal.ts';

/** An order that an LSP took down, and nobody paid yet. */
export type RoomQuote = {
  readonly server: LspServer;
  readonly wish: OrderWish;
  readonly order: LspOrder;
};

/** What one LSP asks for room: bLIP 51 names a price only for an order. */
export async function quoteRoom(
  core: Core,
  rpc: Pick<RpcClient, 'ask'>,
  server: LspServer,
  lspBalance: Sat,
  refundAddress: string | null,
): Answer<RoomQuote> {
  const lsp = nodeId(server.nodeId);
  const connected = await connectTo(core, lsp, { host: server.host, port: server.port });
  if (!connected.ok) return connected;
  const options = await channelOptions(rpc, lsp);
  if (!options.ok) return err(refusalFromLsp(options.error));
  const wish = wishWithin(options.value, { lspBalance, token: server.token, refundAddress });
  if (!wish.ok) return err(refusalFromLsp(wish.error));
  const order = await createOrder(rpc, lsp, wish.value);
  if (!order.ok) return err(refusalFromLsp(order.error));
  const fault = orderFault(order.value, wish.value, core.options.network);
  if (fault === null) return ok({ server, wish: wish.value, order: order.value });
  core.options.log('warn', 'lsp', 'an order is not what was asked for', { lsp, what: fault });
  return err({ code: 'lsp-failed', reason: 'nonsense' });
}
