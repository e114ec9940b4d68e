import type { Difference } from './differences/difference.ts';
import { OF_ELECTRUM } from './differences/electrum.ts';
import { OF_LDK } from './differences/ldk.ts';
import { OF_LND } from './differences/lnd.ts';

/** What each implementation does that the books do not have, or have otherwise. */
export const DIFFERENCES: readonly Difference[] = [...OF_LND, ...OF_LDK, ...OF_ELECTRUM];
