import { expect } from 'vitest';
import type { OpenWish } from '../../real/scenarios/stage.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** Beside the usual one. */
const OTHER_PUSH = 100_000_000n;

type Form = {
  readonly by: 'us' | 'them';
  readonly announce?: boolean;
  readonly pushMsat?: bigint;
};

/** Opened so, it pays both ways and closes by whoever did not open it. */
const opened =
  ({ by, announce = false, pushMsat = PUSH }: Form) =>
  async (play: Play): Promise<void> => {
    const wish: OpenWish = { by, announce, pushMsat, capacitySat: CAPACITY };
    const channel = await play.open(wish);
    expect(channel).toMatchObject({
      channelType: 'anchors',
      isOpener: by === 'us',
      isAnnounced: announce,
      capacitySat: CAPACITY,
    });
    expect(by === 'us' ? channel.remoteMsat : channel.localMsat).toBe(pushMsat);
    const theirs = (await play.peer.channels()).find(({ channelId }) => channelId === channel.channelId);
    expect(theirs).toMatchObject({
      isOutbound: by === 'them',
      isAnnounced: announce,
      capacitySat: CAPACITY,
      fundingTxId: channel.fundingTxId,
      fundingIndex: channel.fundingIndex,
    });
    expect(theirs?.channelType).toEqual(expect.arrayContaining([12, 22]));
    await play.payBothWays(channel);
    await play.closeTogether(channel, by === 'us' ? 'them' : 'us');
  };

export const OPENING = {
  'open-by-us': opened({ by: 'us' }),
  'open-by-them': opened({ by: 'them' }),
  'open-announced-by-us': opened({ by: 'us', announce: true, pushMsat: OTHER_PUSH }),
  'open-announced-by-them': opened({ by: 'them', announce: true, pushMsat: OTHER_PUSH }),
} satisfies Scenarios;
