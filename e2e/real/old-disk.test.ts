import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { spendOf } from './scenarios/accounts.ts';
import { feeOf, postedSpends, spenderOf } from './scenarios/chain-money.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { pay, Stage, waitForChannel } from './scenarios/stage.ts';
import { codeOf, valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const EACH = 20_000_000n;
const ANCHORS = 660n;
/** Blocks until all of it is deep. */
const MOST = 30;

describe.each(PEER_KINDS)('a disk that is put back whole, $name', (kind) => {
  let stage: Stage;
  let us: LocalLeyden;
  let peer: PeerUnderTest;
  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(4_000_000n);
    peer = await stage.peer({ alias: 'peer', minimumDepth: 3 }, 5_000_000n);
  });
  afterAll(() => stage.stop());

  const channelOf = async (id: string): Promise<ChannelDetails | undefined> =>
    (await us.api.listChannels()).find(({ channelId }) => channelId === id);

  // BOLT 5 §Failing a Channel: "if the node knows or assumes its channel state is outdated: MUST NOT broadcast"
  // BOLT 5 §Failing a Channel: "until the remote node closes: MUST NOT forget the channel"
  // BOLT 5 §General Requirements: "MUST warn the user of potentially lost funds"
  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "otherwise (it is NOT able to handle the
  // broadcast for some reason): MUST inform the user of potentially lost funds"
  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "It can derive its own `remotepubkey` for the
  // transaction, in order to salvage its own funds"
  // BOLT 5 §Revoked Transaction Close Handling: "MUST NOT broadcast a commitment transaction for which *it* has exposed
  // the `per_commitment_secret`"
  test.each([
    ['by one payment', 1],
    ['by many', 4],
  ] as const)(
    'old %s: the peer tells, nothing is published, and its commitment pays us to the sat',
    async (_name, payments) => {
      const channel = await stage.open(us, peer, { by: 'us', capacitySat: CAPACITY, pushMsat: 400_000_000n });
      const old = us.store.restart();
      for (let i = 0; i < payments; i++) {
        // The case before has just shown the disk to be old: an invoice of that minute may be from before.
        await pay(us, (await peer.createInvoice({ amountMsat: EACH })).bolt11, { isUnpaid: true });
        const { invoice } = valueOf(await us.api.bolt11.receive({ amountMsat: EACH / 4n, description: '' }));
        await peer.pay(invoice);
      }
      await stage.settled(us, peer, channel.channelId);
      const last = await channelOf(channel.channelId);
      const { onchain: coins } = await us.api.listBalances();
      await us.stop();

      us.store = old;
      await us.restart();
      const closing = await waitForChannel(
        us,
        ({ channelId, state }) => channelId === channel.channelId && state !== 'ready' && state !== 'offline',
      );
      expect(['reconnecting', 'data-loss', 'force-closing']).toContain(closing.state);
      const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
      // A person who is in a hurry cannot publish the old one either.
      await us.api.forceCloseChannel(channel.channelId).then(codeOf);
      await stage.mine(1);
      await waitForChannel(us, (one) => one.channelId === channel.channelId && one.state === 'force-closing');
      expect((await us.api.status()).alarms.map(({ code, detail }) => [code, detail])).toContainEqual([
        'data-loss',
        channel.channelId,
      ]);
      for (
        let blocks = 0;
        (await channelOf(channel.channelId))?.state !== 'closed' && blocks < MOST;
        blocks++
      )
        await stage.mine(1);
      await waitForChannel(us, (one) => one.channelId === channel.channelId && one.state === 'closed');

      expect([...postedSpends(stage, channel)].filter((txId) => txId !== commitment.txid)).toEqual([]);
      const claims = [];
      for (const index of commitment.vout.keys()) {
        const spender = await spenderOf(stage, commitment.txid, index);
        if (spender !== null && (await us.api.payment(spender.txid)).ok) claims.push(spender);
      }
      expect(claims).toHaveLength(1);
      const { onchain, closingSat, totalMsat } = await us.api.listBalances();
      expect(onchain.confirmedSat - coins.confirmedSat).toBe(
        (last?.localMsat ?? 0n) / 1000n - BigInt(commitment.fee) - ANCHORS - feeOf(claims),
      );
      expect({ closingSat, totalMsat }).toEqual({ closingSat: 0n, totalMsat: onchain.confirmedSat * 1000n });
      expect((await channelOf(channel.channelId))?.closing?.kind).not.toBe('local-force');
    },
  );
});
