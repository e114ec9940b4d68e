import type { Scene } from './scene.ts';
import { asShown } from './scenes/as-shown.ts';
import { backups } from './scenes/backup.ts';
import { clipboard } from './scenes/clipboard.ts';
import { firstRun } from './scenes/first-run.ts';
import { lightning } from './scenes/lightning.ts';
import { locking } from './scenes/locking.ts';
import { lspScenes } from './scenes/lsps.ts';
import { home, receive } from './scenes/money.ts';
import { network } from './scenes/network.ts';
import { psbts } from './scenes/psbts.ts';
import { rest } from './scenes/rest.ts';
import { sending } from './scenes/sending.ts';

/** By what they are about. */
export const sceneGroups: Readonly<Record<string, readonly Scene[]>> = {
  'the first run': firstRun,
  'the lock': locking,
  home,
  receiving: receive,
  LSPs: lspScenes,
  sending,
  PSBTs: psbts,
  'the clipboard': clipboard,
  'activity and settings': rest,
  'the network': network,
  channels: lightning,
  backups,
  'what is pressed': asShown,
};

export const scenes: readonly Scene[] = Object.values(sceneGroups).flat();
