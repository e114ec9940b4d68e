import { createContext } from 'svelte';
import type { BackupFolder } from './backup-folder.svelte.ts';
import type { HandedOver } from './handed-over.svelte.ts';
import type { Install } from './install.svelte.ts';
import type { NewVersion } from './new-version.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';
import type { Push } from './push.svelte.ts';
import type { Router } from './router.svelte.ts';
import type { Wallet } from './wallet.svelte.ts';

export type App = {
  readonly wallet: Wallet;
  readonly router: Router;
  readonly preferences: Preferences;
  readonly notices: Notices;
  readonly folder: BackupFolder;
  readonly handedOver: HandedOver;
  readonly install: Install;
  readonly push: Push;
  readonly version: NewVersion;
};

const [useApp, provideApp] = createContext<App>();
export { provideApp, useApp };
