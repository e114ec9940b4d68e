import { expect, it } from 'vitest';
import { blockHash } from '../base/ids.ts';
import { blockHeight, feeratePerKw, timestamp } from '../base/units.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { planFor } from '../testkit/claim-plan.ts';
import { spending } from '../testkit/fake-chain.ts';
import { fakeOpen, fakeSigner } from '../testkit/fake-claims.ts';
import { WalletWorld } from '../testkit/wallet-world.ts';
import { noteTx } from '../wallet/record-tx.ts';
import type { HostedChannel } from './channel-host.ts';
import { ClaimDesk } from './claim-desk.ts';
import type { ClaimCore } from './claims/claim-core.ts';
import { Turn } from './turn.ts';

const HEIGHT = blockHeight(200);
const NOW = timestamp(1_750_000_000);
const ratesOf = (urgent: number): ClaimCore['feerates'] => ({
  minimum: feeratePerKw(253),
  background: feeratePerKw(urgent / 4),
  normal: feeratePerKw(urgent / 2),
  urgent: feeratePerKw(urgent),
});

it('a claim that cannot be made is logged once, however often it is planned; what can be made again and then not, anew', async () => {
  const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [open], lift: null, lost: [] };
  const wallet = new WalletWorld();
  wallet.address();
  await wallet.fund(100_000n);
  const [first] = planFor(wallet, demand, ratesOf(5_000), HEIGHT).built;
  const coin = first?.tx.inputs.at(-1)?.outPoint;
  const entry = first && wallet.state.txs.get(txIdOf(first.tx));
  if (coin === undefined || entry === undefined) throw new Error('nothing was built');
  const at = { height: HEIGHT, blockHash: blockHash('ab'.repeat(32)), index: 1, time: NOW };
  wallet.take(noteTx(wallet.state, { tx: spending([coin], []), at }, NOW));
  // As no version should leave it: a block spends its coin, and it stands all the same.
  wallet.state = { ...wallet.state, txs: new Map(wallet.state.txs).set(txIdOf(entry.tx), entry) };

  const logged: unknown[] = [];
  const channel = {} as HostedChannel;
  const demands: ClaimCore['demands'] = new Map([[channel, demand]]);
  const core: ClaimCore = {
    keys: wallet.keys,
    wallet: wallet.state,
    height: HEIGHT,
    feerates: ratesOf(50_000),
    demands,
    strays: null,
    hasTip: true,
    channels: { all: () => new Map<string, HostedChannel>().values() },
    shortages: [],
    driver: { submit: (run) => run(new Turn()) },
    options: { clock: { now: () => NOW }, log: (level, _, message) => logged.push([level, message]) },
    running: {
      identity: { signers: { of: () => fakeSigner as never, ofPaymentKey: () => fakeSigner } },
      chain: {
        broadcast: () => new Promise(() => undefined),
        broadcastPackage: () => new Promise(() => undefined),
        forgetBroadcast: () => undefined,
        reader: { isInBestChain: () => true, isKnownToAny: () => new Promise(() => undefined) },
      },
    },
    onBug: (error) => {
      throw error;
    },
  };
  const desk = new ClaimDesk(core, { offerPackage: () => Promise.resolve(null) });
  const once = ['error', 'a claim could not be made, as a block spends what it needs'];
  for (let plan = 0; plan < 3; plan++) desk.planSoon();
  expect(logged).toEqual([once]);
  demands.delete(channel);
  desk.planSoon();
  demands.set(channel, demand);
  desk.planSoon();
  expect(logged).toEqual([once, once]);
});
