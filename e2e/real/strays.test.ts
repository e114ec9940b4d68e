import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NodeApi } from '../../engine/node/api.ts';
import type { BuiltNode } from '../../engine/platform/build-node.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { spendOf, type ChainTx } from './scenarios/accounts.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PAID = 200_000_000n;
/** Of a commitment with anchors: both are the opener's to pay, and nobody takes them here. */
const ANCHORS = 660n;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let runs = 0;
  const devices: LocalLeyden[] = [];

  beforeAll(async () => {
    stage = await Stage.start(kind);
  });
  afterAll(async () => {
    for (const device of devices) await device.stop();
    await stage.stop();
  });

  test.each([true, false])(
    'words alone, and nobody keeps anything: two peers closed, the device is gone, every sat comes home (anchors: %s)',
    async (anchors) => {
      const words = WORDS[runs++];
      const lost = await stage.local(3_000_000n);
      const peers = [];
      for (const alias of [`one-${anchors}`, `two-${anchors}`]) {
        const peer = await stage.peer({ alias, minimumDepth: 3, anchors });
        peers.push({ peer, channel: await stage.open(lost, peer, { by: 'us', capacitySat: CAPACITY }) });
      }
      for (const { peer, channel } of peers) {
        await pay(lost, (await peer.createInvoice({ amountMsat: PAID })).bolt11);
        await stage.settled(lost, peer, channel.channelId);
      }
      const before = (await lost.api.listBalances()).totalMsat / 1000n;
      await lost.kill();
      const closes: ChainTx[] = [];
      for (const { peer, channel } of peers) {
        await peer.forceClose(channel.channelId);
        closes.push(await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0));
      }
      await stage.mine(DEEP);

      const found = await LocalLeyden.start({
        mnemonic: words ?? '',
        esplora: [stage.esplora.url],
        syncEveryMs: 1_000,
      });
      devices.push(found);
      valueOf(await (found.api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
      await until(
        async () => {
          await stage.mine();
          await found.api.sync();
          const { search } = await found.api.snapshot('backup');
          const { onchain, totalMsat } = await found.api.listBalances();
          const isHome = onchain.confirmedSat * 1000n === totalMsat && search?.foundSat === 0n;
          return search !== null && search.rounds > 0 && isHome;
        },
        { what: 'the money of both channels', timeoutMs: 180_000, everyMs: 500 },
      );
      const claims = new Map<string, ChainTx>();
      for (const { txid, vout } of closes)
        for (const index of vout.keys()) {
          const spender = await outspend(txid, index);
          if (spender !== null) claims.set(spender.txid, spender);
        }
      // Each peer's own share waits for its delay.
      expect(claims.size).toBe(2);
      const fees = [...closes, ...claims.values()].reduce((sum, { fee }) => sum + BigInt(fee), 0n);
      const { totalMsat, closingSat } = await found.api.listBalances();
      expect(totalMsat / 1000n).toBe(before - fees - (anchors ? 2n * ANCHORS : 0n));
      expect(closingSat).toBe(0n);
      expect(await found.api.listChannels()).toEqual([]);
    },
  );

  async function outspend(txId: string, index: number): Promise<ChainTx | null> {
    const ask = async (path: string): Promise<unknown> => (await fetch(`${stage.esplora.url}${path}`)).json();
    const { txid } = (await ask(`/tx/${txId}/outspend/${index}`)) as { txid?: string };
    return txid === undefined ? null : ((await ask(`/tx/${txid}`)) as ChainTx);
  }
});
