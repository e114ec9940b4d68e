// What runs in the page of kills.test.ts: engines, one after another, each started by a fresh worker and killed.
import { remote } from '../../../workers/rpc.ts';
import type { WalletService } from '../../../engine/node/service-api.ts';
import { SWITCH_CHANNEL, type KillPlan, type SwitchMessage } from './kill-switch.ts';
import { trustedUrl } from '../../../workers/trusted-url.ts';

/** `commits`: how many the engine had begun by then, from when the kill was planned; at a commit, which it was. */
export type Kill = { readonly at: KillPlan['at'] | 'instant'; readonly commits: number };
/** Called in the page, where it has it, at each commit of its engine: what is told outlives the page. */
export type OnCommit = { readonly committed?: () => void };
/** What a call gave, or that the engine was dead before it did. */
export type Asked = { readonly tag: 'answer'; readonly value: unknown } | { readonly tag: 'dead' };

const channel = new BroadcastChannel(SWITCH_CHANNEL);
let worker: Worker | null = null;
/** The worker's name among those of all pages. */
let id = '';
let service: WalletService | null = null;
let kills = 0;
let sent = 0;
let aborted = 0;
let commits = 0;
/** Of the engine that runs, from when its kill was planned. */
let commitsSincePlan = 0;
let planned: Kill['at'] = 'instant';
let lastKill: Kill | null = null;
let closes = 0;
let sentClosed = 0;
let onDead: () => void = () => undefined;
let death: Promise<void> = Promise.resolve();

function end(): void {
  worker?.terminate();
  worker = null;
  service = null;
  onDead();
}
function kill(how: Kill): void {
  kills++;
  lastKill = how;
  end();
}
function begin(at: Kill['at']): void {
  planned = at;
  commitsSincePlan = 0;
}
channel.addEventListener('message', ({ data }: MessageEvent<SwitchMessage>) => {
  if (data.tag === 'dead') {
    if (data.worker === id) kill({ at: planned, commits: data.commit });
  } else if (data.tag === 'sent') {
    sent++;
    if (data.closed) sentClosed++;
  } else if (data.tag === 'closed') closes++;
  else if (data.tag === 'aborted') aborted++;
  else if (data.tag === 'commit') {
    commits++;
    if (data.worker !== id) return;
    commitsSincePlan++;
    (globalThis as OnCommit).committed?.();
  }
});

const page = {
  get kills(): number {
    return kills;
  },
  get sent(): number {
    return sent;
  },
  get commits(): number {
    return commits;
  },
  get lastKill(): Kill | null {
    return lastKill;
  },
  get closes(): number {
    return closes;
  },
  get sentClosed(): number {
    return sentClosed;
  },
  get aborted(): number {
    return aborted;
  },
  /** A fresh worker; one that nothing has killed until now is ended, and not counted. `plan` counts from its first commit. */
  start(script: string, plan: KillPlan | null): void {
    end();
    begin(plan?.at ?? 'instant');
    death = new Promise((resolve) => {
      onDead = resolve;
    });
    id = crypto.randomUUID();
    const name = plan === null ? id : `${id}:${plan.at}:${plan.commit}`;
    worker = new Worker(trustedUrl(script), { type: 'module', name });
    service = remote<WalletService>(worker);
  },
  /** Lets go of the worker, which lives on. */
  abandon(): void {
    worker = null;
    service = null;
    onDead();
  },
  /** Kills at the plan's commit, counted from now. */
  plan(plan: KillPlan | null): void {
    begin(plan?.at ?? 'instant');
    channel.postMessage({ tag: 'plan', worker: id, plan } satisfies SwitchMessage);
  },
  /** Kills after so many milliseconds, wherever the engine then is. */
  killIn(milliseconds: number): void {
    begin('instant');
    const target = worker;
    setTimeout(() => {
      if (worker === target) kill({ at: 'instant', commits: commitsSincePlan });
    }, milliseconds);
  },
  dead: (): Promise<void> => death,
  async ask(path: readonly string[], args: readonly unknown[]): Promise<Asked> {
    if (service === null) return { tag: 'dead' };
    let target: unknown = service;
    for (const name of path) target = (target as Readonly<Record<string, unknown>>)[name];
    return Promise.race([
      (target as (...given: readonly unknown[]) => Promise<unknown>)(...args).then(
        (value) => ({ tag: 'answer' as const, value }),
        // What a worker says while it dies.
        () => death.then(() => ({ tag: 'dead' as const })),
      ),
      death.then(() => ({ tag: 'dead' as const })),
    ]);
  },
};
export type EnginePage = typeof page;
Object.assign(globalThis, { engine: page });
