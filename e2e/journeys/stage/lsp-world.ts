import { DEFAULT_LSP_TERMS } from '../../world/ldk/lsp-settings.ts';
import type { LdkPeer } from '../../world/ldk/ldk-peer.ts';
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

/** What the LSP can pass on to who is paid, and the channel that it does so by. */
const PAYEE_PUSH_MSAT = 200_000_000n;
const PAYEE_SAT = 1_000_000n;

/** A world with an LSP in it, somebody who can pay through it, and somebody who can be paid through it. */
export const test = base.extend<object, { readonly world: World; readonly payee: LdkPeer }>({
  world: [
    async ({ browserName: _any }, use) => {
      const world = await World.start({
        peers: [
          { alias: 'Payer', fundSat: FUND },
          { alias: 'Playground LSP', fundSat: LSP_FUND, lsp: terms },
          { alias: 'Payee', fundSat: 2n * PAYEE_SAT },
        ],
      });
      await wayToLsp(world);
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  payee: [
    async ({ world }, use) => {
      const payee = world.peers.at(-1);
      const lsp = world.peers.find(({ isLsp }) => isLsp);
      if (payee === undefined || lsp === undefined) throw new Error('a payee and an LSP are needed');
      await payee.connect(lsp.id, lsp.address);
      const toLsp = { nodeId: lsp.id, capacitySat: PAYEE_SAT, pushMsat: PAYEE_PUSH_MSAT };
      await payee.openChannel(toLsp);
      await world.mine(6);
      await payee.waitForChannel(({ isUsable }) => isUsable, 'a way from the LSP');
      await use(payee);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
