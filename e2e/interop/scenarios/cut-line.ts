import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { PeerEvent } from '../../../engine/peer/session.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import type { PeerAddress } from '../../world/real-peer.ts';
import { Relay, type Cut } from '../../world/relay.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import type { Exchange } from '../exchanges.ts';
import type { Play } from '../play.ts';
import { Wiretap, type Fate, type Said } from '../wiretap.ts';

type Name = Said['message']['name'];

/** At the `nth` message of this name that this side says, counted from 1. */
export type MessageCut = {
  readonly by: Said['by'];
  readonly name: Name;
  readonly nth: number;
  /** It still arrives, as the last one; or it is lost. */
  readonly arrives: boolean;
};
type Heard = Omit<MessageCut, 'arrives'>;

/** What a page says only a relay can cut: each piece of bytes, before and once it has arrived. */
export const piecesUpTo = (last: number): readonly Cut[] =>
  (['to-target', 'from-target'] as const).flatMap((direction) =>
    (['nothing', 'all'] as const).flatMap((passes) =>
      Array.from({ length: last }, (_, i) => ({ direction, passes, burst: i + 1 })),
    ),
  );

/** How a walk through an exchange went: what was said since it was last cut, and whether it was cut wherever it should be. */
export type Walked = { readonly heard: readonly Heard[]; readonly isCut: boolean };

/**
 * Walks through it once as it goes, and then, for each message that was said, with the line cut before it and after it:
 * no name is left out.
 * @param walks one or several ways through it, each cut there, or nowhere; together they say all
 */
export async function cutEach(
  { us, them, maybe = [], firstOnly }: Exchange,
  ...walks: readonly ((cut: MessageCut | null) => Promise<Walked>)[]
): Promise<void> {
  const belongs = ({ by, name, nth }: Heard): boolean =>
    ((by === 'us' ? us : them).includes(name) || maybe.includes(name)) && (firstOnly !== true || nth === 1);
  const done = new Set<string>();
  const wanted = new Set<string>();
  const want = (by: Said['by'], name: Name): void => {
    for (const arrives of [false, true]) wanted.add(textOf({ by, name, arrives }));
  };
  for (const name of us) want('us', name);
  for (const name of them) want('them', name);
  for (const walk of walks)
    for (const one of (await walk(null)).heard.filter(belongs)) {
      want(one.by, one.name);
      for (const arrives of [false, true])
        // Of several of a name the last may be said together with the one before, on another day.
        if ((await walk({ ...one, arrives })).isCut) done.add(textOf({ ...one, arrives }));
    }
  expect([...done].sort()).toEqual([...wanted].sort());
}

const textOf = ({ by, name, arrives }: Omit<MessageCut, 'nth'>): string =>
  `${arrives ? 'after' : 'before'} ${name} by ${by}`;

/** Who is not back by then stands still. */
export const STANDING_MS = 5_000;

/** Connected again, without anything between. */
async function back({ us, peer, kind }: Play): Promise<void> {
  const { host, port } = peer.address;
  const dial = () => us.api.connect(peer.id, host, port, true);
  // Some hang up on who comes back while the connection before still ends.
  const isBack = (timeoutMs: number) =>
    until(async () => (await dial()).ok, {
      what: 'a connection without the relay',
      timeoutMs,
      everyMs: 50,
      describe: async () => [await dial(), await us.api.listPeers(), us.log.slice(-8)],
    });
  if (!does(kind.name, 'goes-on')) await isBack(STANDING_MS).catch(() => peer.restart());
  await isBack(30_000);
}

/** As when the network breaks. */
export const BROKEN: PeerEvent = {
  tag: 'closed',
  reason: { code: 'ended', socket: { code: 'closed', detail: 'cut' } },
};

/** Our connection to the peer, which breaks where it is told to: at a message, or from a page at a piece of bytes. */
export class Line {
  readonly #play: Play;
  readonly #relay: Relay | null;
  #planned: readonly MessageCut[] = [];
  #heard: Heard[] = [];

  private constructor(play: Play, relay: Relay | null) {
    this.#play = play;
    this.#relay = relay;
  }

  static async through<T>(play: Play, work: (line: Line) => Promise<T>): Promise<T> {
    const relay = play.place === 'chromium' ? await Relay.start(() => play.peer.address) : null;
    const line = new Line(play, relay);
    let done: T;
    const tap = relay === null ? new Wiretap((said) => line.#fateOf(said), [BROKEN]) : null;
    try {
      valueOf(await play.us.api.disconnect(play.peer.id));
      await line.connected();
      done = await work(line);
    } finally {
      tap?.stop();
      await relay?.stop();
      await play.us.api.disconnect(play.peer.id);
    }
    await back(play);
    return done;
  }

  get address(): PeerAddress {
    return this.#relay?.address ?? this.#play.peer.address;
  }

  async connected(): Promise<void> {
    await until(() => this.#dial(), { what: 'a connection', everyMs: 50 });
  }

  /** It is cut there while this goes on, one after the other, and dialled again for as long. */
  async cut<T>(
    at: readonly (MessageCut | null)[],
    work: () => Promise<T>,
  ): Promise<Walked & { readonly made: T }> {
    this.#plan(at.filter((one) => one !== null));
    const made = await this.#redialling(work);
    const isCut = this.#planned.length === 0;
    this.#planned = [];
    return { made, heard: this.#heard, isCut };
  }

  /** @returns whether it was cut */
  async cutPiece(at: Cut, work: () => Promise<void>): Promise<boolean> {
    if (this.#relay === null) throw new Error('there is no relay');
    const before = this.#relay.cuts;
    this.#relay.plan(at);
    await this.#redialling(work);
    this.#relay.plan(null);
    return this.#relay.cuts > before;
  }

  async #redialling<T>(work: () => Promise<T>): Promise<T> {
    const dialling = new AbortController();
    const redial = this.#redial(dialling.signal);
    try {
      return await work();
    } finally {
      dialling.abort();
      await redial;
    }
  }

  /** Counts anew: what is heard before a cut is nothing to the next. */
  #plan(cuts: readonly MessageCut[]): void {
    this.#planned = cuts;
    this.#heard = [];
  }

  #fateOf({ by, message: { name } }: Said): Fate {
    const nth = this.#heard.filter((one) => one.by === by && one.name === name).length + 1;
    this.#heard.push({ by, name, nth });
    const [cut, ...next] = this.#planned;
    if (cut?.by !== by || cut.name !== name || cut.nth !== nth) return 'passes';
    this.#plan(next);
    return cut.arrives ? 'is the last' : 'is lost';
  }

  async #redial(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#dial();
      await pause(20);
    }
  }

  async #dial(): Promise<boolean> {
    const { us, peer } = this.#play;
    const { host, port } = this.address;
    return (await us.api.connect(peer.id, host, port, true)).ok;
  }
}
