import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import { Relay } from '../world/relay.ts';
import { expectSameBalances } from './scenarios/accounts.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { newTally, payIn, payOut } from './scenarios/persistence.ts';
import { DEEP, Stage } from './scenarios/stage.ts';
import { rounds, seeded, valueOf, wholeBetween } from './scenarios/values.ts';

const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_123);
const ROUNDS = rounds(60, 2_000);
/** A payment each way takes about as many pieces of bytes as this in each direction. */
const LAST_BURST = 12;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: Leyden;
  let peer: PeerUnderTest;
  let relay: Relay;
  let channel: ChannelDetails;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(12_000_000n);
    peer = await stage.peer({ alias: 'peer' }, 20_000_000n);
    relay = await Relay.start(() => peer.address);
    await dial();
    const opened = valueOf(
      await us.api.openChannel({
        nodeId: peer.id,
        ...relay.address,
        amountSat: 5_000_000n,
        pushMsat: 2_500_000_000n,
      }),
    );
    await stage.inMempool(opened.fundingTxId);
    await stage.mine(DEEP);
    channel = await stage.usable(us, peer, opened.channelId);
  });
  afterAll(async () => {
    await relay.stop();
    await stage.stop();
  });

  /** Through the wire. Fails when the wire breaks meanwhile. */
  const dial = async (): Promise<boolean> =>
    (await us.api.connect(peer.id, relay.address.host, relay.address.port, true)).ok;

  async function keepDialling(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await dial();
      await pause(10);
    }
  }

  test(
    `the line goes dead at any piece of bytes, ${ROUNDS} times, while both pay`,
    async () => {
      const random = seeded(SEED);
      const tally = newTally();
      const where: Record<string, number> = {};
      for (let round = 0; round < ROUNDS; round++) {
        const direction = random() < 0.5 ? 'to-target' : 'from-target';
        const passes = (['nothing', 'half', 'all'] as const)[wholeBetween(random, 0, 2)]!;
        relay.plan({ direction, passes, burst: wholeBetween(random, 1, LAST_BURST) });
        where[`${direction} ${passes}`] = (where[`${direction} ${passes}`] ?? 0) + 1;
        // Who is cut off dials again at once, also when that very dialling is what is cut.
        const dialling = new AbortController();
        const line = keepDialling(dialling.signal);
        const amount = (): bigint => BigInt(wholeBetween(random, 1_000, 3_000_000));
        await Promise.all([payOut(us, peer, amount(), tally), payIn(us, peer, amount(), tally)]);
        dialling.abort();
        await line;
      }
      relay.plan(null);
      await dial();
      const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
      expect(tally).toMatchObject({ paidOut: ROUNDS, paidIn: ROUNDS });
      expect(ours.localMsat).toBe(channel.localMsat - tally.sent + tally.received);
      expectSameBalances(ours, theirs);
      expect(ours.closing).toBe(null);
      expect((await us.api.status()).alarms).toEqual([]);
      expect(relay.cuts).toBeGreaterThan(ROUNDS / 2);
      console.log(
        `${kind.name}: ${relay.cuts} connections cut in ${ROUNDS} rounds (${JSON.stringify(where)});`,
        `failed and tried again: out ${tally.failedOut}, in ${tally.failedIn}; seed ${SEED}`,
      );
    },
    rounds(240_000, 3_600_000),
  );
});
