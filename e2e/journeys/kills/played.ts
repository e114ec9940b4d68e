import { expect } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';
import { untilBroadcast } from '../stage/chain.ts';
import type { KilledEngine } from './killed-engine.ts';

export const SITE =
  process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../../dist/site', import.meta.url));
export const AMOUNT = 7_000_000n;

export type Played = { readonly engine: KilledEngine; readonly world: World };

/** A wallet with a million satoshis. */
export async function funded({ engine }: Played): Promise<void> {
  await engine.start();
  await engine.state();
  await engine.value('create', null, 'regtest');
  await engine.value('wordsConfirmed');
  await until(async () => (await engine.status()).chain.lastSyncAt !== null, { what: 'the first sync' });
  await engine.value('faucet', 1_000_000n);
  await until(async () => (await engine.balances()).onchain.confirmedSat === 1_000_000n, { what: 'coins' });
}

export const request = ({ ldk }: World) => ({ nodeId: ldk.id, ...ldk.address, amountSat: 600_000n });

/** The one channel that is not closed, on both sides, once it can be used; null when neither side has one. */
export async function channelOnBoth({ engine, world }: Played): Promise<boolean> {
  await world.mine();
  await engine.value('node.sync');
  return until(
    async () => {
      const ours = (await engine.channels()).filter(({ state }) => state !== 'closed');
      const theirs = await world.ldk.channels();
      if (ours.length === 0 && theirs.length === 0) return { open: false };
      const usable = ours.some(({ isUsable }) => isUsable) && theirs.some(({ isUsable }) => isUsable);
      return usable ? { open: true } : null;
    },
    {
      what: 'both sides to agree on the channel',
      describe: async () => ({ ours: await engine.channels(), theirs: await world.ldk.channels() }),
    },
  ).then(({ open }) => open);
}

export async function opened(played: Played): Promise<void> {
  const { engine, world } = played;
  const { fundingTxId } = await engine.value<{ readonly fundingTxId: string }>('node.openChannel', {
    ...request(world),
    pushMsat: 250_000_000n,
  });
  await untilBroadcast(world, fundingTxId);
  expect(await channelOnBoth(played)).toBe(true);
}

export const sumOf = ({ ldk }: World, type: 'payment-received' | 'payment-sent'): bigint =>
  BigInt(ldk.events.filter((event) => event.type === type).length) * AMOUNT;

/** After a kill: nothing is pending, and each side's balance is what the payments that happened make it. */
export async function accounted(
  { engine, world }: Played,
  atFirst: bigint,
  tally: () => bigint,
): Promise<void> {
  await until(
    async () => {
      const [ours] = (await engine.channels()).filter(({ isUsable }) => isUsable);
      const theirs = (await world.ldk.channels()).find(({ isUsable }) => isUsable);
      return (
        ours?.pendingHtlcs === 0 &&
        theirs?.pendingIncoming === 0 &&
        theirs.pendingOutgoing === 0 &&
        ours.localMsat === atFirst + tally()
      );
    },
    {
      what: 'every satoshi to be accounted for',
      describe: async () => ({
        expected: atFirst + tally(),
        ours: await engine.channels(),
        theirs: await world.ldk.channels(),
        alarms: (await engine.status()).alarms,
      }),
    },
  );
  expect((await engine.status()).alarms).toEqual([]);
}
