import { outPointKey } from '../../../engine/base/ids.ts';
import { parseTxHex } from '../../../engine/bitcoin/tx-parse.ts';
import { txIdOf } from '../../../engine/bitcoin/tx.ts';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import type { Stage } from './stage.ts';
import { valueOf } from './values.ts';

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

/** What the server was ever asked to take that spends the funding output, whether it took it or not: each once, by its id. */
export function postedSpends(
  { esplora }: Seen,
  { fundingTxId, fundingIndex }: Pick<ChannelDetails, 'fundingTxId' | 'fundingIndex'>,
): ReadonlySet<string> {
  const spent = `${fundingTxId}:${fundingIndex}`;
  const spends = esplora.posted
    .map((raw) => valueOf(parseTxHex(raw)))
    .filter(({ inputs }) => inputs.some(({ outPoint }) => outPointKey(outPoint) === spent));
  return new Set(spends.map(txIdOf));
}

/** What they paid to miners. */
export const feeOf = (txs: readonly RawTx[]): bigint => txs.reduce((sum, { fee }) => sum + BigInt(fee), 0n);
