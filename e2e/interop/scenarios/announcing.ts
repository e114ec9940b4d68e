import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { does } from '../cannot.ts';
import { EXCHANGES } from '../exchanges.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { cutEach, Line, STANDING_MS } from './cut-line.ts';
import { knows, nowAndThen, onOurMap, termsAgain } from './gossip.ts';

/** A block less than a channel is announced with, in two steps: see `readyAfter`. */
const BEFORE = [3, 2] as const;

/** Who was started anew says all of it by then, on a busy machine too. */
const ANEW_MS = 30_000;

/**
 * Who says announcement_signatures once for as long as it runs is started anew where that was lost; and again where the line
 * broke only after that.
 */
async function announcedToUs(play: Play, name: string): Promise<void> {
  const { kind, peer } = play;
  if (!does(kind.name, 'goes-on'))
    for (const patience of [STANDING_MS, ANEW_MS, ANEW_MS]) {
      const isThere = onOurMap(play, name, 'ours', patience).then(() => true);
      if (await isThere.catch(() => false)) break;
      await peer.restart();
    }
  await onOurMap(play, name);
}

/**
 * BOLT 7 §announcement_signatures, on each connection: "If it receives `announcement_signatures` for the funding
 * transaction: MUST respond with its own `announcement_signatures` message." Each side has the channel on its map.
 */
async function announcements(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  await play.closeTogether(await play.channel(), 'us');
  await cutEach(EXCHANGES['cuts-announcing'], async (cut) => {
    await stage.sync();
    await stage.connect(us, peer);
    const wish = { amountSat: CAPACITY, pushMsat: PUSH, announce: true };
    const { channelId, fundingTxId } = valueOf(
      await us.api.openChannel({ nodeId: peer.id, ...peer.address, ...wish }),
    );
    await stage.inMempool(fundingTxId);
    const [first, then] = BEFORE;
    await stage.mine(first);
    if (play.kind.readyAfter !== undefined) {
      await stage.usable(us, peer, channelId);
      await peer.hearsTerms?.(channelId);
    }
    await stage.mine(then);
    const walked = await Line.through(play, (line) =>
      line.cut([cut], async () => {
        await stage.mine(1);
        await stage.usable(us, peer, channelId);
        const { shortChannelId } = await waitForChannel(
          us,
          (one) => one.channelId === channelId && one.shortChannelId !== null,
        );
        const name = shortChannelId ?? '';
        await announcedToUs(play, name);
        if (does(play.kind.name, 'lists-its-map'))
          await knows(
            peer,
            name,
            nowAndThen(() => termsAgain(peer, us)),
          );
      }),
    );
    await play.together(channelId);
    await play.payBothWays(await play.settled(channelId));
    await play.closeTogether(await play.settled(channelId), 'us');
    return walked;
  });
}

export const ANNOUNCING = { 'cuts-announcing': announcements } satisfies Scenarios;
