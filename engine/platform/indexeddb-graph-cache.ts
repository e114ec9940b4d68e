import type { Network } from '../base/network.ts';
import type { GraphCache } from '../node/node-options.ts';
import { deleteIndexedDbCells, indexedDbCell } from './indexeddb-cell.ts';

const DATABASE = 'leyden-map';

/**
 * The map of the network, and what others say of its channels, in a database of its own: what is in it is public,
 * several megabytes, and of no harm when it is lost, so it is neither sealed with the wallet's records nor read when the
 * wallet is opened.
 */
export const indexedDbGraphCache = (name: Network | `${Network}/scores`): GraphCache =>
  indexedDbCell(DATABASE, name);

/** Of every network. */
export const deleteIndexedDbGraphCache = (): Promise<void> => deleteIndexedDbCells(DATABASE);
