import { NETWORKS } from '../../base/network.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { toHex } from '../../base/bytes.ts';
import { paymentHash, type PaymentHash, type PaymentId } from '../../base/ids.ts';
import { msat } from '../../base/units.ts';
import { sha256 } from '../../crypto/hash.ts';
import { signRecoverable } from '../../crypto/secp256k1.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { newInvoice, type InvoiceSource, type ReceiveDraft } from '../../payment/receive-request.ts';
import { requestOfInvoice } from '../../payment/send-request.ts';
import { seeded } from '../two-peer-env.ts';
import { law } from './law.ts';
import { other, type LawNode, type Who } from './law-node.ts';
import type { PayKind } from './schedule.ts';

/** Something that one node asked the other to pay. */
export type Bill = {
  readonly payee: Who;
  readonly text: string;
  readonly hash: PaymentHash;
  readonly amount: bigint;
  /** Of a hold invoice: with whoever decides. */
  readonly preimage: Uint8Array | null;
  /** The payee knows nothing of it. */
  readonly isWrong: boolean;
  /** The payer was told that it is under way. */
  accepted: boolean;
};

const sourceOf = (who: Who): InvoiceSource => ({
  network: NETWORKS.regtest,
  sign: (hash) => signRecoverable(hash, seeded(who, 'node')),
  routeHints: [],
  fallbacks: [],
});

/** Asks for money; the bill is there once it is saved. */
export function ask(
  payee: LawNode,
  amount: number,
  kind: PayKind,
  made: number,
  give: (bill: Bill) => void,
): void {
  const { life, who } = payee;
  const preimage = kind === 'hold' ? sha256(encodeUtf8(`${who} holds ${made}`)) : null;
  const draft: ReceiveDraft = {
    amount: msat(amount),
    description: { tag: 'text', text: '' },
    ...(preimage === null ? {} : { paymentHash: paymentHash(toHex(sha256(preimage))) }),
  };
  const isWrong = kind === 'wrong';
  life.driver.submit((turn) => {
    const env = life.desk.env();
    const asked = isWrong
      ? newInvoice(draft, sourceOf(who), env)
      : life.payments.receive(draft, sourceOf(who), env);
    law(asked.ok, 'an invoice can be made');
    const payment = 'outcome' in asked.value ? asked.value.payment : asked.value;
    if ('outcome' in asked.value) life.desk.apply(turn, asked.value.outcome);
    const { invoice: text, paymentHash: hash } = payment;
    turn.after(() =>
      give({ payee: who, text, hash, amount: BigInt(amount), preimage, isWrong, accepted: false }),
    );
  });
}

/** Pays, as the node's command does. */
export function pay(payer: LawNode, bill: Bill): void {
  const { life } = payer;
  law(bill.payee === other(payer.who), 'nobody pays its own bill');
  if (!life.isCurrent) return;
  const decoded = decodeBolt11(bill.text, 'regtest');
  law(decoded.ok, 'an invoice can be read');
  const request = requestOfInvoice(decoded.value, {}, life.desk.env());
  if (!request.ok) return;
  life.driver.submit((turn) =>
    life.desk.ask(
      turn,
      (id) => life.payments.send(id, request.value, life.desk.env()),
      (same, answer) =>
        same.after(() => {
          if (answer.ok) bill.accepted = true;
        }),
    ),
  );
}

/** The payee of a hold invoice makes up its mind. */
export function decide(payee: LawNode, bill: Bill, claims: boolean): void {
  const { life } = payee;
  if (!life.isCurrent || bill.preimage === null) return;
  const { preimage, hash } = bill;
  life.driver.submit((turn) =>
    life.desk.ask(
      turn,
      (id) =>
        claims
          ? life.payments.claim(id, preimage, life.desk.env())
          : life.payments.fail(id, hash, life.desk.env()),
      () => undefined,
    ),
  );
}

export const paymentIdOf = ({ hash }: Bill): PaymentId => hash as string as PaymentId;
