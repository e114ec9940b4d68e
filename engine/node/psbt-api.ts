import type { Answer, FeeChoice } from './api.ts';

export type CreatedPsbt = {
  /** BIP 174, base64. */
  readonly psbt: string;
  /** Names what was set aside: it does not change by signing. */
  readonly txId: string;
  readonly amountSat: bigint;
  readonly feeSat: bigint;
  readonly changeSat: bigint;
};
/** What a PSBT would do, by what the wallet knows itself: what it says of our coins is not believed. */
export type PsbtDetails = {
  readonly txId: string;
  /** From our coins. */
  readonly spentSat: bigint;
  /** To our addresses. */
  readonly returnedSat: bigint;
  readonly payments: readonly {
    /** Null for a script that has none. */
    readonly address: string | null;
    readonly amountSat: bigint;
  }[];
  /** Null when it does not say what inputs of others bring. */
  readonly feeSat: bigint | null;
};
export type SignedPsbt = {
  readonly psbt: string;
  readonly txId: string;
  /** Every signature is there: it can be published. */
  readonly complete: boolean;
};
export type WaitingPsbt = {
  readonly psbt: string;
  readonly txId: string;
  readonly feeSat: bigint;
  /** Unix seconds. */
  readonly createdAt: number;
};

/** Transactions that others sign too, or have a look at before they go out. */
export type PsbtApi = {
  /** A payment that is not signed yet. Its coins are set aside, over restarts too, until `publish` or `release`. */
  create(address: string, amountSat: bigint | 'all', fee: FeeChoice, maxFeeSat?: bigint): Answer<CreatedPsbt>;
  /** For the question whether to sign. */
  inspect(psbt: string): Answer<PsbtDetails>;
  /** Signs our inputs, for all outputs as they are. Publishes nothing and sets nothing aside. */
  sign(psbt: string): Answer<SignedPsbt>;
  /**
   * Once every signature is there, and when at least one coin of ours is in it. One made by `create` is a payment from then
   * on: where servers refuse it (`broadcast-refused` with `isKept`), it is offered again after each block, until it is
   * cancelled.
   */
  publish(psbt: string): Answer<{ readonly txId: string }>;
  /** Those made by `create` that were neither published nor given up. */
  list(): Answer<readonly WaitingPsbt[]>;
  /** The coins of one that was made by `create` can be spent again. Whoever has it signed can still publish it. */
  release(txId: string): Answer<void>;
};
