/** One thing that reads what strangers, disks and people write. */
export type Target = {
  readonly name: string;
  /** Inputs that go deep: what mutation starts from. */
  readonly corpus: readonly Uint8Array[];
  /**
   * Reads `input`, and answers what it read. Whatever it throws, what takes too long, and what comes to much more than
   * the input does, is a finding.
   */
  readonly read: (input: Uint8Array) => unknown;
  /** Makes an input fit where chance never would: a checksum, a seal. */
  readonly repair?: (input: Uint8Array) => Uint8Array;
  /** The longest that is read: inputs are grown up to there. */
  readonly longest?: number;
  /** How its inputs grow in earnest: more entries, deeper nesting. */
  readonly grown?: readonly Growing[];
  /** How often it is tried, beside others: what is quickly read, and what strangers send, most. */
  readonly weight?: number;
};

/** An input whose length rises in proportion to `times`. */
export type Growing = (times: number) => Uint8Array;

export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}
