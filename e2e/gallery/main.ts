import { mount } from 'svelte';
import type { Snapshots, Topic } from '../../engine/node/api.ts';
import App from '../../web/app.svelte';
import { BackupFolder } from '../../web/state/backup-folder.svelte.ts';
import { Badge } from '../../web/state/badge.ts';
import { HandedOver } from '../../web/state/handed-over.svelte.ts';
import { InstallOffers } from '../../web/state/install-offer.ts';
import { Install } from '../../web/state/install.svelte.ts';
import { NewVersion } from '../../web/state/new-version.svelte.ts';
import { Notices } from '../../web/state/notices.svelte.ts';
import { Preferences } from '../../web/state/preferences.svelte.ts';
import { Push } from '../../web/state/push.svelte.ts';
import { Router } from '../../web/state/router.svelte.ts';
import { Wallet } from '../../web/state/wallet.svelte.ts';
import { fakeWallet } from '../../web/testkit/fake-wallet.ts';
import { noting, type Names } from './names.ts';
import { scenes } from './scenes.ts';
import '../../web/styles/tokens.css';
import '../../web/styles/base.css';

declare global {
  interface Window {
    gallery: {
      publish: <T extends Topic>(topic: T, snapshot: Snapshots[T]) => void;
      names: () => readonly (readonly [string, readonly string[]])[];
    };
  }
}

const name = new URLSearchParams(location.search).get('scene');
const scene = scenes.find((one) => one.name === name);
if (scene === undefined) throw new Error(`no scene ${name}`);
// What the scene before left would be this one's past.
sessionStorage.clear();
localStorage.clear();
for (const [key, value] of Object.entries(scene.kept ?? {}))
  sessionStorage.setItem(`leyden/${key}`, JSON.stringify(value));
for (const [key, value] of Object.entries(scene.onDevice ?? {}))
  localStorage.setItem(`leyden/${key}`, JSON.stringify(value));

// No picture shows what is fetched ahead of being wanted, and each would wait for all of it.
window.requestIdleCallback = () => 0;

const service = fakeWallet(scene.scenario());
const names: Names = new Map();
window.gallery = {
  publish: (topic, snapshot) => service.publish(topic, snapshot),
  names: () => Array.from(names, ([id, those]) => [id, [...those]]),
};
const wallet = new Wallet(noting(service, names));
const preferences = new Preferences();
preferences.unit = scene.unit ?? 'sat';
const { camera } = scene;
if (camera !== undefined)
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', camera));
const router = new Router();
const version = new NewVersion(() => false);
if (scene.nextBuild !== undefined) {
  const { nextBuild } = scene;
  version.offer(() => Promise.resolve(nextBuild === 'alone'));
}
document.getElementById('missing')?.remove();
const target = document.getElementById('app');
if (target === null) throw new Error('index.html lacks #app');
mount(App, {
  target,
  props: {
    parts: {
      wallet,
      router,
      handedOver: new HandedOver(router),
      preferences,
      notices: new Notices(wallet, new Badge(navigator, document)),
      install: new Install(new InstallOffers()),
      push: new Push(wallet),
      folder: new BackupFolder(wallet, { showDirectoryPicker: () => Promise.reject(new Error('not here')) }),
      version,
    },
  },
});
