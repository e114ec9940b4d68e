// Runs in the engine's worker before the engine: stops it at a chosen commit, as if it had been killed there. From that
// instant nothing leaves the worker and nothing reaches its disk; the page then ends it for good.

/**
 * Before: the transaction is never asked for. After: it is durable, and what was to follow it never happens. Abort: the
 * transaction ends as one that the browser gave up, and the engine lives on.
 */
export type KillPlan = { readonly at: 'before' | 'after' | 'abort'; readonly commit: number };
/** `worker`: who is meant, or who says it. One that was replaced may still be heard a moment later. */
export type SwitchMessage =
  | { readonly tag: 'plan'; readonly worker: string; readonly plan: KillPlan | null }
  | { readonly tag: 'dead'; readonly worker: string; readonly commit: number }
  /** Not pings and their answers. `closed`: after the browser closed the wallet's database, and before it was opened again. */
  | { readonly tag: 'sent'; readonly closed: boolean }
  | { readonly tag: 'closed' }
  | { readonly tag: 'commit'; readonly worker: string }
  | { readonly tag: 'aborted' };
export const SWITCH_CHANNEL = 'kill-switch';

const channel = new BroadcastChannel(SWITCH_CHANNEL);
// A plan that stands before the engine's first commit comes with the worker's name.
const [worker = '', firstAt, firstCommit] = self.name.split(':');
let plan: KillPlan | null = null;
let commits = 0;
let dead = false;
let closed = false;

function die(): void {
  dead = true;
  channel.postMessage({ tag: 'dead', worker, commit: commits } satisfies SwitchMessage);
}

function arm(next: KillPlan | null): void {
  plan = next;
  commits = 0;
}

channel.addEventListener('message', ({ data }: MessageEvent<SwitchMessage>) => {
  if (data.tag === 'plan' && data.worker === worker && !dead) arm(data.plan);
});
if (firstAt === 'before' || firstAt === 'after' || firstAt === 'abort')
  arm({ at: firstAt, commit: Number(firstCommit) });

const transaction = Reflect.get(IDBDatabase.prototype, 'transaction');
IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given): IDBTransaction {
  if (dead) throw new Error('dead');
  const isWrite = given[1] === 'readwrite';
  if (isWrite) channel.postMessage({ tag: 'commit', worker } satisfies SwitchMessage);
  const isCommit = isWrite && ++commits === plan?.commit;
  if (isCommit && plan?.at === 'before') {
    die();
    throw new Error('dead');
  }
  const made = transaction.apply(this, given);
  if (isCommit && plan?.at === 'abort')
    // Everything of it was asked for by then.
    queueMicrotask(() => {
      made.abort();
      channel.postMessage({ tag: 'aborted' } satisfies SwitchMessage);
    });
  if (isCommit && plan?.at === 'after') {
    // Heard before the engine's own listener.
    made.addEventListener('complete', (event) => {
      event.stopImmediatePropagation();
      die();
    });
  }
  return made;
};
const openThere = Reflect.get(IDBFactory.prototype, 'open');
IDBFactory.prototype.open = function (this: IDBFactory, ...given): IDBOpenDBRequest {
  const request = openThere.apply(this, given);
  if (given[0] !== 'leyden') return request;
  // Heard before the engine's own listeners.
  request.addEventListener('success', () => {
    closed = false;
    request.result.addEventListener('close', () => {
      closed = true;
      channel.postMessage({ tag: 'closed' } satisfies SwitchMessage);
    });
  });
  return request;
};
/**
 * Bytes, encrypted, of the least that names a channel: a type and 32 bytes, with what BOLT 8 adds to its length and to
 * itself. What is shorter answers a ping, whenever the peer asks.
 */
const SHORTEST = 18 + 2 + 32 + 16;
const send = Reflect.get(WebSocket.prototype, 'send');
WebSocket.prototype.send = function (this: WebSocket, data): void {
  if (dead) return;
  send.call(this, data);
  if (!(data instanceof Uint8Array) || data.byteLength >= SHORTEST)
    channel.postMessage({ tag: 'sent', closed } satisfies SwitchMessage);
};
const fetchThere = self.fetch;
self.fetch = (...given) => (dead ? new Promise<Response>(() => undefined) : fetchThere(...given));
