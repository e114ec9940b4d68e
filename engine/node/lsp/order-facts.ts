import { equalBytes } from '../../base/bytes.ts';
import type { PaymentId, TxId } from '../../base/ids.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import { walletTransaction, type WalletTransaction } from '../../wallet/history.ts';
import type { KeptOrder, OrderFacts } from './order.ts';

/** What the node knows of an order by itself. */
type OrderState = OrderFacts & {
  readonly sentBy: WalletTransaction | null;
  readonly refundedBy: WalletTransaction | null;
  readonly hosted: HostedChannel | null;
  readonly preimage: Uint8Array | null;
};

export function factsOf(core: Core, order: KeptOrder): OrderState {
  const now = core.options.clock.now();
  const { way } = order;
  const entry =
    way.tag === 'lightning' ? core.payments.entry(way.paymentHash as string as PaymentId, now) : null;
  const payment =
    entry === null ||
    entry.direction !== 'outgoing' ||
    entry.state === 'claimable' ||
    entry.state === 'expired'
      ? null
      : { state: entry.state, settledAt: entry.settledAt };
  const sentBy = way.tag === 'onchain' ? paying(core, way.address, 'outgoing') : null;
  const refundAddress =
    way.tag === 'onchain' ? way.refundAddress : way.tag === 'elsewhere' ? way.onchain?.refundAddress : null;
  const refundedBy = refundAddress ? paying(core, refundAddress, 'incoming') : null;
  const hosted = channelOf(core, order);
  return {
    now,
    payment,
    sent: sentBy !== null,
    refunded: refundedBy !== null,
    channel: hosted !== null,
    sentBy,
    refundedBy,
    hosted,
    preimage: entry?.preimage ?? null,
  };
}

/** Looked up anew each time: a fee that was raised gives the payment another id. */
function paying(core: Core, address: string, direction: 'incoming' | 'outgoing'): WalletTransaction | null {
  const { wallet, options } = core;
  const script = scriptOfAddress(address, options.network);
  if (!script.ok) return null;
  const pays = (id: TxId): boolean =>
    wallet.txs.get(id)?.tx.outputs.some((output) => equalBytes(output.script, script.value)) === true;
  for (const [id, { replacedBy }] of wallet.txs) {
    if (replacedBy !== null || !pays(id)) continue;
    const transaction = walletTransaction(wallet, id);
    if (transaction?.direction === direction) return transaction;
  }
  return null;
}

function channelOf(core: Core, { lsp, funding }: KeptOrder): HostedChannel | null {
  if (funding === null) return null;
  const isIt = ({ state: { durable } }: HostedChannel): boolean =>
    durable?.active.some(
      ({ funding: { outPoint } }) => outPoint.txId === funding.txId && outPoint.index === funding.index,
    ) === true;
  return core.channels.ofPeer(lsp).find(isIt) ?? null;
}
