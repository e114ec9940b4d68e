import { World } from '../../world/world.ts';
import { test as base } from './test.ts';

const FUND = 90_000_000n;
/** Each side's, of the channel between the two. */
const SIDE_SAT = 2_000_000n;
const DEEP = 6;
export const PEERS = ['Playground Anna', 'Playground Bert'] as const;

/** A world with two peers to open channels to, and a public channel between them. */
export const test = base.extend<object, { readonly world: World }>({
  world: [
    async ({ browserName: _any }, use) => {
      const world = await World.start({ peers: PEERS.map((alias) => ({ alias, fundSat: FUND })) });
      const [anna, bert] = world.peers;
      if (anna === undefined || bert === undefined) throw new Error('two peers were asked for');
      await anna.connect(bert.id, bert.address);
      await anna.openChannel({
        nodeId: bert.id,
        capacitySat: 2n * SIDE_SAT,
        pushMsat: SIDE_SAT * 1_000n,
        announce: true,
      });
      await world.mine(DEEP);
      await anna.waitForChannel(
        ({ counterparty, isUsable }) => counterparty === bert.id && isUsable,
        'the channel between the two',
      );
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
