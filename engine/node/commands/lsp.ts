import { nodeId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { msat, seconds, type Msat } from '../../base/units.ts';
import type { Bought } from '../../lsp/lsps2.ts';
import type { Answer, InvoiceDetails } from '../api.ts';
import { invalid, msatArgument, textArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import type { LspApi, LspQuote } from '../lsp-api.ts';
import { isDearQuote, type Quoted } from '../lsp/lsp-desk.ts';
import { refusedReceive } from '../receive-limit.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';
import { keepPeer } from './peers.ts';

/** An invoice of ours lives no longer than this, however long the quote holds. */
const LONGEST_SECONDS = 3_600;
/** Who has not answered so long after the first offer is passed over. */
const LATE_MS = 5_000;
/** A person needs some time to have it paid. */
const SHORTEST_SECONDS = 60;

/** Being paid through a channel that an LSP opens for it. */
export function lspCommands({ core, lsp: desk, payments }: Desks): Omit<LspApi, 'orders'> {
  const secondsLeft = ({ offer }: Pick<Quoted, 'offer'>): number =>
    offer.params.validUntil - core.options.clock.now();

  async function quote(amountMsat: unknown): Answer<{ offers: readonly LspQuote[]; refused: Refusals }> {
    const amount = amountMsat === null ? ok(null) : msatArgument(amountMsat, 'amountMsat');
    if (!amount.ok) return amount;
    if (core.running === null) return err({ code: 'not-running' });
    if (desk.servers.length === 0) return err({ code: 'no-lsp' });
    const limited = refusedReceive(core, amount.value);
    if (limited !== null) return err(limited);
    const asked = desk.servers.map((server) => ({ server, answer: desk.quote(server, amount.value) }));
    const late = lateness(asked.map(({ answer }) => answer));
    const answers = await Promise.all(
      asked.map(async ({ server, answer }) => ({ server, answer: await Promise.race([answer, late.came]) })),
    );
    late.forget();
    const offers = answers.flatMap(({ answer }) => (answer.ok ? [answer.value] : []));
    const refused = answers.flatMap(({ server: { nodeId, alias }, answer }) =>
      answer.ok ? [] : [{ lsp: { nodeId, alias }, refusal: answer.error }],
    );
    const [first] = refused;
    if (offers.length === 0 && first !== undefined) return err(best(refused) ?? first.refusal);
    return ok({ offers: offers.toSorted(cheaper), refused });
  }

  /** Comes some time after the first offer: who is gone or silent does not keep a person from those who are there. */
  function lateness(asked: readonly Answer<LspQuote>[]): {
    readonly came: Answer<never>;
    readonly forget: () => void;
  } {
    let cancel: (() => void) | null = null;
    const came = new Promise<Result<never, Refusal>>((resolve) => {
      const begin = (): void => {
        const late = (): void => resolve(err({ code: 'lsp-failed', reason: 'no-answer' }));
        cancel ??= core.options.clock.after(LATE_MS, late);
      };
      for (const answer of asked) void answer.then(({ ok: offered }) => offered && begin());
    });
    return { came, forget: () => cancel?.() };
  }

  async function receive(request: {
    readonly quoteId: unknown;
    readonly description: unknown;
    readonly maxFeeMsat?: unknown;
  }): Answer<InvoiceDetails> {
    const text = textArgument(request.description, 'description');
    if (!text.ok) return text;
    const { quoteId, maxFeeMsat } = request;
    if (typeof quoteId !== 'string') return invalid('quoteId', 'a quote is needed');
    const agreed = maxFeeMsat === undefined ? ok(null) : msatArgument(maxFeeMsat, 'maxFeeMsat');
    if (!agreed.ok) return agreed;
    if (core.running === null) return err({ code: 'not-running' });
    const quoted = desk.quoted(quoteId);
    if (quoted === null || secondsLeft(quoted) < SHORTEST_SECONDS) return err({ code: 'quote-expired' });
    const bound = feeBound(quoted, agreed.value, desk.feeLimit);
    if (!bound.ok) return bound;
    const bought = await desk.buy(quoted);
    if (!bought.ok) return bought;
    // bLIP 52 §2: "The client MAY abort the flow if the LSP specified `client_trusts_lsp` as `true` in the result."; "If specified
    // and `true`, the client MUST trust the LSP to actually create and confirm a valid channel funding transaction."
    if (bought.value.clientTrustsLsp && !quoted.server.trusted) return err({ code: 'lsp-wants-trust' });
    return invoice(quoted, bought.value, bound.value, text.value);
  }

  function invoice(
    { server, offer, amount }: Quoted,
    bought: Bought,
    mostFee: Msat,
    description: string,
  ): Answer<InvoiceDetails> {
    const lsp = nodeId(server.nodeId);
    return core.inTurn<Result<InvoiceDetails, Refusal>>((turn, done) => {
      const { running } = core;
      if (running === null) return done(err({ code: 'not-running' }));
      const refused = refusedReceive(core, amount);
      if (refused !== null) return done(err(refused));
      // bLIP 52 §3: "The sum of `timestamp` and `x`/`expiry` fields is equal to or less than
      // `opening_fee_params.valid_until`."
      const left = secondsLeft({ offer });
      if (left < SHORTEST_SECONDS) return done(err({ code: 'quote-expired' }));
      const { minFee, proportional } = offer.params;
      const made = core.payments.receive(
        {
          amount,
          description: { tag: 'text', text: description },
          expiry: seconds(Math.min(left, LONGEST_SECONDS)),
          channelsBefore: core.channels.ofPeer(lsp).map(({ id }) => id),
          opening: {
            lsp,
            minFee,
            proportional,
            scid: bought.scid,
            unconfirmed: server.trusted,
            blind: bought.clientTrustsLsp,
            mostFee,
            taken: msat(0),
          },
        },
        {
          network: core.network,
          // bLIP 52 §3: "`n` is the client node ID, or any public key whose private key the client knows."
          sign: running.identity.signInvoice,
          // bLIP 52 §3: "Ultimately, the client MUST provide the information below to the payer": all of it is in the invoice.
          // bLIP 52 §3: "`r` contains a single route hint with a single hop"; "`pubkey` is the LSP public node ID.";
          // "`short_channel_id` is the `jit_channel_scid`."; "`fee_base_msat` and `fee_proportional_millionths` are 0.";
          // "`cltv_expiry_delta` is `lsp_cltv_expiry_delta`."
          routeHints: [
            [
              {
                nodeId: lsp,
                scid: bought.scid,
                feeBase: msat(0),
                feeProportionalMillionths: 0,
                cltvExpiryDelta: bought.cltvDelta,
              },
            ],
          ],
          fallbacks: [],
        },
        payments.env(),
      );
      if (!made.ok) return done(err(refusalFromPayment(made.error)));
      const { payment, outcome } = made.value;
      payments.apply(turn, outcome);
      // Whoever is to open a channel to us must find us, also after a restart.
      keepPeer(core, turn, lsp, { host: server.host, port: server.port });
      done(
        ok({
          paymentId: payment.id,
          invoice: payment.invoice,
          paymentHash: payment.paymentHash,
          amountMsat: payment.amount,
          expiresAt: payment.expiresAt,
          receivableMsat: payment.amount ?? offer.params.maxPayment,
        }),
      );
    });
  }

  return {
    quote,
    conduct: (paymentId) =>
      Promise.resolve(ok(typeof paymentId === 'string' ? desk.conduct(paymentId) : null)),
    receive: (request) =>
      typeof request === 'object' && request !== null
        ? receive(request)
        : Promise.resolve(invalid('request', 'a request is needed')),
  };
}

type Refusals = readonly {
  readonly lsp: { readonly nodeId: string; readonly alias: string };
  readonly refusal: Refusal;
}[];

const cheaper = (a: LspQuote, b: LspQuote): number => {
  const [x, y] = [a.feeMsat ?? a.minFeeMsat, b.feeMsat ?? b.minFeeMsat];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Of several refusals the one that a person can do something about: another amount. */
function best(refused: Refusals): Refusal | null {
  let smallest: Extract<Refusal, { code: 'amount-too-small' }> | null = null;
  for (const { refusal } of refused)
    if (
      refusal.code === 'amount-too-small' &&
      (smallest === null || refusal.minimumMsat < smallest.minimumMsat)
    )
      smallest = refusal;
  return smallest ?? refused.find(({ refusal }) => refusal.code === 'amount-too-large')?.refusal ?? null;
}

/**
 * Most that the LSP may keep, as far as the user agreed to it. bLIP 52 §1: "determine if the resulting `opening_fee` is
 * reasonable".
 */
function feeBound(quoted: Quoted, agreed: Msat | null, limit: Msat): Result<Msat, Refusal> {
  const { offer } = quoted;
  const { fee } = offer;
  const least = fee ?? offer.params.minFee;
  if (least > limit) return err({ code: 'lsp-fee-above-limit', feeMsat: least, limitMsat: limit });
  if (agreed !== null && least > agreed)
    return err({ code: 'lsp-fee-above-limit', feeMsat: least, limitMsat: agreed });
  if (agreed === null && isDearQuote(quoted)) return err({ code: 'lsp-fee-is-dear', feeMsat: least });
  const most = agreed !== null && agreed < limit ? agreed : limit;
  return ok(fee !== null && fee < most ? fee : most);
}
