// What passes between the test's process and Leyden's: structured clones over Node's channel to a child.
import type { BuildOptions } from '../../../engine/platform/build-node.ts';

/** All plain data: it crosses a process boundary. */
export type LeydenSettings = Pick<BuildOptions, 'network' | 'mnemonic' | 'esplora' | 'syncEveryMs'> & {
  /** Where the journal of its store is. */
  readonly folder: string;
  /** Where peers may dial it; port 0: chosen by the system. */
  readonly listen: { readonly host: string; readonly port: number };
};

export type ToLeyden =
  | { readonly tag: 'start'; readonly settings: LeydenSettings }
  /** `method` of the API by its path: `bolt11.send`. */
  | { readonly tag: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] };

export type FromLeyden =
  | { readonly tag: 'ready'; readonly nodeId: string; readonly port: number }
  | { readonly tag: 'result'; readonly id: number; readonly value: unknown }
  /** The method rejected, or there is none of this name. */
  | { readonly tag: 'failure'; readonly id: number; readonly message: string }
  /** What it logs at `info` and above. */
  | { readonly tag: 'log'; readonly line: string };
