import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeApi } from '../../engine/node/api.ts';
import type { BuiltNode } from '../../engine/platform/build-node.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { spendOf } from './scenarios/accounts.ts';
import { feeOf, spenderOf } from './scenarios/chain-money.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { pay, Stage } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

const PAID = 50_000_000n;
/** Of a commitment with anchors: both are the opener's to pay, and nobody takes them here. */
const ANCHORS = 660n;

describe.each(PEER_KINDS)('the same words on two devices, $name', (kind) => {
  let stage: Stage;
  let other: LocalLeyden | null = null;
  beforeEach(async () => {
    stage = await Stage.start(kind);
  });
  afterEach(async () => {
    await other?.stop();
    await stage.stop();
  });

  test('the restored one is told and leaves the channel, the first pays on; thrown away, the other has every sat', async () => {
    const first = await stage.local(3_000_000n);
    const peer = await stage.peer({ alias: 'peer', minimumDepth: 3, anchors: true });
    const channel = await stage.open(first, peer, { by: 'us', capacitySat: 1_000_000n });
    const [txId, index] = [channel.fundingTxId ?? '', channel.fundingIndex ?? 0];
    const payOn = async (): Promise<void> => {
      await pay(first, (await peer.createInvoice({ amountMsat: PAID })).bolt11);
      await stage.settled(first, peer, channel.channelId);
    };
    await payOn();
    // A peer has one connection with one node: the first sleeps while the other asks.
    await first.stop();

    const restored = await LocalLeyden.start({
      mnemonic: WORDS[0] ?? '',
      esplora: [stage.esplora.url],
      syncEveryMs: 1_000,
    });
    other = restored;
    valueOf(await (restored.api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
    const wanted = { nodeId: peer.id, ...peer.address, amountSat: 100_000n };
    expect(await restored.api.openChannel(wanted)).toEqual({ ok: false, error: { code: 'runs-elsewhere' } });
    const told = async (): Promise<readonly string[]> =>
      (await restored.api.status()).alarms.map(({ code }) => code);
    expect(await told()).toEqual(['runs-elsewhere']);

    await first.restart();
    await stage.usable(first, peer, channel.channelId);
    await payOn();
    expect([await spenderOf(stage, txId, index), await told()]).toEqual([null, ['runs-elsewhere']]);
    const before = (await first.api.listBalances()).totalMsat / 1000n;
    await first.kill();

    expect(valueOf(await restored.api.backup.askPeer(peer.id, peer.address.host, peer.address.port))).toBe(
      null,
    );
    const close = await spendOf(stage, txId, index);
    await until(
      async () => {
        await stage.mine();
        await restored.api.sync();
        const { onchain, totalMsat } = await restored.api.listBalances();
        return onchain.confirmedSat * 1000n === totalMsat && onchain.confirmedSat > before - 100_000n;
      },
      { what: 'the money of the channel', timeoutMs: 180_000, everyMs: 500 },
    );
    const spenders = await Promise.all([...close.vout.keys()].map((i) => spenderOf(stage, close.txid, i)));
    const [claim, ...more] = spenders.filter((one) => one !== null);
    if (claim === undefined) throw new Error('nothing was claimed');
    expect(more).toEqual([]);
    expect(await restored.api.listBalances()).toMatchObject({
      totalMsat: (before - BigInt(close.fee) - ANCHORS - feeOf([claim])) * 1000n,
      closingSat: 0n,
    });
    expect(await told()).toEqual([]);
  });
});
