import { seeded } from '../real/scenarios/values.ts';
import { until } from '../world/until.ts';
import type { ChannelDetails } from '../../engine/node/api.ts';
import { crashingTabs } from './kills/habitat.ts';
import { Dead, KilledEngine } from './kills/killed-engine.ts';
import { killsOf, SEED } from './kills/plans.ts';
import { funded, mined, request, SITE, synced, usableOnBoth, type Played } from './kills/played.ts';
import { expectHits, measured, quiet, Tally } from './kills/tally.ts';
import { chainFeeSat, isKnown } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

const KILLS = killsOf(1 / 4);
const COINS = 1_000_000n;

const channelOf = async ({ engine }: Played, channelId: string): Promise<ChannelDetails | undefined> =>
  (await engine.channels()).find((channel) => channel.channelId === channelId);

const onChain = (played: Played, txId: string, channelId: string): Promise<unknown> =>
  until(() => isKnown(played.world, txId), {
    what: `${txId} to be broadcast`,
    describe: () => channelOf(played, channelId),
  });

/** The channel that came of it, in use on both sides; null when it was never more than talk. */
async function whatCameOfOpening(played: Played, before: ReadonlySet<string>): Promise<string | null> {
  const { engine, world } = played;
  const { nodeId } = await engine.status();
  const [made] = (await engine.channels()).filter(({ channelId }) => !before.has(channelId));
  if (made?.fundingTxId == null || made.state === 'closed') {
    // Whatever the other side remembers of it has no money in it.
    for (const theirs of await world.ldk.channels())
      if (theirs.counterparty === nodeId && !before.has(theirs.channelId))
        expect(theirs.fundingTxId === null || !(await isKnown(world, theirs.fundingTxId))).toBe(true);
    return null;
  }
  await onChain(played, made.fundingTxId, made.channelId);
  await mined(played);
  await usableOnBoth(played, made.channelId);
  return made.channelId;
}

/** Closes it, again if it was forgotten, until the chain has it. @returns the closing transaction */
async function closed(played: Played, channelId: string): Promise<string> {
  const { engine } = played;
  const txId = await until(
    async () => {
      const channel = await channelOf(played, channelId);
      if (channel?.closing?.txId != null) return channel.closing.txId;
      if (channel?.isUsable === true) await engine.ask('node.closeChannel', channelId);
      return null;
    },
    { what: 'the close to be agreed on', describe: () => channelOf(played, channelId) },
  );
  await onChain(played, txId, channelId);
  await mined(played);
  return txId;
}

/** What was asked for goes on to its end, with the block that it needs. Throws at once when the engine dies. */
async function untilOver(played: Played, what: 'opening' | 'closing', before: ReadonlySet<string>) {
  const { engine, world } = played;
  let hasBlock = false;
  await until(
    async () => {
      const channel = (await engine.channels()).find(({ channelId }) => !before.has(channelId));
      if (hasBlock && (what === 'closing' || channel?.isUsable === true)) return true;
      const txId = what === 'opening' ? channel?.fundingTxId : channel?.closing?.txId;
      if (hasBlock || txId == null || !(await isKnown(world, txId))) return false;
      hasBlock = true;
      await world.mine();
      await engine.tell('node.sync');
      return false;
    },
    { what: `the end of ${what}` },
  );
}

test('the engine is killed while channels open and close: none is lost, none is closed by force, no satoshi is missing', async ({
  browser,
  world,
}) => {
  test.setTimeout(60_000 + KILLS * 30_000);
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
  const played = { engine, world };
  const random = seeded(SEED + 1);
  let [wanted, missed, talks, round] = [COINS, 0, 0, 0];

  const known = async () => new Set((await engine.channels()).map(({ channelId }) => channelId));
  /** Does it, and is killed on the way, or right after where it took fewer commits than planned. */
  const killedDoing = async (
    tally: Tally<'opening' | 'closing'>,
    before: ReadonlySet<string>,
    path: string,
    ...args: readonly unknown[]
  ): Promise<void> => {
    await quiet(engine);
    if (round % 2 === 0) await engine.plan(tally.boundary());
    else await engine.killIn(tally.instant());
    const asked = engine.ask(path, ...args);
    const dead = engine.dead().then(() => true);
    const done = asked.then(async (answer) => {
      if (answer.tag === 'dead') return dead;
      return untilOver(played, tally.what, before).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Dead) return dead;
          throw error;
        },
      );
    });
    if (await Promise.race([dead, done])) tally.killed(await engine.lastKill());
    else missed++;
    await done;
    await engine.restart();
    await synced(engine);
  };
  /** Both, by a wallet that nobody kills. */
  const opensAndCloses = async () => {
    const before = await known();
    const opening = await measured(engine, 1, async () => async () => {
      await engine.value('node.openChannel', request(world));
      await untilOver(played, 'opening', before);
    });
    const [made] = (await engine.channels()).filter(({ channelId }) => !before.has(channelId));
    const closing = await measured(engine, 1, async () => async () => {
      await engine.value('node.closeChannel', made?.channelId);
      await untilOver(played, 'closing', before);
    });
    await everySatoshi(made, await closed(played, made?.channelId ?? ''));
    return { opens: new Tally('opening', opening, random), closes: new Tally('closing', closing, random) };
  };
  /** After it was opened and closed in peace. */
  const everySatoshi = async (opened: ChannelDetails | undefined, closing: string): Promise<void> => {
    wanted -= (await chainFeeSat(world, opened?.fundingTxId ?? '')) + (await chainFeeSat(world, closing));
    expect((await channelOf(played, opened?.channelId ?? ''))?.closing?.kind).toBe('cooperative');
    await until(
      async () => {
        const { onchain, lightning, closingSat } = await engine.balances();
        return onchain.confirmedSat === wanted && lightning.localMsat === 0n && closingSat === 0n;
      },
      {
        what: `${wanted} satoshis`,
        describe: async () => ({ balances: await engine.balances(), channels: await engine.channels() }),
      },
    );
    expect((await engine.status()).alarms).toEqual([]);
  };

  try {
    await funded(played);
    const { opens, closes } = await opensAndCloses();
    for (; (await engine.kills()) < KILLS; round++) {
      const before = await known();
      await killedDoing(opens, before, 'node.openChannel', request(world));
      let channelId = await whatCameOfOpening(played, before);
      if (channelId === null) {
        talks++;
        await engine.value('node.openChannel', request(world));
        channelId = await whatCameOfOpening(played, before);
      }
      const opened = await channelOf(played, channelId ?? '');
      await killedDoing(closes, before, 'node.closeChannel', opened?.channelId ?? '');
      await everySatoshi(opened, await closed(played, opened?.channelId ?? ''));
      if (wanted < (COINS * 9n) / 10n) {
        await engine.value('faucet', COINS);
        wanted += COINS;
      }
    }
    console.log(`${await engine.kills()} kills, ${missed} missed, ${talks} openings that came to nothing`);
    expectHits(opens, closes);
  } finally {
    await engine.stop();
  }
});
