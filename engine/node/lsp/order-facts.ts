import { equalBytes } from '../../base/bytes.ts';
import type { PaymentId, TxId } from '../../base/ids.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import { channelIdOfFunding } from '../../channel/funding-id.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import { walletTransaction, type WalletTransaction } from '../../wallet/history.ts';
import type { KeptOrder, OrderFacts } from './order.ts';

/** What the node knows of an order by itself. */
type OrderState = OrderFacts & {
  readonly sentBy: WalletTransaction | null;
  readonly refundedBy: WalletTransaction | null;
  readonly hosted: HostedChannel | null;
  /** The LSP names a channel that the fee of a payment (bLIP 52) paid for. */
  readonly namesPaid: boolean;
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
  const refundedBy = refundAddress
    ? paying(core, refundAddress, 'incoming', (one) => isRefund(one, order))
    : null;
  const hosted = channelOf(core, order);
  return {
    now,
    payment,
    sent: sentBy !== null,
    // In a block: what is not may be taken back again.
    refunded: refundedBy !== null && refundedBy.confirmations > 0,
    channel: hosted !== null,
    sentBy,
    refundedBy,
    hosted,
    namesPaid: isPaidFor(core, order),
    preimage: entry?.preimage ?? null,
  };
}

/** Looked up anew each time: a fee that was raised gives the payment another id. */
function paying(
  core: Core,
  address: string,
  direction: 'incoming' | 'outgoing',
  isIt: (transaction: WalletTransaction) => boolean = () => true,
): WalletTransaction | null {
  const { wallet, options } = core;
  const script = scriptOfAddress(address, options.network);
  if (!script.ok) return null;
  const pays = (id: TxId): boolean =>
    wallet.txs.get(id)?.tx.outputs.some((output) => equalBytes(output.script, script.value)) === true;
  for (const [id, { replacedBy }] of wallet.txs) {
    if (replacedBy !== null || !pays(id)) continue;
    const transaction = walletTransaction(wallet, id);
    if (transaction?.direction === direction && isIt(transaction)) return transaction;
  }
  return null;
}

/** Whoever knows the address may send some dust there; the LSP takes what sending costs off what it gives back. */
const isRefund = ({ amount }: WalletTransaction, { total }: KeptOrder): boolean => amount * 2n >= total;

const isPaidFor = (core: Core, { lsp, funding }: KeptOrder): boolean =>
  funding !== null &&
  core.channels
    .ofPeer(lsp)
    .some(({ id }) => id === channelIdOfFunding(funding) && !core.payments.isOwed(null, id));

/** It is not ours to know which of its channels the LSP names: it has to be one that could be the one that was bought. */
function channelOf(core: Core, order: KeptOrder): HostedChannel | null {
  const { lsp, funding, lspBalance, clientBalance, channelsBefore = [] } = order;
  if (funding === null) return null;
  const isIt = ({ id, state: { durable } }: HostedChannel): boolean => {
    if (durable === null || channelsBefore.includes(id)) return false;
    // One that the fee of a payment (bLIP 52) paid for was not bought ahead as well.
    if (!core.payments.isOwed(null, id)) return false;
    const { opener, announce } = durable.params;
    if (opener !== 'remote' || announce) return false;
    return durable.active.some(
      ({ funding: { outPoint, amount } }) =>
        outPoint.txId === funding.txId &&
        outPoint.index === funding.index &&
        amount >= lspBalance + clientBalance,
    );
  };
  return core.channels.ofPeer(lsp).find(isIt) ?? null;
}
