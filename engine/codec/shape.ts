/** What a field holds, as data: the printer and the test generators read it. */
export type Shape =
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'bigint'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'bool' }
  /** Always true: it is there or it is not. */
  | { readonly kind: 'flag' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'utf8'; readonly maxBytes: number }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number; readonly show: Show }
  /** A compressed point as bytes. */
  | { readonly kind: 'point' }
  /** An id as lowercase hex of `bytes` bytes. */
  | { readonly kind: 'hex'; readonly bytes: number; readonly point: boolean }
  | { readonly kind: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'option'; readonly of: Shape }
  | {
      readonly kind: 'struct';
      /** Of a message: the constant property `name` of its values. */
      readonly name?: string;
      readonly required: Readonly<Record<string, Shape>>;
      /** Properties that may be absent. */
      readonly optional: Readonly<Record<string, Shape>>;
    }
  | { readonly kind: 'union'; readonly tag: string; readonly cases: Readonly<Record<string, Shape>> }
  /** The value is `map` of a value of `of`; null when that one stands for nothing. */
  | {
      readonly kind: 'mapped';
      readonly of: Shape;
      readonly map: (raw: unknown) => unknown;
      readonly show: Show;
    };

/** How the printer treats a value: whole (long bytes cut), its size only, or not at all. */
export type Show = 'whole' | 'size' | 'never';
