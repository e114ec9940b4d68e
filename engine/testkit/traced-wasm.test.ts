import { describe, expect, it } from 'vitest';
import { traceRecorder } from './trace-recorder.ts';
import { wasmSized } from './wasm-bytes.ts';

const ARGUMENT = [0x20, 0];
const ZERO = [0x41, 0];
const ONE = [0x41, 1];
const LONG = [0x42, 0];
const BLOCK = [0x02, 0x40];
const END = 0x0b;
const DROP = 0x1a;

/** A module with one memory and one function of one number, that does this. */
const moduleOf = (body: readonly number[]): Uint8Array =>
  Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, ...wasmSized([1, 0x60, 1, 0x7f, 0])],
      [3, ...wasmSized([1, 0])],
      [4, ...wasmSized([1, 0x70, 0, 1])],
      [5, ...wasmSized([1, 0, 1])],
      [7, ...wasmSized([1, ...wasmSized([0x66]), 0, 0])],
      [10, ...wasmSized([1, ...wasmSized([0, ...body, END])])],
    ].flat(),
  );

async function parting(body: readonly number[], a: number, b: number): Promise<string | null> {
  const recorder = await traceRecorder(moduleOf(body));
  const run = recorder.exports['f'] as (argument: number) => void;
  const [first, second] = [a, b].map((argument) => recorder.record(() => run(argument)));
  return recorder.parting(first ?? new Int32Array(), second ?? new Int32Array());
}

describe('tells what the time of an instruction may hang on', () => {
  it.each<[string, number[]]>([
    ['br_if', [...BLOCK, ...ARGUMENT, 0x0d, 0, END]],
    ['if', [...ARGUMENT, 0x04, 0x40, END]],
    ['select', [...ONE, ...ZERO, ...ARGUMENT, 0x1b, DROP]],
    ['br_table', [...BLOCK, ...BLOCK, ...ARGUMENT, 0x0e, 1, 0, 1, END, END]],
    ['load', [...ARGUMENT, 0x28, 0, 0, DROP]],
    ['store', [...ARGUMENT, ...ZERO, 0x36, 0, 0]],
    ['store', [...ARGUMENT, ...LONG, 0x37, 0, 0]],
    ['bulk destination', [...ARGUMENT, ...ZERO, ...ONE, 0xfc, 11, 0]],
    ['bulk length', [...ZERO, ...ZERO, ...ARGUMENT, 0xfc, 11, 0]],
    ['bulk destination', [...ARGUMENT, ...ZERO, ...ONE, 0xfc, 10, 0, 0]],
    ['bulk source', [...ZERO, ...ARGUMENT, ...ONE, 0xfc, 10, 0, 0]],
    ['bulk length', [...ZERO, ...ZERO, ...ARGUMENT, 0xfc, 10, 0, 0]],
  ])('%s of %j', async (instruction, body) => {
    expect(await parting(body, 0, 1)).toMatch(new RegExp(`^function 0, byte \\d+: ${instruction} 0 and 1$`));
    expect(await parting(body, 1, 1)).toBeNull();
  });
});

it('tells of a condition whether it holds, not its number', async () => {
  expect(await parting([...ONE, ...ZERO, ...ARGUMENT, 0x1b, DROP], 1, 2)).toBeNull();
});

it.each([
  ['stored', [...ZERO, ...ARGUMENT, 0x36, 0, 0]],
  ['filled', [...ZERO, ...ARGUMENT, ...ONE, 0xfc, 11, 0]],
])('does not tell what is %s', async (_, body) => {
  expect(await parting(body, 1, 2)).toBeNull();
});

it('refuses what it does not know: a division', async () => {
  await expect(traceRecorder(moduleOf([...ONE, ...ARGUMENT, 0x6e, DROP]))).rejects.toThrow(
    'instruction 0x6e',
  );
});
