import type { Component } from 'svelte';
import type { Route, RouteName } from '../../state/routes.ts';
import Home from '../home/home.svelte';
import Welcome from '../setup/welcome.svelte';

/** Screens of one payment or channel read its id from the route; the others take nothing. */
export type Screen = Component<{ readonly route: Route }> | Component<Record<string, never>>;
type Entry = { readonly now: Screen } | { readonly load: () => Promise<{ readonly default: Screen }> };

/** What the first paint needs is here at once; every other screen comes when it is asked for, or in a quiet moment. */
export const screens: { readonly [N in RouteName]: Entry } = {
  home: { now: Home },
  setup: { now: Welcome },
  'setup-create': { load: () => import('../setup/create.svelte') },
  'setup-lock': { load: () => import('../setup/lock.svelte') },
  'setup-words': { load: () => import('../setup/words.svelte') },
  'setup-check': { load: () => import('../setup/check.svelte') },
  'setup-restore': { load: () => import('../setup/restore.svelte') },
  'setup-restore-words': { load: () => import('../setup/restore-words.svelte') },
  receive: { load: () => import('../receive/receive.svelte') },
  send: { load: () => import('../send/destination.svelte') },
  'send-review': { load: () => import('../send/review.svelte') },
  'send-payment': { load: () => import('../send/payment.svelte') },
  'send-transaction': { load: () => import('../send/transaction.svelte') },
  activity: { load: () => import('../activity/activity.svelte') },
  channels: { load: () => import('../channels/channels.svelte') },
  'channel-open': { load: () => import('../channels/open.svelte') },
  'channel-close': { load: () => import('../channels/close.svelte') },
  'channel-move': { load: () => import('../channels/move.svelte') },
  room: { load: () => import('../channels/room.svelte') },
  'room-order': { load: () => import('../channels/room-order.svelte') },
  backup: { load: () => import('../backup/backup.svelte') },
  'backup-restore': { load: () => import('../backup/restore.svelte') },
  settings: { load: () => import('../settings/settings.svelte') },
  'settings-words': { load: () => import('../settings/words.svelte') },
  'settings-storage': { load: () => import('../settings/storage.svelte') },
  'settings-lock': { load: () => import('../settings/lock.svelte') },
  'settings-servers': { load: () => import('../settings/servers.svelte') },
  'settings-lsps': { load: () => import('../settings/lsps.svelte') },
  'settings-map': { load: () => import('../settings/map.svelte') },
  'settings-peers': { load: () => import('../settings/peers.svelte') },
  'settings-notifications': { load: () => import('../settings/notifications.svelte') },
  'settings-logs': { load: () => import('../settings/logs.svelte') },
  'settings-about': { load: () => import('../settings/about.svelte') },
  'settings-erase': { load: () => import('../settings/erase.svelte') },
  psbt: { load: () => import('../psbt/psbt.svelte') },
  'psbt-make': { load: () => import('../psbt/make.svelte') },
  'psbt-review': { load: () => import('../psbt/review.svelte') },
  'not-found': { load: () => import('./not-found.svelte') },
};

/** From here on every screen opens without the network. */
export async function fetchAhead(): Promise<void> {
  for (const entry of Object.values(screens)) {
    if ('now' in entry) continue;
    try {
      await entry.load();
    } catch {
      return; // offline: whoever opens a screen is told
    }
  }
}

const wide = typeof matchMedia === 'function' ? matchMedia('(min-width: 60rem)') : null;

/** Whether going from one to the other only changes what stands beside the list. */
export const isBeside = (from: Route, to: Route): boolean =>
  wide?.matches === true && from.name === to.name && (to.name === 'activity' || to.name === 'channels');
