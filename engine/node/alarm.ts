/** What the user must see: it stays until it is acknowledged, or is over. */
export type Alarm = {
  readonly code:
    | 'bug'
    | 'frozen-channel'
    | 'storage'
    | 'data-loss'
    | 'storage-full'
    | 'double-spent'
    /** A payment came over Lightning that was too much before the recovery words are saved. */
    | 'turned-away'
    /** A payment came, in trust, through a channel whose funding transaction nobody has shown for some minutes since. */
    | 'unseen-funding'
    /** A peer, named, has channels of these words that another device may still run. They are left to it. */
    | 'runs-elsewhere'
    /** A peer, named, keeps a backup of these words that a later version of this program made: it is left as it is. */
    | 'backup-from-later'
    /** What a closing channel, named, owes is lost at a deadline, and the wallet lacks coins for the fee of taking it. */
    | 'claim-unpaid';
  readonly detail: string;
  /** Unix seconds. */
  readonly at: number;
  /** Of `claim-unpaid` alone. */
  readonly claim?: UnpaidClaim;
};

export type UnpaidClaim = {
  /** What may be lost. */
  readonly amountSat: bigint;
  /** From this height on the peer can take it. */
  readonly deadlineHeight: number;
  /** With so many coins more it is taken in time: what channels keep for closing, or what the outputs of this one lack if that is more. */
  readonly missingSat: bigint;
};
