import type { PaidPayment, PayOptions } from '../real-peer.ts';
import { until } from '../until.ts';
import { errorOf, errorText, hex, isOk, ldk, optionU64, shortName, some, unhex, unwrap } from './library.ts';

type Waiting = { readonly resolve: (paid: PaidPayment) => void; readonly reject: (error: Error) => void };
type SendResult = { is_ok(): boolean };

const ATTEMPTS = 3;
const KEYSEND_CLTV_DELTA = 40;
/** How long a payment waits for earlier ones to settle. */
const ROUTE_PATIENCE_MS = 5000;

/** Payments that go out: sent, and waited for. */
export class Payments {
  readonly #channels: ldk.ChannelManager;
  readonly #pump: () => void;
  readonly #waiting = new Map<string, Waiting>();

  constructor(channels: ldk.ChannelManager, pump: () => void) {
    this.#channels = channels;
    this.#pump = pump;
  }

  pay(bolt11: string, { amountMsat, maxFeeMsat }: PayOptions): Promise<PaidPayment> {
    const invoice = unwrap<ldk.Bolt11Invoice>(ldk.Bolt11Invoice.constructor_from_str(bolt11), 'invoice');
    const isFixed = some<bigint>(invoice.amount_milli_satoshis()) !== null;
    const parameters = unwrap<ldk.ThreeTuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZ>(
      isFixed
        ? ldk.UtilMethods.constructor_payment_parameters_from_invoice(invoice)
        : ldk.UtilMethods.constructor_payment_parameters_from_variable_amount_invoice(
            invoice,
            amountMsat ?? 0n,
          ),
      'payment parameters',
    );
    const hash = parameters.get_a();
    const route = parameters.get_c();
    if (maxFeeMsat !== undefined) route.set_max_total_routing_fee_msat(optionU64(maxFeeMsat));
    return this.#send(hash, () =>
      this.#channels.send_payment(
        hash,
        parameters.get_b(),
        hash,
        route,
        ldk.Retry.constructor_attempts(ATTEMPTS),
      ),
    );
  }

  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    const id = new Uint8Array(32);
    crypto.getRandomValues(id);
    const payee = ldk.PaymentParameters.constructor_for_keysend(unhex(nodeId), KEYSEND_CLTV_DELTA, false);
    const route = ldk.RouteParameters.constructor_from_payment_params_and_value(payee, amountMsat);
    return this.#send(id, () =>
      this.#channels.send_spontaneous_payment(
        ldk.Option_ThirtyTwoBytesZ.constructor_none(),
        ldk.RecipientOnionFields.constructor_spontaneous_empty(),
        id,
        route,
        ldk.Retry.constructor_attempts(ATTEMPTS),
      ),
    );
  }

  sent(paymentId: string, paid: PaidPayment): void {
    this.#waiting.get(paymentId)?.resolve(paid);
    this.#waiting.delete(paymentId);
  }

  failed(paymentId: string, reason: string): void {
    this.#waiting.get(paymentId)?.reject(new Error(`payment failed: ${reason}`));
    this.#waiting.delete(paymentId);
  }

  async #send(paymentId: Uint8Array, send: () => SendResult): Promise<PaidPayment> {
    const id = hex(paymentId);
    const outcome = new Promise<PaidPayment>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    outcome.catch(() => {
      // The caller hears of it below.
    });
    try {
      await until(() => this.#offer(send), { what: 'a route', timeoutMs: ROUTE_PATIENCE_MS, everyMs: 5 });
    } catch (error) {
      this.#waiting.delete(id);
      throw error;
    }
    return outcome;
  }

  /** False when there is no route yet: money of a payment under way cannot be spent before its dance has ended. */
  #offer(send: () => SendResult): boolean {
    const result = send();
    this.#pump();
    if (isOk(result)) return true;
    const error = errorOf(result);
    const reason =
      typeof error === 'number'
        ? shortName(ldk.RetryableSendFailure[error], 'LDKRetryableSendFailure_')
        : errorText(error);
    if (reason === 'RouteNotFound' && this.#isSettling()) return false;
    throw new Error(`send: ${reason}`);
  }

  #isSettling(): boolean {
    return this.#channels
      .list_channels()
      .some(
        (channel) =>
          channel.get_pending_inbound_htlcs().length + channel.get_pending_outbound_htlcs().length > 0,
      );
  }
}
