import { expect } from 'vitest';
import { paymentHash as hashOf } from '../../../engine/base/ids.ts';
import { msat, seconds } from '../../../engine/base/units.ts';
import { decodeBolt11 } from '../../../engine/invoice/bolt11-decode.ts';
import type { Bolt11Content } from '../../../engine/invoice/bolt11.ts';
import { forged } from '../../real/scenarios/forge.ts';
import { waitForPayment } from '../../real/scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import { does, type Part } from '../cannot.ts';
import { cheating, type Cheat } from '../cheat.ts';
import type { ImplementationName } from '../implementation.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

const AMOUNT = 10_000_000n;

/** BOLT 4 §Failure Messages: `incorrect_or_unknown_payment_details`, whatever of it was wrong. */
const INCORRECT = 0x4000 | 15;

/** How each names it; LDK tells its user no code, and so only that of BOLT 4 which is the payee's alone to say. */
const TOLD: Readonly<Record<ImplementationName, RegExp>> = {
  'ldk-wasm': /RecipientRejected/,
  leyden: /unknown-to-recipient \(16399\)/,
  lnd: /INCORRECT_OR_UNKNOWN_PAYMENT_DETAILS/,
  'ldk-node': /RecipientRejected/,
  electrum: /Destination node.*INCORRECT_OR_UNKNOWN_PAYMENT_DETAILS/,
};

/**
 * What who pays does wrong.
 * BOLT 4 §Failure Messages, of the final node: "MUST fail the HTLC" where "the `payment_secret` doesn't match", "the amount
 * paid is less than the amount expected", or "the payment hash is unknown"; "SHOULD" where it "is more than twice the
 * amount expected".
 */
const WRONGS = {
  'too-little': { amount: msat(9_999_000) },
  'too-much': { amount: msat(20_001_000) },
  'unknown-hash': { paymentHash: hashOf(newSecret().paymentHash) },
  'wrong-secret': { paymentSecret: new Uint8Array(32).fill(7) },
} as const satisfies Partial<Record<Part, Cheat & Partial<Bolt11Content>>>;

/** Who pays us what we did not ask for gets all of it back, and is told why. */
async function refusedByUs(play: Play): Promise<void> {
  const { us, peer, kind } = play;
  const before = await play.channel();
  const ask = { amountMsat: AMOUNT, description: 'exact' };
  const request = valueOf(await us.api.bolt11.receive(ask));
  const told = (invoice: string): Promise<string> =>
    peer.pay(invoice).then(
      () => 'paid',
      (error: Error) => error.message,
    );
  for (const [what, change] of Object.entries(WRONGS))
    expect(await told(await forged(request.invoice, change)), what).toMatch(TOLD[kind.name]);
  expect(valueOf(await us.api.payment(request.paymentId)).state).toBe('pending');
  const brief = valueOf(await us.api.bolt11.receive({ ...ask, expirySeconds: 1 }));
  await until(async () => valueOf(await us.api.payment(brief.paymentId)).state === 'expired', {
    what: 'the invoice to expire',
  });
  expect(await told(await forged(brief.invoice, { expiry: seconds(3_600) })), 'expired').toMatch(
    TOLD[kind.name],
  );
  expect((await play.settled(before.channelId)).localMsat).toBe(before.localMsat);
}

/** The same of what we pay. We pay nothing that has expired; who does gets it back. */
async function refusedByPayee(play: Play): Promise<void> {
  const { us, peer, kind } = play;
  const before = await play.channel();
  const ask = async (): Promise<string> => (await peer.createInvoice({ amountMsat: AMOUNT })).bolt11;
  const refused = async (what: string, change: Cheat): Promise<void> => {
    const invoice = await ask();
    const { paymentId } = valueOf(await cheating(change, () => us.api.bolt11.send(invoice)));
    const { state, failure } = await waitForPayment(us, paymentId);
    expect({ what, state, failure }).toMatchObject({
      what,
      state: 'failed',
      failure: { code: 'unknown-to-recipient', bolt4Code: INCORRECT, hop: 0 },
    });
  };
  for (const [what, change] of Object.entries(WRONGS))
    if (does(kind.name, what as keyof typeof WRONGS)) await refused(what, change);
  const brief = await peer.createInvoice({ amountMsat: AMOUNT, expirySeconds: 1 });
  await until(async () => codeOf(await us.api.bolt11.quote(brief.bolt11)) === 'invoice-expired', {
    what: 'the invoice to expire',
  });
  expect(codeOf(await us.api.bolt11.send(brief.bolt11))).toBe('invoice-expired');
  if (does(kind.name, 'expired')) {
    const { paymentHash, paymentSecret } = valueOf(decodeBolt11(brief.bolt11, 'regtest'));
    await refused('expired', { paymentHash, ...(paymentSecret === null ? {} : { paymentSecret }) });
  }
  expect((await play.settled(before.channelId)).localMsat).toBe(before.localMsat);
}

export const REFUSING = {
  'refused-by-us': refusedByUs,
  'refused-by-payee': refusedByPayee,
} satisfies Scenarios;
