import { err, ok, type Result } from '../../base/result.ts';
import type { Msat } from '../../base/units.ts';
import type { ChannelSummary } from '../../channel/summary.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import type { RouteHint } from '../../invoice/bolt11.ts';
import { isRecord } from '../../lsp/scalars.ts';
import type { PaymentRefusal } from '../../payment/payment-refusal.ts';
import type { PaymentEnv } from '../../payment/env.ts';
import type { SendRequest } from '../../payment/outgoing-machine.ts';
import { hintsFor, noRoomIn } from '../../payment/own-hints.ts';
import { firstWays, quoteFee } from '../../payment/plan.ts';
import { circularDraft, circularRequest } from '../../payment/send-request.ts';
import type { PaymentReceipt } from '../../payment/step.ts';
import type { NodeApi } from '../api.ts';
import { invalid, msatArgument, textArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';
import { quoteRequest } from './payment-quote.ts';

type Answered = Result<PaymentReceipt, PaymentRefusal>;

type Checked = {
  readonly amount: Msat;
  readonly maxFee: Msat | undefined;
  readonly description: string;
  readonly from: ChannelSummary;
  /** The way in. */
  readonly routeHints: readonly RouteHint[];
};

const draftOf = ({ amount, maxFee, from, routeHints }: Checked, env: PaymentEnv): SendRequest =>
  circularDraft(
    { amount, over: new Set([from.channelId]), routeHints, ...(maxFee === undefined ? {} : { maxFee }) },
    env,
  );

/** Moves money of ours from one channel to another: an invoice of ours, paid by ourselves. */
export function rebalanceCommands({
  core,
  payments: desk,
  graph,
}: Desks): Pick<NodeApi, 'rebalance' | 'quoteRebalance'> {
  const channelOf = (id: unknown): Result<ChannelSummary, Refusal> => {
    const channel = desk.channels().find(({ channelId }) => channelId === id);
    if (channel === undefined) return err({ code: 'unknown-channel' });
    return channel.isUsable ? ok(channel) : err({ code: 'no-path', reason: 'peer-offline' });
  };
  const checked = (request: unknown): Result<Checked, Refusal> => {
    if (!isRecord(request)) return invalid('request', 'a request is needed');
    const { amountMsat, maxFeeMsat, fromChannelId, toChannelId, description = '' } = request;
    const amount = msatArgument(amountMsat, 'amountMsat');
    if (!amount.ok) return amount;
    const maxFee = maxFeeMsat === undefined ? ok(undefined) : msatArgument(maxFeeMsat, 'maxFeeMsat');
    if (!maxFee.ok) return maxFee;
    const text = textArgument(description, 'description');
    if (!text.ok) return text;
    const from = channelOf(fromChannelId);
    if (!from.ok) return from;
    const to = channelOf(toChannelId);
    if (!to.ok) return to;
    if (from.value === to.value || fromChannelId === toChannelId)
      return invalid('toChannelId', 'another channel is needed');
    if (!core.isCurrent) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
    const noRoom = noRoomIn(to.value, amount.value);
    if (noRoom !== null) return err(refusalFromPayment(noRoom));
    // Also a public channel is named: payers look for no way to us, we are the payer.
    const routeHints = hintsFor([{ ...to.value, isAnnounced: false }], amount.value);
    if (routeHints.length === 0) return err({ code: 'channel-not-ready', state: 'waiting-for-peer' });
    return ok({
      amount: amount.value,
      maxFee: maxFee.value,
      description: text.value,
      from: from.value,
      routeHints,
    });
  };

  const rebalance: NodeApi['rebalance'] = async (request) => {
    const { running } = core;
    if (running === null) return err({ code: 'not-running' });
    const asked = checked(request);
    if (!asked.ok) return asked;
    const { amount, maxFee, description, from, routeHints } = asked.value;
    const look = (ahead: PaymentEnv) => firstWays(draftOf(asked.value, ahead), ahead);
    const answer = await desk.withWays<Answered>(look, (turn, env, done) => {
      const made = core.payments.receive(
        { amount, description: { tag: 'text', text: description } },
        { network: core.network, sign: running.identity.signInvoice, routeHints, fallbacks: [] },
        desk.env(),
      );
      if (!made.ok) return done(made);
      desk.apply(turn, made.value.outcome);
      const invoice = decodeBolt11(made.value.payment.invoice, core.options.network);
      if (!invoice.ok) return done(err({ code: 'invalid-argument', field: 'amountMsat', detail: '' }));
      const options = maxFee === undefined ? {} : { maxFee };
      const over = new Set([from.channelId]);
      const circle = circularRequest(invoice.value, over, options, desk.env());
      if (!circle.ok) return done(circle);
      desk.ask(
        turn,
        (id) => core.payments.send(id, circle.value, env),
        (answering, result) => done(result, answering),
      );
    });
    return answer.ok ? ok({ paymentId: answer.value.paymentId }) : err(refusalFromPayment(answer.error));
  };

  const quoteRebalance: NodeApi['quoteRebalance'] = async (request) => {
    const { running } = core;
    if (running === null) return err({ code: 'not-running' });
    const asked = checked(request);
    if (!asked.ok) return asked;
    const fee = await desk.ahead((ahead) => quoteFee(draftOf(asked.value, ahead), ahead));
    return quoteRequest(draftOf(asked.value, desk.env()), fee, (id) => graph.alias(id), null);
  };

  return { rebalance, quoteRebalance };
}
