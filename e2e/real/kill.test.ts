import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import { until } from '../world/until.ts';
import { expectSameBalances } from './scenarios/accounts.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { newTally, payIn, payOut, repeat } from './scenarios/persistence.ts';
import { Stage } from './scenarios/stage.ts';
import { rounds, seeded, wholeBetween } from './scenarios/values.ts';

const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_122);
const EACH_WAY = rounds(200, 2_000);
/** A multiple of three: see who is killed. */
const KILLS = rounds(12, 201);
/** Several at once each way, so that a death finds HTLCs in every state. */
const WORKERS = 3;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: Leyden;
  let peer: PeerUnderTest;
  let channel: ChannelDetails;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.process(12_000_000n);
    peer = await stage.peer({ alias: 'peer' }, 20_000_000n);
    channel = await stage.open(us, peer, {
      by: 'them',
      capacitySat: 10_000_000n,
      pushMsat: 5_000_000_000n,
    });
  });
  afterAll(() => stage.stop());

  test(
    `${EACH_WAY} payments each way, ${KILLS} times kill -9 of one or both in the middle`,
    async () => {
      const random = seeded(SEED);
      const tally = newTally();
      const kills = { us: 0, them: 0, both: 0 };
      // From below dust to well above.
      const amount = (): bigint => BigInt(wholeBetween(random, 1_000, random() < 0.2 ? 300_000 : 20_000_000));
      const paying = Promise.all([
        repeat(EACH_WAY, WORKERS, () => payOut(us, peer, amount(), tally)),
        repeat(EACH_WAY, WORKERS, () => payIn(us, peer, amount(), tally)),
      ]);
      const killing = (async (): Promise<void> => {
        for (let k = 0; k < KILLS; k++) {
          const target = ((k + random()) * 2 * EACH_WAY) / (KILLS + 1);
          await until(() => tally.paidOut + tally.paidIn >= target, {
            what: `payment ${target}`,
            timeoutMs: 120_000,
          });
          // Not at the end of a payment, but anywhere in one.
          await pause(wholeBetween(random, 0, 80));
          // In turn: none of the three is left out by chance.
          const who = (['us', 'them', 'both'] as const)[k % 3]!;
          kills[who]++;
          await Promise.all([who === 'them' ? null : us.kill(), who === 'us' ? null : peer.kill()]);
          await Promise.all([who === 'them' ? null : us.restart(), who === 'us' ? null : peer.restart()]);
          await us.api.connect(peer.id, peer.address.host, peer.address.port, true);
        }
      })();
      await Promise.all([paying, killing]);

      const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
      expect(tally).toMatchObject({ paidOut: EACH_WAY, paidIn: EACH_WAY });
      expect(ours.localMsat).toBe(channel.localMsat - tally.sent + tally.received);
      expectSameBalances(ours, theirs);
      expect(ours).toMatchObject({ isUsable: true, closing: null });
      expect((await us.api.status()).alarms).toEqual([]);
      // The list of payments tells the same.
      const listed = { outgoing: 0, incoming: 0 };
      for (let after: string | undefined; ;) {
        const page = await us.api.listPayments(after, 500);
        for (const { kind: how, state, direction } of page.payments)
          if (how === 'bolt11' && state === 'succeeded') listed[direction]++;
        if (page.next === null) break;
        after = page.next;
      }
      expect(listed).toEqual({ outgoing: EACH_WAY, incoming: EACH_WAY });
      console.log(
        `${kind.name}: ${tally.paidOut} paid, ${tally.paidIn} received; kill -9: us ${kills.us}, them ${kills.them}, both ${kills.both};`,
        `failed and tried again: out ${tally.failedOut}, in ${tally.failedIn}; calls cut off: ${tally.cutOff}; seed ${SEED}`,
      );
    },
    rounds(240_000, 3_600_000),
  );
});
