import { expect } from 'vitest';
import { decodeBolt11 } from '../../../engine/invoice/bolt11-decode.ts';
import { parseChannelType } from '../../../engine/wire/channel-type.ts';
import type { OpenWish } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { scidText } from '../../world/scid-text.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Wiretap, type Said } from '../wiretap.ts';
import { onOurMap } from './gossip.ts';
import { between } from './network.ts';

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
    const hasAlias: boolean[] = [];
    const tap = tapped(play.place, (said) => {
      if (said.by === 'us' && said.message.name === 'open_channel')
        hasAlias.push(parseChannelType(said.message.channelType ?? new Uint8Array())?.scidAlias === true);
    });
    const channel = await play.open(wish).finally(() => tap?.stop());
    // Not every list of theirs says so; what they ask for is `scid-alias`.
    if (tap !== null && by === 'us') expect(hasAlias).toEqual([!announce]);
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
    // Nobody's map has a channel that not both ends have signed for.
    if (announce) await onOurMap(play, channel.shortChannelId ?? '', 'ours');
    await play.payBothWays(channel);
    await play.closeTogether(channel, by === 'us' ? 'them' : 'us');
  };

/** BOLT 3 §Key Derivation of static_remotekey alone: fees are in the HTLC transactions themselves. */
const withoutAnchors =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    const old = await play.another({ alias: `without-anchors-${by}`, anchors: false });
    const channel = await play.oneMore({ by }, old);
    expect(channel).toMatchObject({ channelType: 'static_remotekey', isOpener: by === 'us' });
    await play.payBothWays(channel, old);
    await play.closeTogether(channel, by === 'us' ? 'them' : 'us', old);
    await old.stop();
  };

/** As we say it to who asks. */
const UNCONFIRMED = 'a channel without confirmations';

/**
 * Whoever opens could take it back until the chain has it. We use one at once only where we bought it of somebody that
 * the user trusts (`channel-bought`). BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` includes
 * `option_zeroconf` and it does not trust the sender to open an unconfirmed channel."
 */
async function unconfirmed(play: Play): Promise<void> {
  const { us, place, kind } = play;
  await play.payBothWays(await play.channel());
  const hasty = await play.another({ alias: 'hasty', opensUnconfirmed: true });
  await play.stage.connect(us, hasty);
  const known = (await us.api.listChannels()).length;
  const [asked, said] = [[] as boolean[], [] as string[]];
  const tap = tapped(place, ({ by, message }) => {
    if (by === 'them' && message.name === 'open_channel')
      asked.push(parseChannelType(message.channelType ?? new Uint8Array())?.zeroConf === true);
    if (by === 'us' && message.name === 'error') said.push(new TextDecoder().decode(message.data));
  });
  const request = { nodeId: us.id, capacitySat: CAPACITY, pushMsat: PUSH, zeroConf: true };
  const refused = await hasty
    .openChannel(request)
    .then(
      () => 'opened',
      ({ message }: Error) => message,
    )
    .finally(() => tap?.stop());
  expect(refused).not.toBe('opened');
  if (does(kind.name, 'quotes-us')) expect(refused).toContain(UNCONFIRMED);
  if (tap !== null) expect({ asked, said }).toEqual({ asked: [true], said: [UNCONFIRMED] });
  await until(async () => (await us.api.status(), us.log.some((line) => line.includes(UNCONFIRMED))), {
    what: 'our own word on it',
    everyMs: 500,
    describe: () => us.log.slice(-8),
  });
  expect(await us.api.listChannels()).toHaveLength(known);
  await hasty.stop();
  await play.payBothWays(await play.channel());
}

/** What is said is heard; not in a page, which is in no process of ours. */
const tapped = (place: Play['place'], hear: (said: Said) => void): Wiretap | null =>
  place === 'chromium'
    ? null
    : new Wiretap((said) => {
        hear(said);
        return 'passes';
      });

/**
 * BOLT 2 §accept_channel: "if `channel_type` includes `option_zeroconf`: MUST set `minimum_depth` to zero." The peer trusts
 * us with it: the coins are ours, so nothing of ours is at risk.
 */
async function unconfirmedByUs(play: Play): Promise<void> {
  const { us, stage, kind } = play;
  const peer = await play.another({ alias: 'trusting', takesUnconfirmedFrom: us.id });
  await stage.connect(us, peer);
  const wish = { amountSat: CAPACITY, pushMsat: PUSH, zeroConf: true };
  const opened = valueOf(await us.api.openChannel({ nodeId: peer.id, ...peer.address, ...wish }));
  const channel = await stage.usable(us, peer, opened.channelId);
  expect(channel).toMatchObject({ isOpener: true, confirmations: 0, confirmationsRequired: 0 });
  await stage.inMempool(opened.fundingTxId);
  for (const isKilled of [false, true]) {
    if (isKilled) {
      await us.kill();
      await us.restart();
      await stage.sync();
      await play.together(channel.channelId, peer);
    }
    await play.payOut(11_000_000n, peer);
    if (does(kind.name, 'pays-unconfirmed')) await play.payIn(5_000_000n, peer);
    const paid = await play.settled(channel.channelId, peer);
    expect(paid).toMatchObject({ isUsable: true, confirmations: 0, shortChannelId: null });
  }
  await stage.mine(3);
  await stage.mine(3);
  const confirmed = await stage.usable(us, peer, channel.channelId);
  expect(confirmed.confirmations).toBeGreaterThan(0);
  await play.closeTogether(await play.payBothWays(confirmed, peer), 'us', peer);
  await peer.stop();
}

/**
 * BOLT 2 §The channel_ready message: an alias "can be used instead of the `short_channel_id` […] in invoices". Who pays
 * from behind the peer knows of us by it alone.
 */
async function alias(play: Play): Promise<void> {
  const { us, kind, place } = play;
  const node = await play.another({ alias: 'by-alias', scidAlias: true, forwards: true });
  const told: bigint[] = [];
  const asked: (boolean | undefined)[] = [];
  const tap = tapped(place, ({ by, message }) => {
    if (by === 'them' && message.name === 'channel_ready' && message.alias !== undefined)
      told.push(message.alias);
    if (by === 'them' && message.name === 'open_channel')
      asked.push(parseChannelType(message.channelType ?? new Uint8Array())?.scidAlias);
  });
  const channel = await play.oneMore({ by: 'them' }, node).finally(() => tap?.stop());
  if (tap !== null) expect(asked).toEqual([does(kind.name, 'asks-for-alias')]);
  const hinted = async (): Promise<string> => {
    const request = { amountMsat: 1_000_000n, description: '' };
    const { invoice } = valueOf(await us.api.bolt11.receive(request));
    const hints = valueOf(decodeBolt11(invoice, 'regtest')).routeHints.filter(
      ([hop]) => hop?.nodeId === node.id,
    );
    expect(hints).toHaveLength(1);
    expect(hints[0]).toHaveLength(1);
    const scid = hints[0]?.[0]?.scid ?? 0n;
    expect(scidText(scid)).not.toBe(channel.shortChannelId);
    if (tap !== null) expect(told).toContain(scid);
    return invoice;
  };
  await node.pay(await hinted());
  const first = await play.settled(channel.channelId, node);
  expect(first.localMsat).toBe(channel.localMsat + 1_000_000n);
  if (does(kind.name, 'relays')) {
    const behind = await play.another({ alias: 'behind-alias' });
    await between(play, behind, node);
    await behind.pay(await hinted());
    expect((await play.settled(channel.channelId, node)).localMsat).toBe(first.localMsat + 1_000_000n);
    await behind.stop();
  }
  await play.closeTogether(await play.payBothWays(channel, node), 'us', node);
  await node.stop();
}

export const OPENING = {
  'static-remotekey-by-us': withoutAnchors('us'),
  'static-remotekey-by-them': withoutAnchors('them'),
  'zero-conf': unconfirmed,
  'zero-conf-by-us': unconfirmedByUs,
  'scid-alias': alias,
  'open-by-us': opened({ by: 'us' }),
  'open-by-them': opened({ by: 'them' }),
  'open-announced-by-us': opened({ by: 'us', announce: true, pushMsat: OTHER_PUSH }),
  'open-announced-by-them': opened({ by: 'them', announce: true, pushMsat: OTHER_PUSH }),
} satisfies Scenarios;
