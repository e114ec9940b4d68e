import type { Page } from '@playwright/test';
import type { WalletState } from '../../engine/node/service-api.ts';
import type { Scenario } from '../../web/testkit/fake-wallet.ts';
import { openState } from '../../web/testkit/open-state.ts';
import { NOW, snapshots } from '../../web/testkit/snapshots.ts';

/** One screen in one state: what the wallet answers, where the page is, and what a person has done there. */
export type Scene = {
  readonly name: string;
  readonly hash: string;
  readonly scenario: () => Scenario;
  /** Kept by the page from before, as `leyden/…` entries of sessionStorage. */
  readonly kept?: Readonly<Record<string, object>>;
  /** The same of localStorage. */
  readonly onDevice?: Readonly<Record<string, object>>;
  readonly unit?: 'btc';
  /** Why there is no picture, as `getUserMedia` says it. */
  readonly camera?: 'NotAllowedError' | 'NotReadableError';
  /** A newer build waits; with other tabs open it cannot begin. */
  readonly nextBuild?: 'alone' | 'other-tabs';
  readonly steps?: (page: Page) => Promise<unknown>;
};

export const open = (wordsConfirmed = true): Extract<WalletState, { tag: 'open' }> =>
  openState({
    createdAt: NOW - 86_400,
    wordsConfirmed,
    lock: { passphrase: true, passkeys: [] },
    idleMinutes: 5,
  });

export const wallet = (change: Partial<Scenario> = {}): Scenario => ({
  state: open(),
  snapshots: snapshots(),
  ...change,
});
