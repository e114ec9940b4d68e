import { mount } from 'svelte';
import type { WalletService } from '../engine/node/service-api.ts';
import { buildOnTrial, keepForOffline } from '../workers/client.ts';
import App from './app.svelte';
import { BackupFolder } from './state/backup-folder.svelte.ts';
import { Badge } from './state/badge.ts';
import { HandedOver } from './state/handed-over.svelte.ts';
import type { InstallOffers } from './state/install-offer.ts';
import { Install } from './state/install.svelte.ts';
import { askBeforeLeaving, isUnderWay } from './state/leaving.ts';
import { NewVersion } from './state/new-version.svelte.ts';
import { Notices } from './state/notices.svelte.ts';
import { Preferences } from './state/preferences.svelte.ts';
import { Push } from './state/push.svelte.ts';
import { Router } from './state/router.svelte.ts';
import { Wallet } from './state/wallet.svelte.ts';
import './styles/tokens.css';
import './styles/base.css';

/** What the first script began before the page arrived. */
export type Begun = {
  readonly service: WalletService;
  /** The engine will not come. */
  readonly missing: Promise<void>;
  readonly installOffers: InstallOffers;
};

/** Draws the page over the engine that was started for it. */
export function showPage({ service, missing, installOffers }: Begun): void {
  const target = document.getElementById('app');
  if (target === null) throw new Error('index.html lacks #app');
  const wallet = new Wallet(service, buildOnTrial());
  void missing.then(() => {
    wallet.broken = { code: 'part-missing', detail: 'engine' };
  });
  const router = new Router();
  const version = new NewVersion(() => isUnderWay(wallet));
  mount(App, {
    target,
    props: {
      parts: {
        wallet,
        router,
        handedOver: new HandedOver(router),
        preferences: new Preferences(),
        notices: new Notices(wallet, new Badge(navigator, document)),
        install: new Install(installOffers),
        push: new Push(wallet),
        folder: new BackupFolder(wallet),
        version,
      },
    },
  });
  // All of it arrived.
  document.getElementById('missing')?.remove();
  askBeforeLeaving(wallet);
  if (import.meta.env.PROD) keepForOffline((begin) => version.offer(begin));
}
