import { pushNumber } from './script.ts';
import type { Tx } from './tx.ts';

const NOTHING = '00'.repeat(32);

/**
 * Whether a block's first transaction says that its block is the one at `height`. No header says so: this is what binds
 * a height to a block's work.
 * BIP 34: "Add height as the first item in the coinbase transaction's scriptSig". In Bitcoin Core's words the script begins
 * with `CScript() << nHeight`.
 */
export function isCoinbaseOf({ inputs }: Tx, height: number): boolean {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return false;
  if (input.outPoint.txId !== NOTHING || input.outPoint.index !== 0xffff_ffff) return false;
  const said = pushNumber(height);
  return said.every((byte, i) => input.scriptSig[i] === byte);
}
