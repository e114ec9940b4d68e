import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { freePort, LOOPBACK } from '../world/free-port.ts';
import { Relay, type Direction } from '../world/relay.ts';
import { until } from '../world/until.ts';
import { spendOf } from './scenarios/accounts.ts';
import { feeOf } from './scenarios/chain-money.ts';
import { ClosingStage, HELD } from './scenarios/closing-stage.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, waitForPayment } from './scenarios/stage.ts';
import { newSecret, valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;
const ANCHOR = 330n;
const END = 400;

describe.each(PEER_KINDS)('a peer that closes in the middle of an agreement, $name', (kind) => {
  let all: ClosingStage;
  let us: LocalLeyden;
  let peer: PeerUnderTest;
  beforeAll(async () => {
    all = await ClosingStage.start(kind);
    ({ us, peer } = all);
  });
  afterAll(() => all.stage.stop());

  /** A channel over a line that stays dead once it is cut. */
  async function joined(): Promise<{ relay: Relay; channel: ChannelDetails }> {
    const { stage } = all;
    const nowhere = { host: LOOPBACK, port: await freePort() };
    const relay: Relay = await Relay.start(() => (relay.cuts === 0 ? peer.address : nowhere));
    valueOf(await us.api.connect(peer.id, relay.address.host, relay.address.port, true));
    const { channelId, fundingTxId } = valueOf(
      await us.api.openChannel({
        nodeId: peer.id,
        ...relay.address,
        amountSat: CAPACITY,
        pushMsat: PUSH,
      }),
    );
    await stage.inMempool(fundingTxId);
    await stage.mine(DEEP);
    return { relay, channel: await stage.usable(us, peer, channelId) };
  }

  /** The line breaks at the first piece of bytes that goes this way once a payment of ours begins. */
  async function paidInto(direction: Direction): Promise<{ channel: ChannelDetails; paymentId: string }> {
    const { relay, channel } = await joined();
    const { paymentHash } = newSecret();
    const invoice = await peer.createInvoice({ amountMsat: HELD, paymentHash });
    relay.plan({ direction, burst: 1, passes: 'nothing' });
    const { paymentId } = valueOf(await us.api.bolt11.send(invoice.bolt11));
    await cutBy(relay);
    return { channel, paymentId };
  }

  async function cutBy(relay: Relay): Promise<void> {
    await until(() => Promise.resolve(relay.cuts === 1 || null), { what: 'the line to be cut' });
    await relay.stop();
  }

  /** The peer pays us, has our signature for the commitment with the HTLC, and its revocation of the last one is lost. */
  async function paidOut(): Promise<{ channel: ChannelDetails; paymentId: string }> {
    const { relay, channel } = await joined();
    const { invoice, paymentId } = valueOf(
      await us.api.bolt11.receive({ amountMsat: HELD, description: '' }),
    );
    relay.plan({ direction: 'to-target', burst: 1, passes: 'all' });
    // Its end is the chain's to tell.
    peer.pay(invoice).catch(() => null);
    await cutBy(relay);
    return { channel, paymentId };
  }

  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "MUST handle each output as specified below"
  test.each([
    ['the one that it has, while ours for the next is lost on the way', 'to-target', 4],
    ['the next one, of which it told us nothing yet', 'from-target', 5],
  ] as const)('%s: it is known, and swept to the sat', async (_name, direction, outputs) => {
    const { stage } = all;
    const { channel, paymentId } = await paidInto(direction);
    const before = await us.api.listBalances();
    await peer.forceClose(channel.channelId);
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    expect(commitment.vout).toHaveLength(outputs);
    await stage.mine(1);
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'failed' });
    const family = await all.ours(commitment.txid);
    const anchors = family.flatMap(({ vin }) => vin).filter(({ prevout }) => prevout.value === 330).length;
    const after = await us.api.listBalances();
    expect(after.onchain.confirmedSat - before.onchain.confirmedSat).toBe(
      CAPACITY -
        PUSH / 1000n -
        BigInt(commitment.fee) -
        2n * ANCHOR +
        BigInt(anchors) * ANCHOR -
        feeOf(family),
    );
    expect(after).toMatchObject({ closingSat: 0n, totalMsat: after.onchain.confirmedSat * 1000n });
    expect((await us.api.status()).alarms).toEqual([]);
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "if the *remote node* is NOT irrevocably committed
  // to the HTLC: MUST NOT *resolve* the output by spending it"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if the remote node is NOT irrevocably committed to
  // the HTLC: MUST NOT *resolve* the output by spending it"
  test.each(['us', 'them'] as const)(
    'what they offered and may still revoke is theirs, though it is our invoice, where %s close',
    async (who) => {
      const { stage } = all;
      const { channel, paymentId } = await paidOut();
      if (who === 'us') valueOf(await us.api.forceCloseChannel(channel.channelId));
      else await peer.forceClose(channel.channelId);
      const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
      const htlc = commitment.vout.findIndex(({ value }) => value === Number(HELD / 1000n));
      expect(htlc).toBeGreaterThanOrEqual(0);
      await stage.mine(1);
      await all.mineToTheEnd(channel.channelId, END);
      await stage.sync();
      for (const { vin } of await all.ours(commitment.txid))
        for (const { txid, vout } of vin) expect(txid === commitment.txid && vout === htlc).toBe(false);
      expect(valueOf(await us.api.payment(paymentId)).state).not.toBe('succeeded');
      expect((await us.api.status()).alarms).toEqual([]);
    },
  );
});
