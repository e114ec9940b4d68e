import type { Snapshots, Topic } from '../engine/node/api.ts';
import type { WalletState } from '../engine/node/service-api.ts';

const CHANNEL = 'leyden-wallet';
/** How often a viewer says that it still looks. */
const LOOK_MS = 3_000;
/** A viewer that was not heard for so long is gone; a holder that was not heard for so long does not answer. */
const GONE_MS = 10_000;

export type Shown<T extends Topic = Topic> = {
  readonly tag: 'snapshot';
  readonly topic: T;
  readonly snapshot: Snapshots[T];
};
/** What every build says and understands: these two stay as they are. */
type Asked =
  /** To the holder: close the wallet and give the lock back. To the others: somebody else is next. */
  { readonly tag: 'let-go' } | { readonly tag: 'look' };
/** For those of the holder's own build: one of before may say none. */
type Told = ({ readonly tag: 'holder'; readonly state: WalletState['tag'] } | Shown) & {
  readonly build?: string;
};

export type Holder = {
  readonly state: () => WalletState['tag'];
  /** Calls back with each snapshot now and at each change. */
  readonly watch: (show: (shown: Shown) => void) => () => void;
};

export type View = {
  readonly holder: Extract<WalletState, { tag: 'elsewhere' }>['holder'];
  readonly snapshots: ReadonlyMap<Topic, unknown>;
};

/**
 * What the workers of one browser's tabs say to each other. The lock decides who has the wallet; this asks its holder to
 * let go, and shows others what the holder's page shows. What is said here is read only and moves nothing.
 */
export class OtherTabs {
  readonly #build: string;
  readonly #channel = new BroadcastChannel(CHANNEL);
  #holder: Holder | null = null;
  #unwatch: (() => void) | null = null;
  #lookedAt = 0;
  #onView: ((view: View) => void) | null = null;
  #view: View = { holder: null, snapshots: new Map() };
  #heardAt = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  /**
   * @param build of this worker: what is shown is read by the same build only
   * @param letGo is called in every worker: the one that has the wallet closes it, the others stand back
   */
  constructor(build: string, letGo: () => void) {
    this.#build = build;
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Asked | Told>) => {
      if (data.tag === 'let-go') letGo();
      else if (data.tag === 'look') this.#onLook();
      else this.#onShown(data);
    });
  }

  askToLetGo(): void {
    this.#say({ tag: 'let-go' });
  }

  /** From now on this one shows what it has, to whoever looks. */
  hold(holder: Holder): void {
    this.#reset();
    this.#holder = holder;
    this.told();
  }

  /** The holder's state changed. */
  told(): void {
    if (this.#holder !== null) this.#tell({ tag: 'holder', state: this.#holder.state() });
  }

  /** From now on this one looks at what another shows. */
  look(onView: (view: View) => void): void {
    this.#reset();
    this.#onView = onView;
    this.#heardAt = Date.now();
    this.#say({ tag: 'look' });
    this.#timer = setInterval(() => {
      this.#say({ tag: 'look' });
      if (Date.now() - this.#heardAt > GONE_MS) this.#see({ holder: null, snapshots: new Map() });
    }, LOOK_MS);
  }

  #onLook(): void {
    if (this.#holder === null) return;
    this.#lookedAt = Date.now();
    this.told();
    if (this.#unwatch !== null) return;
    this.#unwatch = this.#holder.watch((shown) => this.#tell(shown));
    this.#timer = setInterval(() => {
      if (Date.now() - this.#lookedAt > GONE_MS) this.#unlook();
    }, GONE_MS);
  }

  #onShown(data: Told): void {
    if (this.#onView === null) return;
    this.#heardAt = Date.now();
    if (data.build !== this.#build) {
      if (this.#view.holder !== 'other-build') this.#see({ holder: 'other-build', snapshots: new Map() });
    } else if (data.tag === 'snapshot') {
      if (this.#view.holder !== 'open') return;
      this.#see({ ...this.#view, snapshots: new Map(this.#view.snapshots).set(data.topic, data.snapshot) });
    } else if (data.state !== this.#view.holder)
      // Locked, or closed: nothing of it is to be seen any more.
      this.#see({ holder: data.state, snapshots: data.state === 'open' ? this.#view.snapshots : new Map() });
  }

  #see(view: View): void {
    this.#view = view;
    this.#onView?.(view);
  }

  #unlook(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Neither shows nor looks. */
  rest(): void {
    this.#reset();
  }

  #reset(): void {
    this.#unlook();
    this.#holder = null;
    this.#onView = null;
    this.#view = { holder: null, snapshots: new Map() };
  }

  #say(message: Asked): void {
    this.#channel.postMessage(message);
  }

  #tell(told: Told): void {
    this.#channel.postMessage({ ...told, build: this.#build });
  }
}
