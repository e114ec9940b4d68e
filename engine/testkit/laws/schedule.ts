import * as fc from 'fast-check';
import type { Who } from './law-node.ts';

export type { Who };
/** How a payment is asked for and made. */
export type PayKind =
  | 'plain'
  /** The payee decides later. */
  | 'hold'
  /** An invoice from before is paid once more. */
  | 'again'
  /** Twice in one go. */
  | 'twice'
  /** The onion is damaged on its way: the peer cannot read it. */
  | 'garbled'
  /** The payee knows nothing of it. */
  | 'wrong';

/** One thing that may happen to two nodes with a channel between them. */
export type Action =
  | {
      readonly tag: 'pay';
      readonly who: Who;
      readonly amount: number;
      readonly kind: PayKind;
      readonly which: number;
    }
  | { readonly tag: 'decide'; readonly who: Who; readonly which: number; readonly claims: boolean }
  | { readonly tag: 'deliver'; readonly who: Who; readonly count: number; readonly together: boolean }
  /** Delivers until nothing is left to say. */
  | { readonly tag: 'talk' }
  | { readonly tag: 'cut' | 'join' }
  | { readonly tag: 'crash'; readonly who: Who; readonly written: boolean; readonly ahead: number }
  | { readonly tag: 'die' | 'rise'; readonly who: Who }
  /** The disk refuses so many commits. */
  | { readonly tag: 'refuse'; readonly who: Who; readonly commits: number }
  | { readonly tag: 'pass'; readonly seconds: number }
  | { readonly tag: 'clock'; readonly who: Who; readonly seconds: number }
  | { readonly tag: 'servers'; readonly who: Who; readonly reachable: boolean }
  | { readonly tag: 'fees'; readonly who: Who; readonly factor: number }
  | { readonly tag: 'blocks'; readonly count: number }
  | { readonly tag: 'reorg'; readonly depth: number; readonly count: number; readonly loses: boolean }
  | { readonly tag: 'look'; readonly who: Who }
  /** `rate`: a thousand where it is not said. */
  | { readonly tag: 'close'; readonly who: Who; readonly rate?: number }
  | { readonly tag: 'force'; readonly who: Who };

const who = fc.constantFrom<Who>('alice', 'bob');
const amount = fc.oneof(
  // Around the dust limits, and in the middle.
  fc.integer({ min: 1, max: 1_500_000 }),
  fc.integer({ min: 300_000, max: 400_000 }),
  fc.integer({ min: 1_000_000, max: 600_000_000 }),
);
const tag = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);

const PAY_OF = { tag: tag('pay'), who, amount, which: fc.nat(20) };
const PAY = fc.record({
  ...PAY_OF,
  kind: fc.constantFrom<PayKind>(
    'plain',
    'plain',
    'plain',
    'hold',
    'hold',
    'again',
    'twice',
    'garbled',
    'wrong',
  ),
});
const DECIDE = fc.record({ tag: tag('decide'), who, which: fc.nat(20), claims: fc.boolean() });
const DELIVER = fc.record({
  tag: tag('deliver'),
  who,
  count: fc.integer({ min: 1, max: 6 }),
  together: fc.boolean(),
});
const CRASH = fc.record({ tag: tag('crash'), who, written: fc.boolean(), ahead: fc.nat(4) });
const CLOCK = fc.record({
  tag: tag('clock'),
  who,
  // A minute, a day, three years, either way.
  seconds: fc.constantFrom(-100_000_000, -86_400, -61, 61, 86_400, 100_000_000),
});
const FEES = fc.record({ tag: tag('fees'), who, factor: fc.constantFrom(0.3, 0.6, 1, 1.5, 4, 12, 50) });

const PEACE: readonly Weighted[] = [
  { weight: 12, arbitrary: PAY },
  { weight: 5, arbitrary: DECIDE },
  { weight: 20, arbitrary: DELIVER },
  { weight: 9, arbitrary: fc.record({ tag: tag('talk') }) },
  { weight: 2, arbitrary: fc.record({ tag: tag('cut') }) },
  { weight: 12, arbitrary: fc.record({ tag: tag('join') }) },
  { weight: 4, arbitrary: CRASH },
  { weight: 1, arbitrary: fc.record({ tag: tag('die'), who }) },
  { weight: 6, arbitrary: fc.record({ tag: tag('rise'), who }) },
  { weight: 1, arbitrary: fc.record({ tag: tag('refuse'), who, commits: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ tag: tag('pass'), seconds: fc.constantFrom(1, 11, 61, 4000) }) },
  { weight: 1, arbitrary: CLOCK },
  { weight: 1, arbitrary: fc.record({ tag: tag('servers'), who, reachable: fc.boolean() }) },
  { weight: 2, arbitrary: FEES },
  { weight: 2, arbitrary: fc.record({ tag: tag('blocks'), count: fc.constantFrom(1, 1, 1, 2, 6, 20, 60) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      tag: tag('reorg'),
      depth: fc.integer({ min: 1, max: 12 }),
      count: fc.integer({ min: 1, max: 13 }),
      loses: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ tag: tag('look'), who }) },
];

const CLOSE = {
  weight: 1,
  arbitrary: fc.record({ tag: tag('close'), who, rate: fc.constantFrom(300, 1_000, 4_000) }),
} as const;
const FORCE = { weight: 1, arbitrary: fc.record({ tag: tag('force'), who }) } as const;

type Weighted = { readonly weight: number; readonly arbitrary: fc.Arbitrary<Action> };
const scriptOf = (...actions: readonly Weighted[]): fc.Arbitrary<readonly Action[]> => upTo(40, actions);
const upTo = (maxLength: number, actions: readonly Weighted[]): fc.Arbitrary<readonly Action[]> =>
  fc.array(fc.oneof(...actions), { minLength: 1, maxLength, size: 'max' });

/** Payments that wait for their payees when one of the two goes to the chain, and whatever may happen after. */
const ALONE = fc
  .tuple(
    upTo(20, [
      {
        weight: 12,
        arbitrary: fc.record({ ...PAY_OF, kind: fc.constantFrom<PayKind>('hold', 'hold', 'plain') }),
      },
      { weight: 12, arbitrary: fc.record({ tag: tag('talk') }) },
      ...PEACE,
    ]),
    FORCE.arbitrary,
    upTo(20, [{ weight: 12, arbitrary: DECIDE }, ...PEACE, FORCE]),
  )
  .map(([before, force, after]): readonly Action[] => [...before, force, ...after]);

/** Both close, and one or the other wants it to cost more before a block has it; or goes alone after all. */
const TOGETHER = fc
  .tuple(
    upTo(8, PEACE),
    CLOSE.arbitrary,
    upTo(20, [
      { weight: 24, arbitrary: fc.record({ tag: tag('talk') }) },
      { weight: 20, arbitrary: CLOSE.arbitrary },
      { weight: 10, arbitrary: fc.record({ tag: tag('look'), who }) },
      { weight: 10, arbitrary: fc.record({ tag: tag('join') }) },
      { weight: 5, arbitrary: CRASH },
      { weight: 3, arbitrary: fc.record({ tag: tag('cut') }) },
      { weight: 6, arbitrary: fc.record({ tag: tag('rise'), who }) },
      { weight: 1, arbitrary: fc.record({ tag: tag('blocks'), count: fc.constantFrom(1, 60, 150) }) },
      FORCE,
    ]),
  )
  .map(([before, close, after]): readonly Action[] => [...before, close, ...after]);

export type Schedule = {
  readonly base: 'anchors' | 'static_remotekey';
  /** How both close together; by closing_signed where it is not said. */
  readonly closes?: Way;
  readonly script: readonly Action[];
};
export type Way = 'closing_signed' | 'closing_complete';

/** Most without a close: those try most of what there is. */
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  base: fc.constantFrom('anchors', 'static_remotekey'),
  closes: fc.constantFrom('closing_signed', 'closing_complete'),
  script: fc.oneof(
    { weight: 3, arbitrary: scriptOf(...PEACE) },
    { weight: 1, arbitrary: scriptOf(...PEACE, CLOSE) },
    { weight: 1, arbitrary: TOGETHER },
    { weight: 1, arbitrary: scriptOf(...PEACE, CLOSE, FORCE) },
    { weight: 2, arbitrary: ALONE },
  ),
});
