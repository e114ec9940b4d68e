import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { spenderOf, txOf } from '../../real/scenarios/chain-money.ts';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { MOST_FEE, USUAL, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Wiretap, type Said } from '../wiretap.ts';

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
    expect(BigInt(claim.fee)).toBeLessThan(MOST_FEE);
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

/** sat/vB as our server tells them, and as everybody has them: less, but with room up to that, and far more. */
const OTHER_FEES = [
  { soon: 8, usual: 3, by: 'us' },
  { soon: 20, usual: 12, by: 'them' },
  // A quiet day.
  { soon: USUAL, usual: USUAL, by: 'us' },
] as const;

/**
 * BOLT 2 §closing_signed: "SHOULD set the initial `fee_satoshis` according to its estimate of cost of inclusion in a
 * block", and no two have the same.
 */
async function feesDiffer(play: Play): Promise<void> {
  const { us, stage, kind } = play;
  const told = async (soon: number, usual: number): Promise<void> => {
    stage.esplora.setFeeEstimates({ 2: soon, 6: usual, 144: usual, 1008: 1 });
    // Estimates are asked for once in a while, and at each start.
    await us.restart();
    await stage.sync();
  };
  for (const opener of ['us', 'them'] as const)
    for (const { soon, usual, by } of OTHER_FEES) {
      const { channelId } = await play.open({ by: opener });
      try {
        await told(soon, usual);
        await play.together(channelId);
        const offers = new Offers();
        try {
          await play.closeTogether(await play.settled(channelId), by);
        } finally {
          offers.stop();
        }
        if (kind.closesSimply === true) continue;
        const { closing } = await play.ended(channelId);
        offers.expectFee(BigInt((await txOf(stage, closing?.txId ?? '')).fee));
        if (opener === 'us' && usual < USUAL && does(kind.name, 'haggles')) offers.expectSeveral();
      } finally {
        await told(USUAL, USUAL);
      }
    }
}

/** What is said of the fee of a closing transaction. */
class Offers {
  readonly #said: { readonly by: Said['by']; readonly fee: bigint; readonly range: FeeRange }[] = [];
  readonly #tap = new Wiretap(({ by, message }) => {
    if (message.name === 'closing_signed')
      this.#said.push({ by, fee: message.fee, range: message.feeRange ?? null });
    return 'passes';
  });

  stop(): void {
    this.#tap.stop();
  }

  /** What was mined is what both said last, and within what each said that it takes. */
  expectFee(fee: bigint): void {
    for (const who of ['us', 'them'] as const) {
      const last = this.#said.findLast(({ by }) => by === who);
      expect(last?.fee).toBe(fee);
      if (who === 'us') expect(last?.range).not.toBeNull();
      expect(fee).toBeGreaterThanOrEqual(last?.range?.min ?? 0n);
      expect(fee).toBeLessThanOrEqual(last?.range?.max ?? fee);
    }
  }

  expectSeveral(): void {
    expect(new Set(this.#said.map(({ fee }) => fee)).size).toBeGreaterThan(1);
  }
}
type FeeRange = { readonly min: bigint; readonly max: bigint } | null;

/** BIP 125: it may be replaced. */
const REPLACEABLE = 0xffff_fffd;
/** sat/vB: at first, and once that is not enough. */
const CHEAP = 2;
const DEAR = 40;

/** BOLT 2 §closing_complete: whoever asks pays, and "can RBF its previous closing transactions by sending `closing_complete` again". */
async function simpleClose(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  for (const by of ['us', 'them'] as const) {
    const channel = await play.open({ by: 'us' });
    const wallets = await play.wallets();
    const [txId, index] = [channel.fundingTxId ?? '', channel.fundingIndex ?? 0];
    const close = async (satPerVb: number): Promise<void> => {
      if (by === 'us') valueOf(await us.api.closeChannel(channel.channelId, { satPerVb }));
      else await peer.close(channel.channelId, satPerVb);
    };
    // Null also where one takes the place of another between the two questions that this is.
    const spender = () => spenderOf(stage, txId, index).catch(() => null);
    await close(CHEAP);
    const first = await until(spender, { what: 'a closing transaction' });
    expect(first.vin[0]?.sequence).toBe(REPLACEABLE);
    await close(DEAR);
    await until(async () => ((await spender())?.fee ?? 0) > first.fee, {
      what: 'one that pays more',
      describe: async () => [first, await spender(), us.log.slice(-6)],
    });
    // What was mined is of who asked, and pays most.
    expect(await play.closedTogether(channel, wallets)).toBe(by === 'us');
  }
}

export const CLOSING = {
  'close-fees-differ': feesDiffer,
  'simple-close': simpleClose,
  kill: restarts,
  'close-by-us': closedTogether('us'),
  'close-by-them': closedTogether('them'),
  'force-by-us': forceClosed('us'),
  'force-by-them': forceClosed('them'),
} satisfies Scenarios;
