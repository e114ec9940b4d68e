import type { Scene } from './scene.ts';
import { backups } from './scenes/backup.ts';
import { firstRun } from './scenes/first-run.ts';
import { lightning } from './scenes/lightning.ts';
import { locking } from './scenes/locking.ts';
import { lspScenes } from './scenes/lsps.ts';
import { home, receive } from './scenes/money.ts';
import { network } from './scenes/network.ts';
import { psbts } from './scenes/psbts.ts';
import { rest } from './scenes/rest.ts';
import { sending } from './scenes/sending.ts';

export const scenes: readonly Scene[] = [
  ...firstRun,
  ...locking,
  ...home,
  ...receive,
  ...lspScenes,
  ...sending,
  ...psbts,
  ...rest,
  ...network,
  ...lightning,
  ...backups,
];
