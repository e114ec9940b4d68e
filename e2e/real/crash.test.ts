import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { Fate } from '../../engine/testkit/crash-store.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { expectSameBalances, spendOf } from './scenarios/accounts.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { newTally, payIn, payOut } from './scenarios/persistence.ts';
import { DEEP, Stage, waitForChannel } from './scenarios/stage.ts';

type Death = Extract<Fate['tag'], 'crash-before' | 'crash-after'>;
const DEATHS: readonly Death[] = ['crash-before', 'crash-after'];
/** Nothing here takes so many commits. */
const MOST_COMMITS = 30;
const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;

/** Until both have said where they stand. */
const UNDECIDED: ReadonlySet<ChannelDetails['state']> = new Set<ChannelDetails['state']>([
  'waiting-for-confirmations',
  'waiting-for-peer',
  'offline',
  'reconnecting',
]);

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: LocalLeyden;
  let peer: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(50_000_000n);
    peer = await stage.peer({ alias: 'peer' });
    // What it sets aside for a channel that comes to nothing must not keep it from the next.
    for (let i = 0; i < 20; i++) await peer.fund(5_000_000n);
    await stage.connect(us, peer);
  });
  afterAll(() => stage.stop());

  /**
   * After `prepare`, does `work` once for each of the commits that it takes, and dies at that commit; then, reborn,
   * `recover`.
   * @returns how many commits it takes.
   */
  async function atEachCommit(
    death: Death,
    work: () => Promise<unknown>,
    recover: () => Promise<void>,
    prepare: () => Promise<void> = () => Promise.resolve(),
  ): Promise<number> {
    for (let k = 0; k < MOST_COMMITS; k++) {
      await prepare();
      const { store } = us;
      store.plan({ tag: death }, k);
      const reborn = store.crashed.then(() => us.restart());
      await work().catch((error: unknown) => {
        if (!store.dead) throw error;
      });
      const died = store.dead;
      // What it did not live to see does not come later.
      if (!died) store.crash();
      await reborn;
      await stage.connect(us, peer);
      await stage.sync();
      await recover();
      if (!died) return k;
    }
    throw new Error('it never came to an end');
  }

  const quiet = async (): Promise<void> => {
    expect((await us.api.status()).alarms).toEqual([]);
  };

  describe('paying and being paid', () => {
    let channel: ChannelDetails;
    const tally = newTally();
    beforeAll(async () => {
      channel = await stage.open(us, peer, { by: 'us', capacitySat: CAPACITY, pushMsat: PUSH });
    });
    async function balanced(): Promise<void> {
      const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
      expect(ours.localMsat).toBe(channel.localMsat - tally.sent + tally.received);
      expectSameBalances(ours, theirs);
      expect(ours.closing).toBe(null);
      await quiet();
    }

    test.each(DEATHS)('%s each commit of a payment out', async (death) => {
      const commits = await atEachCommit(
        death,
        () => Promise.all([payOut(us, peer, 1_000_123n, tally), reconnecting()]),
        balanced,
      );
      expect(commits).toBeGreaterThan(2);
      console.log(`${kind.name}: ${death} each of ${commits} commits of a payment out`);
    });

    test.each(DEATHS)('%s each commit of a payment in', async (death) => {
      const commits = await atEachCommit(
        death,
        () => Promise.all([payIn(us, peer, 1_000_321n, tally), reconnecting()]),
        balanced,
      );
      expect(commits).toBeGreaterThan(2);
      console.log(`${kind.name}: ${death} each of ${commits} commits of a payment in`);
    });

    /** The payment goes on in the next life. */
    async function reconnecting(): Promise<void> {
      const { store } = us;
      await Promise.race([
        store.crashed.then(async () => {
          await until(() => us.isRunning(), { what: 'the next life' });
          await stage.connect(us, peer);
        }),
        stage.settled(us, peer, channel.channelId),
      ]);
    }
  });

  describe.each(['us', 'them'] as const)('a channel that is opened and closed by %s', (by) => {
    test.each(DEATHS)('%s each commit', async (death) => {
      let before = await us.api.listBalances();
      const known = new Set((await us.api.listChannels()).map(({ channelId }) => channelId));
      const fresh = async (): Promise<ChannelDetails | undefined> =>
        (await us.api.listChannels()).find(({ channelId }) => !known.has(channelId));
      const open = (): Promise<unknown> =>
        by === 'us'
          ? us.api.openChannel({ nodeId: peer.id, ...peer.address, amountSat: CAPACITY, pushMsat: PUSH })
          : peer.openChannel({ nodeId: us.id, capacitySat: CAPACITY, pushMsat: PUSH });
      const counts = { opened: 0, came: 0 };

      const opening = await atEachCommit(death, open, async () => {
        let channel = await fresh();
        if (channel !== undefined && (await isForgotten(channel.channelId))) {
          // Their funding never comes: nothing of it counts as money, and nothing is set aside.
          const { channelId } = channel;
          expect(by).toBe('them');
          await waitForChannel(us, (one) => one.channelId === channelId && one.state === 'force-closing');
          known.add(channelId);
          channel = undefined;
        }
        if (channel === undefined) {
          // It came to nothing.
          const { onchain, openingSat, closingSat, totalMsat } = await us.api.listBalances();
          expect({ ...before, onchain, openingSat, closingSat, totalMsat }).toEqual(before);
          counts.came++;
          await open();
          channel = await waitForChannel(us, ({ channelId }) => !known.has(channelId));
        }
        counts.opened++;
        await stage.inMempool(channel.fundingTxId ?? '');
        await stage.mine(DEEP);
        const ready = await stage.usable(us, peer, channel.channelId);
        expect(by === 'us' ? ready.remoteMsat : ready.localMsat).toBe(PUSH);
        await quiet();
        // Closed in peace, and every sat is back; the next one dies one commit later.
        await close(ready.channelId);
        await closed(ready);
      });

      let channel: ChannelDetails | null = null;
      const closing = await atEachCommit(
        death,
        async () => {
          await close(channel!.channelId);
          await spendOf(stage, channel!.fundingTxId ?? '', channel!.fundingIndex ?? 0);
        },
        async () => {
          const { state } = await waitForChannel(
            us,
            (one) => one.channelId === channel!.channelId && !UNDECIDED.has(one.state),
          );
          // What was asked of it is as if it had not been.
          if (state === 'ready') await close(channel!.channelId);
          await closed(channel!);
        },
        async () => {
          channel = await stage.open(us, peer, { by, capacitySat: CAPACITY, pushMsat: PUSH });
        },
      );
      console.log(
        `${kind.name}: ${by} open, ${death} each of ${opening} commits (${counts.came} came to nothing), close after ${closing}`,
      );

      async function isForgotten(id: string): Promise<boolean> {
        return (await peer.channels()).every(({ channelId }) => channelId !== id);
      }
      async function close(channelId: string): Promise<void> {
        if (by === 'us') await us.api.closeChannel(channelId);
        else await peer.close(channelId);
      }
      async function closed(channel: ChannelDetails): Promise<void> {
        const closingTx = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
        await stage.mine(DEEP);
        const end = await waitForChannel(
          us,
          ({ channelId, state }) => channelId === channel.channelId && state === 'closed',
        );
        expect(end.closing).toMatchObject({ kind: 'cooperative', txId: closingTx.txid });
        await stage.sync();
        const funding = (await (await fetch(`${stage.esplora.url}/tx/${channel.fundingTxId}`)).json()) as {
          fee: number;
        };
        const now = await us.api.listBalances();
        const spent =
          by === 'us' ? BigInt(funding.fee) + BigInt(closingTx.fee) + PUSH / 1000n : -(PUSH / 1000n);
        expect(now.onchain.confirmedSat).toBe(before.onchain.confirmedSat - spent);
        expect(now.onchain.reservedSat).toBe(0n);
        before = now;
        known.add(channel.channelId);
        await quiet();
      }
    });
  });
});
