import type { ChannelRefusal } from '../../refusal.ts';
import type { Work } from '../../work.ts';
import { channelNameOf } from '../channel-id.ts';

/** Opening came to nothing: whoever asked is told, and the machine has nothing more to do. */
export function abandonOpening(work: Work, refusal: ChannelRefusal): void {
  if (work.session.link !== 'opening') return;
  const { open } = work.session;
  if ('command' in open) work.refuse(open.command, refusal);
  if (open.stage !== 'idle')
    work.notify({
      tag: 'open-failed',
      channelId: channelNameOf(work),
      refused: refusal.code === 'peer-incompatible',
      detail: 'detail' in refusal ? refusal.detail : refusal.code,
    });
  work.session = { link: 'over' };
}
