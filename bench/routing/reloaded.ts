import { encodeGraph } from '../../engine/gossip/graph-record.ts';
import type { Row } from '../bench.ts';
import { median } from '../figures.ts';
import { interleaved } from '../paired.ts';
import { delta } from './delta.ts';
import { LdkRouter } from './ldk-router.ts';
import { LeydenRouter } from './leyden-router.ts';
import { SNAPSHOT_AT } from './network.ts';

const DAY = 86_400;

/** A start with a map that was kept, and a day's changes to it. Both sides end with the same channels. */
export async function reloaded(
  leyden: LeydenRouter,
  ldk: LdkRouter,
  quick: boolean,
): Promise<readonly Row[]> {
  const rounds = quick ? 1 : 5;
  const kept = { leyden: encodeGraph(leyden.graph), ldk: ldk.kept() };
  const ours = new LeydenRouter();
  let theirs = ldk;
  const loads = await interleaved(rounds, (side) => {
    const start = performance.now();
    if (side === 'leyden') ours.reload(kept.leyden);
    else theirs = LdkRouter.reloaded(kept.ldk);
    return [performance.now() - start];
  });
  let bytes = new Uint8Array(0);
  let told = -1;
  const deltas = await interleaved(rounds, (side, round) => {
    const at = SNAPSHOT_AT + (round + 1) * DAY;
    if (told !== round) bytes = Uint8Array.from(delta(ours.graph, at, round));
    told = round;
    const start = performance.now();
    (side === 'leyden' ? ours : theirs).apply(bytes, at);
    return [performance.now() - start];
  });
  const [a, b] = [ours.graph.channels.count, theirs.channelCount()];
  if (a !== b) throw new Error(`after the deltas Leyden has ${a} channels, LDK ${b}`);
  const row = (what: string, times: typeof loads): Row => ({
    what,
    unit: 'ms',
    leyden: median(times.leyden),
    ldk: median(times.ldk),
  });
  return [
    row('apply a delta of one day', deltas),
    row('cold load of the kept graph', loads),
    { what: 'the kept graph', unit: 'bytes', leyden: kept.leyden.length, ldk: kept.ldk.length },
  ];
}
