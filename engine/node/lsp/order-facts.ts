import { equalBytes } from '../../base/bytes.ts';
import { outPointKey, type PaymentId, type TxId } from '../../base/ids.ts';
import type { Msat } from '../../base/units.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import { channelIdOfFunding } from '../../channel/funding-id.ts';
import type { HostedChannel } from '../channel-host.ts';
import { hasPaid, isPaid } from '../commands/may-be-paid.ts';
import type { Core } from '../core.ts';
import type { OrderDetails } from '../order-api.ts';
import { walletTransaction, type WalletTransaction } from '../../wallet/history.ts';
import type { KeptOrder, OrderFacts } from './order.ts';

/** What the node knows of an order by itself. */
type OrderState = OrderFacts & {
  readonly sentBy: WalletTransaction | null;
  /** What has its coins, where it is to reach the LSP no more. */
  readonly cancelledBy: TxId | null;
  /** The largest of those that brought money back, and what they brought together. */
  readonly refund: { readonly txId: TxId; readonly amount: bigint } | null;
  readonly hosted: HostedChannel | null;
  readonly namedChannel: OrderDetails['namedChannel'];
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
  const [sentBy = null] = way.tag === 'onchain' ? paying(core, way.address, 'outgoing') : [];
  const refundAddress =
    way.tag === 'onchain' ? way.refundAddress : way.tag === 'elsewhere' ? way.onchain?.refundAddress : null;
  const refunds = refundAddress ? paying(core, refundAddress, 'incoming') : [];
  const hosted = channelOf(core, order);
  return {
    now,
    payment,
    sent: sentBy !== null,
    mined: (sentBy?.confirmations ?? 0) > 0,
    mayBeMined: way.tag === 'onchain' && mayBeMined(core, way.address),
    cancelled: way.tag === 'onchain' && isCancelled(core, way.address),
    // In a block: what is not may be taken back again.
    refunded:
      refundOf(
        refunds.filter(({ confirmations }) => confirmations > 0),
        order,
      ) !== null,
    channel: hosted !== null,
    sentBy,
    cancelledBy: way.tag === 'onchain' && sentBy === null ? takerOf(core, way.address) : null,
    refund: refundOf(refunds, order),
    hosted,
    namedChannel: hosted === null ? faultOfNamed(core, order) : null,
    preimage: entry?.preimage ?? null,
  };
}

function mayBeMined({ wallet, options }: Core, address: string): boolean {
  const script = scriptOfAddress(address, options.network);
  return script.ok && isPaid(wallet, script.value);
}

function isCancelled(core: Core, address: string): boolean {
  const script = scriptOfAddress(address, core.options.network);
  return script.ok && hasPaid(core.wallet, script.value) && !mayBeMined(core, address);
}

/** The one that stands, of those which spend what something that paid the address was to spend. */
function takerOf({ wallet, options }: Core, address: string): TxId | null {
  const script = scriptOfAddress(address, options.network);
  if (!script.ok) return null;
  const coins = new Set(
    [...wallet.txs.values()]
      .filter(({ tx }) => tx.outputs.some((output) => equalBytes(output.script, script.value)))
      .flatMap(({ tx }) => tx.inputs.map(({ outPoint }) => outPointKey(outPoint))),
  );
  const stands = [...wallet.txs].find(
    ([, { tx, replacedBy }]) =>
      replacedBy === null && tx.inputs.some(({ outPoint }) => coins.has(outPointKey(outPoint))),
  );
  return stands?.[0] ?? null;
}

/** Looked up anew each time: a fee that was raised gives the payment another id. */
function paying(
  core: Core,
  address: string,
  direction: 'incoming' | 'outgoing',
): readonly WalletTransaction[] {
  const { wallet, options } = core;
  const script = scriptOfAddress(address, options.network);
  if (!script.ok) return [];
  const pays = (id: TxId): boolean =>
    wallet.txs.get(id)?.tx.outputs.some((output) => equalBytes(output.script, script.value)) === true;
  return [...wallet.txs]
    .filter(([id, { replacedBy }]) => replacedBy === null && pays(id))
    .map(([id]) => walletTransaction(wallet, id))
    .filter((one) => one !== null)
    .filter((one) => one.direction === direction);
}

/**
 * It may come in several transactions. Whoever knows the address may send some dust there; the LSP takes what sending costs
 * off what it gives back.
 */
function refundOf(paid: readonly WalletTransaction[], { total }: KeptOrder): OrderState['refund'] {
  const [largest] = paid.toSorted((a, b) => (a.amount < b.amount ? 1 : -1));
  const amount = paid.reduce((sum, one) => sum + one.amount, 0n);
  return largest !== undefined && amount * 2n >= total ? { txId: largest.txId, amount } : null;
}

/** Why a channel that the LSP names is not the one that was bought, where that can be said of it. */
function faultOfNamed(core: Core, order: KeptOrder): OrderDetails['namedChannel'] {
  const { lsp, funding } = order;
  if (funding === null) return null;
  const named = core.channels.ofPeer(lsp).find(({ id }) => id === channelIdOfFunding(funding));
  if (named === undefined) return null;
  if (!core.payments.isOwed(null, named.id)) return 'paid-for';
  const { durable } = named.state;
  return durable?.active.every(({ pushed }) => !hasBalance(pushed, order)) === true
    ? 'without-balance'
    : null;
}

/** bLIP 51 §4.1: "MUST push `client_balance_sat` to the client." Of a channel of before this was kept nobody knows. */
const hasBalance = (pushed: Msat | undefined, { clientBalance }: KeptOrder): boolean =>
  pushed === undefined || pushed >= clientBalance * 1000n;

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
      ({ funding: { outPoint, amount }, pushed }) =>
        outPoint.txId === funding.txId &&
        outPoint.index === funding.index &&
        amount >= lspBalance + clientBalance &&
        hasBalance(pushed, order),
    );
  };
  return core.channels.ofPeer(lsp).find(isIt) ?? null;
}
