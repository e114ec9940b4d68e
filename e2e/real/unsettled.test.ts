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

  /** The line breaks at the first piece of bytes that goes this way once a payment of ours begins, and stays dead. */
  async function paidInto(direction: Direction): Promise<{ channel: ChannelDetails; paymentId: string }> {
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
    const channel = await stage.usable(us, peer, channelId);
    const { paymentHash } = newSecret();
    const invoice = await peer.createInvoice({ amountMsat: HELD, paymentHash });
    relay.plan({ direction, burst: 1, passes: 'nothing' });
    const { paymentId } = valueOf(await us.api.bolt11.send(invoice.bolt11));
    await until(() => Promise.resolve(relay.cuts === 1 || null), { what: 'the line to be cut' });
    await relay.stop();
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
});
