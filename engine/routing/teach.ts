import type { NodeId } from '../base/ids.ts';
import type { Msat, Scid, Timestamp } from '../base/units.ts';
import type { Lesson, Scorer } from './scorer.ts';
import { capacityOf, directedOf, type RouteView } from './view.ts';

/** What an attempt told of one channel on its way, or of what is to be gone around for a while. */
export type PathLesson =
  | {
      readonly tag: 'channel';
      readonly scid: Scid;
      readonly from: NodeId;
      readonly to: NodeId;
      readonly amount: Msat;
      readonly outcome: Lesson['outcome'];
      /** See `Lesson`. */
      readonly share?: number;
    }
  | { readonly tag: 'shun'; readonly what: Scid | NodeId; readonly seconds: number };

/** Channels that the map does not have teach nothing: nobody knows what they could hold. */
export function teach(
  scorer: Scorer,
  { graph }: Pick<RouteView, 'graph'>,
  lessons: readonly PathLesson[],
  now: Timestamp,
): void {
  for (const lesson of lessons) {
    if (lesson.tag === 'shun') {
      scorer.shun(lesson.what, now + lesson.seconds);
      continue;
    }
    const { scid, from, to, amount, outcome, share } = lesson;
    const directed = directedOf(graph, scid, from, to);
    if (directed < 0) continue;
    const direction = directed % 2 === 0 ? 0 : 1;
    scorer.learn(
      { scid, direction, amount: Number(amount), outcome, ...(share === undefined ? {} : { share }) },
      capacityOf(graph, directed >>> 1),
      now,
    );
  }
}
