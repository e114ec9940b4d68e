import { hex, isOk, ldk, load, some, unwrap } from '../../e2e/world/ldk/library.ts';
import { decodeBolt11 } from '../../engine/invoice/bolt11-decode.ts';
import type { Bench, Row } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';
import { interleaved, type Side } from '../paired.ts';
import { loadCurve } from '../curve.ts';
import { invoiceOf, type Kind } from './invoices.ts';

const KINDS: readonly (readonly [string, Kind])[] = [
  ['no hint, 10 letters', { hints: 0, description: 'two coffee' }],
  ['one hint, 40 letters', { hints: 1, description: 'a book about money, and two black coffee' }],
  ['three hints, 200 letters', { hints: 3, description: 'eight ch'.repeat(25) }],
];
const DIFFERENT = 20;

type Read = { readonly payee: string; readonly hash: string; readonly amountMsat: bigint | null };

const parse: Readonly<Record<Side, (text: string) => Read | null>> = {
  leyden: (text) => {
    const decoded = decodeBolt11(text, 'regtest');
    if (!decoded.ok) return null;
    const { payee, paymentHash, amount } = decoded.value;
    return { payee, hash: paymentHash, amountMsat: amount };
  },
  ldk: (text) => {
    // Its parser checks the signature, too.
    const parsed = ldk.Bolt11Invoice.constructor_from_str(text);
    if (!isOk(parsed)) return null;
    const invoice = unwrap<ldk.Bolt11Invoice>(parsed, 'invoice');
    return {
      payee: hex(invoice.recover_payee_pub_key()),
      hash: hex(invoice.payment_hash()),
      amountMsat: some<bigint>(invoice.amount_milli_satoshis()),
    };
  },
};
/** As far as the signature is checked, and no further. */
const verify: Readonly<Record<Side, (text: string) => boolean>> = {
  leyden: (text) => decodeBolt11(text, 'regtest').ok,
  ldk: (text) => isOk(ldk.Bolt11Invoice.constructor_from_str(text)),
};

function assertAgreement(invoices: readonly string[]): void {
  for (const text of invoices) {
    const [ours, theirs] = [
      JSON.stringify(fields(parse.leyden(text))),
      JSON.stringify(fields(parse.ldk(text))),
    ];
    if (ours !== theirs) throw new Error(`read differently: ${text}: ${ours} ${theirs}`);
  }
}
const fields = (read: Read | null): unknown => read && { ...read, amountMsat: String(read.amountMsat) };

async function measure(
  invoices: readonly string[],
  quick: boolean,
): Promise<Pick<Row, 'leyden' | 'ldk' | 'spread'>> {
  const repeats = quick ? 1 : 3;
  const run = (side: Side): number[] => {
    const times: number[] = [];
    for (let i = 0; i < repeats; i++) {
      for (const text of invoices) {
        const start = performance.now();
        if (!verify[side](text)) throw new Error(`${side} refused ${text}`);
        times.push((performance.now() - start) * 1000);
      }
    }
    return times;
  };
  // Until both are compiled.
  await interleaved(quick ? 10 : 20, run);
  const samples = await interleaved(quick ? 10 : 40, run);
  return {
    leyden: median(samples.leyden),
    ldk: median(samples.ldk),
    spread: { leyden: spreadOf(samples.leyden), ldk: spreadOf(samples.ldk) },
  };
}

export const invoiceBench: Bench = {
  name: 'invoice',
  title: 'a BOLT 11 invoice parsed and its signature verified, p50',
  notes: [
    'Leyden gives back all fields; LDK a handle, each of whose fields is another call into WebAssembly, not counted.',
  ],
  run: async (quick) => {
    await load();
    await loadCurve();
    const rows: Row[] = [];
    for (const [what, kind] of KINDS) {
      const invoices = Array.from({ length: DIFFERENT }, (_, number) => invoiceOf(kind, number));
      assertAgreement(invoices);
      rows.push({ what, unit: 'µs', ...(await measure(invoices, quick)), goal: { ratio: 1 } });
    }
    return rows;
  },
};
