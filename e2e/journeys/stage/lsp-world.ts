import { DEFAULT_LSP_TERMS } from '../../world/ldk/lsp-settings.ts';
import { wayToLsp } from '../../world/way-to-lsp.ts';
import { World } from '../../world/world.ts';
import { test as base } from './test.ts';

const FUND = 90_000_000n;

/** A world with an LSP in it, and somebody who can pay through it. */
export const test = base.extend<object, { readonly world: World }>({
  world: [
    async ({ browserName: _any }, use) => {
      const world = await World.start({
        peers: [
          { alias: 'Payer', fundSat: FUND },
          { alias: 'Playground LSP', fundSat: FUND, lsp: DEFAULT_LSP_TERMS },
        ],
      });
      await wayToLsp(world);
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
