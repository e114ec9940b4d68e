// What `npm start` starts: a world that is kept from one start to the next, and the app beside it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { CACHE, ROOT } from '../install.mjs';
import { tryLock } from '../install/lock.mjs';
import { mineAutomatically } from './auto-miner.ts';
import { startKept, type Say } from './kept-world.ts';
import { startPlaygroundWorld } from './playground-world.ts';
import { startSite } from './site.ts';
import type { World } from './world.ts';

/** The page's origin is part of where a browser keeps its wallet: each place has its own ports, and keeps them. */
const FIRST_PORT = 5180;
const PORTS_PER_PLACE = 20;
const MOST_PLACES = 50;

export type Playground = {
  readonly url: string;
  readonly world: World;
  readonly stop: () => Promise<void>;
};

type Place = { readonly number: number; readonly folder: string; readonly leave: () => void };

/** A folder that no other playground uses now: the first, unless one runs there. */
function takePlace(): Place {
  for (let number = 0; number < MOST_PLACES; number++) {
    const folder = join(CACHE, 'playground', String(number));
    const leave = tryLock(`${folder}.lock`);
    if (leave !== null) return { number, folder, leave };
  }
  throw new Error(`${MOST_PLACES} playgrounds run already.`);
}

const firstPortOf = ({ number }: Place): number => FIRST_PORT + number * PORTS_PER_PLACE;

async function buildApp(folder: string): Promise<void> {
  await build({ root: ROOT, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
}

/** @param fresh forget the chain and the peers of last time */
export async function startPlayground(say: Say, fresh: boolean): Promise<Playground> {
  const place = takePlace();
  const cleanups: (() => unknown)[] = [place.leave];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    if (fresh) await rm(place.folder, { recursive: true, force: true });
    const folder = join(place.folder, 'site');
    let world: World | null = null;
    const site = await startSite({ folder, config: () => world?.config(), port: firstPortOf(place) });
    cleanups.push(() => site.stop());
    say(
      'Starting the playground: bitcoind, Esplora, the proxy, an LSP, who pays and who is paid (LDK). Building the app.',
    );
    const built = buildApp(folder);
    built.catch(() => {
      // Heard of below, when the world is there to be stopped.
    });
    const wanted = {
      folder: join(place.folder, 'world'),
      firstPort: firstPortOf(place) + 1,
      sitePort: new URL(site.url).port,
    };
    const started = await startKept(wanted.folder, () => startPlaygroundWorld(wanted), say);
    world = started;
    cleanups.push(() => started.stop());
    const miner = mineAutomatically(started.chain);
    cleanups.push(() => miner.stop());
    await built;
    return { url: site.url, world: started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
