import { decodeUtf8 } from '../../base/utf8.ts';

/** Reads one shape out of parsed JSON; undefined when it is another shape. Fields that nobody asked for are ignored. */
export type Decoder<T> = (value: unknown) => T | undefined;

type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** The JSON value that `bytes` hold; undefined when they hold none. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export const boolean: Decoder<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

export const text: Decoder<string> = (value) => (typeof value === 'string' ? value : undefined);

/** A whole number in `min` … `max`. */
export const whole =
  (max: number, min = 0): Decoder<number> =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;

export const positive: Decoder<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;

/** Lowercase hex of 32 bytes. */
export const hash32: Decoder<string> = (value) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : undefined;

/** Absent, or null, or a `T`. */
export const maybe =
  <T>(of: Decoder<T>): Decoder<T | null> =>
  (value) =>
    value === undefined || value === null ? null : of(value);

export const list =
  <T>(of: Decoder<T>, maxLength: number): Decoder<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > maxLength) return undefined;
    const items: T[] = [];
    for (const item of value) {
      const decoded = of(item);
      if (decoded === undefined) return undefined;
      items.push(decoded);
    }
    return items;
  };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const object =
  <F extends Readonly<Record<string, Decoder<unknown>>>>(
    fields: F,
  ): Decoder<{ readonly [K in keyof F]: Decoded<F[K]> }> =>
  (value) => {
    if (!isObject(value)) return undefined;
    const read: Record<string, unknown> = {};
    for (const [name, decoder] of Object.entries(fields)) {
      const field = decoder(Object.hasOwn(value, name) ? value[name] : undefined);
      if (field === undefined) return undefined;
      read[name] = field;
    }
    return read as { readonly [K in keyof F]: Decoded<F[K]> };
  };

/** Any names, all values of one kind. */
export const entries =
  <T>(of: Decoder<T>): Decoder<ReadonlyMap<string, T>> =>
  (value) => {
    if (!isObject(value)) return undefined;
    const read = new Map<string, T>();
    for (const [name, item] of Object.entries(value)) {
      const decoded = of(item);
      if (decoded === undefined) return undefined;
      read.set(name, decoded);
    }
    return read;
  };
