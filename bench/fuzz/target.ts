/** One thing that reads what strangers, disks or people write. */
export type Target = {
  readonly name: string;
  /** Inputs that go deep: what mutation starts from. */
  readonly corpus: readonly Uint8Array[];
  /** Reads `input`. Whatever it throws, and whatever takes too long, is a finding. */
  readonly read: (input: Uint8Array) => void;
  /** Makes an input fit where chance never would: a checksum. */
  readonly repair?: (input: Uint8Array) => Uint8Array;
};

export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}
