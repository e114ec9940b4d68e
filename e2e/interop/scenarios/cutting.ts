import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { spenderOf } from '../../real/scenarios/chain-money.ts';
import { newTally, payIn, payOut } from '../../real/scenarios/persistence.ts';
import type { OpenedChannel } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { EXCHANGES, type Exchange } from '../exchanges.ts';
import { USUAL_FEES, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { cutEach, Line, piecesUpTo, STANDING_MS, type MessageCut, type Walked } from './cut-line.ts';
import { feerateToldTo, hasFeerate } from './turmoil.ts';

/** Where the first cut has made both reestablish. */
const BEFORE_REESTABLISH: readonly MessageCut[] = [
  { by: 'us', name: 'commitment_signed', nth: 1, arrives: false },
  { by: 'them', name: 'commitment_signed', nth: 1, arrives: false },
];
/** What goes each way takes at most as many pieces of bytes in each direction. */
const LAST_PIECE = 8;
const ENDING: readonly ChannelDetails['state'][] = ['force-closing', 'closed'];
const AMOUNT = 2_000_000n;
/** The least that everybody takes, with room for both sides' reserves. */
const SMALL = { amountSat: 200_000n, pushMsat: 80_000_000n } as const;

/** Payments out and in, cut at each message, and before that in the middle of another, where `first` says so. */
const paying =
  (exchange: Exchange, firsts: readonly (MessageCut | null)[]) =>
  (play: Play): Promise<void> =>
    payingThrough(play, async (line, bothWays) => {
      const walk = (first: MessageCut | null) => (cut: MessageCut | null) => line.cut([first, cut], bothWays);
      await cutEach(exchange, ...firsts.map(walk));
    });

/** A page is in no process of ours: the line is cut between the proxy and the peer. */
const payingFromPage = (play: Play): Promise<void> =>
  payingThrough(play, async (line, bothWays) => {
    let done = 0;
    const cuts = piecesUpTo(LAST_PIECE);
    for (const cut of cuts) if (await line.cutPiece(cut, bothWays)) done++;
    expect(done).toBeGreaterThan(cuts.length / 2);
  });

async function payingThrough(
  play: Play,
  work: (line: Line, bothWays: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { us, peer } = play;
  const channel = await play.channel();
  const tally = newTally();
  await Line.through(play, async (line) => {
    await play.stage.usable(us, peer, channel.channelId);
    await work(line, async () => {
      await payOut(us, peer, AMOUNT, tally);
      await payIn(us, peer, AMOUNT, tally);
      // The last of it is said after both know that it is paid.
      await play.settled(channel.channelId);
    });
    await line.connected();
    const after = await play.settled(channel.channelId);
    expect(after.localMsat).toBe(channel.localMsat - tally.sent + tally.received);
    expect(tally.sent).toBe(tally.received);
    await play.quiet();
  });
  await play.together(channel.channelId);
}

/** BOLT 2: "update_fee", and the two commitments after it, each cut once; a fee rate is what both have in the end. */
async function fees(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  const channel = await play.channel();
  const tally = newTally();
  let satPerVb = 3;
  try {
    await Line.through(play, async (line) => {
      await cutEach(EXCHANGES['cuts-fees'], async (cut) => {
        satPerVb = satPerVb === 3 ? 9 : 3;
        stage.esplora.setFeeEstimates({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
        // Estimates are asked for once in a while, and at each start.
        await us.restart();
        await stage.sync();
        await line.connected();
        await stage.usable(us, peer, channel.channelId);
        const walked = await line.cut([cut], async () => {
          // Looked at with each block. BOLT 2 §Message Retransmission: "MUST reverse any uncommitted updates sent by the
          // other side": what was cut off is said again with the next.
          await until(
            async () => {
              await stage.mine(1);
              return (await us.api.listChannels()).some(
                (one) => one.channelId === channel.channelId && one.feeratePerKw === satPerVb * 250,
              );
            },
            { what: `a fee rate of ${satPerVb} sat/vB`, everyMs: 200 },
          );
          await payOut(us, peer, AMOUNT, tally);
          await payIn(us, peer, AMOUNT, tally);
        });
        await line.connected();
        const theirs = await peer.waitForChannel(
          (one) => one.channelId === channel.channelId && one.isUsable,
          'a usable channel',
        );
        if (theirs.feeratePerKw != null) expect(theirs.feeratePerKw).toBe(satPerVb * 250);
        return walked;
      });
      const after = await play.settled(channel.channelId);
      expect(after.localMsat).toBe(channel.localMsat - tally.sent + tally.received);
      await play.quiet();
    });
  } finally {
    stage.esplora.setFeeEstimates(USUAL_FEES);
  }
  await play.together(channel.channelId);
}

/** The same of a fee rate of theirs, as openers. */
async function feesOfTheirs(play: Play): Promise<void> {
  const { us, peer, stage, kind } = play;
  const { channelId, feeratePerKw, localMsat } = await play.open({ by: 'them' });
  const tally = newTally();
  let perKw = feeratePerKw;
  await Line.through(play, async (line) => {
    await cutEach(EXCHANGES['cuts-fees-by-them'], async (cut) => {
      perKw = perKw === feeratePerKw ? feeratePerKw * 4 : feeratePerKw;
      await stage.usable(us, peer, channelId);
      const walked = await line.cut([cut], async () => {
        if (kind.restartsForFees === true) {
          await feerateToldTo(play, perKw);
          await line.connected();
        }
        await until(
          async () => {
            // What was cut off before it was signed is said again with the next.
            await (kind.restartsForFees === true ? stage.mine(1) : feerateToldTo(play, perKw));
            return (await us.api.listChannels()).some(
              (one) => one.channelId === channelId && one.feeratePerKw === perKw,
            );
          },
          // Some look at their fee rates once in a minute.
          { what: `a fee rate of ${perKw}`, everyMs: 500, timeoutMs: 150_000 },
        );
        await payOut(us, peer, AMOUNT, tally);
        await payIn(us, peer, AMOUNT, tally);
      });
      await line.connected();
      return walked;
    });
    const after = await play.settled(channelId);
    expect(after.localMsat).toBe(localMsat - tally.sent + tally.received);
    await play.quiet();
  });
  await play.together(channelId);
  // Those after this one find it as it was.
  await feerateToldTo(play, feeratePerKw);
  await play.together(channelId);
  await stage.mine(1);
  await hasFeerate(play, channelId, (now) => now === feeratePerKw);
  await play.closeTogether(await play.settled(channelId), 'us');
}

/**
 * Opens once for each cut: what failed cost us nothing, what did not is a channel; and it closes in peace.
 * @param first is cut before that
 * @param open gives the channel's id once the chain has its opening transaction, or null when it came to nothing
 */
async function openings(
  play: Play,
  exchange: Exchange,
  open: (line: Line) => Promise<string | null>,
  first: MessageCut | null = null,
): Promise<void> {
  const { us, peer, stage } = play;
  await stage.connect(us, peer);
  let opened = 0;
  await Line.through(play, async (line) => {
    await cutEach(exchange, async (cut) => {
      await stage.sync();
      await line.connected();
      const before = await play.onchainSat();
      const walked = await line.cut([first, cut], async () => {
        const made = await open(line);
        if (made === null) return null;
        await stage.mine(3);
        await stage.mine(3);
        await becomesUsable(play, made);
        return made;
      });
      const channelId = walked.made;
      await line.connected();
      if (channelId === null) {
        await stage.mine(1);
        await play.quiet();
        expect(await play.onchainSat()).toBe(before);
        return walked;
      }
      opened++;
      await stage.usable(us, peer, channelId);
      await play.closeTogether(await play.settled(channelId), 'us');
      return walked;
    });
    expect(opened).toBeGreaterThan(0);
  });
}

/** Who says `channel_ready` once for as long as it runs is started anew where that was lost. */
async function becomesUsable({ kind, stage, us, peer }: Play, channelId: string): Promise<void> {
  const isOurs = async (): Promise<boolean> =>
    (await us.api.listChannels()).some((one) => one.channelId === channelId && one.isUsable);
  if (!does(kind.name, 'goes-on'))
    await until(isOurs, { what: 'channel_ready', timeoutMs: STANDING_MS }).catch(() => peer.restart());
  await stage.usable(us, peer, channelId);
}

const opensOurs =
  ({ us, peer, stage }: Play) =>
  async ({ address: { host, port } }: Line): Promise<string | null> => {
    const made = await us.api.openChannel({ nodeId: peer.id, host, port, ...SMALL });
    if (!made.ok) return null;
    await stage.inMempool(made.value.fundingTxId);
    return made.value.channelId;
  };

const openingsOfOurs = (play: Play): Promise<void> =>
  openings(play, EXCHANGES['cuts-opening'], opensOurs(play));

/** Said once both know that the chain has it, and lost. */
const READY: MessageCut = { by: 'us', name: 'channel_ready', nth: 1, arrives: false };

const reestablishedOpenings = (play: Play): Promise<void> =>
  openings(play, EXCHANGES['cuts-reestablish-opening'], opensOurs(play), READY);

/** What did not become a channel is nothing to us, and the next one goes well. */
async function openingsOfTheirs(play: Play): Promise<void> {
  const request = { nodeId: play.us.id, capacitySat: SMALL.amountSat, pushMsat: SMALL.pushMsat };
  await openings(play, EXCHANGES['cuts-opening-by-them'], async () => {
    const made = await play.peer.openChannel(request).catch(() => null);
    return made !== null && (await isPublished(play, made)) ? made.channelId : null;
  });
  await play.payBothWays(await play.open({ by: 'them' }));
}

/** Some tell of a funding transaction before they have our signature, before we heard of it too, and never publish it without. */
async function isPublished(
  { us, peer, stage }: Play,
  { channelId, fundingTxId }: OpenedChannel,
): Promise<boolean> {
  const isGone = async (): Promise<boolean> =>
    (await peer.channels()).every((one) => one.channelId !== channelId) &&
    (await us.api.listChannels()).every((one) => one.channelId !== channelId || ENDING.includes(one.state));
  const isOut = () =>
    stage.chain.rpc.call('getrawtransaction', fundingTxId).then(
      () => true,
      () => false,
    );
  await until(async () => (await isOut()) || (await isGone()), {
    what: 'a funding transaction, or the end of it',
  });
  return isOut();
}

/** `shutdown` and what it takes to agree on a transaction, on a channel of its own. */
const closing =
  (play: Play, by: 'us' | 'them', first: MessageCut | null = null) =>
  async (cut: MessageCut | null): Promise<Walked> => {
    const { us, peer, stage } = play;
    const channel = await play.open({ by: 'us' });
    return Line.through(play, async (line) => {
      await stage.usable(us, peer, channel.channelId);
      const ours = await play.settled(channel.channelId);
      const wallets = await play.wallets();
      return line.cut([first, cut], async () => {
        await askedToClose(play, channel, by);
        await play.closedTogether(ours, wallets);
      });
    });
  };

const closings =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    await play.stage.connect(play.us, play.peer);
    await cutEach(EXCHANGES[`cuts-close-by-${by}`], closing(play, by));
  };

async function reestablishedClosings(play: Play): Promise<void> {
  await play.stage.connect(play.us, play.peer);
  const lost = (by: 'us' | 'them') => closing(play, by, { by, name: 'shutdown', nth: 1, arrives: false });
  await cutEach(EXCHANGES['cuts-reestablish-closing'], lost('us'), lost('them'));
}

/** Whoever lost the line before the word was out is asked again. */
async function askedToClose(
  { us, peer, stage }: Play,
  { channelId, fundingTxId, fundingIndex }: ChannelDetails,
  by: 'us' | 'them',
): Promise<void> {
  const spender = () => spenderOf(stage, fundingTxId ?? '', fundingIndex ?? 0).catch(() => null);
  await until(
    async () => {
      const now = (await us.api.listChannels()).find((one) => one.channelId === channelId);
      if (now?.state === 'ready')
        await (by === 'us'
          ? us.api.closeChannel(channelId)
          : peer.close(channelId).catch(() => {
              // Cut off: seen above.
            }));
      return spender();
    },
    { what: 'a closing transaction', everyMs: 100, describe: () => us.log.slice(-8) },
  );
}

export const CUTTING = {
  cuts: (play) => (play.place === 'chromium' ? payingFromPage(play) : paying(EXCHANGES.cuts, [null])(play)),
  'cuts-reestablish': paying(EXCHANGES['cuts-reestablish'], BEFORE_REESTABLISH),
  'cuts-reestablish-opening': reestablishedOpenings,
  'cuts-reestablish-closing': reestablishedClosings,
  'cuts-fees': fees,
  'cuts-fees-by-them': feesOfTheirs,
  'cuts-opening': openingsOfOurs,
  'cuts-opening-by-them': openingsOfTheirs,
  'cuts-close-by-us': closings('us'),
  'cuts-close-by-them': closings('them'),
} satisfies Scenarios;
