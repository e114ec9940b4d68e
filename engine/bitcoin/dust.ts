import { sat, type Sat } from '../base/units.ts';
import { scriptForm } from './script-form.ts';
import { outputSize } from './tx.ts';

/**
 * The least that an output with this scriptPubKey may carry to be relayed: BOLT 3 §Dust Limits, by the calculation
 * given there (3 sat for each byte of the output and of the input that will spend it). OP_RETURN: 0.
 */
export function dustLimitOf(script: Uint8Array): Sat {
  const form = scriptForm(script);
  if (form.tag === 'op-return') return sat(0);
  const input = form.tag === 'witness' ? 67 : 148;
  return sat((outputSize(script) + input) * 3);
}
