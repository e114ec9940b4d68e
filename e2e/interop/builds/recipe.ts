import { join } from 'node:path';
import { CACHE } from '../../install.mjs';

/** How to have a program that npm does not bring. */
export type Recipe = {
  readonly version: string;
  /** What it costs the first time: minutes on two idle cores, megabytes of disk while and after. */
  readonly takes: string;
  /** What must be on PATH for it. */
  readonly needs: readonly string[];
  /** The folder that it is built into. */
  readonly folder: string;
  readonly isHere: () => boolean;
  /** Says what it does, line by line. @throws {Error} with the last words of what failed */
  readonly build: (say: (line: string) => void) => Promise<void>;
};

/** What it is made of cannot be had from here: nothing of ours failed. */
export class OutOfReach extends Error {}

/** Outside the repository: shared by all clones, kept over `git clean`. */
export const cacheOf = (name: string, version: string): string =>
  join(CACHE, 'interop', `${name}-${version}`);
