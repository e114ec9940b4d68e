import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Row } from '../bench.ts';
import type { PaymentPair } from '../pair.ts';
import { eachSide, type BySide, type Side } from '../paired.ts';
import { startPair } from './pairs.ts';

const AMOUNT_MSAT = 1_000_000n;
/** The least before and after which bytes are counted. */
const SAMPLE = 10;
const GOAL_BYTES = 10_000;
/** Flat: so many times the bytes of the first mark, at the last. A counter may have taken another byte. */
const GOAL_GROWTH = 1.1;
const ENDS = ['payer', 'payee'] as const;
/** Longer than anything that the opening of a channel puts off. */
const QUIET_MS = 2_000;

type PerPayment = { readonly payer: number; readonly payee: number };

/** Until nothing was written for a while: what the opening of the channel leaves to do is not the payments'. */
async function quiet(pair: PaymentPair): Promise<void> {
  for (let before = ''; ;) {
    const now = JSON.stringify(pair.written());
    if (now === before) return;
    before = now;
    await sleep(QUIET_MS);
  }
}

/** Bytes for each of the last `SAMPLE` payments before each mark. */
async function count(pair: PaymentPair, marks: readonly number[]): Promise<ReadonlyMap<number, PerPayment>> {
  const found = new Map<number, PerPayment>();
  let paid = 0;
  const payTo = async (target: number): Promise<void> => {
    for (const invoice of await pair.invoices(target - paid, AMOUNT_MSAT)) {
      await pair.pay(invoice);
      await pair.settled();
    }
    paid = target;
  };
  await quiet(pair);
  for (const mark of marks) {
    await payTo(mark - SAMPLE);
    const before = pair.written();
    await payTo(mark);
    const after = pair.written();
    found.set(mark, {
      payer: (after.payer - before.payer) / SAMPLE,
      payee: (after.payee - before.payee) / SAMPLE,
    });
  }
  return found;
}

export const bytesBench: Bench = {
  name: 'bytes',
  title: 'bytes written for a payment, by the length of the history before it',
  notes: [
    `For each of the ${SAMPLE} payments before the mark, one after another without a pause; the invoice with it.`,
    'Not in it: the copy of its channels that a Leyden node keeps for its peer (BOLT 1: 65,531 bytes), at most once a minute.',
    'LDK: monitor updates, not whole monitors, and the manager whenever LDK asks for it.',
  ],
  run: async (quick) => {
    const marks = quick ? [10, 60] : [10, 200, 1000];
    const pairs = await eachSide(startPair);
    const counted: BySide<ReadonlyMap<number, PerPayment>> = await eachSide((side) =>
      count(pairs[side], marks),
    );
    const at = (mark: number, who: keyof PerPayment, side: Side): number =>
      counted[side].get(mark)?.[who] ?? NaN;
    const [first = NaN, last = NaN] = [marks[0], marks.at(-1)];
    const grown = (who: keyof PerPayment, side: Side): number => at(last, who, side) / at(first, who, side);
    return [
      ...marks.flatMap((mark) =>
        ENDS.map((who): Row => ({
          what: `payment ${mark}, ${who}`,
          unit: 'bytes',
          leyden: at(mark, who, 'leyden'),
          ldk: at(mark, who, 'ldk'),
          goal: { atMost: GOAL_BYTES },
        })),
      ),
      ...ENDS.map((who): Row => ({
        what: `payment ${last} by payment ${first}, ${who}`,
        unit: 'times',
        leyden: grown(who, 'leyden'),
        ldk: grown(who, 'ldk'),
        goal: { atMost: GOAL_GROWTH },
      })),
    ];
  },
};
