import { expect } from 'vitest';
import { until } from '../../world/until.ts';
import type { Play } from '../play.ts';
import { recordFeatures } from '../features-seen.ts';
import type { Scenarios } from '../scenario.ts';
import { Stranger, type Met } from '../stranger.ts';
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
  // A page is dialled by nobody: then it dials again.
  const dialledByUs = async (): Promise<boolean> =>
    (await us.api.connect(peer.id, peer.address.host, peer.address.port, false)).ok;
  // Until it has heard of that end it has no reason to dial.
  const dialled = async (): Promise<boolean> => {
    await ('address' in us ? peer.connect(us.id, us.address) : dialledByUs());
    return isConnected(play);
  };
  await until(dialled, { what: 'a second connection', everyMs: 50 });
  await peer.disconnect(us.id);
  await until(async () => !(await isConnected(play)), { what: 'the connection to end' });
}

async function featuresOf(met: Met): Promise<readonly number[]> {
  const stranger = await Stranger.meet(met);
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
  for (const met of [us, peer]) {
    const odd = await Stranger.meet(met, [UNKNOWN_ODD]);
    expect(await odd.isAnswered()).toBe(true);
    odd.hangUp();
    const even = await Stranger.meet(met, [UNKNOWN_EVEN]);
    await even.isHungUpOn();
  }
}

export const CONNECTION = {
  connect: bothWays,
  features: features,
  'unknown-features': unknownFeatures,
} satisfies Scenarios;
