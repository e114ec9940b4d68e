import { err } from '../base/result.ts';
import type { Clock } from '../base/ports.ts';
import { graphRoutes, graphRoutesInSlices, type RouteMap } from '../payment/graph-routes.ts';
import type { FindRoutes, PayChannel, RouteQuery } from '../payment/route.ts';
import { withOwnSpace } from '../routing/view.ts';
import { Ended } from './driver.ts';
import { inTurns } from './graph/in-turns.ts';

/** More questions than any one payment asks: then its channels change faster than ways are found. */
const MOST_QUESTIONS = 30;

const NOT_YET = err({ code: 'no-path', reason: 'no-route' } as const);

/**
 * Looks for ways over the map in slices, so that no peer waits for a search. No turn searches the map: it takes what was
 * found before it.
 */
export class RoutesAhead {
  readonly #clock: Clock;
  readonly #map: () => RouteMap | null;
  readonly #isOver: () => boolean;
  #aside: RouteMap['view'] | null = null;
  /** Searches share scratch, and so go one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, map: () => RouteMap | null, isOver: () => boolean) {
    this.#clock = clock;
    this.#map = map;
    this.#isOver = isOver;
  }

  /** Those that need no map, at once. */
  readonly direct: FindRoutes = (query) => graphRoutes(null, this.#clock.now)(query);

  /** What `ask` makes of the ways that it asks for: it is asked again whenever one more of them is known. @throws {Ended} */
  async for<T>(ask: (find: FindRoutes) => T): Promise<T> {
    // Without a map there is nothing to search.
    if (this.#map() === null) return ask(this.direct);
    const mine = this.#last.then(() => this.#found(ask));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #found<T>(ask: (find: FindRoutes) => T): Promise<T> {
    const found = new Map<string, ReturnType<FindRoutes>>();
    for (;;) {
      if (this.#isOver()) throw new Ended('the node has ended');
      let open: RouteQuery | null = null;
      const answer = ask((query) => {
        const known = found.get(nameOf(query));
        if (known === undefined) open ??= query;
        return known ?? NOT_YET;
      });
      if (open === null || found.size === MOST_QUESTIONS) return answer;
      const slices = graphRoutesInSlices(this.#mapAside(), this.#clock.now, open);
      const routes = await inTurns(this.#clock, slices, this.#isOver);
      if (routes !== null) found.set(nameOf(open), routes);
    }
  }

  #mapAside(): RouteMap | null {
    const map = this.#map();
    if (map === null) return null;
    if (this.#aside?.graph !== map.view.graph) this.#aside = withOwnSpace(map.view);
    return { ...map, view: this.#aside };
  }
}

/** All that a way has to fit; what HTLCs under way use counts as it was when it was looked for. */
const nameOf = ({ channels, ...query }: RouteQuery): string => nameOfAll([query, channels.map(groundOf)]);

/** What a way has to fit of our own channel. */
export const groundOf = ({ channelId, isUsable, sendable, together, remoteHtlcMinimum }: PayChannel) =>
  [channelId, isUsable, sendable, together, remoteHtlcMinimum] as const;

export const nameOfAll = (all: unknown): string =>
  JSON.stringify(all, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Set ? [...(value as Set<unknown>)] : value,
  );
