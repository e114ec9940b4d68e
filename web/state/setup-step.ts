import { setup } from '../i18n/en.ts';

/** Which step of making or restoring a wallet this is, of three with the choice of the network. `only`: there was none to choose. */
export const stepText = (now: 1 | 2 | 3, only: boolean): string =>
  only ? setup.step(now - 1, 2) : setup.step(now, 3);
