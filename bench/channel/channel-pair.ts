import { setImmediate as turn } from 'node:timers/promises';
import { until } from '../../e2e/world/until.ts';
import { blockHash, channelId, type PaymentHash, type PaymentId } from '../../engine/base/ids.ts';
import { blockHeight, feeratePerKw, msat, sat } from '../../engine/base/units.ts';
import { txIdOf, withWitness, type Tx } from '../../engine/bitcoin/tx.ts';
import { p2wpkh } from '../../engine/bitcoin/script.ts';
import type { IncomingHtlc } from '../../engine/channel/htlc.ts';
import { tryEcdh } from '../../engine/crypto/secp256k1.ts';
import type { Bolt11Invoice } from '../../engine/invoice/bolt11.ts';
import { decodeBolt11 } from '../../engine/invoice/bolt11-decode.ts';
import { openHtlc } from '../../engine/onion/instruction.ts';
import { encodePayload } from '../../engine/onion/payload.ts';
import { buildOnion } from '../../engine/onion/sphinx.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { paying } from '../../engine/testkit/fake-chain.ts';
import { loadCurve } from '../curve.ts';
import { CAPACITY_SAT, PUSH_MSAT, type PaymentPair } from '../pair.ts';
import { ChannelEnd, FEATURES, HEIGHT } from './channel-end.ts';
import { InvoiceDesk } from './invoice-desk.ts';

const CLTV_DELTA = 24;

/** Two channel machines with their signers, drivers, wires and stores; a payment here is an HTLC and its preimage. */
export async function startChannelPair(): Promise<PaymentPair> {
  await loadCurve();
  const waiting = new Map<PaymentHash, () => void>();
  const held: IncomingHtlc[] = [];
  let isHolding = false;
  let offered = 0;

  const keys = [systemRandom(32), systemRandom(32), systemRandom(32)] as const;
  const session = { remoteStatic: new Uint8Array(33), chainingKey: keys[2] };
  const payer = new ChannelEnd(
    { ...session, sendKey: keys[0], receiveKey: keys[1] },
    {
      onOffer: () => {},
      onPreimage: (hash) => {
        waiting.get(hash)?.();
        waiting.delete(hash);
      },
      onNotice: (inTurn, notice) => {
        if (notice.tag !== 'funding-needed') return;
        const tx = withWitness(paying([notice.script, notice.amount]), 0, [Uint8Array.of(1)]);
        funding = tx;
        payer.host.command(inTurn, payer.hosted, { tag: 'funding-built', tx, outputIndex: 0 });
      },
    },
  );
  let funding: Tx | null = null;
  const payee: ChannelEnd = new ChannelEnd(
    { ...session, sendKey: keys[1], receiveKey: keys[0] },
    {
      onOffer: (_turn, htlc) => {
        offered++;
        if (isHolding) held.push(htlc);
        else claim(htlc);
      },
      onPreimage: () => {},
      onNotice: (inTurn, notice) => {
        if (notice.tag !== 'open-requested') return;
        const shutdownScript = p2wpkh(payee.publicKey);
        payee.host.command(inTurn, payee.hosted, { tag: 'accept', shutdownScript, minimumDepth: 1 });
      },
    },
  );
  const desk = new InvoiceDesk(payee.secret);
  const claim = (htlc: IncomingHtlc): void => {
    const opened = openHtlc(htlc, (point) => tryEcdh(payee.secret, point));
    if (!opened.ok || opened.value.tag !== 'receive') throw new Error('the onion is not for the payee');
    const preimage = desk.preimageFor(htlc.paymentHash, opened.value.paymentSecret);
    payee.driver.submit((inTurn) =>
      payee.host.command(inTurn, payee.hosted, { tag: 'fulfill-htlc', id: htlc.id, preimage }),
    );
  };
  payer.far = payee;
  payee.far = payer;
  const temporary = channelId('01'.repeat(32));
  payer.channel = payer.host.add(temporary, payee.nodeId);
  payee.channel = payee.host.add(temporary, payer.nodeId);
  for (const end of [payer, payee])
    end.driver.submit((inTurn) =>
      end.host.deliver(inTurn, end.hosted, {
        tag: 'connected',
        remoteInit: { name: 'init', globalFeatures: new Uint8Array(), features: FEATURES },
      }),
    );
  payer.driver.submit((inTurn) =>
    payer.host.command(inTurn, payer.hosted, {
      tag: 'open',
      amount: sat(CAPACITY_SAT - 1_000_000n),
      push: msat(PUSH_MSAT),
      announce: false,
      feerate: feeratePerKw(500),
      shutdownScript: p2wpkh(payer.publicKey),
    }),
  );
  await until(() => payer.hosted.state.durable && payee.hosted.state.durable, { what: 'a signed channel' });
  const tx = funding as Tx | null;
  if (tx === null) throw new Error('never funded');
  const at = { height: blockHeight(HEIGHT - 10), blockHash: blockHash('00'.repeat(32)), index: 1 };
  for (const end of [payer, payee])
    end.chain({ tag: 'confirmed', txId: txIdOf(tx), tx, at, tipHeight: HEIGHT });
  const isNormal = (end: ChannelEnd): boolean => end.hosted.state.durable?.phase === 'normal';
  await until(() => isNormal(payer) && isNormal(payee), { what: 'a usable channel' });

  const pay = (text: string): Promise<void> => {
    const invoice = decodeBolt11(text, 'regtest');
    if (!invoice.ok) throw new Error(invoice.error.code);
    return new Promise((resolve, reject) => {
      waiting.set(invoice.value.paymentHash, resolve);
      addHtlc(payer, payee, invoice.value, reject);
    });
  };
  let unpaid: Promise<void>[] = [];
  return {
    invoices: (count, amountMsat) =>
      Promise.resolve(Array.from({ length: count }, () => desk.invoice(amountMsat))),
    pay,
    addAll: async (invoices) => {
      isHolding = true;
      offered = 0;
      unpaid = invoices.map(pay);
      while (offered < invoices.length) await turn();
    },
    claimAll: async () => {
      isHolding = false;
      for (const htlc of held.splice(0)) claim(htlc);
      await Promise.all(unpaid);
    },
    settled: async () => {
      while (payer.htlcs > 0 || payee.htlcs > 0) await turn();
    },
    written: () => ({ payer: payer.bytesWritten, payee: payee.bytesWritten }),
  };
}

function addHtlc(
  payer: ChannelEnd,
  payee: ChannelEnd,
  invoice: Bolt11Invoice,
  reject: (error: Error) => void,
): void {
  const amount = invoice.amount ?? msat(0);
  const cltvExpiry = blockHeight(HEIGHT + CLTV_DELTA);
  const payload = encodePayload({
    amtToForward: amount,
    outgoingCltvValue: cltvExpiry,
    paymentData: { paymentSecret: invoice.paymentSecret, total: amount },
  });
  const { paymentHash } = invoice;
  const onion = buildOnion(
    systemRandom(32),
    [{ nodeId: payee.publicKey, payload }],
    Uint8Array.from(Buffer.from(paymentHash, 'hex')),
  );
  if (!onion.ok) throw new Error(onion.error.code);
  const { packet } = onion.value;
  const origin = { paymentId: paymentHash as string as PaymentId, attempt: 0 };
  payer.driver.submit((inTurn) =>
    payer.host.command(
      inTurn,
      payer.hosted,
      { tag: 'add-htlc', amount, paymentHash, cltvExpiry, onion: packet, origin },
      (_turn, result) => {
        if (!result.ok) reject(new Error(result.error.code));
      },
    ),
  );
}
