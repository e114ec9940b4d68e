import type { Scene } from './scene.ts';
import { backups } from './scenes/backup.ts';
import { firstRun } from './scenes/first-run.ts';
import { lightning } from './scenes/lightning.ts';
import { home, receive } from './scenes/money.ts';
import { rest } from './scenes/rest.ts';
import { sending } from './scenes/sending.ts';

export const scenes: readonly Scene[] = [
  ...firstRun,
  ...home,
  ...receive,
  ...sending,
  ...rest,
  ...lightning,
  ...backups,
];
