/** What the index keeps of a transaction output. */
export type OutputRecord = {
  readonly script: string;
  /** SHA-256 of the script, as Esplora's routes name it. */
  readonly scriptHash: string;
  readonly address: string | null;
  /** Esplora's name for the kind of script. */
  readonly type: string;
  readonly valueSat: number;
};

export type InputRecord = {
  readonly txid: string;
  readonly vout: number;
  readonly isCoinbase: boolean;
  readonly scriptSig: string;
  readonly witness: readonly string[];
  readonly sequence: number;
  /** Null for a coinbase. */
  readonly prevout: OutputRecord | null;
};

export type TxRecord = {
  readonly txid: string;
  readonly version: number;
  readonly locktime: number;
  readonly size: number;
  readonly weight: number;
  readonly feeSat: number;
  readonly hex: string;
  readonly inputs: readonly InputRecord[];
  readonly outputs: readonly OutputRecord[];
};

export type BlockRecord = {
  readonly hash: string;
  readonly height: number;
  readonly version: number;
  readonly time: number;
  readonly medianTime: number;
  readonly nonce: number;
  readonly bits: number;
  readonly difficulty: number;
  readonly merkleRoot: string;
  readonly previous: string | null;
  readonly size: number;
  readonly weight: number;
  readonly transactions: readonly TxRecord[];
};

export const outpointKey = (txid: string, vout: number): string => `${txid}:${vout}`;
