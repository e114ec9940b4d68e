import { expect, it, vi } from 'vitest';
import { blockHash } from '../base/ids.ts';
import { err } from '../base/result.ts';
import { blockHeight, feeratePerKw, timestamp } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { BroadcastResult } from '../chain/broadcast.ts';
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

/** One channel that wants something of the chain, and a desk for it. */
function deskFor(
  wallet: WalletWorld,
  urgent: number,
  chain: Partial<NonNullable<ClaimCore['running']>['chain']> = {},
) {
  const logged: unknown[] = [];
  const channel = {} as HostedChannel;
  const demands: ClaimCore['demands'] = new Map();
  const core: ClaimCore & { hasTip: boolean } = {
    keys: wallet.keys,
    wallet: wallet.state,
    height: HEIGHT,
    feerates: ratesOf(urgent),
    demands,
    strays: null,
    hasTip: true,
    channels: { all: () => new Map<string, HostedChannel>().values() },
    shortages: [],
    driver: {
      submit: (run) => {
        const turn = new Turn();
        run(turn);
        for (const effect of turn.effects) effect();
      },
    },
    options: { clock: { now: () => NOW }, log: (level, _, message) => logged.push([level, message]) },
    running: {
      identity: { signers: { of: () => fakeSigner as never, ofPaymentKey: () => fakeSigner } },
      chain: {
        broadcast: () => new Promise(() => undefined),
        broadcastPackage: () => new Promise(() => undefined),
        forgetBroadcast: () => undefined,
        isTaken: () => false,
        reader: { isInBestChain: () => true, isKnownToAny: () => new Promise(() => undefined) },
        ...chain,
      },
    },
    onBug: (error) => {
      throw error;
    },
  };
  const desk = new ClaimDesk(core, { offerPackage: () => Promise.resolve(null) });
  return { core, desk, logged, demands, channel };
}

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

  const { desk, logged, demands, channel } = deskFor(wallet, 50_000);
  demands.set(channel, demand);
  const once = ['error', 'a claim could not be made, as a block spends what it needs'];
  for (let plan = 0; plan < 3; plan++) desk.planSoon();
  expect(logged).toEqual([once]);
  demands.delete(channel);
  desk.planSoon();
  demands.set(channel, demand);
  desk.planSoon();
  expect(logged).toEqual([once, once]);
});

it.each([
  ['taken since', 1],
  ['refused on', 2],
])(
  'a claim that every server refused for its fee, and that was %s, is outbid no more than it has to be',
  async (fate, times) => {
    const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
    const wallet = new WalletWorld();
    wallet.address();
    await wallet.fund(100_000n);
    const sent: Tx[] = [];
    let refuse: (told: BroadcastResult) => void = () => undefined;
    const { core, desk, demands, channel, logged } = deskFor(wallet, 5_000, {
      broadcast: (tx) => (sent.push(tx), new Promise((resolve) => (refuse = resolve))),
      isTaken: () => fate === 'taken since',
    });
    demands.set(channel, { open: [open], lift: null, lost: [] });
    desk.planSoon();
    expect(sent).toHaveLength(1);
    // Nothing is planned while the chain is not to be seen.
    core.hasTip = false;
    refuse(err({ code: 'broadcast-refused', reason: 'fee-too-low', detail: '' }));
    await vi.waitFor(() => expect(logged).toHaveLength(1));
    core.hasTip = true;
    desk.planSoon();
    expect(sent).toHaveLength(times);
  },
);
