import type { Stage } from './stage.ts';

/** A chain that can be asked about. */
export type Seen = Pick<Stage, 'esplora'>;

export type RawTx = {
  readonly txid: string;
  readonly version: number;
  readonly locktime: number;
  readonly fee: number;
  readonly weight: number;
  readonly vin: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence: number;
    readonly witness?: readonly string[];
    readonly prevout: { readonly value: number; readonly scriptpubkey_address?: string };
  }[];
  readonly vout: readonly {
    readonly value: number;
    readonly scriptpubkey: string;
    readonly scriptpubkey_address?: string;
  }[];
  readonly status: { readonly confirmed: boolean; readonly block_height?: number };
};

export async function txOf(stage: Seen, txId: string): Promise<RawTx> {
  const tx = await txIfThere(stage, txId);
  if (tx === null) throw new Error(`the chain has no ${txId}`);
  return tx;
}

async function txIfThere(stage: Seen, txId: string): Promise<RawTx | null> {
  const answer = await fetch(`${stage.esplora.url}/tx/${txId}`);
  return answer.status === 404 ? null : ((await answer.json()) as RawTx);
}

/** What spends the output now; null when nothing does, or when it was replaced while it was asked for. */
export async function spenderOf(stage: Seen, txId: string, index: number): Promise<RawTx | null> {
  const answer = await fetch(`${stage.esplora.url}/tx/${txId}/outspend/${index}`);
  const { spent, txid } = (await answer.json()) as { spent: boolean; txid?: string };
  return spent && txid !== undefined ? txIfThere(stage, txid) : null;
}

/** What they paid to miners. */
export const feeOf = (txs: readonly RawTx[]): bigint => txs.reduce((sum, { fee }) => sum + BigInt(fee), 0n);
