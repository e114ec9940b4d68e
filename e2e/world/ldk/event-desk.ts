import type { OpenedChannel, PeerEvent } from '../real-peer.ts';
import type { Rpc } from '../rpc.ts';
import type { Core } from './core.ts';
import { peerEvent, warning } from './events.ts';
import {
  errorOf,
  errorText,
  fixU128,
  hex,
  isOk,
  ldk,
  some,
  unhex,
  unsigned16,
  unwrap,
  variantName,
} from './library.ts';
import type { Fundings } from './fundings.ts';
import type { LspService } from './lsp-service.ts';
import { transactionId, type OnchainWallet } from './onchain-wallet.ts';
import type { Payments } from './payments.ts';
import type { LdkSettings } from './settings.ts';
import type { Transport } from './transport.ts';

export type DeskParts = {
  readonly settings: LdkSettings;
  readonly core: Core;
  readonly rpc: Rpc;
  readonly wallet: OnchainWallet;
  readonly fundings: Fundings;
  readonly payments: Payments;
  readonly lsp: LspService | null;
  readonly tell: (event: PeerEvent) => void;
  readonly pump: () => void;
  readonly transport: () => Transport;
};

type Opening = {
  readonly resolve: (opened: OpenedChannel) => void;
  readonly reject: (error: Error) => void;
};

/** Does what LDK's events ask for, and tells what they say. */
export class EventDesk {
  readonly #parts: DeskParts;
  readonly #bump: ldk.BumpTransactionEventHandler;
  /** Channels we open, by the number we gave them. */
  readonly #openings = new Map<bigint, Opening>();
  readonly #errands = new Set<Promise<void>>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { broadcaster, signers, logger } = parts.core;
    this.#bump = parts.wallet.bumpHandler(broadcaster, signers, logger);
  }

  expectOpening(userId: bigint): Promise<OpenedChannel> {
    return new Promise((resolve, reject) => this.#openings.set(userId, { resolve, reject }));
  }

  failOpening(userId: bigint, reason: string): void {
    this.#openings.get(userId)?.reject(new Error(reason));
    this.#openings.delete(userId);
  }

  /** Resolves when everything that events asked for is done. */
  async idle(): Promise<void> {
    while (this.#errands.size > 0) await Promise.all(this.#errands);
  }

  handle(event: ldk.Event): void {
    const told = peerEvent(event);
    if (told !== null) this.#parts.tell(told);
    const { core, payments } = this.#parts;
    if (event instanceof ldk.Event_PendingHTLCsForwardable) {
      core.channels.process_pending_htlc_forwards();
    } else if (event instanceof ldk.Event_PaymentClaimable) {
      this.#claimable(event);
    } else if (event instanceof ldk.Event_PaymentSent) {
      const hash = hex(event.payment_hash);
      payments.sent(hex(some<Uint8Array>(event.payment_id) ?? event.payment_hash), {
        paymentHash: hash,
        preimage: hex(event.payment_preimage),
        feeMsat: some<bigint>(event.fee_paid_msat) ?? 0n,
      });
    } else if (event instanceof ldk.Event_PaymentFailed) {
      payments.failed(hex(event.payment_id), told?.type === 'payment-failed' ? told.reason : 'unknown');
    } else if (event instanceof ldk.Event_OpenChannelRequest) {
      this.#answerOpening(event);
    } else if (event instanceof ldk.Event_FundingGenerationReady) {
      this.#errand(this.#fund(event));
    } else if (event instanceof ldk.Event_ChannelPending) {
      this.#opened(event);
    } else if (event instanceof ldk.Event_ChannelReady) {
      this.#parts.lsp?.channels.ready(hex(event.channel_id.get_a()));
    } else if (event instanceof ldk.Event_HTLCIntercepted) {
      this.#parts.lsp?.channels.intercepted(event);
    } else if (event instanceof ldk.Event_PaymentForwarded) {
      this.#parts.lsp?.channels.delivered(event);
    } else if (event instanceof ldk.Event_ChannelClosed) {
      this.failOpening(fixU128(event.user_channel_id), `closed: ${event.reason.to_str()}`);
      this.#parts.lsp?.channels.closed(hex(event.channel_id.get_a()));
    } else if (event instanceof ldk.Event_DiscardFunding) {
      this.#errand(this.#unlock(event.funding_info));
    } else if (event instanceof ldk.Event_SpendableOutputs) {
      this.#errand(this.#sweep(event));
    } else if (event instanceof ldk.Event_BumpTransaction) {
      this.#errand(this.#payFee(event));
    } else if (event instanceof ldk.Event_ConnectionNeeded) {
      this.#errand(this.#dial(event));
    }
  }

  #errand(work: Promise<void>): void {
    const errand = work
      .catch((error: unknown) => this.#parts.tell(warning(error)))
      .finally(() => this.#errands.delete(errand));
    this.#errands.add(errand);
  }

  /** Claims what pays an invoice whose preimage LDK made itself; holds the rest. */
  #claimable(event: ldk.Event_PaymentClaimable): void {
    const preimage = some<Uint8Array>(event.purpose.preimage());
    const spontaneous =
      event.purpose instanceof ldk.PaymentPurpose_SpontaneousPayment
        ? event.purpose.spontaneous_payment
        : null;
    const known = preimage ?? spontaneous;
    if (known !== null) return this.#parts.core.channels.claim_funds(known);
    if (this.#parts.lsp?.heldForRoom(hex(event.payment_hash)) === true) return;
    this.#parts.tell({
      type: 'payment-held',
      paymentHash: hex(event.payment_hash),
      amountMsat: event.amount_msat,
    });
  }

  #answerOpening(event: ldk.Event_OpenChannelRequest): void {
    const { channels } = this.#parts.core;
    const { temporary_channel_id: id, counterparty_node_id: from } = event;
    const userId = BigInt(Date.now());
    const answer = {
      accept: () => channels.accept_inbound_channel(id, from, userId),
      'trust-unconfirmed': () => channels.accept_inbound_channel_from_trusted_peer_0conf(id, from, userId),
      reject: () => channels.force_close_without_broadcasting_txn(id, from, 'no channels wanted'),
    }[this.#parts.settings.inbound]();
    if (!isOk(answer)) this.#parts.tell(warning(`channel not accepted: ${errorText(errorOf(answer))}`));
  }

  async #fund(event: ldk.Event_FundingGenerationReady): Promise<void> {
    const { core, wallet, fundings, pump } = this.#parts;
    let tx: string | null = null;
    try {
      tx = await wallet.fundingTransaction(event.output_script, event.channel_value_satoshis);
      fundings.built(transactionId(tx), tx);
      unwrap(
        core.channels.funding_transaction_generated(
          event.temporary_channel_id,
          event.counterparty_node_id,
          unhex(tx),
        ),
        'funding_transaction_generated',
      );
      pump();
    } catch (error) {
      if (tx !== null) await wallet.release(tx);
      this.failOpening(
        fixU128(event.user_channel_id),
        error instanceof Error ? error.message : String(error),
      );
      // Else LDK keeps it, without coins, for as long as the peer stays, and it looks like one that was opened.
      const { temporary_channel_id: id, counterparty_node_id: other } = event;
      core.channels.force_close_without_broadcasting_txn(id, other, 'not funded');
      pump();
    }
  }

  /** The coins of a transaction that will never leave. */
  async #unlock(funding: ldk.FundingInfo): Promise<void> {
    if (funding instanceof ldk.FundingInfo_Tx) await this.#parts.wallet.release(hex(funding.transaction));
  }

  #opened(event: ldk.Event_ChannelPending): void {
    const userId = fixU128(event.user_channel_id);
    this.#parts.fundings.signed(event);
    const told = peerEvent(event);
    if (told?.type === 'channel-pending') {
      const { channelId, fundingTxId, fundingIndex } = told;
      this.#openings.get(userId)?.resolve({ channelId, fundingTxId, fundingIndex });
    }
    this.#openings.delete(userId);
  }

  async #sweep(event: ldk.Event_SpendableOutputs): Promise<void> {
    const { core, wallet, settings, rpc, tell } = this.#parts;
    const tx = unwrap<Uint8Array>(
      core.spender.spend_spendable_outputs(
        event.outputs,
        [],
        wallet.script,
        settings.commitmentFeerate,
        ldk.Option_u32Z.constructor_none(),
      ),
      'sweep',
    );
    const txId = await rpc.call<string>('sendrawtransaction', hex(tx), 0);
    const kinds = event.outputs.map((output) => variantName(output, 'SpendableOutputDescriptor_'));
    tell({ type: 'swept', txId, kinds });
  }

  async #payFee(event: ldk.Event_BumpTransaction): Promise<void> {
    // LDK asks for coins while it handles the event and cannot wait: they must be here before.
    await this.#parts.wallet.refresh();
    this.#bump.handle_event(event.bump_transaction);
    this.#parts.pump();
  }

  /** An onion message must reach a node that we are not connected to. */
  async #dial(event: ldk.Event_ConnectionNeeded): Promise<void> {
    for (const address of event.addresses) {
      if (!(address instanceof ldk.SocketAddress_TcpIpV4)) continue;
      const host = [...address.addr].join('.');
      await this.#parts.transport().dial(hex(event.node_id), host, unsigned16(address.port));
      return;
    }
  }
}
