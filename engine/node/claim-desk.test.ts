import { expect, it, vi } from 'vitest';
import { blockHash } from '../base/ids.ts';
import { blockHeight, feeratePerKw, timestamp } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { planFor } from '../testkit/claim-plan.ts';
import { FakeChain, spending } from '../testkit/fake-chain.ts';
import { fakeOpen, fakeSigner } from '../testkit/fake-claims.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { WalletWorld } from '../testkit/wallet-world.ts';
import { noteTx } from '../wallet/record-tx.ts';
import type { HostedChannel } from './channel-host.ts';
import { ClaimDesk } from './claim-desk.ts';
import type { ClaimCore } from './claims/claim-core.ts';
import { Turn } from './turn.ts';

const HEIGHT = blockHeight(200);
const LOW = 'mempool min fee not met';
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
        isRefusedForFee: () => false,
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
  ['refused', 2],
  ['not heard', 2],
  ['taken', 1],
  ['taken, refused', 2],
  ['taken, not heard', 1],
])(
  'a claim that every server refused for its fee, and since then %s, is outbid no more than it has to be',
  async (fates, times) => {
    const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
    const wallet = new WalletWorld();
    wallet.address();
    await wallet.fund(100_000n);
    const blocks = new FakeChain(10);
    const esplora = new FakeEsplora('https://e.test', blocks);
    esplora.refusal = LOW;
    const follower = new ChainFollower({
      network: 'regtest',
      servers: [esplora.url],
      http: httpOver(esplora),
      clock: { now: () => NOW },
      random: (length) => new Uint8Array(length),
    });
    await follower.sync();
    const sent: Tx[] = [];
    const { core, desk, demands, channel, logged } = deskFor(wallet, 5_000, {
      broadcast: (tx, purpose) =>
        sent.push(tx) > 1 ? new Promise(() => undefined) : follower.broadcast(tx, purpose),
      isRefusedForFee: (id) => follower.isRefusedForFee(id),
    });
    demands.set(channel, { open: [open], lift: null, lost: [] });
    desk.planSoon();
    expect(sent).toHaveLength(1);
    // Nothing is planned while the chain is not to be seen.
    core.hasTip = false;
    await vi.waitFor(() => expect(logged).toHaveLength(1));
    for (const fate of fates.split(', ')) {
      esplora.refusal = fate === 'refused' ? LOW : null;
      esplora.fault = (path) => (path === '/tx' && fate === 'not heard' ? { status: 500, body: '' } : null);
      // Mempools drop it, and no block takes it.
      blocks.mempool = [];
      blocks.mine();
      await follower.sync();
      core.hasTip = true;
      desk.planSoon();
    }
    expect(sent).toHaveLength(times);
  },
);
