// What runs in the page of kills.test.ts: engines, one after another, each started by a fresh worker and killed.
import { remote } from '../../../workers/rpc.ts';
import type { WalletService } from '../../../engine/node/service-api.ts';
import { SWITCH_CHANNEL, type KillPlan, type SwitchMessage } from './kill-switch.ts';
import { trustedUrl } from '../../../workers/trusted-url.ts';

/** What a call gave, or that the engine was dead before it did. */
export type Asked = { readonly tag: 'answer'; readonly value: unknown } | { readonly tag: 'dead' };

const channel = new BroadcastChannel(SWITCH_CHANNEL);
let worker: Worker | null = null;
let service: WalletService | null = null;
let kills = 0;
let sent = 0;
let aborted = 0;
let commits = 0;
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
function kill(): void {
  kills++;
  end();
}
channel.addEventListener('message', ({ data }: MessageEvent<SwitchMessage>) => {
  if (data.tag === 'dead') kill();
  else if (data.tag === 'sent') {
    sent++;
    if (data.closed) sentClosed++;
  } else if (data.tag === 'closed') closes++;
  else if (data.tag === 'aborted') aborted++;
  else if (data.tag === 'commit') commits++;
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
    death = new Promise((resolve) => {
      onDead = resolve;
    });
    worker = new Worker(trustedUrl(script), {
      type: 'module',
      name: plan === null ? '' : `${plan.at}:${plan.commit}`,
    });
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
    channel.postMessage({ tag: 'plan', plan } satisfies SwitchMessage);
  },
  /** Kills after so many milliseconds, wherever the engine then is. */
  killIn(milliseconds: number): void {
    const target = worker;
    setTimeout(() => {
      if (worker === target) kill();
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
