import { setTimeout as pause } from 'node:timers/promises';
import { valueOf } from '../../real/scenarios/values.ts';
import { Relay, type Cut } from '../../world/relay.ts';
import { until } from '../../world/until.ts';
import type { Play } from '../play.ts';

/** Before and after each message: each is cut once, and once it has just arrived. */
export const cutsUpTo = (last: number): readonly Cut[] =>
  (['to-target', 'from-target'] as const).flatMap((direction) =>
    (['nothing', 'all'] as const).flatMap((passes) =>
      Array.from({ length: last }, (_, i) => ({ direction, passes, burst: i + 1 })),
    ),
  );

/** Who is not back by then stands still. */
export const STANDING_MS = 5_000;

/** Connected without a relay again. */
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
  if (kind.standsStill === true) await isBack(STANDING_MS).catch(() => peer.restart());
  await isBack(30_000);
}

/** Our connection to the peer, which breaks where it is told to. */
export class Line {
  readonly relay: Relay;
  readonly #play: Play;

  private constructor(play: Play, relay: Relay) {
    this.#play = play;
    this.relay = relay;
  }

  static async through(play: Play, work: (line: Line) => Promise<void>): Promise<void> {
    const relay = await Relay.start(() => play.peer.address);
    const line = new Line(play, relay);
    try {
      valueOf(await play.us.api.disconnect(play.peer.id));
      await line.connected();
      await work(line);
    } finally {
      await relay.stop();
      await play.us.api.disconnect(play.peer.id);
    }
    await back(play);
  }

  async connected(): Promise<void> {
    await until(() => this.#dial(), { what: 'a connection', everyMs: 50 });
  }

  /** It is cut there while this goes on, and dialled again for as long. */
  async cut<T>(first: Cut, work: () => Promise<T>, next: Cut | null = null): Promise<T> {
    this.relay.plan(first, next);
    const dialling = new AbortController();
    const redial = this.#redial(dialling.signal);
    try {
      return await work();
    } finally {
      dialling.abort();
      await redial;
      this.relay.plan(null);
    }
  }

  async #redial(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#dial();
      await pause(20);
    }
  }

  async #dial(): Promise<boolean> {
    const { us, peer } = this.#play;
    const { host, port } = this.relay.address;
    return (await us.api.connect(peer.id, host, port, true)).ok;
  }
}
