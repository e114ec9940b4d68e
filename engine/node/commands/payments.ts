import { fromHex } from '../../base/bytes.ts';
import { paymentHash, type NodeId, type PaymentHash } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { msat, seconds, type Msat } from '../../base/units.ts';
import type { Bolt11Invoice } from '../../invoice/bolt11.ts';
import { hintsFor } from '../../payment/own-hints.ts';
import { firstWays, quoteFee } from '../../payment/plan.ts';
import { probeWays } from '../../payment/probes.ts';
import type { PaymentReceipt } from '../../payment/step.ts';
import type { PaymentRefusal } from '../../payment/payment-refusal.ts';
import type { ReceiveDraft } from '../../payment/receive-request.ts';
import { requestOfInvoice, spontaneousRequest } from '../../payment/send-request.ts';
import type { SendRequest } from '../../payment/outgoing-machine.ts';
import type { Answer, InvoiceDetails, LightningQuote, NodeApi, ProbesSent } from '../api.ts';
import { hashArgument, invalid, msatArgument, nodeIdArgument, textArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import { refusedReceive } from '../receive-limit.ts';
import type { PaidBy, Refusal } from '../refusal.ts';
import { mayBePaid } from './may-be-paid.ts';
import { quoteRequest } from './payment-quote.ts';
import { readInvoice } from './read-invoice.ts';

type PaymentAnswer = Result<PaymentReceipt, PaymentRefusal>;
/** An invoice, read once, and what paying it means. */
type Asked = { readonly invoice: Bolt11Invoice; readonly request: SendRequest };

/** Lightning payments, both ways. */
export function paymentCommands({
  core,
  payments: desk,
  graph,
  backup,
}: Desks): Pick<NodeApi, 'bolt11' | 'spontaneous'> {
  const notRunning = (): Refusal | null => (core.running === null ? { code: 'not-running' } : null);

  const aliasOf = (id: NodeId): string | null => graph.alias(id);

  function askedBy(
    text: unknown,
    options: { readonly amountMsat?: bigint; readonly maxFeeMsat?: bigint },
  ): Result<Asked, Refusal> {
    const invoice = readInvoice(text, core.options.network);
    if (!invoice.ok) return invoice;
    const chosen: { amount?: Msat } = {};
    if (options.amountMsat !== undefined) {
      const amount = msatArgument(options.amountMsat, 'amountMsat');
      if (!amount.ok) return amount;
      chosen.amount = amount.value;
    }
    const maxFee = maxFeeArgument(options);
    if (!maxFee.ok) return maxFee;
    const request = requestOfInvoice(invoice.value, { ...chosen, ...maxFee.value }, desk.env());
    return request.ok
      ? ok({ invoice: invoice.value, request: request.value })
      : err(refusalFromPayment(request.error));
  }

  /** That it was paid already is told by the payment itself. */
  function wasPerhapsPaid({ invoice }: Asked, address: string | null): PaidBy | null {
    const by = mayBePaid({ core, backup }, invoice, address);
    return by === 'invoice' ? null : by;
  }

  function spontaneous(
    nodeId: unknown,
    amountMsat: unknown,
    options: { readonly maxFeeMsat?: unknown },
  ): Result<SendRequest, Refusal> {
    const refusal = notRunning();
    if (refusal !== null) return err(refusal);
    const id = nodeIdArgument(nodeId);
    if (!id.ok) return id;
    const amount = msatArgument(amountMsat, 'amountMsat');
    if (!amount.ok) return amount;
    const maxFee = maxFeeArgument(options);
    if (!maxFee.ok) return maxFee;
    const preimage = core.options.random(32);
    const request = spontaneousRequest(id.value, amount.value, preimage, maxFee.value, desk.env());
    return request.ok ? request : err(refusalFromPayment(request.error));
  }

  /** @param paidBefore asked in the turn that pays: the other way of paying may have been taken since. */
  async function send(
    request: SendRequest,
    paidBefore: () => PaidBy | null = () => null,
  ): Answer<{ readonly paymentId: string }> {
    // Expiries are counted from the tip: without one they would mean nothing.
    if (!core.isCurrent) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
    return desk.withWays<Result<{ readonly paymentId: string }, Refusal>>(
      (ahead) => firstWays(request, ahead),
      (turn, env, done) => {
        // It may have waited in line for long.
        if (!core.isCurrent) return done(err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt }));
        const by = paidBefore();
        if (by !== null) return done(err({ code: 'may-be-paid', by }));
        return desk.ask(
          turn,
          (id) => core.payments.send(id, request, env),
          (answering, answer) =>
            done(
              answer.ok ? ok({ paymentId: answer.value.paymentId }) : err(refusalFromPayment(answer.error)),
              answering,
            ),
        );
      },
    );
  }

  async function quote(request: SendRequest, paidBy: PaidBy | null): Answer<LightningQuote> {
    const fee = await desk.ahead((ahead) => quoteFee(request, ahead));
    return quoteRequest(request, fee, aliasOf, paidBy);
  }

  async function sendProbes(request: SendRequest): Answer<ProbesSent> {
    if (!core.isCurrent) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
    return desk.withWays<Result<ProbesSent, Refusal>>(
      (ahead) => probeWays(request, ahead),
      (turn, env, done) => {
        const probed = core.payments.probe(request, env);
        if (!probed.ok) return done(err(refusalFromPayment(probed.error)));
        desk.apply(turn, probed.value.outcome);
        done(ok({ sent: probed.value.sent }));
      },
    );
  }

  const answered = (
    run: (
      turn: Parameters<Parameters<typeof core.inTurn>[0]>[0],
      reply: Parameters<typeof desk.ask>[2],
    ) => void,
  ): Promise<PaymentAnswer> =>
    core.inTurn((turn, done) => run(turn, (answering, answer) => done(answer, answering)));

  async function receive(draft: ReceiveDraft): Answer<InvoiceDetails> {
    const { running } = core;
    if (running === null) return err({ code: 'not-running' });
    return core.inTurn<Result<InvoiceDetails, Refusal>>((turn, done) => {
      const refused = refusedReceive(core, draft.amount);
      if (refused !== null) return done(err(refused));
      const channels = desk.channels();
      const made = core.payments.receive(
        draft,
        {
          network: core.network,
          sign: running.identity.signInvoice,
          routeHints: hintsFor(channels, draft.amount),
          fallbacks: [],
        },
        desk.env(),
      );
      if (!made.ok) return done(err(refusalFromPayment(made.error)));
      const { payment, outcome } = made.value;
      desk.apply(turn, outcome);
      done(
        ok({
          paymentId: payment.id,
          invoice: payment.invoice,
          paymentHash: payment.paymentHash,
          amountMsat: payment.amount,
          expiresAt: payment.expiresAt,
          receivableMsat: channels.reduce((sum, { receivable }) => sum + receivable, 0n),
        }),
      );
    });
  }

  async function receiveChecked(
    request: {
      readonly amountMsat?: unknown;
      readonly description: unknown;
      readonly expirySeconds?: unknown;
    },
    hash: PaymentHash | null,
  ): Answer<InvoiceDetails> {
    const text = textArgument(request.description, 'description');
    if (!text.ok) return text;
    const amount = 'amountMsat' in request ? msatArgument(request.amountMsat, 'amountMsat') : ok(null);
    if (!amount.ok) return amount;
    const { expirySeconds } = request;
    if (
      expirySeconds !== undefined &&
      !(typeof expirySeconds === 'number' && Number.isSafeInteger(expirySeconds) && expirySeconds > 0)
    )
      return invalid('expirySeconds', 'whole seconds are needed');
    return receive({
      amount: amount.value,
      description: { tag: 'text', text: text.value },
      ...(expirySeconds === undefined ? {} : { expiry: seconds(expirySeconds) }),
      ...(hash === null ? {} : { paymentHash: hash }),
    });
  }

  const settle = (result: PaymentAnswer): Result<void, Refusal> =>
    result.ok ? ok(undefined) : err(refusalFromPayment(result.error));

  return {
    bolt11: {
      receive: (request) =>
        isRequest(request)
          ? receiveChecked({ ...request, amountMsat: request.amountMsat }, null)
          : noRequest(),
      receiveVariableAmount: (request) =>
        isRequest(request)
          ? receiveChecked({ description: request.description, expirySeconds: request.expirySeconds }, null)
          : noRequest(),
      receiveForHash: async (request) => {
        if (!isRequest(request)) return noRequest();
        const hash = hashArgument(request.paymentHash, 'paymentHash');
        return hash.ok
          ? receiveChecked({ ...request, amountMsat: request.amountMsat }, paymentHash(hash.value))
          : hash;
      },
      claim: async (preimage) => {
        const hex = hashArgument(preimage, 'preimage');
        if (!hex.ok) return hex;
        const refusal = notRunning();
        if (refusal !== null) return err(refusal);
        return core.inTurn<Result<void, Refusal>>((turn, done) => {
          // The preimage is for sale only while there is time to collect, and it may have waited in line for long.
          if (!core.isCurrent) return done(err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt }));
          desk.ask(
            turn,
            (id) => core.payments.claim(id, fromHex(hex.value), desk.env()),
            (answering, answer) => done(settle(answer), answering),
          );
        });
      },
      fail: async (given) => {
        const hex = hashArgument(given, 'paymentHash');
        if (!hex.ok) return hex;
        const refusal = notRunning();
        if (refusal !== null) return err(refusal);
        const hash = paymentHash(hex.value);
        return settle(
          await answered((turn, reply) =>
            desk.ask(turn, (id) => core.payments.fail(id, hash, desk.env()), reply),
          ),
        );
      },
      quote: async (invoice, amountMsat): Answer<LightningQuote> => {
        const refusal = notRunning();
        if (refusal !== null) return err(refusal);
        const asked = askedBy(invoice, amountMsat === undefined ? {} : { amountMsat });
        return asked.ok ? quote(asked.value.request, wasPerhapsPaid(asked.value, null)) : asked;
      },
      sendProbes: async (invoice, amountMsat) => {
        const refusal = notRunning();
        if (refusal !== null) return err(refusal);
        const asked = askedBy(invoice, amountMsat === undefined ? {} : { amountMsat });
        return asked.ok ? sendProbes(asked.value.request) : asked;
      },
      send: async (invoice, options = {}) => {
        const refusal = notRunning();
        if (refusal !== null) return err(refusal);
        const asked = askedBy(invoice, options ?? {});
        if (!asked.ok) return asked;
        const { address, isUnpaid } = options ?? {};
        const beside = address === undefined ? ok(null) : textArgument(address, 'address', 200);
        if (!beside.ok) return beside;
        return send(asked.value.request, () =>
          isUnpaid === true ? null : wasPerhapsPaid(asked.value, beside.value),
        );
      },
    },
    spontaneous: {
      quote: async (nodeId, amountMsat) => {
        const request = spontaneous(nodeId, amountMsat, {});
        return request.ok ? quote(request.value, null) : request;
      },
      sendProbes: async (nodeId, amountMsat) => {
        const request = spontaneous(nodeId, amountMsat, {});
        return request.ok ? sendProbes(request.value) : request;
      },
      send: async (nodeId, amountMsat, options = {}) => {
        const request = spontaneous(nodeId, amountMsat, options ?? {});
        return request.ok ? send(request.value) : request;
      },
    },
  };
}

/** Most that the ways may cost; the engine's own bound when left out. */
function maxFeeArgument({
  maxFeeMsat,
}: {
  readonly maxFeeMsat?: unknown;
}): Result<{ readonly maxFee?: Msat }, Refusal> {
  if (maxFeeMsat === undefined) return ok({});
  const maxFee = maxFeeMsat === 0n ? ok(msat(0)) : msatArgument(maxFeeMsat, 'maxFeeMsat');
  return maxFee.ok ? ok({ maxFee: maxFee.value }) : maxFee;
}

const isRequest = (request: unknown): boolean => typeof request === 'object' && request !== null;
const noRequest = (): Answer<InvoiceDetails> => Promise.resolve(invalid('request', 'a request is needed'));
