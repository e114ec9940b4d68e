import type { Result } from '../../engine/base/result.ts';
import type { BrowserPush, LspServer, NodeStatus, WakeOutcome } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { forget, keep, recall } from './kept.ts';
import type { Wallet } from './wallet.svelte.ts';

/** `no`: the person or the browser said so, and only the browser's own settings change it. */
export type PushState = 'unsupported' | 'off' | 'no' | 'on';

/** Why it could not be turned on: the engine's reason, or the browser's own push service that cannot be used. */
export type PushFailure = Refusal | 'browser';

const KEY = 'push';

/** Being told of payments while the page is closed. What the browser knows of it is asked each time; we keep the wish. */
export class Push {
  state: PushState = $state.raw('off');
  outcomes: readonly WakeOutcome[] = $state.raw([]);
  failure: PushFailure | null = $state.raw(null);
  busy = $state.raw(false);
  #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    this.state = isWanted() && permission() === 'granted' ? 'on' : stateWithout();
    // LSPs and relays forget whoever does not come again, and a node that starts anew may have others of them. The chain comes
    // first: an LSP that is reached opens channels and forwards what it holds, and nothing of it is judged before the chain was
    // looked at.
    let renewed = false;
    wallet.onSnapshot(() => {
      const { status } = wallet;
      if (status?.running !== true || !hasLooked(status)) renewed = false;
      else if (!renewed && !this.busy) {
        renewed = true;
        void this.renew();
      }
    });
  }

  /** On a press: browsers ask the person only then. */
  async enable(): Promise<void> {
    await this.#doing(async () => {
      if ((await Notification.requestPermission()) !== 'granted') {
        this.state = stateWithout();
        return null;
      }
      return this.#subscribe();
    });
  }

  async disable(): Promise<void> {
    await this.#doing(async () => {
      const told = await this.#wallet.ask(() => this.#wallet.node.wake.disable());
      const registration = await navigator.serviceWorker.ready;
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      forget('device', KEY);
      this.state = stateWithout();
      return this.#taken(told);
    });
    if (this.state === 'off') this.outcomes = [];
  }

  async check(): Promise<void> {
    if (this.state !== 'on') return;
    await this.#doing(async () => this.#taken(await this.#wallet.ask(() => this.#wallet.node.wake.check())));
  }

  /** Before these LSPs leave the settings: they are to wake nobody any more. What fails is forgotten where nobody renews it. */
  async leave(lsps: readonly LspServer[]): Promise<void> {
    if (this.state !== 'on' || lsps.length === 0) return;
    await this.#wallet.ask(() => this.#wallet.node.wake.leave(lsps.map(({ nodeId }) => nodeId)));
  }

  async renew(): Promise<void> {
    if (this.state === 'on') await this.#doing(() => this.#subscribe());
  }

  async #subscribe(): Promise<PushFailure | null> {
    const key = await this.#wallet.ask(() => this.#wallet.node.wake.key());
    if (!key.ok) return key.error;
    const push = await browserPush(key.value);
    if (push === null) return 'browser';
    const failure = this.#taken(await this.#wallet.ask(() => this.#wallet.node.wake.enable(push)));
    if (failure !== null) return failure;
    keep('device', KEY, { wanted: true });
    this.state = 'on';
    return null;
  }

  #taken(answer: Result<readonly WakeOutcome[], Refusal>): Refusal | null {
    if (!answer.ok) return answer.error;
    this.outcomes = answer.value;
    return null;
  }

  async #doing(act: () => Promise<PushFailure | null>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.failure = await act();
    } catch {
      this.failure = 'browser';
    } finally {
      this.busy = false;
    }
  }
}

/** Also in vain. */
const hasLooked = ({ chain }: NodeStatus): boolean => chain.lastSyncAt !== null || !chain.reachable;

const isWanted = (): boolean => recall('device', KEY, { wanted: false }).wanted;
const permission = (): NotificationPermission | null =>
  'Notification' in globalThis && 'PushManager' in globalThis && 'serviceWorker' in navigator
    ? Notification.permission
    : null;

function stateWithout(): PushState {
  const given = permission();
  return given === null ? 'unsupported' : given === 'denied' ? 'no' : 'off';
}

/** This browser's subscription to `key`; one to another relay's key goes. Null: its push service takes none. */
async function browserPush(key: string): Promise<BrowserPush | null> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return sayable(await pushManager.subscribe(options));
  } catch {
    const other = await pushManager.getSubscription();
    if (other === null) return null;
    await other.unsubscribe();
    return pushManager.subscribe(options).then(sayable, () => null);
  }
}

function sayable(subscription: PushSubscription): BrowserPush | null {
  const { endpoint, keys } = subscription.toJSON();
  const [p256dh, auth] = [keys?.['p256dh'], keys?.['auth']];
  return endpoint === undefined || p256dh === undefined || auth === undefined
    ? null
    : { endpoint, p256dh, auth };
}
