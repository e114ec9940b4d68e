import { err } from '../base/result.ts';
import type { Clock } from '../base/ports.ts';
import { graphRoutes, graphRoutesInSlices, type RouteMap } from '../payment/graph-routes.ts';
import type { FindRoutes, RouteQuery } from '../payment/route.ts';
import { withOwnSpace } from '../routing/view.ts';
import { Ended } from './driver.ts';
import { inTurns } from './graph/in-turns.ts';

/** More questions than any one payment asks: then its channels change faster than ways are found. */
const MOST_QUESTIONS = 30;

const NOT_YET = err({ code: 'no-path', reason: 'no-route' } as const);

/**
 * Looks for ways before a turn asks for them, in slices, so that no peer waits for a search. The turn asks once more, and
 * hears what was found; what it asks besides, for our channels have changed since, is looked for at once.
 */
export class RoutesAhead {
  readonly #clock: Clock;
  readonly #map: () => RouteMap | null;
  readonly #isOver: () => boolean;
  /** Searches in slices have scratch of their own, and so take turns. */
  #aside: RouteMap['view'] | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, map: () => RouteMap | null, isOver: () => boolean) {
    this.#clock = clock;
    this.#map = map;
    this.#isOver = isOver;
  }

  readonly atOnce: FindRoutes = (query) => graphRoutes(this.#map(), this.#clock.now)(query);

  /** A finder that knows what `ask` asks of one. @throws {Ended} */
  async for(ask: (find: FindRoutes) => unknown): Promise<FindRoutes> {
    // Without a map there is nothing to search.
    if (this.#map() === null) return this.atOnce;
    const mine = this.#last.then(() => this.#found(ask));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #found(ask: (find: FindRoutes) => unknown): Promise<FindRoutes> {
    const found = new Map<string, ReturnType<FindRoutes>>();
    while (found.size < MOST_QUESTIONS) {
      if (this.#isOver()) throw new Ended('the node has ended');
      let open: RouteQuery | null = null;
      ask((query) => {
        const known = found.get(nameOf(query));
        if (known === undefined) open ??= query;
        return known ?? NOT_YET;
      });
      if (open === null) break;
      const slices = graphRoutesInSlices(this.#mapAside(), this.#clock.now, open);
      const routes = await inTurns(this.#clock, slices, this.#isOver);
      if (routes !== null) found.set(nameOf(open), routes);
    }
    return (query) => found.get(nameOf(query)) ?? this.atOnce(query);
  }

  #mapAside(): RouteMap | null {
    const map = this.#map();
    if (map === null) return null;
    if (this.#aside?.graph !== map.view.graph) this.#aside = withOwnSpace(map.view);
    return { ...map, view: this.#aside };
  }
}

/** All that a way has to fit; what HTLCs under way use counts as it was when it was looked for. */
const nameOf = ({ channels, ...query }: RouteQuery): string =>
  JSON.stringify(
    [
      query,
      channels.map(({ channelId, isUsable, sendable, together, remoteHtlcMinimum }) => [
        channelId,
        isUsable,
        sendable,
        together,
        remoteHtlcMinimum,
      ]),
    ],
    (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value instanceof Set ? [...(value as Set<unknown>)] : value,
  );
