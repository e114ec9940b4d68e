import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails, NodeApi } from '../../engine/node/api.ts';
import type { BuiltNode } from '../../engine/platform/build-node.ts';
import { WORDS, type Leyden } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { spendOf, type ChainTx } from './scenarios/accounts.ts';
import { postedSpends } from './scenarios/chain-money.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage, waitForChannel } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PAYMENTS = 50;
const EACH = 5_000_000n;
/** Of a commitment with anchors: both are the opener's to pay, and nobody takes them here. */
const ANCHORS = 660n;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  const devices: LocalLeyden[] = [];

  beforeAll(async () => {
    stage = await Stage.start(kind);
  });
  afterAll(async () => {
    for (const device of devices) await device.stop();
    await stage.stop();
  });

  /** The same words on an empty disk: coins are found on the chain, channels are not. */
  async function newDevice(words: string | undefined): Promise<LocalLeyden> {
    const device = await LocalLeyden.start({
      mnemonic: words ?? '',
      esplora: [stage.esplora.url],
      syncEveryMs: 1_000,
    });
    devices.push(device);
    valueOf(await (device.api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
    expect(await device.api.listChannels()).toEqual([]);
    return device;
  }

  const total = async ({ api }: Leyden): Promise<bigint> => (await api.listBalances()).totalMsat / 1000n;

  /** Mines until the new device has everything, and answers with what the chain took for it. It published no commitment. */
  async function swept(device: LocalLeyden, channel: ChannelDetails): Promise<bigint> {
    const close = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    // A payment that was on its way when the backup was made is over, for all that it knows, only after its expiry.
    for (let blocks = 0; blocks < 90; blocks += 3) {
      await stage.chain.mine(3);
      await until(async () => ((await device.api.sync()).ok ? true : null), { what: 'the chain seen' });
      if ((await device.api.listChannels()).every(({ state }) => state === 'closed')) break;
    }
    await waitForChannel(device, ({ state }) => state === 'closed');
    const claims: ChainTx[] = [];
    for (const index of close.vout.keys()) {
      const ask = async (path: string): Promise<unknown> =>
        (await fetch(`${stage.esplora.url}${path}`)).json();
      const spend = (await ask(`/tx/${close.txid}/outspend/${index}`)) as { txid?: string };
      if (spend.txid === undefined) continue;
      const tx = (await ask(`/tx/${spend.txid}`)) as ChainTx;
      const ours = new Set((await device.api.listPayments()).payments.map(({ txId }) => txId));
      if (ours.has(tx.txid) && !claims.some(({ txid }) => txid === tx.txid)) claims.push(tx);
    }
    expect(claims).toHaveLength(1);
    const [closed] = await device.api.listChannels();
    expect(closed?.closing).toMatchObject({ kind: 'unknown', txId: close.txid });
    expect([...postedSpends(stage, channel)].filter((txId) => txId !== close.txid)).toEqual([]);
    return [close, ...claims].reduce((sum, { fee }) => sum + BigInt(fee), 0n);
  }

  test('words and a file: fifty payments, the device is gone, another one has it all but the fees', async () => {
    const lost = await stage.local(2_000_000n);
    const peer = await stage.peer({ alias: 'file', minimumDepth: 3 });
    const channel = await stage.open(lost, peer, { by: 'us', capacitySat: CAPACITY });
    let file = new Uint8Array();
    for (let paid = 0; paid < PAYMENTS; paid++) {
      await pay(lost, (await peer.createInvoice({ amountMsat: EACH })).bolt11);
      // Not the newest: who has a file rarely has the one of a minute ago.
      if (paid === PAYMENTS / 2) file = valueOf(await lost.api.backup.export()).bytes.slice();
    }
    await stage.settled(lost, peer, channel.channelId);
    const before = await total(lost);
    await lost.kill();

    const found = await newDevice(WORDS[0]);
    expect(valueOf(await found.api.backup.restore(file))).toMatchObject({ found: 1, stopped: 0, known: 0 });
    const fees = await swept(found, channel);
    expect(await total(found)).toBe(before - fees - ANCHORS);
    expect((await found.api.listBalances()).closingSat).toBe(0n);
  });

  test('words alone, where a peer keeps the backup: fifty payments, and all but the fees again', async () => {
    const lost = await stage.local(2_000_000n);
    const keeper = await stage.process();
    await stage.sync();
    const { channelId, fundingTxId } = valueOf(
      await lost.api.openChannel({ nodeId: keeper.id, ...keeper.address, amountSat: CAPACITY }),
    );
    await stage.inMempool(fundingTxId);
    await stage.mine(DEEP);
    const channel = await waitForChannel(lost, (one) => one.channelId === channelId && one.isUsable);
    for (let paid = 0; paid < PAYMENTS; paid++) {
      const { invoice } = valueOf(await keeper.api.bolt11.receive({ amountMsat: EACH, description: '' }));
      await pay(lost, invoice);
    }
    await waitForChannel(lost, (one) => one.channelId === channelId && one.pendingHtlcs === 0);
    await until(async () => ((await lost.api.snapshot('backup')).peers[0]?.state === 'kept' ? true : null), {
      what: 'a peer that keeps the backup',
    });
    const before = await total(lost);
    await lost.kill();
    // What it keeps is on its disk.
    await keeper.kill();
    await keeper.restart();

    const found = await newDevice(WORDS[1]);
    const { host, port } = keeper.address;
    expect(valueOf(await found.api.backup.askPeer(keeper.id, host, port))).toMatchObject({ found: 1 });
    const fees = await swept(found, channel);
    expect(await total(found)).toBe(before - fees - ANCHORS);
    expect((await found.api.listBalances()).closingSat).toBe(0n);
    // The keeper has what it was paid.
    expect((await keeper.api.listBalances()).totalMsat).toBe(BigInt(PAYMENTS) * EACH);
  });
});
