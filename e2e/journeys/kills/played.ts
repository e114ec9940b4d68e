import { expect } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';
import { untilBroadcast } from '../stage/chain.ts';
import type { KilledEngine } from './killed-engine.ts';
import { endsOf, endsToldBy, expectKept, listed, type Sent } from './payment-list.ts';

export const SITE =
  process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../../dist/site', import.meta.url));
export const AMOUNT = 7_000_000n;

/** `engine`: the one that has the wallet. `sent`: what it answered to each payment of ours since the account began. */
export type Played = {
  engine: KilledEngine;
  readonly world: World;
  sent?: Sent[];
};

/** Once it knows the chain: before that it opens no channel. */
export async function synced(engine: KilledEngine): Promise<void> {
  await until(async () => (await engine.status()).chain.lastSyncAt !== null, { what: 'a look at the chain' });
}

/** A wallet with a million satoshis. */
export async function funded({ engine }: Played): Promise<void> {
  await engine.start();
  await engine.state();
  await engine.value('create', null, 'regtest');
  await engine.value('wordsConfirmed');
  await synced(engine);
  await engine.value('faucet', 1_000_000n);
  await until(async () => (await engine.balances()).onchain.confirmedSat === 1_000_000n, { what: 'coins' });
}

export const request = ({ ldk }: World) => ({ nodeId: ldk.id, ...ldk.address, amountSat: 600_000n });

/** Once both sides can use the channel. */
export async function usableOnBoth({ engine, world }: Played, channelId: string): Promise<void> {
  const usable = (channel: { readonly channelId: string; readonly isUsable: boolean }): boolean =>
    channel.channelId === channelId && channel.isUsable;
  await until(
    async () => (await engine.channels()).some(usable) && (await world.ldk.channels()).some(usable),
    {
      what: 'both sides to agree on the channel',
      describe: async () => ({ ours: await engine.channels(), theirs: await world.ldk.channels() }),
    },
  );
}

/** A channel of which each side has some. */
export async function opened(played: Played): Promise<void> {
  const { engine, world } = played;
  type Opened = { readonly channelId: string; readonly fundingTxId: string };
  const { channelId, fundingTxId } = await engine.value<Opened>('node.openChannel', {
    ...request(world),
    pushMsat: 250_000_000n,
  });
  await untilBroadcast(world, fundingTxId);
  await mined(played);
  await usableOnBoth(played, channelId);
}

/** One more block, and the engine has seen it. */
export async function mined({ engine, world }: Played): Promise<void> {
  await world.mine();
  await engine.value('node.sync');
}

const sumOf = ({ ldk }: World, type: 'payment-received' | 'payment-sent'): bigint =>
  BigInt(ldk.events.filter((event) => event.type === type).length) * AMOUNT;

/**
 * From now on every payment is of AMOUNT. What it gives waits until nothing is pending, each side's balance is what the
 * payments that happened make it, and our own list tells the same payments as the peer; it tells what came in, less what
 * went out, in millisatoshis.
 */
export async function beginAccount(played: Played): Promise<() => Promise<bigint>> {
  const { world } = played;
  const { length: already } = world.ldk.events;
  const sent: Sent[] = (played.sent = []);
  const [channel] = (await played.engine.channels()).filter(({ isUsable }) => isUsable);
  const atFirst = channel?.localMsat ?? 0n;
  const paid = (): bigint => sumOf(world, 'payment-sent') - sumOf(world, 'payment-received');
  const before = paid();
  return async () => {
    const { engine } = played;
    await until(
      async () => {
        const ours = (await engine.channels()).find(({ channelId }) => channelId === channel?.channelId);
        const theirs = (await world.ldk.channels()).find(({ channelId }) => channelId === channel?.channelId);
        return (
          ours?.isUsable === true &&
          theirs?.isUsable === true &&
          ours.pendingHtlcs === 0 &&
          theirs.pendingIncoming === 0 &&
          theirs.pendingOutgoing === 0 &&
          ours.localMsat === atFirst + paid() - before &&
          isDeepStrictEqual(endsOf(await listed(engine)), endsToldBy(world.ldk.events.slice(already)))
        );
      },
      {
        what: 'every satoshi to be accounted for',
        describe: async () => ({
          expected: atFirst + paid() - before,
          ours: await engine.channels(),
          theirs: await world.ldk.channels(),
          alarms: (await engine.status()).alarms,
          listed: endsOf(await listed(engine)),
          told: endsToldBy(world.ldk.events.slice(already)),
        }),
      },
    );
    expectKept(sent, await listed(engine));
    expect((await engine.status()).alarms).toEqual([]);
    return paid() - before;
  };
}

/** A request for AMOUNT, by either side, and what pays it. Whether that goes well is in the account. */
export async function payment(played: Played, pays: 'we' | 'they'): Promise<() => Promise<unknown>> {
  const { engine, world } = played;
  if (pays === 'we') {
    const { bolt11, paymentHash } = await world.ldk.createInvoice({ amountMsat: AMOUNT });
    return async () => {
      const asked = await engine.ask('node.bolt11.send', bolt11);
      played.sent?.push({ paymentHash, asked });
    };
  }
  const request = { amountMsat: AMOUNT, description: '' };
  const { invoice } = await engine.value<{ readonly invoice: string }>('node.bolt11.receive', request);
  return () => world.ldk.pay(invoice).catch(() => null);
}
