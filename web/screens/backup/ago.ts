import { lengthText } from '../../format/time.ts';
import { backup } from '../../i18n/en.ts';

/** "3 hours ago". */
export const agoText = (at: number, now: number): string =>
  now - at < 60 ? backup.ago.now : backup.ago.before(lengthText(now - at));
