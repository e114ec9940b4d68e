import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeWallet, no } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { openState } from '../testkit/open-state.ts';
import { NOW, snapshots, status } from '../testkit/snapshots.ts';
import { Push } from './push.svelte.ts';
import { Wallet } from './wallet.svelte.ts';

describe('notifications that are on', () => {
  beforeEach(() => {
    const storage = new MemoryStorage();
    storage.setItem('leyden/push', '{"wanted":true}');
    vi.stubGlobal('localStorage', storage);
    vi.stubGlobal('sessionStorage', storage);
    vi.stubGlobal('Notification', { permission: 'granted' });
    vi.stubGlobal('PushManager', () => undefined);
    vi.stubGlobal('navigator', { serviceWorker: {} });
  });
  afterEach(() => vi.unstubAllGlobals());

  /** How often the relay was asked, after each of these came. */
  async function asked(...chains: readonly Parameters<typeof status>[0][]): Promise<readonly number[]> {
    let count = 0;
    const key = () => {
      count++;
      return no({ code: 'push-relay-failed', detail: '' });
    };
    const wake = { key, enable: key, disable: key, leave: key, check: key };
    const before = status({ lastSyncAt: null }, { running: false });
    const service = fakeWallet({
      state: openState(),
      snapshots: { ...snapshots(), status: before },
      node: { wake },
    });
    const wallet = new Wallet(service);
    expect(new Push(wallet).state).toBe('on');
    await wallet.open();
    const counts: number[] = [];
    for (const chain of chains) {
      service.publish('status', status(chain));
      await new Promise((resolve) => setTimeout(resolve, 0));
      counts.push(count);
    }
    return counts;
  }

  it('are renewed once, when the chain was looked at', async () => {
    const looking = { lastSyncAt: null, syncing: true };
    expect(await asked(looking, looking, { lastSyncAt: NOW }, { lastSyncAt: NOW + 1 })).toEqual([0, 0, 1, 1]);
  });

  // Settings may have named other LSPs, and another relay: the node starts anew with them.
  it('are renewed with the LSPs of a node that starts anew', async () => {
    expect(
      await asked({ lastSyncAt: NOW }, { lastSyncAt: null, syncing: true }, { lastSyncAt: NOW + 1 }),
    ).toEqual([1, 1, 2]);
  });

  it('are renewed also where the chain cannot be seen', async () => {
    expect(await asked({ lastSyncAt: null }, { lastSyncAt: null, reachable: false })).toEqual([0, 1]);
  });
});
