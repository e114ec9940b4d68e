import type { Answer } from './api.ts';
import type { Refusal } from './refusal.ts';

/** Where a browser takes pushes, as `PushSubscription.toJSON()` gives it. */
export type BrowserPush = {
  readonly endpoint: string;
  /** base64url. */
  readonly p256dh: string;
  /** base64url. */
  readonly auth: string;
};

/** How it went with one LSP; `refusal` null: it calls, or calls no more, as was asked. */
export type WakeOutcome = {
  readonly lsp: { readonly nodeId: string; readonly alias: string };
  readonly refusal: Refusal | null;
};

/**
 * Being told while the page is closed: LSPs call the push relay of the settings (bLIP 55), and it wakes the browser. The
 * relay learns the node ids of the LSPs and where this browser takes pushes.
 */
export type WakeApi = {
  /** The relay's key, which the browser subscribes with (`applicationServerKey`), base64url. */
  key(): Answer<string>;
  /** Makes or renews it, with every LSP of the settings: to be called at each start while it is wanted. */
  enable(push: BrowserPush): Answer<readonly WakeOutcome[]>;
  disable(): Answer<readonly WakeOutcome[]>;
  /** Ends it with those of the settings that are named, which are to leave them. Who is not connected now is not waited for. */
  leave(lsps: readonly string[]): Answer<readonly WakeOutcome[]>;
  /** Asks each LSP whether it would call; `lsp-failed` with `not-registered` when it says no. */
  check(): Answer<readonly WakeOutcome[]>;
};
