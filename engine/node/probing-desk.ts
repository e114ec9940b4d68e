import type { Cancel, Clock, Random } from '../base/ports.ts';
import { msat, type Msat } from '../base/units.ts';
import { nodeIdAt, type Graph } from '../gossip/graph.ts';
import type { NodeId } from '../base/ids.ts';
import type { PaymentEnv } from '../payment/env.ts';
import type { FoundWays } from '../payment/route.ts';
import { probeWays } from '../payment/probes.ts';
import { spontaneousRequest } from '../payment/send-request.ts';
import type { Core } from './core.ts';
import { Ended } from './driver.ts';
import type { NodeOptions, Probing } from './node-options.ts';
import type { PaymentDesk } from './payment-desk.ts';

/** What less than that would teach, any channel can carry. */
export const LEAST_PROBE_SAT = 1_000;
/** Where it is not asked for, it is looked again whether it is. */
const LOOK_MS = 60_000;

type ProbingCore = Pick<Core, 'payments' | 'isCurrent'> & {
  readonly options: Pick<NodeOptions, 'clock' | 'random' | 'servers'>;
  readonly running: unknown;
};

/** Probes by itself, where that is asked for, one after the other: what was learnt makes payments arrive sooner. */
export class ProbingDesk {
  readonly #core: ProbingCore;
  readonly #payments: Pick<PaymentDesk, 'withWays' | 'apply'>;
  readonly #graph: () => Graph;
  #timer: Cancel | null = null;
  #stopped = false;

  constructor(core: ProbingCore, payments: Pick<PaymentDesk, 'withWays' | 'apply'>, graph: () => Graph) {
    this.#core = core;
    this.#payments = payments;
    this.#graph = graph;
  }

  begin(): void {
    void this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Null when nobody asks for it. */
  async #asked(): Promise<Probing | null> {
    const servers = await this.#core.options.servers();
    return (servers.ok ? servers.value.probing : null) ?? null;
  }

  async #plan(): Promise<void> {
    const probing = await this.#asked();
    if (this.#stopped) return;
    const clock: Clock = this.#core.options.clock;
    this.#timer = clock.after(probing === null ? LOOK_MS : probing.everySeconds * 1000, () => {
      void this.#due(probing !== null);
    });
  }

  async #due(wasAsked: boolean): Promise<void> {
    // Who has said since that it is enough is not probed for once more.
    const probing = wasAsked ? await this.#asked() : null;
    if (this.#stopped) return;
    if (probing !== null) await this.#probe(probing.mostSat);
    if (this.#stopped) return;
    void this.#plan();
  }

  async #probe(mostSat: number): Promise<void> {
    const { options, payments } = this.#core;
    const payee = someNode(this.#graph(), options.random);
    if (payee === null) return;
    const amount = someAmount(mostSat, options.random);
    if (this.#core.running === null) return;
    const preimage = options.random(32);
    const asked = (env: PaymentEnv) => spontaneousRequest(payee, amount, preimage, {}, env);
    const look = (env: PaymentEnv): FoundWays | null => {
      const request = asked(env);
      return request.ok ? probeWays(request.value, env) : null;
    };
    await this.#payments
      .withWays<void>(look, (turn, env, done) => {
        done();
        // Expiries are counted from the tip.
        if (this.#stopped || this.#core.running === null || !this.#core.isCurrent) return;
        const request = asked(env);
        const probed = request.ok ? payments.probe(request.value, env) : request;
        // No way there, or as much is under way as may be: the next one comes.
        if (probed.ok) this.#payments.apply(turn, probed.value.outcome);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Ended)) throw error;
      });
  }
}

/** Below `most`. */
function draw(random: Random, most: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / (2 ** 32 / most));
}

/** One end of some channel: likelier those that many payments go to and through. */
function someNode(graph: Graph, random: Random): NodeId | null {
  const { count, nodeA, nodeB } = graph.channels;
  if (count === 0) return null;
  const channel = draw(random, count);
  return nodeIdAt(graph, (draw(random, 2) === 0 ? nodeA[channel] : nodeB[channel]) ?? 0);
}

/** As likely in each order of magnitude. */
function someAmount(mostSat: number, random: Random): Msat {
  const share = draw(random, 2 ** 20) / 2 ** 20;
  return msat(Math.round(LEAST_PROBE_SAT * (mostSat / LEAST_PROBE_SAT) ** share) * 1000);
}
