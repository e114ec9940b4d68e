import type { World } from '../../world/world.ts';
import { channels } from '../../../web/i18n/en.ts';
import type { App } from '../pages/app.ts';
import { KEPT } from '../pages/home.ts';
import { untilBroadcast } from './chain.ts';

export type Funded = {
  readonly words: readonly string[];
  readonly onchainSat: bigint;
  readonly channelSat: bigint;
};

/** A new wallet with coins, and a channel to the LDK peer that is all its own side's. */
export async function withChannel(app: App, world: World, channelSat = 500_000n): Promise<Funded> {
  const words = await withCoins(app);
  const feeSat = await app.channels.openTo(channelSat);
  await untilBroadcast(world, await app.channels.recorded(channels.facts.fundingTx));
  await world.mine();
  await app.channels.expectState('ready');
  const onchainSat = 1_000_000n - channelSat - feeSat;
  await app.home.open();
  await app.home.expectHoldings({ onchain: onchainSat, lightning: channelSat, kept: KEPT });
  return { words, onchainSat, channelSat };
}

/** A new wallet with a million test satoshis. */
export async function withCoins(app: App): Promise<readonly string[]> {
  const words = await app.setup.create();
  await app.home.expectHoldings({});
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  return words;
}
