import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { msat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { sha256 } from '../crypto/hash.ts';
import { FAILURE_CODES } from '../onion/failure.ts';
import { encodePayload } from '../onion/payload.ts';
import { buildOnion } from '../onion/sphinx.ts';
import { envOf, HEIGHT, NOW, payChannel, readInvoice, sats, testNode } from './fixtures/pay-world.ts';
import { anHtlc, bad, command, good, idOf, inFlight, TwoBooks } from './fixtures/two-books.ts';
import type { ReceiveDraft } from './receive-request.ts';
import { requestOfInvoice, spontaneousRequest, type SendOptions } from './send-request.ts';

const alice = testNode(1);
const bob = testNode(2);
const PREIMAGE = new Uint8Array(32).fill(9);
const HASH = paymentHash(toHex(sha256(PREIMAGE)));

function world(channels = [payChannel(1, bob.id)]) {
  const two = new TwoBooks(alice, bob);
  two.payer.change = { channels };
  return two;
}
function invoiceFrom(two: TwoBooks, draft: Partial<ReceiveDraft> = {}) {
  const { payee } = two;
  const made = payee.book.receive(
    { amount: sats(1000), description: { tag: 'text', text: 'tea' }, ...draft },
    bob.source,
    payee.env,
  );
  if (!made.ok) throw new Error(made.error.code);
  two.run(payee, made.value.outcome);
  return readInvoice(made.value.payment.invoice);
}
function pay(two: TwoBooks, invoice: ReturnType<typeof readInvoice>, options: SendOptions = {}) {
  const { payer } = two;
  const request = requestOfInvoice(invoice, options, payer.env);
  if (!request.ok) throw new Error(request.error.code);
  two.run(payer, payer.book.send(command(1), request.value, payer.env));
  return request.value;
}

it('does not pay what a channel from a backup has under way already', () => {
  const two = world();
  const invoice = invoiceFrom(two);
  const { paymentHash: hash } = invoice;
  const isPaying = (one: string): boolean => one === hash;
  two.payer.change = {
    channels: [payChannel(1, bob.id), { ...payChannel(2, bob.id), isUsable: false, isPaying }],
  };
  pay(two, invoice);
  expect(two.payer.replies).toEqual([bad({ code: 'duplicate-payment', state: 'pending' })]);
  expect(two.htlcs).toEqual([]);
});

describe('two books', () => {
  it('pay an invoice from end to end', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    expect(two.payee.book.entry(idOf(invoice.paymentHash), two.payee.env.now)).toMatchObject({
      direction: 'incoming',
      state: 'pending',
      amount: 1_000_000n,
      preimage: null,
    });
    pay(two, invoice);
    expect(two.payer.replies).toEqual([good(idOf(invoice.paymentHash))]);
    expect(two.payer.notices).toMatchObject([{ tag: 'sent', amount: 1_000_000n, fee: 0n }]);
    expect(two.payee.notices).toMatchObject([{ tag: 'received', amount: 1_000_000n }]);
    expect(inFlight(two)).toBe(0n);
    const sent = two.payer.book.entry(idOf(invoice.paymentHash), two.payer.env.now);
    const received = two.payee.book.entry(idOf(invoice.paymentHash), two.payee.env.now);
    expect(sent).toMatchObject({
      direction: 'outgoing',
      state: 'succeeded',
      payee: bob.id,
      attempts: 1,
      settledAt: NOW,
    });
    expect(received).toMatchObject({ direction: 'incoming', state: 'succeeded', settledAt: NOW });
    expect(sent?.preimage).toEqual(received?.preimage);
    expect(sha256(sent?.preimage ?? new Uint8Array())).toEqual(fromHex(invoice.paymentHash));
  });

  it('pay it once', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    pay(two, invoice);
    pay(two, invoice);
    expect(two.payer.replies[1]).toEqual(bad({ code: 'duplicate-payment', state: 'succeeded' }));
    expect(two.payee.notices.length).toBe(1);
  });

  it('try the next channel when one refuses', () => {
    const channels = [payChannel(1, bob.id, { sendable: sats(2_000_000) }), payChannel(2, bob.id)];
    const two = world(channels);
    two.refusal = (id) => (id === channels[0]?.channelId ? { code: 'too-many-htlcs', maximum: 483 } : null);
    pay(two, invoiceFrom(two));
    expect(two.payer.notices).toMatchObject([{ tag: 'sent' }]);
    expect(two.payer.replies).toMatchObject([{ ok: true }]);
  });

  it('leave nothing behind when no channel takes it', () => {
    const two = world();
    two.refusal = () => ({ code: 'peer-not-connected' });
    pay(two, invoiceFrom(two));
    expect(two.payer.replies).toEqual([bad({ code: 'no-path', reason: 'peer-offline' })]);
    expect(two.payer.book.page(null, 10, two.payer.env.now).entries).toEqual([]);
    expect(two.payer.disk.size).toBe(0);
  });

  it('pay without an invoice', () => {
    const two = world();
    const request = spontaneousRequest(bob.id, sats(21), PREIMAGE, {}, two.payer.env);
    if (!request.ok) throw new Error(request.error.code);
    two.run(two.payer, two.payer.book.send(command(1), request.value, two.payer.env));
    expect(two.payee.notices).toEqual([{ tag: 'received', paymentId: idOf(HASH), amount: 21_000n }]);
    expect(two.payee.book.entry(idOf(HASH), two.payee.env.now)).toMatchObject({
      kind: 'spontaneous',
      state: 'succeeded',
      invoice: null,
      expiresAt: null,
    });
  });

  it('refuse it when spontaneous payments are not wanted, or the preimage is not its hash’s', () => {
    const two = world();
    two.payee.change = { config: { acceptSpontaneous: false } };
    const request = spontaneousRequest(bob.id, sats(21), PREIMAGE, {}, two.payer.env);
    if (!request.ok) throw new Error(request.error.code);
    two.run(two.payer, two.payer.book.send(command(1), request.value, two.payer.env));
    expect(two.payer.notices).toMatchObject([{ tag: 'failed', failure: { code: 'unknown-to-recipient' } }]);
    two.payee.change = {};
    const wrong = {
      ...request.value,
      recipient: { ...request.value.recipient, keysendPreimage: new Uint8Array(32) },
    };
    two.run(two.payer, two.payer.book.send(command(2), wrong, two.payer.env));
    expect(two.payer.notices[1]).toMatchObject({ tag: 'failed', failure: { code: 'unknown-to-recipient' } });
    expect(two.payee.disk.size).toBe(0);
  });

  it('tell the payer that the hash is unknown', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    two.payee.book = new TwoBooks(alice, bob).payee.book;
    pay(two, invoice);
    expect(two.payer.notices).toMatchObject([
      { tag: 'failed', failure: { code: 'unknown-to-recipient', hop: 0 } },
    ]);
  });

  it('go on after both have restarted with the HTLC between them', () => {
    const two = world();
    two.isHeldBack = true;
    const invoice = invoiceFrom(two);
    pay(two, invoice);
    expect(inFlight(two)).toBe(1_000_000n);
    two.restart();
    expect(two.payer.notices).toMatchObject([{ tag: 'sent' }]);
    expect(two.payee.notices).toMatchObject([{ tag: 'received' }]);
  });

  it('hold an invoice over a restart until it is claimed', () => {
    const two = world();
    const invoice = invoiceFrom(two, { paymentHash: HASH });
    pay(two, invoice);
    expect(two.payee.notices).toMatchObject([{ tag: 'claimable', deadline: HEIGHT + 147 - 24 }]);
    two.restart();
    two.tick({ now: NOW + 10_000, height: HEIGHT + 50 });
    expect(two.payee.notices.length).toBe(1);
    expect(two.payer.notices).toEqual([]);
    const { payee } = two;
    two.run(payee, payee.book.claim(command(7), PREIMAGE, payee.env));
    expect(payee.replies).toEqual([good(idOf(HASH))]);
    expect(two.payer.notices).toMatchObject([{ tag: 'sent', preimage: PREIMAGE }]);
  });

  it('give a hold invoice back', () => {
    const two = world();
    pay(two, invoiceFrom(two, { paymentHash: HASH }));
    two.run(two.payee, two.payee.book.fail(command(7), HASH, two.payee.env));
    expect(two.payer.notices).toMatchObject([{ tag: 'failed', failure: { code: 'unknown-to-recipient' } }]);
    expect(two.payee.book.entry(idOf(HASH), two.payee.env.now)).toMatchObject({ state: 'failed' });
  });

  it('wait for parts, and say when they want to be woken', () => {
    const two = world();
    const invoice = invoiceFrom(two, { amount: null });
    const request = requestOfInvoice(invoice, { amount: sats(500) }, two.payer.env);
    if (!request.ok) throw new Error(request.error.code);
    const { paymentSecret } = invoice;
    if (paymentSecret === null) throw new Error('no payment secret');
    // A payer that sends half of what it says.
    const onion = buildOnion(
      new Uint8Array(32).fill(3),
      [
        {
          nodeId: fromHex(bob.id),
          payload: encodePayload({
            amtToForward: msat(1000),
            outgoingCltvValue: anHtlc(HASH, new Uint8Array()).cltvExpiry,
            paymentData: { paymentSecret, total: msat(2000) },
          }),
        },
      ],
      fromHex(invoice.paymentHash),
    );
    if (!onion.ok) throw new Error('too long');
    const { payee } = two;
    expect(payee.book.wakeAt(payee.env)).toBeNull();
    const outcome = payee.book.offered(anHtlc(invoice.paymentHash, onion.value.packet), bob.ecdh, payee.env);
    expect(outcome.after).toEqual([]);
    expect(payee.book.wakeAt(payee.env)).toBe(NOW + 60);
    const { after } = payee.book.tick(envOf(bob, { now: NOW + 60 }));
    expect(after).toMatchObject([{ tag: 'command', command: { tag: 'fail-htlc', id: 99n } }]);
    expect(payee.book.wakeAt(payee.env)).toBeNull();
  });
});

describe('the book -- refusals', () => {
  it('gives back what would be lost with the fees, and shows no preimage for it', () => {
    const { payee } = world();
    const offered = (mustFail: { readonly mustFail?: 'dust-exposure' }) => {
      const onion = buildOnion(
        new Uint8Array(32).fill(3),
        [
          {
            nodeId: fromHex(bob.id),
            payload: encodePayload({
              amtToForward: msat(1000),
              outgoingCltvValue: anHtlc(HASH, new Uint8Array()).cltvExpiry,
              keysendPreimage: PREIMAGE,
            }),
          },
        ],
        fromHex(HASH),
      );
      if (!onion.ok) throw new Error('too long');
      const htlc = { ...anHtlc(HASH, onion.value.packet), ...mustFail };
      return payee.book.offered(htlc, bob.ecdh, payee.env).after;
    };
    expect(offered({ mustFail: 'dust-exposure' })).toMatchObject([
      { tag: 'command', command: { tag: 'fail-htlc', id: 99n } },
    ]);
    expect(offered({})).toMatchObject([
      { tag: 'command', command: { tag: 'fulfill-htlc', id: 99n } },
      { tag: 'notify' },
    ]);
  });

  it('does not pay itself', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    const request = requestOfInvoice(invoice, {}, two.payer.env);
    if (!request.ok) throw new Error(request.error.code);
    const { after } = two.payee.book.send(command(1), request.value, two.payee.env);
    expect(after).toEqual([{ tag: 'reply', id: command(1), result: bad({ code: 'own-invoice' }) }]);
  });

  it('asks for one hash once', () => {
    const two = world();
    invoiceFrom(two, { paymentHash: HASH });
    const again = two.payee.book.receive(
      { amount: null, description: { tag: 'text', text: '' }, paymentHash: HASH },
      bob.source,
      two.payee.env,
    );
    expect(again).toEqual(bad({ code: 'duplicate-payment', state: 'pending' }));
    const other = world();
    pay(other, invoiceFrom(other));
    const paid = other.payer.book.page(null, 1, other.payer.env.now).entries[0]?.paymentHash ?? HASH;
    expect(
      other.payer.book.receive(
        { amount: null, description: { tag: 'text', text: '' }, paymentHash: paid },
        alice.source,
        other.payer.env,
      ),
    ).toEqual(bad({ code: 'duplicate-payment', state: 'succeeded' }));
  });

  it('knows no payment that it does not have', () => {
    const { payee } = world();
    const unknown = [{ tag: 'reply', id: command(1), result: bad({ code: 'unknown-payment' }) }];
    expect(payee.book.claim(command(1), PREIMAGE, payee.env).after).toEqual(unknown);
    expect(payee.book.fail(command(1), HASH, payee.env).after).toEqual(unknown);
    expect(payee.book.entry(idOf(HASH), payee.env.now)).toBeNull();
    expect(payee.book.label(idOf(HASH), 'x', payee.env)).toBeNull();
    expect(
      payee.book.settled(
        { paymentId: idOf(HASH), attempt: 0 },
        { tag: 'fulfilled', preimage: PREIMAGE },
        payee.env,
      ),
    ).toEqual({ commit: [], after: [] });
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST NOT reveal its own preimage when it's not the
  // final recipient"
  it('forwards nothing, and reads nothing that is not for it', () => {
    const two = world();
    const { payee } = two;
    // It has the preimage: the invoice is its own.
    const { paymentHash: own } = invoiceFrom(two);
    const payload = encodePayload({
      amtToForward: msat(900),
      outgoingCltvValue: anHtlc(own, new Uint8Array()).cltvExpiry,
      shortChannelId: 5n as never,
    });
    const onion = buildOnion(
      new Uint8Array(32).fill(3),
      [
        { nodeId: fromHex(bob.id), payload },
        { nodeId: fromHex(alice.id), payload },
      ],
      fromHex(own),
    );
    if (!onion.ok) throw new Error('too long');
    const commands = (bytes: Uint8Array): ChannelCommand[] =>
      payee.book
        .offered(anHtlc(own, bytes), bob.ecdh, payee.env)
        .after.flatMap((effect) => (effect.tag === 'command' ? [effect.command] : []));
    expect(commands(onion.value.packet)).toMatchObject([{ tag: 'fail-htlc', id: 99n }]);
    expect(commands(new Uint8Array(1366))).toEqual([
      {
        tag: 'fail-malformed-htlc',
        id: 99n,
        onionHash: sha256(new Uint8Array(1366)),
        failureCode: FAILURE_CODES.invalid_onion_key,
      },
    ]);
  });
});

describe('the ledger', () => {
  it('lists newest first, in pages, with labels, over a restart', () => {
    const two = world();
    const invoices = [0, 1, 2, 3, 4].map((i) => {
      two.tick({ now: NOW + i });
      return invoiceFrom(two);
    });
    const { payee } = two;
    const target = idOf(invoices[2]?.paymentHash ?? HASH);
    const labelled = payee.book.label(target, 'for the tea', payee.env);
    if (labelled === null) throw new Error('unknown');
    two.run(payee, labelled);
    payee.restart();
    const first = payee.book.page(null, 3, payee.env.now);
    expect(first.entries.map(({ id }) => id)).toEqual([4, 3, 2].map((i) => invoices[i]?.paymentHash));
    expect(first.entries[2]).toMatchObject({ label: 'for the tea', description: 'tea' });
    const second = payee.book.page(first.next, 3, payee.env.now);
    expect(second.entries.length).toBe(2);
    expect(second.next).toBeNull();
  });

  it('shows an invoice that nobody paid as expired', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    two.tick({ now: NOW + 3601 });
    expect(two.payee.book.entry(idOf(invoice.paymentHash), two.payee.env.now)).toMatchObject({
      state: 'expired',
      expiresAt: NOW + 3600,
    });
  });

  it('shows why a payment failed, and no fee', () => {
    const two = world();
    const invoice = invoiceFrom(two);
    two.payee.book = new TwoBooks(alice, bob).payee.book;
    pay(two, invoice);
    expect(two.payer.book.entry(idOf(invoice.paymentHash), two.payer.env.now)).toMatchObject({
      state: 'failed',
      fee: null,
      failure: {
        code: 'unknown-to-recipient',
        bolt4Code: FAILURE_CODES.incorrect_or_unknown_payment_details,
      },
    });
  });
});
