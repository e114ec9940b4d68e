import type { Clock, Http, HttpResponse, Log, Random } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { timestamp } from '../../base/units.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain-refusal.ts';
import type { ChainTrouble, Lie } from '../chain-trouble.ts';
import {
  afterAnswer,
  afterTrouble,
  HEALTHY,
  troubleOf,
  type ServerHealth,
  type Trouble,
} from './server-health.ts';

export type PoolOptions = {
  /** Base URLs, in order of preference, as `https://host/api`. */
  readonly servers: readonly string[];
  readonly http: Http;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log?: Log;
};

/** One question to a server. `read` answers undefined for what is not a usable answer; it never throws. */
export type Question<T> = {
  readonly path: string;
  readonly body?: string;
  readonly maxBytes: number;
  readonly read: (response: HttpResponse) => T | undefined;
};
export type Asked<T> = { readonly value: T; readonly server: string };
/** Of a check that asked for more in turn, and was not answered: nobody lied, and the next server is asked. */
export const UNANSWERED: unique symbol = Symbol('unanswered');
/** What an answer comes to; undefined where it proves false. */
type Check<T, U> = (value: T, server: string) => Promise<U | typeof UNANSWERED | undefined>;

const TIMEOUT_MS = 15_000;
/** Worse than any strikes. */
const BEHIND = 1_000_000;

/** Several Esplora servers as one: the healthiest is asked first, the others when it fails. */
export class ServerPool {
  readonly #options: PoolOptions;
  readonly #health = new Map<string, ServerHealth>();
  /** Servers whose chain lacks our best block: what they do not know may exist. */
  #behind: ReadonlySet<string> = new Set();
  #turn = 0;
  #requests = 0;

  constructor(options: PoolOptions) {
    this.#options = {
      ...options,
      servers: [...new Set(options.servers.map((url) => url.replace(/\/+$/, '')))],
    };
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#requests;
  }

  get size(): number {
    return this.#options.servers.length;
  }

  /** Forgets rests, not strikes: for a person who presses retry, and when the network returns. */
  wake(): void {
    for (const [server, health] of this.#health)
      this.#health.set(server, { ...health, restUntil: timestamp(0) });
  }

  /** From the next round on, questions that `rotate` start at another server, so that none can hide a thing for long. */
  nextTurn(): void {
    this.#turn++;
  }

  /** Servers that may be asked now, best first. */
  usable(): readonly string[] {
    const now = this.#options.clock.now();
    return this.#options.servers
      .filter((server) => this.health(server).restUntil <= now)
      .sort((a, b) => this.#rank(a) - this.#rank(b));
  }

  /** These are asked last until it is said otherwise. */
  setBehind(servers: ReadonlySet<string>): void {
    this.#behind = servers;
  }

  #rank(server: string): number {
    return this.health(server).strikes + (this.#behind.has(server) ? BEHIND : 0);
  }

  health(server: string): ServerHealth {
    return this.#health.get(server) ?? HEALTHY;
  }

  /** Why none of them helped. */
  trouble(): ChainTrouble {
    return troubleOf(this.#options.servers.map((server) => [server, this.health(server)]));
  }

  /** `server` gave an answer of the right shape that proved false. */
  distrust(server: string, lie: Lie): void {
    this.#strike(server, 'false-answer', lie);
  }

  /** The first usable answer. `rotate` starts at the server whose turn it is, among those in good standing. */
  async ask<T>(question: Question<T>, rotate = false): Promise<Result<Asked<T>, ChainRefusal>> {
    return this.askUntil(question, async (value) => value, 'transaction', rotate);
  }

  /**
   * As `ask`, but an answer that `check` proves false (undefined) counts against its server as this lie, and the next is
   * asked.
   */
  async askUntil<T, U>(
    question: Question<T>,
    check: Check<T, U>,
    lie: Lie,
    rotate = false,
  ): Promise<Result<Asked<U>, ChainRefusal>> {
    return this.#firstOf(question, check, lie, { rotate, pastNull: false });
  }

  /**
   * As `askUntil`, in turn, for what a server may lack, or keep back: null counts against nobody, and is the answer once no
   * other says more.
   */
  async find<T, U>(
    question: Question<T>,
    check: Check<T, U | null>,
    lie: Lie,
  ): Promise<Result<Asked<U | null>, ChainRefusal>> {
    return this.#firstOf(question, check, lie, { rotate: true, pastNull: true });
  }

  async #firstOf<T, U>(
    question: Question<T>,
    check: Check<T, U>,
    lie: Lie,
    { rotate, pastNull }: { readonly rotate: boolean; readonly pastNull: boolean },
  ): Promise<Result<Asked<U>, ChainRefusal>> {
    const servers = this.usable();
    const sound = servers.filter((server) => this.#rank(server) === 0).length;
    const start = rotate && sound > 0 ? this.#turn % sound : 0;
    let lacking: Asked<U> | null = null;
    for (const server of [...servers.slice(start), ...servers.slice(0, start)]) {
      const answer = await this.askServer(server, question);
      if (!answer.ok) continue;
      const value = await check(answer.value, server);
      if (value === UNANSWERED) continue;
      if (value === undefined) this.distrust(server, lie);
      else if (value === null && pastNull) lacking ??= { value, server };
      else return ok({ value, server });
    }
    return lacking === null ? err(UNREACHABLE) : ok(lacking);
  }

  /** What each of at most `most` usable servers answers, asked at the same time. */
  async askEach<T>(question: Question<T>, most: number, without?: string): Promise<readonly Asked<T>[]> {
    const servers = this.usable().filter((server) => server !== without);
    const answers = await Promise.all(
      servers
        .slice(0, most)
        .map(async (server) => ({ server, answer: await this.askServer(server, question) })),
    );
    return answers.flatMap(({ server, answer }) => (answer.ok ? [{ server, value: answer.value }] : []));
  }

  async askServer<T>(server: string, question: Question<T>): Promise<Result<T, Trouble>> {
    this.#requests++;
    const response = await this.#options.http({
      url: server + question.path,
      method: question.body === undefined ? 'GET' : 'POST',
      timeoutMs: TIMEOUT_MS,
      maxBytes: question.maxBytes,
      ...(question.body === undefined ? {} : { body: question.body }),
    });
    if (!response.ok) return this.#strike(server, response.error.code);
    const { status } = response.value;
    if (status === 429) return this.#strike(server, 'rate-limited');
    if (status !== 200 && status !== 400 && status !== 404) return this.#strike(server, 'server-error');
    const value = question.read(response.value);
    if (value === undefined) return this.#strike(server, 'bad-answer');
    this.#health.set(server, afterAnswer(this.health(server)));
    return ok(value);
  }

  #strike(server: string, trouble: Trouble, lie: Lie | null = null): Result<never, Trouble> {
    const health = afterTrouble(
      this.health(server),
      trouble,
      this.#options.clock.now(),
      this.#options.random,
      lie,
    );
    this.#health.set(server, health);
    this.#options.log?.('warn', 'chain', 'a chain server failed', {
      server,
      trouble: lie ?? trouble,
      strikes: health.strikes,
    });
    return err(trouble);
  }
}
