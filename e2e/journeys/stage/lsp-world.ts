import { DEFAULT_LSP_TERMS } from '../../world/ldk/lsp-settings.ts';
import { wayToLsp } from '../../world/way-to-lsp.ts';
import { World } from '../../world/world.ts';
import { test as base } from './test.ts';

const FUND = 90_000_000n;
/** The LSP sells more room at once than it has coins for: such an order comes to nothing. */
const LSP_FUND = 14_000_000n;
const MOST_ROOM = 16_000_000n;
const terms = { ...DEFAULT_LSP_TERMS, rooms: { ...DEFAULT_LSP_TERMS.rooms, maxLspSat: MOST_ROOM } };
/** What it offers, and cannot open. */
export const TOO_MUCH_ROOM = 15_500_000n;

/** A world with an LSP in it, and somebody who can pay through it. */
export const test = base.extend<object, { readonly world: World }>({
  world: [
    async ({ browserName: _any }, use) => {
      const world = await World.start({
        peers: [
          { alias: 'Payer', fundSat: FUND },
          { alias: 'Playground LSP', fundSat: LSP_FUND, lsp: terms },
        ],
      });
      await wayToLsp(world);
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
