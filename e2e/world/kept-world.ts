import { rm } from 'node:fs/promises';
import { DamagedChain } from './bitcoind.ts';
import type { World } from './world.ts';

export type Say = (sentence: string) => void;

/** Wallets in a browser live on the chain in this folder: only a chain that cannot be read any more is begun anew. */
export async function startKept(folder: string, start: () => Promise<World>, say: Say): Promise<World> {
  try {
    return await start();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (!(error instanceof DamagedChain)) {
      throw new Error(
        `The playground does not start: ${words}\nIts chain is kept: try again, or forget it with "npm start -- --fresh".`,
        { cause: error },
      );
    }
    say(`The chain of last time is damaged (${words}).`);
    say('It begins anew: wallets in the browser that know the old chain should be removed.');
    await rm(folder, { recursive: true, force: true });
    return start();
  }
}
