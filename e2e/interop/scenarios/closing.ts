import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** Blocks for which our own part waits when we close alone. */
const MOST_DELAY = 2_016;

/** Either dies in peace, and the channel goes on. */
async function restarts(play: Play): Promise<void> {
  const { us, peer } = play;
  const channel = await play.channel();
  for (const who of [us, peer]) {
    await who.kill();
    await who.restart();
    await play.stage.sync();
    await play.together(channel.channelId);
    await play.payBothWays(await play.channel());
  }
}

/** Nothing in flight: whoever closes alone, ours is ours to the sat. */
const forceClosed =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    const { us, peer, stage } = play;
    const channel = await play.channel();
    const before = await play.onchainSat();
    const atPeer = await peer.onchainSat();
    // Who is told of it publishes as well: here the other learns it from the chain.
    valueOf(await us.api.disconnect(peer.id));
    if (by === 'us') valueOf(await us.api.forceCloseChannel(channel.channelId));
    else await peer.forceClose(channel.channelId);
    const commitment = await play.spendOfFunding(channel);
    await stage.mine(1);
    const { closing } = await waitForChannel(
      us,
      (one) => one.channelId === channel.channelId && (one.closing?.confirmations ?? 0) >= 1,
    );
    expect(closing).toMatchObject({
      kind: by === 'us' ? 'local-force' : 'remote-force',
      txId: commitment.txid,
    });
    if (by === 'us') {
      const wait = (closing?.claimableAtHeight ?? 0) - (await stage.chain.height());
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(MOST_DELAY);
      await stage.mine(wait - 2);
      expect(await play.onchainSat()).toBe(before);
    }
    for (let i = 0; i < 3; i++) await stage.mine(1);
    const own = ownOutput(commitment.vout, channel.localMsat / 1000n);
    const claim = await spendOf(stage, commitment.txid, own.index);
    await stage.mine(6);
    await play.ended(channel.channelId);
    await stage.sync();
    expect(await play.onchainSat()).toBe(before + own.valueSat - BigInt(claim.fee));
    await play.quiet();
    // And theirs is theirs.
    await stage.mine(144);
    await play.peerGets(peer, atPeer + channel.remoteMsat / 1000n);
  };

/** We are the opener: of what is ours the fee of the commitment is gone. */
function ownOutput(
  outputs: readonly { readonly value: number }[],
  localSat: bigint,
): { readonly index: number; readonly valueSat: bigint } {
  const index = outputs.findIndex(
    ({ value }) => BigInt(value) <= localSat && BigInt(value) > localSat - 20_000n,
  );
  expect(index).toBeGreaterThanOrEqual(0);
  return { index, valueSat: BigInt(outputs[index]?.value ?? 0) };
}

const closedTogether =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    const channel: ChannelDetails = await play.channel();
    await play.closeTogether(channel, by);
  };

export const CLOSING = {
  kill: restarts,
  'close-by-us': closedTogether('us'),
  'close-by-them': closedTogether('them'),
  'force-by-us': forceClosed('us'),
  'force-by-them': forceClosed('them'),
} satisfies Scenarios;
