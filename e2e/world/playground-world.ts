import { LOOPBACK } from './free-port.ts';
import { DEFAULT_LSP_TERMS } from './ldk/lsp-settings.ts';
import { wayToLsp, waysToPayee } from './way-to-lsp.ts';
import { World, type PeerPlan } from './world.ts';

const FUND_SAT = 200_000_000n;

/** As each folder of a playground knows them by their place: one that is new comes last. */
const PEERS: readonly PeerPlan[] = [
  { alias: 'Playground LDK', fundSat: FUND_SAT },
  { alias: 'Playground LSP', fundSat: FUND_SAT, lsp: DEFAULT_LSP_TERMS },
];
const PAYEE: PeerPlan = { alias: 'Playground Payee', fundSat: FUND_SAT };
/** After all others: where the relay listens is written into what wallets of before gave to their LSP. */
const PAYEE_PORT = 6;

export type PlaygroundPlace = {
  readonly folder: string;
  readonly firstPort: number;
  /** Where its page is served. */
  readonly sitePort: string;
};

/** The world of a playground: who pays, an LSP, and who is paid, with ways between them. One that was kept goes on. */
export async function startPlaygroundWorld(place: PlaygroundPlace): Promise<World> {
  const world = await World.start({
    folder: place.folder,
    firstPort: place.firstPort,
    peers: [...PEERS, { ...PAYEE, port: place.firstPort + PAYEE_PORT }],
    origins: ['localhost', LOOPBACK].map((host) => `http://${host}:${place.sitePort}`),
  });
  try {
    await wayToLsp(world);
    await waysToPayee(world);
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}
