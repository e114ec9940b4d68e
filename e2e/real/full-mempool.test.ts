import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillMempool } from '../world/full-mempool.ts';
import { until } from '../world/until.ts';
import { spendOf } from './scenarios/accounts.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { Stage, waitForChannel } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

describe.each(PEER_KINDS)('a mempool that is full, $name', (kind) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start(kind, { mempoolMb: 5 });
  });
  afterAll(() => stage.stop());

  test('our commitment is refused alone; with a child in one package it is taken and mined', async () => {
    // What it pays by itself follows estimates of a sat a virtual byte, and they stay wrong.
    stage.esplora.setFeeEstimates({ 2: 1, 6: 1, 144: 1, 1008: 1 });
    const us = await stage.local(2_000_000n);
    const peer = await stage.peer({ alias: 'full', minimumDepth: 3, anchors: true });
    const channel = await stage.open(us, peer, {
      by: 'us',
      capacitySat: 1_000_000n,
      pushMsat: 300_000_000n,
    });
    expect(channel.feeratePerKw).toBe(253);
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    await stage.chain.mine(70);
    await stage.sync();
    const least = await fillMempool(stage.chain, 3);
    expect(least).toBeGreaterThan(3);

    valueOf(await us.api.forceCloseChannel(channel.channelId));
    await until(
      () => us.log.some((line) => line.includes('local-commitment') && line.includes('broadcast-refused')),
      {
        what: 'the commitment to be refused',
        timeoutMs: 90_000,
      },
    );
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    const family = await stage.chain.rpc.call<{ fees: { descendant: number }; descendantsize: number }>(
      'getmempoolentry',
      commitment.txid,
    );
    expect(commitment.fee).toBeLessThan(least * family.descendantsize);
    const paid = (family.fees.descendant * 100_000_000) / family.descendantsize;
    expect(paid).toBeGreaterThanOrEqual(least);
    // Far less than what it is worth.
    expect(family.fees.descendant * 100_000_000).toBeLessThan(10_000);
    await stage.mine();
    await waitForChannel(us, ({ closing }) => (closing?.confirmations ?? 0) > 0);
  });
});
