import { expect } from 'vitest';
import { until } from '../../world/until.ts';
import type { Play } from '../play.ts';
import { recordFeatures } from '../features-seen.ts';
import type { Scenarios } from '../scenario.ts';
import { Stranger, type Called } from '../stranger.ts';
import { valueOf } from '../../real/scenarios/values.ts';

/** No BOLT gives these a meaning. */
const UNKNOWN_ODD = 1001;
const UNKNOWN_EVEN = 1002;

const isConnected = async ({ us, peer }: Play): Promise<boolean> =>
  (await us.api.listPeers()).some(({ nodeId, state }) => nodeId === peer.id && state === 'connected');

async function bothWays(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  await stage.connect(us, peer);
  await until(() => isConnected(play), { what: 'a connection that we dialled' });
  valueOf(await us.api.disconnect(peer.id));
  await until(async () => !(await isConnected(play)), { what: 'the connection to end' });
  // Until it has heard of that end it has no reason to dial.
  const dialled = async (): Promise<boolean> => {
    await peer.connect(us.id, us.address);
    return isConnected(play);
  };
  await until(dialled, { what: 'a connection that they dialled', everyMs: 50 });
  await peer.disconnect(us.id);
  await until(async () => !(await isConnected(play)), { what: 'the connection to end' });
}

async function featuresOf(called: Called): Promise<readonly number[]> {
  const stranger = await Stranger.call(called);
  const bits = await stranger.features();
  stranger.hangUp();
  return bits;
}

async function features({ kind, us, peer }: Play): Promise<void> {
  const [ours, theirs] = [await featuresOf(us), await featuresOf(peer)];
  recordFeatures(kind.name, theirs);
  recordFeatures('us', ours);
  // BOLT 9: of a pair one bit is enough; and what we could not do without is there.
  for (const bits of [ours, theirs])
    for (const bit of [8, 12, 14]) expect(bits.some((one) => one === bit || one === bit + 1)).toBe(true);
}

/** BOLT 1 §init: "upon receiving unknown _even_ feature bits that are non-zero: MUST close the connection." */
async function unknownFeatures({ us, peer }: Play): Promise<void> {
  for (const called of [us, peer]) {
    const odd = await Stranger.call(called, [UNKNOWN_ODD]);
    expect(await odd.isAnswered()).toBe(true);
    odd.hangUp();
    const even = await Stranger.call(called, [UNKNOWN_EVEN]);
    await even.isHungUpOn();
  }
}

export const CONNECTION = {
  connect: bothWays,
  features: features,
  'unknown-features': unknownFeatures,
} satisfies Scenarios;
