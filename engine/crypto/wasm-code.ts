/** Just enough of WebAssembly's binary format for code that we write out ourselves. */
export type Code = readonly number[];

function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...sized(content)];

const I32 = 0x7f;
const I64 = 0x7e;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const i64 = (value: number): Code => [0x42, ...signed(value)];
export const call = (index: number): Code => [0x10, ...unsigned(index)];
/** 32 bits of memory as an i64, at the address in a local and what is to be added to it. */
export const load = (address: Code, offset: number): Code => [...address, 0x35, 2, ...unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  0x3e,
  2,
  ...unsigned(offset),
];
export const plus32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x7c];
export const minus = (a: Code, b: Code): Code => [...a, ...b, 0x7d];
export const times = (a: Code, b: Code): Code => [...a, ...b, 0x7e];
export const and = (a: Code, b: Code): Code => [...a, ...b, 0x83];
export const shiftLeft = (a: Code, bits: number): Code => [...a, ...i64(bits), 0x86];
export const shiftRight = (a: Code, bits: number): Code => [...a, ...i64(bits), 0x88];

/** 32 bits of memory, as they are. */
export const load32 = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
/** Does `body` until the i32 in `count`, one less each time, is zero: at least once. */
export const repeat = (count: number, body: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...plus32(get(count), i32(-1)),
  0x22,
  ...unsigned(count),
  0x0d,
  0,
  0x0b,
];
/** Adds to an i32. */
export const advance = (local: number, step: number): Code => [
  ...plus32(get(local), i32(step)),
  ...set(local),
];

export type WasmFunction = {
  /** All of them i32. */
  readonly parameters: number;
  /** All of them i64, numbered on from the parameters. */
  readonly locals: number;
  readonly body: Code;
  readonly name: string;
};

/** A module of functions that return nothing, over a memory of its own; each is exported by its name. */
export function moduleOf(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const named = (name: string, kind: number, index: number): Code => [
    ...sized([...name].map((letter) => letter.charCodeAt(0))),
    kind,
    ...unsigned(index),
  ];
  const types = functions.map(({ parameters }) => [
    0x60,
    ...vector(Array.from({ length: parameters }, () => [I32])),
    0,
  ]);
  const bodies = functions.map(({ locals, body }) =>
    sized([...vector([[...unsigned(locals), I64]]), ...body, 0x0b]),
  );
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(
      7,
      vector([named('memory', 2, 0), ...functions.map(({ name }, index) => named(name, 0, index))]),
    ),
    ...section(10, vector(bodies)),
  ]);
}
