import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { TxId } from '../base/ids.ts';
import type { FeeratePerKw, Sat } from '../base/units.ts';
import type { BroadcastResult } from '../chain/broadcast.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { abandonTx } from '../wallet/record-tx.ts';
import type { WalletStep } from '../wallet/wallet-state.ts';
import type { HostedChannel } from './channel-host.ts';
import { attemptsOf, deadAttempts, type Attempt } from './claims/attempt.ts';
import { buildGroup, type Built } from './claims/build.ts';
import { groupsOf, type Group } from './claims/group.ts';
import { priceOf } from './claims/price.ts';
import { closingScript } from './closing-script.ts';
import { describe, type Core } from './core.ts';
import type { Turn } from './turn.ts';

export type ClaimPorts = {
  /** Our commitment, after a look at the chain, and the child that pays for it; null when another spends the funding. */
  readonly offerPackage: (parent: Tx, child: Tx) => Promise<BroadcastResult | null>;
};

/** A claim that the wallet has no coins for. */
export type Shortage = { readonly group: Group; readonly missing: Sat };

/**
 * Takes from the chain what closing channels are owed: decides which outputs share a transaction, what it pays, and which
 * coins of the wallet pay it, and raises that as deadlines come nearer. All that it must remember stands in the wallet's
 * records: the transactions on their way, their fees and their coins. What channels want they say again at each start.
 */
export class ClaimDesk {
  readonly #core: Core;
  readonly #ports: ClaimPorts;
  readonly #demands = new Map<HostedChannel, ClaimDemand>();
  /** Refused by every server for its fee. */
  readonly #tooLow = new Set<TxId>();
  /** Handed to the chain follower, which repeats it by itself. */
  readonly #offered = new Set<TxId>();
  #shortages: ReadonlyMap<HostedChannel, readonly Shortage[]> = new Map();
  #isPlanned = false;

  constructor(core: Core, ports: ClaimPorts) {
    this.#core = core;
    this.#ports = ports;
  }

  demandOf(channel: HostedChannel): ClaimDemand | null {
    return this.#demands.get(channel) ?? null;
  }

  shortagesOf(channel: HostedChannel): readonly Shortage[] {
    return this.#shortages.get(channel) ?? [];
  }

  onDemand(channel: HostedChannel, demand: ClaimDemand): void {
    if (demand.open.length === 0 && demand.lift === null) this.#demands.delete(channel);
    else this.#demands.set(channel, demand);
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

  /** The user would have it sooner: what is on its way for this channel is to pay this rate, within its bound. */
  hurry(turn: Turn, channel: HostedChannel, feerate: FeeratePerKw): readonly Built[] {
    return this.#plan(turn, new Map([[channel, feerate]]));
  }

  #plan(turn: Turn, wishes: ReadonlyMap<HostedChannel, FeeratePerKw> = new Map()): readonly Built[] {
    const { running, lastSyncAt, height, feerates } = this.#core;
    // Before the first look at the chain nothing is known of blocks and fees that came since.
    if (running === null || lastSyncAt === null) return [];
    const demands = [...this.#demands.values()];
    for (const { id } of deadAttempts(attemptsOf(this.#core.wallet, demands), demands)) {
      this.#apply(turn, abandonTx(this.#core.wallet, id));
      turn.after(() => this.#forget(id));
    }
    const attempts = attemptsOf(this.#core.wallet, demands);
    const built: Built[] = [];
    const shortages = new Map<HostedChannel, Shortage[]>();
    for (const { channel, group } of this.#groups(attempts)) {
      const wish = wishes.get(channel);
      const market = { height, feerates, isTooLow: (id: string) => this.#tooLow.has(id as TxId) };
      const price = priceOf(group, wish === undefined ? market : { ...market, wish });
      if (price === null) continue;
      const made = this.#build(turn, channel, group, price);
      if (made.ok) built.push(made.value);
      else if (made.error.code === 'short')
        shortages.set(channel, [...(shortages.get(channel) ?? []), { group, missing: made.error.missing }]);
    }
    this.#shortages = shortages;
    turn.after(() => this.#offerAll());
    return built;
  }

  #groups(
    attempts: readonly Attempt[],
  ): readonly { readonly channel: HostedChannel; readonly group: Group }[] {
    return [...this.#demands]
      .flatMap(([channel, demand]) =>
        groupsOf(demand, attempts, this.#core.height).map((group) => ({ channel, group })),
      )
      .sort((a, b) => (a.group.deadline ?? Infinity) - (b.group.deadline ?? Infinity) || 0);
  }

  #build(
    turn: Turn,
    channel: HostedChannel,
    group: Group,
    feerate: FeeratePerKw,
  ): ReturnType<typeof buildGroup> {
    const { wallet, keys, options, running } = this.#core;
    if (running === null) return { ok: false, error: { code: 'too-dear' } };
    const signer = running.identity.signers.of(channel.keyId);
    const means = { wallet, keys, signer, destination: closingScript(wallet), now: options.clock.now() };
    const built = buildGroup(means, group, feerate);
    if (!built.ok) return built;
    this.#apply(turn, built.value.step);
    for (const { id } of group.replaces) turn.after(() => this.#forget(id));
    return built;
  }

  #apply(turn: Turn, step: WalletStep): void {
    this.#core.wallet = step.state;
    turn.write(step.commit);
  }

  #forget(id: TxId): void {
    this.#tooLow.delete(id);
    this.#offered.delete(id);
    this.#core.running?.chain.forgetBroadcast(id);
  }

  /** What is on its way and was not handed over: made just now, before this start, or taken out of a block again. */
  #offerAll(): void {
    const { wallet } = this.#core;
    const demands = [...this.#demands.values()];
    const live = attemptsOf(wallet, demands);
    const ids = new Set(live.map(({ id }) => id));
    for (const id of this.#offered) if (!ids.has(id)) this.#offered.delete(id);
    for (const attempt of live) {
      if (this.#offered.has(attempt.id)) continue;
      this.#offered.add(attempt.id);
      void this.#offer(attempt, demands);
    }
  }

  async #offer({ id, tx, purpose }: Attempt, demands: readonly ClaimDemand[]): Promise<void> {
    const { running, options, driver } = this.#core;
    if (running === null) return;
    const lift = demands.find((demand) => spends(tx, demand))?.lift ?? null;
    try {
      const told =
        lift === null
          ? await running.chain.broadcast(tx, purpose)
          : await this.#ports.offerPackage(lift.parent, tx);
      if (told === null || told.ok) return;
      options.log('warn', 'chain', 'a claim was not taken', { purpose, txId: id, why: told.error.code });
      if (told.error.code !== 'broadcast-refused' || told.error.reason !== 'fee-too-low') return;
      driver.submit(() => {
        this.#tooLow.add(id);
        this.planSoon();
      });
    } catch (error) {
      options.log('error', 'chain', 'a claim could not be offered', { txId: id, why: describe(error) });
      this.#core.onBug(error);
    }
  }
}

const spends = (child: Tx, { lift }: ClaimDemand): boolean =>
  lift !== null && child.inputs.some(({ outPoint }) => outPoint.txId === txIdOf(lift.parent));
