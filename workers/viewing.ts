import type { Snapshots, Topic } from '../engine/node/api.ts';
import type { WalletState } from '../engine/node/service-api.ts';
import type { OtherTabs, Shown, View } from './other-tabs.ts';
import type { SnapshotFeed } from './snapshot-feed.ts';

const TOPICS: readonly Topic[] = ['status', 'balances', 'channels', 'peers', 'payments', 'backup'];

/** A worker without the wallet shows its page what the one with it shows; the one with it lets them. */
export function viewing(
  { tabs }: { readonly tabs: OtherTabs },
  feed: SnapshotFeed,
  onSeen: (state: WalletState) => void,
): {
  /** To be called with each state of this worker's own. */
  readonly share: (state: WalletState) => void;
  /** The state as the page is to have it. */
  readonly seen: (state: WalletState) => WalletState;
} {
  let own: WalletState['tag'] | null = null;
  let view: View = { holder: null, snapshots: new Map() };
  const seen = (state: WalletState): WalletState =>
    state.tag === 'elsewhere' ? { tag: 'elsewhere', holder: view.holder } : state;
  const watch = (show: (shown: Shown) => void): (() => void) => {
    const stops = TOPICS.map((topic) =>
      feed.watch(topic, (snapshot) => show({ tag: 'snapshot', topic, snapshot })),
    );
    return () => {
      for (const stop of stops) stop();
    };
  };
  const read = <T extends Topic>(topic: T): Promise<Snapshots[T]> => {
    const snapshot = view.snapshots.get(topic);
    // The feed says nothing of a topic that cannot be read.
    return snapshot === undefined
      ? Promise.reject(new Error('not seen yet'))
      : Promise.resolve(snapshot as Snapshots[T]);
  };
  const onView = (next: View): void => {
    const told = next.holder !== view.holder;
    view = next;
    if (told) onSeen({ tag: 'elsewhere', holder: next.holder });
    feed.changed();
  };
  return {
    share: ({ tag }) => {
      const before = own;
      own = tag;
      if (tag === 'elsewhere') {
        if (before === 'elsewhere') return;
        view = { holder: null, snapshots: new Map() };
        feed.attach(read);
        tabs.look(onView);
        return;
      }
      view = { holder: null, snapshots: new Map() };
      if (tag === 'unreadable') tabs.rest();
      else if (before === null || before === 'elsewhere' || before === 'unreadable')
        tabs.hold({ state: () => own ?? 'unreadable', watch });
      else tabs.told();
    },
    seen,
  };
}
