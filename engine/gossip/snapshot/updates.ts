import { POLICY_DISABLED, POLICY_KNOWN, type ChannelColumns, type PolicyColumns } from '../graph.ts';
import { RisingScid, type SnapshotReader } from './reader.ts';

/** Of an update's flags; the lowest two are direction and disabled, as in channel_update. */
const DIRECTION = 1;
const DISABLED = 1 << 1;
const HTLC_MAXIMUM = 1 << 2;
const FEE_PROPORTIONAL = 1 << 3;
const FEE_BASE = 1 << 4;
const HTLC_MINIMUM = 1 << 5;
const CLTV_DELTA = 1 << 6;
/** What is not said stays as it was; without this bit it is the snapshot's default. */
const INCREMENTAL = 1 << 7;

type Values = {
  cltvDelta: number;
  htlcMinimum: number;
  feeBase: number;
  feeProportionalMillionths: number;
  htlcMaximum: number;
};

/** 21 million bitcoin, in millisatoshis. */
const ALL_MONEY = 2_100_000_000_000_000_000;

/** Puts the policies that a snapshot tells into columns. Channels and updates rise alike, so both are walked once. */
export class Updates {
  readonly #channels: ChannelColumns;
  readonly #policies: PolicyColumns;
  readonly #updatedAt: number;
  readonly #version: 1 | 2;
  readonly #defaults: Values;
  readonly #scid = new RisingScid();
  #channel = 0;
  #lastDirection = -1;

  constructor(
    reader: SnapshotReader,
    version: 1 | 2,
    channels: ChannelColumns,
    policies: PolicyColumns,
    updatedAt: number,
  ) {
    this.#version = version;
    this.#channels = channels;
    this.#policies = policies;
    this.#updatedAt = updatedAt;
    this.#defaults = {
      cltvDelta: reader.u16(),
      htlcMinimum: reader.u64(),
      feeBase: reader.u32(),
      feeProportionalMillionths: reader.u32(),
      htlcMaximum: reader.u64(),
    };
  }

  read(reader: SnapshotReader): void {
    const moved = this.#scid.advance(reader);
    const flags = reader.u8();
    const direction = flags & DIRECTION;
    const isSame = !moved && direction === this.#lastDirection;
    this.#lastDirection = direction;
    if (this.#version === 2 && isSame) {
      reader.sized16(); // more of the same direction, for versions to come
      return;
    }
    const channel = this.#find();
    const edge = channel < 0 ? -1 : 2 * channel + direction;
    const { cltvDelta, htlcMinimum, feeBase, feeProportionalMillionths, htlcMaximum } = this.#policies;
    const isIncremental = (flags & INCREMENTAL) !== 0;
    const isKnown = edge >= 0 && ((this.#policies.flags[edge] ?? 0) & POLICY_KNOWN) !== 0;
    const from = this.#defaults;
    // Read in any case: what is not for us has its length all the same.
    const nextCltvDelta =
      (flags & CLTV_DELTA) !== 0 ? reader.u16() : isIncremental ? (cltvDelta[edge] ?? 0) : from.cltvDelta;
    const nextMinimum =
      (flags & HTLC_MINIMUM) !== 0
        ? reader.u64()
        : isIncremental
          ? (htlcMinimum[edge] ?? 0)
          : from.htlcMinimum;
    const nextBase =
      (flags & FEE_BASE) !== 0 ? reader.u32() : isIncremental ? (feeBase[edge] ?? 0) : from.feeBase;
    const nextProportional =
      (flags & FEE_PROPORTIONAL) !== 0
        ? reader.u32()
        : isIncremental
          ? (feeProportionalMillionths[edge] ?? 0)
          : from.feeProportionalMillionths;
    const nextMaximum =
      (flags & HTLC_MAXIMUM) !== 0
        ? reader.u64()
        : isIncremental
          ? (htlcMaximum[edge] ?? 0)
          : from.htlcMaximum;
    if (edge < 0 || (isIncremental && !isKnown)) return;
    if (isKnown && (this.#policies.updatedAt[edge] ?? 0) > this.#updatedAt) return;
    if (nextMaximum > this.#mostOf(channel)) return;
    this.#policies.flags[edge] = POLICY_KNOWN | ((flags & DISABLED) !== 0 ? POLICY_DISABLED : 0);
    cltvDelta[edge] = nextCltvDelta;
    htlcMinimum[edge] = nextMinimum;
    feeBase[edge] = nextBase;
    feeProportionalMillionths[edge] = nextProportional;
    htlcMaximum[edge] = nextMaximum;
    this.#policies.updatedAt[edge] = this.#updatedAt;
  }

  /**
   * BOLT 7 §The channel_update Message: "if `htlc_maximum_msat` is greater than channel capacity: […] SHOULD ignore
   * this channel during route considerations."
   */
  #mostOf(channel: number): number {
    const capacity = this.#channels.capacity[channel] ?? 0;
    return capacity > 0 ? capacity * 1000 : ALL_MONEY;
  }

  #find(): number {
    const { count, scidHigh, scidLow } = this.#channels;
    const { high, low } = this.#scid;
    let at = this.#channel;
    while (
      at < count &&
      ((scidHigh[at] ?? 0) < high || ((scidHigh[at] ?? 0) === high && (scidLow[at] ?? 0) < low))
    )
      at++;
    this.#channel = at;
    return at < count && scidHigh[at] === high && scidLow[at] === low ? at : -1;
  }
}
