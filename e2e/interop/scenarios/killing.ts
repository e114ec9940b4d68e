import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { newTally, payIn, payOut, receivedMsat } from '../../real/scenarios/persistence.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { seeded, wholeBetween } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_128);
const KILLS = 8;
/** Between two of them: a payment is under way, or has just ended. */
const MOST_MS = 600;
const AMOUNT = 2_000_000n;

/** Payments each way go on; somebody dies at an instant of chance, comes back, and both reestablish. Not a satoshi is lost. */
async function killsWhilePaying(play: Play): Promise<void> {
  const { us, peer, stage, kind } = play;
  const channel = await play.channel();
  const tally = newTally();
  const random = seeded(SEED);
  /** Until then nothing new is begun, of who can be killed only at rest. */
  let rest: Promise<void> | null = null;
  let busy: Promise<unknown> = Promise.resolve();
  const over = new AbortController();
  const paying = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await rest;
      await (busy = payOut(us, peer, AMOUNT, tally));
      await rest;
      await (busy = payIn(us, peer, AMOUNT, tally));
    }
  };
  /** What is under way ends, and as we see it as well nothing is left of it. */
  const atRest = async (): Promise<void> => {
    await busy;
    await waitForChannel(us, (one) => one.channelId === channel.channelId && one.pendingHtlcs === 0);
  };
  const killing = async (): Promise<void> => {
    for (let i = 0; i < KILLS; i++) {
      await pause(wholeBetween(random, 0, MOST_MS));
      const who = random() < 0.5 ? us : peer;
      const rests = who === peer && !does(kind.name, 'killed-in-flight');
      const again = (rests ? atRest() : Promise.resolve()).then(() => who.kill()).then(() => who.restart());
      if (rests) rest = again;
      await again;
      rest = null;
      await until(
        () =>
          us.api.connect(peer.id, peer.address.host, peer.address.port, true).then(
            ({ ok }) => ok,
            () => false,
          ),
        { what: 'a connection', everyMs: 100 },
      );
    }
  };
  await Promise.all([paying(), killing().finally(() => over.abort())]);
  await stage.sync();
  await play.together(channel.channelId);
  const after = await play.settled(channel.channelId);
  expect(after.localMsat).toBe(channel.localMsat - tally.sent + (await receivedMsat(us, tally)));
  expect(Math.min(tally.paidOut, tally.paidIn)).toBeGreaterThan(0);
  await play.closeTogether(after, 'us');
}

export const KILLING = { 'kill-paying': killsWhilePaying } satisfies Scenarios;
