import { expect } from 'vitest';
import { fromHex, toHex } from '../../../engine/base/bytes.ts';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { txOf } from '../../real/scenarios/chain-money.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { COSTS, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Wiretap, type Fate, type Said } from '../wiretap.ts';

type Side = Said['by'];
type Scripts = Record<Side, string>;

const OTHER: Readonly<Record<Side, Side>> = { us: 'them', them: 'us' };
/** So many at once, and more than a channel that is closed alone takes to be over. */
const BLOCKS = 24;
const MOST_BLOCKS = 480;
/** Of a key that nobody has. */
const ANOTHER = fromHex(`0014${'07'.repeat(20)}`);

/** The scripts that both name while a channel opens and closes, hex; empty: none. One of them may be made to lie. */
class ScriptsSaid {
  readonly committed: Scripts = { us: '', them: '' };
  readonly said: Scripts = { us: '', them: '' };
  /** What the other says to the lie. */
  readonly answers: string[] = [];
  #liar: Side | null = null;
  #isToldBy: Side | null = null;
  readonly #tap = new Wiretap((said) => this.#fateOf(said));

  /** Its next `shutdown` names another script, once. */
  lies(side: Side): void {
    this.#liar = side;
  }

  stop(): void {
    this.#tap.stop();
  }

  #fateOf({ by, message }: Said): Fate {
    if (this.#isToldBy === OTHER[by]) this.answers.push(message.name);
    if (message.name === 'open_channel' || message.name === 'accept_channel')
      this.committed[by] = toHex(message.upfrontShutdownScript ?? new Uint8Array());
    if (message.name !== 'shutdown') return 'passes';
    if (this.#liar === by) {
      this.#liar = null;
      this.#isToldBy = by;
      return { becomes: { ...message, script: ANOTHER } };
    }
    this.said[by] = toHex(message.script);
    return 'passes';
  }
}

/**
 * BOLT 2 §shutdown: where "that `shutdown_scriptpubkey` is not equal to `scriptpubkey`: MAY send a `warning`. MUST fail the
 * connection." Nobody goes on to close with it, and with the next connection the script is the one that was committed to.
 */
async function closedAfterLie(
  play: Play,
  node: RealPeer,
  channel: ChannelDetails,
  scripts: ScriptsSaid,
  by: Side,
): Promise<void> {
  const { us } = play;
  const ours = await play.settled(channel.channelId, node);
  const wallets = await play.wallets(node);
  scripts.lies(by);
  if (by === 'us') valueOf(await us.api.closeChannel(channel.channelId));
  else
    await node.close(channel.channelId).catch(() => {
      // Some wait for its end, and tell that the connection broke.
    });
  // Only a lie of ours goes out to them.
  const isFailed = by === 'us' && !does(play.kind.name, 'outlives-another-script');
  const words = isFailed ? ['error'] : ['warning', 'channel_reestablish'];
  await until(() => scripts.answers.some((name) => words.includes(name)), {
    what: 'a word against another script',
    describe: () => [scripts.answers, us.log.slice(-5)],
  });
  expect(scripts.answers).not.toContain('shutdown');
  if (isFailed) return closedAlone(play, ours, wallets.before);
  valueOf(await us.api.disconnect(node.id));
  const { host, port } = node.address;
  await until(async () => (await us.api.connect(node.id, host, port, true)).ok, {
    what: 'a connection',
    everyMs: 100,
  });
  await play.closedTogether(ours, wallets, node);
}

/** It failed the channel for it: ours is ours, less what a commitment and its claims cost. */
async function closedAlone(
  play: Play,
  { channelId, localMsat }: ChannelDetails,
  before: bigint,
): Promise<void> {
  for (let mined = 0; (await channelNow(play, channelId))?.state !== 'closed'; mined += BLOCKS) {
    expect(mined).toBeLessThan(MOST_BLOCKS);
    await play.stage.mine(BLOCKS);
  }
  expect(await play.onchainSat()).toBeGreaterThan(before + localMsat / 1000n - COSTS);
  await play.quiet();
}

const channelNow = async ({ us }: Play, channelId: string): Promise<ChannelDetails | undefined> =>
  (await us.api.listChannels()).find((one) => one.channelId === channelId);

/**
 * BOLT 2 §open_channel: `upfront_shutdown_script`, "commits to […] a shutdown scriptpubkey": who has one and who has none.
 * The closing transaction pays it, and no other.
 */
async function upfrontShutdown(play: Play): Promise<void> {
  const { stage, kind } = play;
  for (const isCommitted of [true, false]) {
    if (!does(kind.name, isCommitted ? 'committed' : 'not-committed')) continue;
    const node = await play.another({ alias: `committed-${isCommitted}`, upfrontShutdown: isCommitted });
    for (const closer of ['them', 'us'] as const)
      // Ours is committed to always.
      for (const isLie of isCommitted || closer === 'us' ? [false, true] : [false]) {
        const scripts = new ScriptsSaid();
        try {
          const channel = await play.oneMore({ by: OTHER[closer] }, node);
          expect(scripts.committed.them !== '').toBe(isCommitted);
          if (isLie) await closedAfterLie(play, node, channel, scripts, closer);
          else await play.closeTogether(channel, closer, node);
          const closed = await channelNow(play, channel.channelId);
          if (closed?.closing?.kind !== 'cooperative') {
            expect(isLie && !does(kind.name, 'outlives-another-script')).toBe(true);
            continue;
          }
          const { vout } = await txOf(stage, closed.closing.txId ?? '');
          expect(vout.map(({ scriptpubkey }) => scriptpubkey).sort()).toEqual(
            Object.values(scripts.said).sort(),
          );
          expect(scripts.said.us).toBe(scripts.committed.us);
          if (isCommitted) expect(scripts.said.them).toBe(scripts.committed.them);
        } finally {
          scripts.stop();
        }
      }
    await node.stop();
  }
}

export const CLOSING_SCRIPTS = { 'upfront-shutdown': upfrontShutdown } satisfies Scenarios;
