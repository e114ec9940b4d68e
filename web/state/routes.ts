/** Every screen has a URL of its own, after the hash: any static server can host the page. */
export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'receive' }
  | { readonly name: 'send' }
  | { readonly name: 'send-review' }
  | { readonly name: 'send-payment'; readonly id: string }
  | { readonly name: 'send-transaction'; readonly id: string }
  | { readonly name: 'activity'; readonly id: string | null }
  | { readonly name: 'channels'; readonly id: string | null }
  | { readonly name: 'channel-open' }
  | { readonly name: 'channel-close'; readonly id: string }
  | { readonly name: 'channel-move' }
  | { readonly name: 'room' }
  | { readonly name: 'room-order'; readonly id: string }
  | { readonly name: 'backup' }
  | { readonly name: 'backup-restore' }
  | { readonly name: 'settings' }
  | { readonly name: 'settings-words' }
  | { readonly name: 'settings-storage' }
  | { readonly name: 'settings-lock' }
  | { readonly name: 'settings-servers' }
  | { readonly name: 'settings-map' }
  | { readonly name: 'settings-peers' }
  | { readonly name: 'settings-lsps' }
  | { readonly name: 'settings-notifications' }
  | { readonly name: 'settings-logs' }
  | { readonly name: 'settings-about' }
  | { readonly name: 'settings-erase' }
  | { readonly name: 'psbt' }
  | { readonly name: 'psbt-make' }
  | { readonly name: 'psbt-review' }
  | { readonly name: 'setup' }
  | { readonly name: 'setup-create' }
  | { readonly name: 'setup-lock' }
  | { readonly name: 'setup-words' }
  | { readonly name: 'setup-check' }
  | { readonly name: 'setup-restore' }
  | { readonly name: 'setup-restore-words' }
  | { readonly name: 'not-found' };

export type RouteName = Route['name'];

const FIXED: Readonly<Record<string, Route>> = {
  '': { name: 'home' },
  receive: { name: 'receive' },
  send: { name: 'send' },
  'send/review': { name: 'send-review' },
  activity: { name: 'activity', id: null },
  channels: { name: 'channels', id: null },
  'channels/open': { name: 'channel-open' },
  'channels/move': { name: 'channel-move' },
  'channels/room': { name: 'room' },
  backup: { name: 'backup' },
  'backup/restore': { name: 'backup-restore' },
  settings: { name: 'settings' },
  'settings/words': { name: 'settings-words' },
  'settings/storage': { name: 'settings-storage' },
  'settings/lock': { name: 'settings-lock' },
  'settings/servers': { name: 'settings-servers' },
  'settings/map': { name: 'settings-map' },
  'settings/peers': { name: 'settings-peers' },
  'settings/lsps': { name: 'settings-lsps' },
  'settings/notifications': { name: 'settings-notifications' },
  'settings/logs': { name: 'settings-logs' },
  'settings/about': { name: 'settings-about' },
  'settings/erase': { name: 'settings-erase' },
  psbt: { name: 'psbt' },
  'psbt/make': { name: 'psbt-make' },
  'psbt/review': { name: 'psbt-review' },
  setup: { name: 'setup' },
  'setup/create': { name: 'setup-create' },
  'setup/lock': { name: 'setup-lock' },
  'setup/words': { name: 'setup-words' },
  'setup/check': { name: 'setup-check' },
  'setup/restore': { name: 'setup-restore' },
  'setup/restore/words': { name: 'setup-restore-words' },
};

const WITH_ID: readonly (readonly [RegExp, (id: string) => Route])[] = [
  [/^activity\/([^/]+)$/, (id) => ({ name: 'activity', id })],
  [/^channels\/room\/([^/]+)$/, (id) => ({ name: 'room-order', id })],
  [/^channels\/([^/]+)\/close$/, (id) => ({ name: 'channel-close', id })],
  [/^channels\/([^/]+)$/, (id) => ({ name: 'channels', id })],
  [/^send\/payment\/([^/]+)$/, (id) => ({ name: 'send-payment', id })],
  [/^send\/transaction\/([^/]+)$/, (id) => ({ name: 'send-transaction', id })],
];

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A pattern that looks for the end would start anew at each of ever so many slashes. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

export type Place = { readonly route: Route; readonly sheet: string | null };

/** Never fails: what leads nowhere is `not-found`. */
export function readPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const sheet = new URLSearchParams(query).get('sheet');
  const trimmed = withoutSlashes(path);
  const fixed = Object.hasOwn(FIXED, trimmed) ? FIXED[trimmed] : undefined;
  if (fixed !== undefined) return { route: fixed, sheet };
  for (const [pattern, make] of WITH_ID) {
    const id = decoded(pattern.exec(trimmed)?.[1] ?? '');
    if (id !== null && id !== '') return { route: make(id), sheet };
  }
  return { route: { name: 'not-found' }, sheet: null };
}

export const links = {
  home: '#/',
  receive: '#/receive',
  send: '#/send',
  sendReview: '#/send/review',
  sendPayment: (id: string) => `#/send/payment/${encodeURIComponent(id)}`,
  sendTransaction: (txId: string) => `#/send/transaction/${encodeURIComponent(txId)}`,
  activity: '#/activity',
  payment: (id: string) => `#/activity/${encodeURIComponent(id)}`,
  channels: '#/channels',
  channel: (id: string) => `#/channels/${encodeURIComponent(id)}`,
  channelOpen: '#/channels/open',
  channelMove: '#/channels/move',
  room: '#/channels/room',
  roomOrder: (id: string) => `#/channels/room/${encodeURIComponent(id)}`,
  channelClose: (id: string) => `#/channels/${encodeURIComponent(id)}/close`,
  backup: '#/backup',
  backupRestore: '#/backup/restore',
  settings: '#/settings',
  settingsWords: '#/settings/words',
  settingsStorage: '#/settings/storage',
  settingsLock: '#/settings/lock',
  settingsServers: '#/settings/servers',
  settingsMap: '#/settings/map',
  settingsPeers: '#/settings/peers',
  settingsLsps: '#/settings/lsps',
  settingsNotifications: '#/settings/notifications',
  settingsLogs: '#/settings/logs',
  settingsAbout: '#/settings/about',
  settingsErase: '#/settings/erase',
  psbt: '#/psbt',
  psbtMake: '#/psbt/make',
  psbtReview: '#/psbt/review',
  setup: '#/setup',
  setupCreate: '#/setup/create',
  setupLock: '#/setup/lock',
  setupWords: '#/setup/words',
  setupCheck: '#/setup/check',
  setupRestore: '#/setup/restore',
  setupRestoreWords: '#/setup/restore/words',
} as const;

/** A screen is built anew when this changes. */
export const screenKey = (route: Route): string =>
  'id' in route ? `${route.name}/${route.id ?? ''}` : route.name;
