import { msatToSat } from '../base/units.ts';
import type { Add } from './ledger.ts';
import type { ChannelParams } from './params.ts';

/**
 * Whether no commitment of the peer can have an output for it: at no fee rate, since fees only raise what is trimmed.
 * BOLT 3 §Trimmed Outputs: "if the HTLC amount minus the HTLC-timeout fee would be less than dust_limit_satoshis set by
 * the transaction owner: MUST NOT contain that output"
 */
export const isAlwaysTrimmed = ({ remote }: ChannelParams, { amount }: Add): boolean =>
  msatToSat(amount) < remote.dustLimit;
