/** Of a row in `floats`, and where in them. */
export const ROW_FLOATS = 6;
export const HTLC_MINIMUM = 0;
export const HTLC_MAXIMUM = 1;
export const CAPACITY = 2;
/** Of a row in `ints`, and where in them. */
export const ROW_INTS = 12;
export const SOURCE = 6;
export const EDGE = 7;
export const FEE_BASE = 8;
export const FEE_PROPORTIONAL = 9;
export const CLTV_DELTA = 10;

export type ChannelRow = {
  /** The node that the channel leads from. */
  readonly source: number;
  /** 2 × channel + direction of the graph. */
  readonly edge: number;
  readonly feeBase: number;
  readonly feeProportionalMillionths: number;
  readonly cltvDelta: number;
  readonly htlcMinimum: number;
  readonly htlcMaximum: number;
  /** Millisatoshis. Where it is not known: the larger of what the two ends take. */
  readonly capacity: number;
};

/**
 * Directed channels as a search reads them, in millisatoshis and blocks: each a record of 48 bytes. Whoever looks at one
 * figure of a channel looks at the others, and those that lead from a node lie anywhere: as columns each figure would be
 * fetched from memory by itself, once a network is larger than the processor's caches.
 */
export class ChannelRows {
  readonly floats: Float64Array;
  /** Over the same bytes. */
  readonly ints: Uint32Array;

  constructor(rows: number) {
    this.floats = new Float64Array(rows * ROW_FLOATS);
    this.ints = new Uint32Array(this.floats.buffer);
  }

  set(row: number, channel: ChannelRow): void {
    const { floats, ints } = this;
    const [f, n] = [row * ROW_FLOATS, row * ROW_INTS];
    floats[f + HTLC_MINIMUM] = channel.htlcMinimum;
    floats[f + HTLC_MAXIMUM] = channel.htlcMaximum;
    floats[f + CAPACITY] = channel.capacity;
    ints[n + SOURCE] = channel.source;
    ints[n + EDGE] = channel.edge;
    ints[n + FEE_BASE] = channel.feeBase;
    ints[n + FEE_PROPORTIONAL] = channel.feeProportionalMillionths;
    ints[n + CLTV_DELTA] = channel.cltvDelta;
  }

  at(row: number): ChannelRow {
    const { floats, ints } = this;
    const [f, n] = [row * ROW_FLOATS, row * ROW_INTS];
    return {
      source: ints[n + SOURCE] ?? 0,
      edge: ints[n + EDGE] ?? 0,
      feeBase: ints[n + FEE_BASE] ?? 0,
      feeProportionalMillionths: ints[n + FEE_PROPORTIONAL] ?? 0,
      cltvDelta: ints[n + CLTV_DELTA] ?? 0,
      htlcMinimum: floats[f + HTLC_MINIMUM] ?? 0,
      htlcMaximum: floats[f + HTLC_MAXIMUM] ?? 0,
      capacity: floats[f + CAPACITY] ?? 0,
    };
  }

  source(row: number): number {
    return this.ints[row * ROW_INTS + SOURCE] ?? 0;
  }

  edge(row: number): number {
    return this.ints[row * ROW_INTS + EDGE] ?? 0;
  }

  capacity(row: number): number {
    return this.floats[row * ROW_FLOATS + CAPACITY] ?? 0;
  }
}
