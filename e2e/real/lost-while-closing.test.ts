import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeApi } from '../../engine/node/api.ts';
import type { BuiltNode } from '../../engine/platform/build-node.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { spendOf } from './scenarios/accounts.ts';
import { feeOf, spenderOf, txOf, type RawTx } from './scenarios/chain-money.ts';
import { ClosingStage, HELD } from './scenarios/closing-stage.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;
const ANCHOR = 330n;
/** Blocks in which every HTLC expires, every delay is over and every claim is deep. */
const END = 360;

describe.each(PEER_KINDS)('a device that is lost while its channel closes, $name', (kind) => {
  let all: ClosingStage;
  let found: LocalLeyden | null = null;
  beforeEach(async () => {
    all = await ClosingStage.start(kind);
  });
  afterEach(async () => {
    await found?.stop();
    await all.stage.stop();
  });

  test.each([
    ['we close', 'local-force'],
    ['they close', 'remote-force'],
  ] as const)(
    '%s with payments under way: words and a file take every output, to the sat',
    async (_, how) => {
      const { us, peer, stage } = all;
      const channel = await stage.open(us, peer, { by: 'us', capacitySat: CAPACITY, pushMsat: PUSH });
      const payments = await all.inFlight();
      valueOf(await us.api.disconnect(peer.id));
      if (how === 'local-force') await peer.stop();
      valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
      const file = valueOf(await us.api.backup.export()).bytes.slice();
      const before = await us.api.listBalances();
      if (how === 'local-force') valueOf(await us.api.forceCloseChannel(channel.channelId));
      else await peer.forceClose(channel.channelId);
      const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
      await us.kill();
      await stage.mine(1);

      const device = await LocalLeyden.start({
        mnemonic: WORDS[0] ?? '',
        esplora: [stage.esplora.url],
        syncEveryMs: 1_000,
      });
      found = device;
      valueOf(await (device.api as NodeApi & Pick<BuiltNode, 'restoreOnchain'>).restoreOnchain());
      expect(valueOf(await device.api.backup.restore(file))).toMatchObject({ found: 1 });
      // By the preimage that it gave away, at once: the peer may take it back once it has expired.
      await all.byPreimage(commitment.txid, payments.inwards);
      for (let i = 0; i < END; i += 2) {
        if ((await device.api.listChannels()).every(({ state }) => state === 'closed')) break;
        await stage.mine(2);
        const height = await stage.chain.height();
        await until(
          async () =>
            ((await device.api.sync()).ok && (await device.api.status()).chain.tipHeight === height) || null,
          { what: 'the new device at the tip' },
        );
      }
      expect(await device.api.listChannels()).toMatchObject([{ state: 'closed', closing: { kind: how } }]);
      const family = await descendants(device, commitment.txid);
      const anchors = family.flatMap(({ vin }) => vin).filter(({ prevout }) => prevout.value === 330).length;
      const after = await device.api.listBalances();
      expect(after.onchain.confirmedSat - before.onchain.confirmedSat).toBe(
        CAPACITY -
          PUSH / 1000n -
          BigInt(commitment.fee) -
          2n * ANCHOR +
          HELD / 1000n +
          BigInt(anchors) * ANCHOR -
          feeOf(family),
      );
      expect(after).toMatchObject({ closingSat: 0n, totalMsat: after.onchain.confirmedSat * 1000n });
    },
  );

  async function descendants(device: LocalLeyden, root: string): Promise<readonly RawTx[]> {
    const known = new Map<string, RawTx>();
    const visit = async (id: string): Promise<void> => {
      const { vout } = await txOf(all.stage, id);
      for (const index of vout.keys()) {
        const spender = await spenderOf(all.stage, id, index);
        if (spender === null || known.has(spender.txid)) continue;
        if (!(await device.api.payment(spender.txid)).ok) continue;
        known.set(spender.txid, spender);
        await visit(spender.txid);
      }
    };
    await visit(root);
    return [...known.values()];
  }
});
