import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WalletState } from '../engine/node/service-api.ts';
import { OtherTabs, type Holder, type View } from './other-tabs.ts';
import { ownBuild } from './own-build.ts';
import { newBrowser } from './testkit/one-browser.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

beforeEach(newBrowser);
afterEach(() => void vi.unstubAllGlobals());

const nothing = (): void => undefined;
const opened: OtherTabs[] = [];
afterEach(() => {
  for (const tabs of opened.splice(0)) tabs.rest();
});

function tab(build: string, letGo = nothing): OtherTabs {
  const tabs = new OtherTabs(build, letGo);
  opened.push(tabs);
  return tabs;
}

/** What it shows from the moment it is looked at. */
const holder = (state: WalletState['tag'] = 'open'): Holder => ({
  state: () => state,
  watch: (show) => {
    show({ tag: 'snapshot', topic: 'peers', snapshot: [] });
    return nothing;
  },
});

async function viewOf(viewer: OtherTabs): Promise<readonly View[]> {
  const views: View[] = [];
  viewer.look((view) => views.push(view));
  await vi.waitFor(() => expect(views).not.toEqual([]));
  // What was said together with it.
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return views;
}

test('a viewer of the same build sees what the holder shows', async () => {
  tab('worker-1.js').hold(holder());
  const views = await viewOf(tab('worker-1.js'));
  expect(views.at(-1)).toEqual({ holder: 'open', snapshots: new Map([['peers', []]]) });
});

test('a viewer of another build reads nothing, says so, and may still ask for the wallet', async () => {
  const letGo = vi.fn();
  tab('worker-1.js', letGo).hold(holder());
  const viewer = tab('worker-2.js');
  expect(await viewOf(viewer)).toEqual([{ holder: 'other-build', snapshots: new Map() }]);
  viewer.askToLetGo();
  await vi.waitFor(() => expect(letGo).toHaveBeenCalledOnce());
});

test('a holder of a build that named none is of another', async () => {
  const old = new BroadcastChannel('leyden-wallet');
  old.addEventListener('message', ({ data }: MessageEvent<{ readonly tag: string }>) => {
    if (data.tag === 'look') old.postMessage({ tag: 'holder', state: 'open' });
  });
  expect(await viewOf(tab('worker-2.js'))).toEqual([{ holder: 'other-build', snapshots: new Map() }]);
});

test('a viewer sees again what it can read, once a tab of its own build has the wallet', async () => {
  const first = tab('worker-1.js');
  first.hold(holder());
  const viewer = tab('worker-2.js');
  const views = await viewOf(viewer);
  first.rest();
  tab('worker-2.js').hold(holder('locked'));
  await vi.waitFor(() => expect(views.at(-1)).toEqual({ holder: 'locked', snapshots: new Map() }));
});

test('a build is named by its script, wherever it is hosted', () => {
  const hosted = (at: string): string => ownBuild(`https://${at}/assets/engine-worker-Dq3x.js`);
  expect(hosted('wallet.test')).toBe('engine-worker-Dq3x.js');
  expect(hosted('mirror.test/wallet')).toBe(hosted('wallet.test'));
});
