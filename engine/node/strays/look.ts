import { outPointKey, type Point } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { equalBytes } from '../../base/bytes.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { UNREACHABLE, type ChainRefusal } from '../../chain/chain-refusal.ts';
import { ListTrust } from '../../chain/list-trust.ts';
import type { ScanSource } from '../../wallet/scan.ts';
import { isWorthKeeping, strayScript, STRAY_FORMATS, type Stray } from './stray.ts';

export type Looked = {
  readonly found: readonly Stray[];
  /** One is there that no block has yet: it is worth another look soon. */
  readonly isWaiting: boolean;
};

/**
 * What is left for one of our static payment keys, whatever the format of the channel was. Costs two requests where
 * there is nothing. A server can hide an output; one that it invents does not survive its proof.
 */
export async function lookForStrays(
  source: Pick<
    ScanSource,
    'scriptCounts' | 'scriptHistory' | 'transaction' | 'placement' | 'distrust' | 'denies'
  >,
  keyIndex: number,
  payment: Point,
): Promise<Result<Looked, ChainRefusal>> {
  const found: Stray[] = [];
  let isWaiting = false;
  const trust = new ListTrust(source);
  for (const format of STRAY_FORMATS) {
    const script = strayScript(payment, format);
    const counts = await source.scriptCounts(script);
    if (!counts.ok) return counts;
    if (counts.value.confirmed + counts.value.mempool === 0) continue;
    const history = await source.scriptHistory(script, counts.value);
    if (!history.ok) return history;
    const txs: Tx[] = [];
    const isOurs = ({ inputs, outputs }: Tx): boolean =>
      outputs.some((output) => equalBytes(output.script, script)) ||
      inputs.some(({ outPoint }) => txs.some((tx) => txIdOf(tx) === outPoint.txId));
    for (const item of history.value.items) {
      // Of another server, soon.
      if (!trust.mayFollow(item)) return err(UNREACHABLE);
      const tx = await source.transaction(item.txId);
      if (!tx.ok) return tx;
      await trust.note(item, tx.value === null ? null : isOurs(tx.value) ? 'right' : 'strange');
      if (tx.value !== null && isOurs(tx.value)) txs.push(tx.value);
    }
    const spent = new Set(txs.flatMap(({ inputs }) => inputs.map(({ outPoint }) => outPointKey(outPoint))));
    for (const tx of txs) {
      const txId = txIdOf(tx);
      const left = tx.outputs.flatMap((output, index) => {
        const one = { keyIndex, format, outPoint: { txId, index }, amount: output.amount };
        const isLeft =
          equalBytes(output.script, script) &&
          !spent.has(outPointKey(one.outPoint)) &&
          isWorthKeeping(one, payment);
        return isLeft ? [one] : [];
      });
      if (left.length === 0) continue;
      const at = await source.placement(tx);
      if (!at.ok) return at;
      if (at.value === null) isWaiting = true;
      else for (const one of left) found.push({ ...one, height: at.value.height });
    }
  }
  return ok({ found, isWaiting });
}
