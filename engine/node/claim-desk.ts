import { outPointKey, type TxId } from '../base/ids.ts';
import type { BlockHeight, FeeratePerKw } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { ledgerOf } from '../wallet/ledger.ts';
import { abandonTx } from '../wallet/record-tx.ts';
import { waitingParents } from '../wallet/waiting-parents.ts';
import type { BroadcastResult } from '../chain/broadcast.ts';
import type { ChainReader } from '../chain/chain-reader.ts';
import { NO_DEMAND, type ClaimDemand } from '../channel/claim-demand.ts';
import type { HostedChannel } from './channel-host.ts';
import { attemptsOf, liftedBy, type Attempt } from './claims/attempt.ts';
import { planClaims, type Claimant, type ClaimPlan } from './claims/plan.ts';
import type { ClaimCore } from './claims/claim-core.ts';
import { describe } from './core.ts';
import { strayClaimants } from './strays/claimants.ts';
import type { Stray } from './strays/stray.ts';
import type { Turn } from './turn.ts';

export type ClaimPorts = {
  /**
   * Our commitment, after a look at the chain, and the child that pays for it, with what else that waits for; null when another
   * spends the funding.
   */
  readonly offerPackage: (parent: Tx, child: Tx, beside: readonly Tx[]) => Promise<BroadcastResult | null>;
};

/**
 * Takes from the chain what closing channels are owed: decides which outputs share a transaction, what it pays, and which
 * coins of the wallet pay it, and raises that as deadlines come nearer. All that it must remember stands in the wallet's
 * records: the transactions on their way, their fees and their coins. What channels want they say again at each start.
 */
export class ClaimDesk {
  readonly #core: ClaimCore;
  readonly #ports: ClaimPorts;
  /** Transactions of the wallet that no server knew of, at this height: what spends from them was refused. */
  readonly #unknown = new Map<TxId, BlockHeight>();
  /** Handed to the chain follower, which repeats it by itself. */
  readonly #offered = new Set<TxId>();
  /** Held back, or while the chain was not to be seen: nobody repeats those. */
  readonly #heldBack = new Set<TxId>();
  /** Outputs of what the last plan could not make: each is logged once, not with every plan. */
  #unmade: ReadonlySet<string> = new Set();
  /** What closes that are over had wanted, since the last plan. */
  #ended: ClaimDemand[] = [];
  #isPlanned = false;
  #isSwept = false;

  constructor(core: ClaimCore, ports: ClaimPorts) {
    this.#core = core;
    this.#ports = ports;
  }

  onDemand(channel: HostedChannel, demand: ClaimDemand): void {
    const { demands } = this.#core;
    const before = demands.get(channel) ?? NO_DEMAND;
    const { durable } = channel.state;
    if (durable?.phase === 'closed') {
      const { spend } = durable;
      // Whoever spends from a closing transaction that both signed spends a coin of the wallet.
      const mined = spend === null || spend.kind === 'mutual' ? [] : [txIdOf(spend.tx)];
      this.#ended.push({ ...before, lost: [...before.lost, ...mined] });
    }
    if (demand.open.length === 0 && demand.lift === null) {
      demands.delete(channel);
      this.#ended.push(demand);
    } else demands.set(channel, demand);
    this.planSoon();
  }

  /** In this turn, once all that it brings has been heard. */
  planSoon(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#core.driver.submit((turn) => {
      this.#isPlanned = false;
      this.#plan(turn);
    });
  }

  /**
   * The user would have it sooner: what this owner has on its way is to pay this rate, within its bound. Null before
   * the first look at the chain. Changes nothing: `take` does.
   */
  hurried(owner: HostedChannel | Stray, feerate: FeeratePerKw): ClaimPlan<HostedChannel | Stray> | null {
    return this.#planned(owner, feerate);
  }

  take(turn: Turn, plan: ClaimPlan<HostedChannel | Stray>): void {
    this.#core.wallet = plan.state;
    turn.write(plan.commit);
    this.#core.shortages = plan.shortages;
    turn.after(() => {
      for (const id of plan.over) this.#forget(id);
      this.#offerAll();
    });
  }

  /**
   * Mempools dropped what its coins come from, and take it with that no more: it is given up, with all that spends from there. The
   * next block may be another matter.
   */
  #refusedForCoins(unknown: readonly TxId[]): void {
    this.#core.driver.submit((turn) => {
      for (const id of unknown) this.#unknown.set(id, this.#core.height);
      const isLost = ({ tx }: Attempt): boolean =>
        waitingParents(this.#core.wallet, tx.inputs).some(({ tx: parent }) =>
          unknown.includes(txIdOf(parent)),
        );
      // What one had taken the place of stands again when it goes.
      for (let lost; (lost = attemptsOf(this.#core.wallet, []).filter(isLost)).length > 0;)
        for (const { id } of lost) {
          const { state, commit } = abandonTx(this.#core.wallet, id);
          this.#core.wallet = state;
          turn.write(commit);
          turn.after(() => this.#forget(id));
        }
      this.planSoon();
    });
  }

  #unknownNow(): ReadonlySet<TxId> {
    const { height } = this.#core;
    return new Set([...this.#unknown].flatMap(([id, at]) => (at === height ? [id] : [])));
  }

  #plan(turn: Turn): void {
    this.#sweep();
    const plan = this.#planned(null);
    if (plan === null) return;
    this.#ended = [];
    const unmade = new Set<string>();
    for (const { claims, lift } of plan.unmade) {
      const outPoint = claims[0]?.claim.outPoint ?? lift?.anchor.outPoint;
      const output = outPoint === undefined ? '' : outPointKey(outPoint);
      unmade.add(output);
      if (this.#unmade.has(output)) continue;
      this.#core.options.log('error', 'chain', 'a claim could not be made, as a block spends what it needs', {
        output,
        claims: claims.length,
      });
    }
    this.#unmade = unmade;
    this.take(turn, plan);
  }

  /**
   * Once in a run: children of commitments of which no channel knows any more, as an earlier version left some when a close
   * was over. Not while a commitment may be any of several: a child of each may be on its way.
   */
  #sweep(): void {
    const { channels, wallet, hasTip } = this.#core;
    if (this.#isSwept || !hasTip) return;
    const mined = new Set<TxId>();
    for (const { frozen, state } of channels.all()) {
      if (frozen) return;
      if (state.durable?.phase !== 'closing') continue;
      const { spend } = state.durable;
      if (spend === null || spend.at === null) return;
      mined.add(txIdOf(spend.tx));
    }
    this.#isSwept = true;
    const lost = liftedBy(attemptsOf(wallet, []), wallet).filter((id) => !mined.has(id));
    this.#ended.push({ ...NO_DEMAND, lost });
  }

  /** Whose claim it is that the wallet has on its way by this id; null when that is over. */
  ownerOf(id: TxId): HostedChannel | Stray | null {
    const attempt = attemptsOf(this.#core.wallet, []).find((one) => one.id === id);
    const owner = this.#claimants().find(({ demand: { open, lift } }) =>
      [...open.map(({ claim }) => claim), ...(lift === null ? [] : [lift.anchor])].some(({ outPoint }) =>
        attempt?.keys.has(outPointKey(outPoint)),
      ),
    );
    return owner?.name ?? null;
  }

  #claimants(): readonly Claimant<HostedChannel | Stray>[] {
    const { running, demands } = this.#core;
    if (running === null) return [];
    return [
      ...[...demands].map(([channel, demand]) => ({
        name: channel,
        demand,
        signer: running.identity.signers.of(channel.keyId),
      })),
      ...strayClaimants(this.#core),
    ];
  }

  #planned(
    hurried: HostedChannel | Stray | null,
    wish?: FeeratePerKw,
  ): ClaimPlan<HostedChannel | Stray> | null {
    const { running, hasTip, wallet, keys, height, feerates, options } = this.#core;
    // Before the first look at the chain nothing is known of blocks and fees that came since.
    if (running === null || !hasTip) return null;
    const claimants = this.#claimants().map((one) =>
      one.name === hurried && wish !== undefined ? { ...one, wish } : one,
    );
    const now = options.clock.now();
    const situation = {
      wallet,
      keys,
      height,
      feerates,
      now,
      tooLow: { has: (id: TxId) => running.chain.isRefusedForFee(id) },
      unknown: this.#unknownNow(),
      ended: this.#ended,
      isInBestChain: (at: Parameters<ChainReader['isInBestChain']>[0]) =>
        running.chain.reader.isInBestChain(at),
    };
    return planClaims(claimants, situation);
  }

  #forget(id: TxId): void {
    this.#offered.delete(id);
    this.#core.running?.chain.forgetBroadcast(id);
  }

  /** What is on its way and was not handed over: made just now, before this start, or taken out of a block again. */
  #offerAll(): void {
    const strays = strayClaimants(this.#core).map(({ demand }) => demand);
    const demands = [...this.#core.demands.values(), ...strays];
    const live = attemptsOf(this.#core.wallet, demands);
    const ids = new Set(live.map(({ id }) => id));
    const ledger = ledgerOf(this.#core.wallet);
    for (const id of this.#offered) {
      if (ids.has(id)) continue;
      this.#offered.delete(id);
      // What it was told with may be what the user has taken back.
      if (!ledger.isLive(id)) this.#core.running?.chain.forgetBroadcast(id);
    }
    for (const attempt of live) {
      if (this.#offered.has(attempt.id)) continue;
      this.#offered.add(attempt.id);
      void this.#offer(attempt, demands);
    }
  }

  /** Before each round: what was held back may go by what the round tells. */
  offerAgain(): void {
    for (const id of this.#heldBack) this.#offered.delete(id);
    this.#heldBack.clear();
  }

  async #offer({ id, tx, purpose }: Attempt, demands: readonly ClaimDemand[]): Promise<void> {
    const { running, options, wallet } = this.#core;
    if (running === null) return;
    const { chain } = running;
    const beside = waitingParents(wallet, tx.inputs).map((entry) => entry.tx);
    const lift = demands.find((demand) => spends(tx, demand))?.lift ?? null;
    try {
      const told =
        lift === null
          ? await (beside.length === 0
              ? chain.broadcast(tx, purpose)
              : chain.broadcastPackage([...beside, tx], purpose))
          : await this.#ports.offerPackage(lift.parent, tx, beside);
      if (told === null || (!told.ok && told.error.code === 'chain-unreachable' && lift !== null))
        this.#heldBack.add(id);
      if (told === null || told.ok) return;
      options.log('warn', 'chain', 'a claim was not taken', { purpose, txId: id, why: told.error.code });
      if (told.error.code !== 'broadcast-refused') return;
      if (told.error.reason === 'fee-too-low') this.planSoon();
      if (told.error.reason !== 'inputs-missing') return;
      const unknown: TxId[] = [];
      for (const parent of beside.map(txIdOf)) {
        const known = await chain.reader.isKnownToAny(parent);
        if (known.ok && !known.value) unknown.push(parent);
      }
      if (unknown.length > 0) this.#refusedForCoins(unknown);
    } catch (error) {
      options.log('error', 'chain', 'a claim could not be offered', { txId: id, why: describe(error) });
      this.#core.onBug(error);
    }
  }
}

const spends = (child: Tx, { lift }: ClaimDemand): boolean =>
  lift !== null && child.inputs.some(({ outPoint }) => outPoint.txId === txIdOf(lift.parent));
