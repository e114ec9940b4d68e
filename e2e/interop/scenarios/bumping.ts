import { expect } from 'vitest';
import { spenderOf } from '../../real/scenarios/chain-money.ts';
import { until } from '../../world/until.ts';
import { EXCHANGES } from '../exchanges.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { cutEach, Line } from './cut-line.ts';

/** sat/vB: at first, and once that is not enough. */
const CHEAP = 2;
const DEAR = 40;

/**
 * One closing transaction waits in the mempool; the line is cut before and after `closing_complete` and `closing_sig` of
 * the one that is to take its place. BOLT 2 §closing_complete: "can RBF its previous closing
 * transactions by sending `closing_complete` again".
 */
const bumped =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    const { us, peer, stage } = play;
    await stage.connect(us, peer);
    await cutEach(EXCHANGES[`cuts-bump-by-${by}`], async (cut) => {
      const channel = await play.open({ by: 'us' });
      const { channelId } = channel;
      const close = async (satPerVb: number): Promise<boolean> =>
        by === 'us'
          ? (await us.api.closeChannel(channelId, { satPerVb })).ok
          : peer.close(channelId, satPerVb).then(
              () => true,
              () => false,
            );
      // Null also where one takes the place of another between the two questions that this is.
      const spender = () =>
        spenderOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0).catch(() => null);
      return Line.through(play, async (line) => {
        await stage.usable(us, peer, channelId);
        const wallets = await play.wallets();
        expect(await close(CHEAP)).toBe(true);
        const first = await until(spender, { what: 'a closing transaction' });
        const walked = await line.cut([cut], () =>
          until(
            async () => {
              if (((await spender())?.fee ?? 0) > first.fee) return true;
              await close(DEAR);
              return false;
            },
            {
              what: 'a closing transaction that pays more',
              everyMs: 300,
              describe: async () => [cut, first, await spender(), us.log.slice(-8)],
            },
          ),
        );
        await play.closedTogether(channel, wallets);
        return walked;
      });
    });
  };

export const BUMPING = {
  'cuts-bump-by-us': bumped('us'),
  'cuts-bump-by-them': bumped('them'),
} satisfies Scenarios;
