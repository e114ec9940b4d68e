import { expect, it } from 'vitest';
import type { PaymentDetails, PaymentPart } from '../../engine/node/api.ts';
import { ways } from '../i18n/en.ts';
import { channel, hex, nodeIdOf } from '../testkit/snapshots.ts';
import { waitsFor, waysOf } from './ways.ts';

const hop = {
  nodeId: nodeIdOf(1),
  alias: null,
  shortChannelId: null,
  amountMsat: 5n,
  feeMsat: 0n,
  heldMs: null,
};
const part = (number: number, change: Partial<PaymentPart> = {}): PaymentPart => ({
  number,
  state: 'failed',
  channelId: hex(1),
  amountMsat: 5n,
  feeMsat: 0n,
  hops: [hop, hop, hop],
  stoppedAt: 1,
  failure: { code: 'temporary', detail: 'temporary_channel_failure', bolt4Code: 0x1007, hop: 1 },
  ...change,
});
const of = (state: PaymentDetails['state'], failure: PaymentDetails['failure'] = null) =>
  ({ state, failure }) as PaymentDetails;
const numbers = ({ main, tries }: ReturnType<typeof waysOf>) =>
  [main, tries].map((all) => all.map((one) => one.number));

it('what paid is drawn, what came to nothing folds away', () => {
  const parts = [part(0), part(1, { state: 'fulfilled' }), part(2, { state: 'in-flight' })];
  expect(numbers(waysOf(of('succeeded'), parts))).toEqual([[1, 2], [0]]);
  expect(numbers(waysOf(of('pending'), parts))).toEqual([[1, 2], [0]]);
  expect(numbers(waysOf(of('succeeded'), []))).toEqual([[], []]);
});

it('of what failed the try is drawn that the failure tells of, or the last', () => {
  const refused = { code: 'unknown-to-recipient', detail: '' } as const;
  const parts = [part(0), part(1, { failure: refused }), part(2)];
  expect(numbers(waysOf(of('failed', refused), parts))).toEqual([[1], [0, 2]]);
  expect(numbers(waysOf(of('failed', { code: 'no-route', detail: '' }), parts))).toEqual([[2], [0, 1]]);
  expect(numbers(waysOf(of('failed'), []))).toEqual([[], []]);
});

it('a part under way waits for a peer that is away, until the channel is closed', () => {
  const [away, there, closing] = [
    channel(0, 'offline', 1n, 1n),
    channel(1, 'ready', 1n, 1n),
    channel(2, 'force-closing', 1n, 1n),
  ];
  const all = [away, there, closing];
  const through = (state: PaymentPart['state'], ...seeds: readonly number[]): readonly PaymentPart[] =>
    seeds.map((seed) => part(seed, { state, channelId: hex(seed + 40) }));
  expect(waitsFor(through('in-flight', 1, 0, 0, 2), all)).toEqual([away]);
  expect(waitsFor(through('in-flight', 1, 2), all)).toEqual([]);
  expect(waitsFor([...through('failed', 0), ...through('fulfilled', 0)], all)).toEqual([]);
});

it('where it stopped is said in words', () => {
  const said = (change: Partial<PaymentPart>) => ways.stopped(part(0, change));
  const coded = (bolt4Code: number) => said({ failure: { code: 'temporary', detail: '', bolt4Code } });
  expect(said({})).toBe('It had too little on its side of the next channel.');
  expect(coded(0x2002)).toBe('This node had trouble of its own.');
  expect(coded(0x1014)).toBe('It does not use its next channel for now.');
  expect(coded(0x7777 & ~0x2000)).toBe('This node could not pass it on.');
  expect(said({ stoppedAt: 2 })).toBe('The receiver sent it back.');
  expect(said({ stoppedAt: -1 })).toMatch('never left you');
  expect(said({ stoppedAt: null })).toMatch('nobody can tell');
});
