import type { Sat } from '../base/units.ts';
import { outPointKey, type ChannelId, type OutPoint, type TxId } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { BroadcastResult } from '../chain/broadcast.ts';
import type { ChainEvent, Confirmation, TxPurpose } from '../bitcoin/watch.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../channel/default-config.ts';
import type { ChannelNotice } from '../channel/effect.ts';
import type { Env } from '../channel/env.ts';
import { isVoid, removalOf, watchedAlone } from '../channel/void.ts';
import { Bug } from '../base/assert.ts';
import { closingScript } from './closing-script.ts';
import { depositsAtStake, lossOf } from '../wallet/deposits-at-stake.ts';
import {
  giveWay,
  noteTaken,
  noteTx,
  spentUnconfirmed,
  standAgain,
  type SeenTx,
} from '../wallet/record-tx.ts';
import { buildFunding, publishReserved, releaseReservation } from '../wallet/reservations.ts';
import type { WalletRefusal } from '../wallet/wallet-refusal.ts';
import type { WalletStep } from '../wallet/wallet-state.ts';
import { newAddress } from '../wallet/addresses.ts';
import type { HostedChannel, HostEnv } from './channel-host.ts';
import { wantedBy } from './claims/attempt.ts';
import { reserveWanted } from './claims/reserve.ts';
import { FEATURES } from './features.ts';
import type { Core } from './core.ts';
import type { LspDesk } from './lsp/lsp-desk.ts';
import type { Turn } from './turn.ts';

/** Confirmations that we wait for before a channel that a peer funds is used. */
const ACCEPTED_DEPTH = 3;
/** Channels that came to nothing and are still shown. */
const KEPT_VOID = 20;

/** What is known of LSPs that open channels to us: see LspDesk. */
type ChannelTrust = Pick<LspDesk, 'trust' | 'judge' | 'lookForFunding' | 'openRefused'>;

/** What channels want of the wallet, the chain and the events of the node. */
export class ChannelDesk {
  readonly #core: Core;
  /** Coins set aside for channels that are being opened. */
  readonly #reserved = new Map<HostedChannel, TxId>();
  /** Why the wallet could not fund a channel: better told than the channel's own words for it. */
  readonly #fundingRefusals = new Map<HostedChannel, WalletRefusal>();
  /** The most that opening may cost, where that was agreed to. */
  readonly #maxFees = new WeakMap<HostedChannel, Sat>();
  readonly #toldClosed = new Set<ChannelId>();
  /** Coins of deposits at stake that are watched for this wallet. */
  readonly #staked = new Set<string>();
  /** What took such coins, in blocks: told again in each run. */
  readonly #takers = new Map<TxId, { readonly tx: Tx; readonly at: Confirmation }>();

  readonly #lsp: ChannelTrust;

  constructor(core: Core, lsp: ChannelTrust) {
    this.#core = core;
    this.#lsp = lsp;
    // A restart hears of the same spend again: that is no news.
    for (const { id, state } of core.channels.all())
      if (state.durable !== null && 'spend' in state.durable && state.durable.spend !== null)
        this.#toldClosed.add(id);
  }

  /** Made for each message of a peer: written out, since to spread so much and to add to it is slow. */
  env(channel: HostedChannel, { moreToCome, isTaken }: HostEnv): Env {
    const { running, height, feerates, network, options } = this.#core;
    if (running === null) throw new Bug('a channel before start');
    const { identity } = running;
    return {
      config: DEFAULT_CHANNEL_CONFIG,
      network,
      nodeId: identity.nodeId,
      peerId: channel.peerId,
      features: FEATURES,
      height,
      feerates,
      now: options.clock.now(),
      random: options.random,
      keyId: channel.keyId,
      signer: identity.signers.of(channel.keyId),
      signAsNode: identity.signAsNode,
      closingScript: closingScript(this.#core.wallet),
      ...this.#lsp.trust(channel),
      mayBeStale: false,
      moreToCome,
      isTaken,
    };
  }

  limitFunding(channel: HostedChannel, maxFee: Sat): void {
    this.#maxFees.set(channel, maxFee);
  }

  fundingRefusal(channel: HostedChannel): WalletRefusal | null {
    const refusal = this.#fundingRefusals.get(channel) ?? null;
    this.#fundingRefusals.delete(channel);
    return refusal;
  }

  /** A script of ours, handed out for this channel. */
  freshScript(turn: Turn): Uint8Array {
    const given = newAddress(this.#core.wallet);
    this.applyWallet(turn, given);
    return given.script.script;
  }

  applyWallet(turn: Turn, step: WalletStep): void {
    this.#core.wallet = step.state;
    turn.write(step.commit);
  }

  publish(tx: Tx, purpose: TxPurpose): Promise<BroadcastResult | null> {
    const { running, driver, options } = this.#core;
    if (running === null) return Promise.resolve(null);
    // What comes back to us is shown at once, also before a server tells of it.
    if (purpose !== 'funding')
      driver.submit((turn) =>
        this.applyWallet(turn, noteTx(this.#core.wallet, { tx, at: null, purpose }, options.clock.now())),
      );
    return this.offer(tx, purpose);
  }

  /** A block decides about closes that the wallet waits for, also by what does not touch the wallet as it is known here. */
  onChain(turn: Turn, event: ChainEvent): void {
    const { channels, wallet, options } = this.#core;
    if (event.tag === 'reorged') {
      this.#takers.delete(event.txId);
      return this.#standAgain(turn, event.txId);
    }
    if (event.tag !== 'spent' || event.at === null) return;
    const { tx, at } = event;
    this.applyWallet(turn, noteTaken(wallet, tx, options.clock.now()));
    const key = outPointKey(event.outPoint);
    const isStaked = coinsOf(depositsAtStake(wallet)).has(key);
    if (isStaked) this.#takers.set(txIdOf(tx), { tx, at });
    const isFunding = [...channels.all()].some(({ state: { durable } }) =>
      durable?.active.some(({ funding }) => outPointKey(funding.outPoint) === key),
    );
    if (isFunding || isStaked) this.applyWallet(turn, giveWay(this.#core.wallet, tx, at));
  }

  /**
   * Servers show a deposit that gave way to what no block is known to have: the chain went back while nothing ran. If one has
   * it after all, that is told once the deposit is watched again.
   */
  standAgain(turn: Turn, seen: readonly SeenTx[]): void {
    for (const { tx, at } of seen) {
      const { purpose, replacedBy = null } = this.#core.wallet.txs.get(txIdOf(tx)) ?? {};
      if (at === null && purpose === null && replacedBy !== null && !this.#takers.has(replacedBy))
        this.#standAgain(turn, replacedBy);
    }
  }

  /** What gave way to it; but not where a block has another of its coins. */
  #standAgain(turn: Turn, id: TxId): void {
    this.applyWallet(turn, standAgain(this.#core.wallet, id));
    for (const { tx, at } of this.#takers.values())
      this.applyWallet(turn, giveWay(this.#core.wallet, tx, at));
  }

  /** Whoever made a deposit may spend its coins otherwise once it is out of its block: what we made of it never is, then. */
  watchDeposits(turn: Turn): void {
    const { wallet, demands, running } = this.#core;
    // Channels know better what is to be seen of a spend.
    const watched = wantedBy([...demands.values()]);
    for (const [key, outPoint] of coinsOf(depositsAtStake(wallet))) {
      if (this.#staked.has(key) || watched.has(key)) continue;
      turn.after(() => {
        this.#staked.add(key);
        running?.chain.register({ tag: 'spent', outPoint, script: new Uint8Array() });
      });
    }
  }

  /** Tells the chain, now and until it is buried. Resolves with how it was taken first; null: it could not be told. */
  async offer(tx: Tx, purpose: TxPurpose, parents: readonly Tx[] = []): Promise<BroadcastResult | null> {
    const { running, options } = this.#core;
    if (running === null) return null;
    const failed = (why: string): void =>
      options.log('warn', 'chain', 'a broadcast was not taken', { purpose, txId: txIdOf(tx), why });
    try {
      const result = await running.chain.broadcastPackage([...parents, tx], purpose);
      if (!result.ok) failed(result.error.code);
      return result;
    } catch (error) {
      failed('a bug');
      this.#core.onBug(error);
      return null;
    }
  }

  /** At start: coins that were set aside for channels that never came to be are free again. */
  releaseOrphans(turn: Turn): void {
    const funding = new Set(
      [...this.#core.channels.all()].flatMap(({ state }) => fundingTxIds(state.durable)),
    );
    for (const { id, purpose } of this.#core.wallet.reservations.values())
      if (purpose === 'funding' && !funding.has(id))
        this.applyWallet(turn, releaseReservation(this.#core.wallet, id));
  }

  /**
   * What waits in the wallet for a close that a block has decided about, and was not told so: on an old disk, or as it stood
   * in a block itself then, which is gone.
   */
  settleCloses(turn: Turn): void {
    const { channels, wallet } = this.#core;
    // Nearly always none, however many channels and payments there ever were.
    const waits = spentUnconfirmed(wallet);
    for (const { state } of channels.all()) {
      const spend = state.durable !== null && 'spend' in state.durable ? state.durable.spend : null;
      if (spend?.at != null && spend.tx.inputs.some(({ outPoint }) => waits.has(outPointKey(outPoint))))
        this.applyWallet(turn, giveWay(this.#core.wallet, spend.tx, spend.at));
    }
  }

  /**
   * Channels whose funding transaction gave way to another that is buried: another wallet of the same words spent the
   * coins, or who made a deposit did. The rest of them is free as soon as the wallet sees that.
   */
  giveUpDoubleSpent(turn: Turn): void {
    const { channels, wallet, height } = this.#core;
    for (const channel of channels.all()) {
      const { durable } = channel.state;
      if (durable === null || durable.phase === 'closed') continue;
      const [{ funding, fundingTx, confirmed }] = durable.active;
      if (fundingTx === null || confirmed !== null) continue;
      const loss = lossOf(wallet, funding.outPoint.txId, this.#takers);
      if (loss === null || height - loss.at.height + 1 < DEFAULT_CHANNEL_CONFIG.irrevocableDepth) continue;
      const { blockHash, index } = loss.at;
      const at = { height: loss.at.height, blockHash, index };
      channels.command(turn, channel, { tag: 'funding-lost', by: loss.by, at, through: loss.through });
    }
  }

  onFrozen(turn: Turn, channel: HostedChannel, error: unknown): void {
    this.#core.onBug(error);
    this.#core.alarm(turn, 'frozen-channel', channel.id);
  }

  onNotice(turn: Turn, channel: HostedChannel, notice: ChannelNotice): void {
    const { channels, options } = this.#core;
    switch (notice.tag) {
      case 'funding-needed':
        return this.#fund(turn, channel, notice);
      case 'open-requested':
        // A height from long ago would be the channel's birthday: its funding would be given up at the next block.
        if (!this.#core.isCurrent)
          return channels.command(turn, channel, { tag: 'reject', reason: 'the chain cannot be seen now' });
        return this.#onRequested(turn, channel, notice);
      case 'open-failed':
        options.log('info', 'channel', 'opening came to nothing', {
          channel: channel.id,
          why: notice.detail,
        });
        // bLIP 52 §5: "The client MUST NOT treat an `error` of a channel open as a failure of the LSP to deliver the requested
        // service, as long as the LSP is able to re-initiate the channel open in a timely manner."
        if (notice.refused) this.#lsp.openRefused(channel.peerId);
        this.#release(turn, channel);
        return channels.forget(channel);
      case 'channel-id':
        return channels.rename(channel, notice.final);
      case 'pending': {
        this.#publishFunding(turn, channel, notice.fundingTxId);
        turn.after(() => this.#lsp.lookForFunding());
        return this.#core.tell(turn, {
          tag: 'channel-pending',
          channelId: notice.channelId,
          fundingTxId: notice.fundingTxId,
        });
      }
      case 'ready':
        return this.#core.tell(turn, { tag: 'channel-ready', channelId: notice.channelId });
      case 'peer-said':
        return options.log('warn', 'peer', `${notice.kind}: ${notice.text}`, { channel: channel.id });
      case 'violation':
        return options.log('warn', 'peer', 'a rule was broken', {
          channel: channel.id,
          rule: notice.violation.rule,
          detail: notice.violation.detail,
        });
      case 'spent':
        if (this.#toldClosed.has(channel.id)) return;
        this.#toldClosed.add(channel.id);
        return this.#core.tell(turn, {
          tag: 'channel-closed',
          channelId: channel.id,
          kind: CLOSED_BY[notice.kind],
        });
      case 'data-loss':
        return this.#core.alarm(turn, 'data-loss', notice.channelId);
      case 'double-spent':
        return this.#core.alarm(turn, 'double-spent', notice.channelId);
      case 'closed':
        if (notice.wasFunded) return;
        this.#core.tell(turn, { tag: 'channel-void', channelId: notice.channelId });
        return this.#forgetVoid(turn);
      case 'announced':
      case 'signature-owed':
        return;
    }
  }

  /**
   * A peer may open and abandon as many as it likes: of those in which nothing was ever ours a few are kept, to be looked
   * at, and looked for where something was to be: those first, and of them the newest.
   */
  #forgetVoid(turn: Turn): void {
    const { channels, running } = this.#core;
    const gone = [...channels.all()]
      .flatMap((channel) => {
        const { durable } = channel.state;
        return durable !== null && isVoid(durable) ? [{ channel, durable }] : [];
      })
      .toSorted(
        ({ durable: a }, { durable: b }) =>
          Number(a.past !== null) - Number(b.past !== null) || a.createdAt - b.createdAt,
      );
    for (const { channel, durable } of gone.slice(0, -KEPT_VOID)) {
      channels.forget(channel);
      turn.write(removalOf(durable));
      const kept = [...channels.all()].flatMap(({ state }) =>
        state.durable === null ? [] : [state.durable],
      );
      turn.after(() => {
        for (const watch of watchedAlone(durable, kept, this.#staked)) running?.chain.unregister(watch);
      });
    }
  }

  #onRequested(
    turn: Turn,
    channel: HostedChannel,
    requested: Extract<ChannelNotice, { tag: 'open-requested' }>,
  ): void {
    const ordered = this.#lsp.judge(channel.peerId, requested);
    if (ordered?.ok === false)
      return this.#core.channels.command(turn, channel, { tag: 'reject', reason: ordered.error });
    this.#core.channels.command(turn, channel, {
      tag: 'accept',
      shutdownScript: this.freshScript(turn),
      minimumDepth: ordered?.value.unconfirmed === true ? 0 : ACCEPTED_DEPTH,
    });
  }

  #fund(turn: Turn, channel: HostedChannel, notice: Extract<ChannelNotice, { tag: 'funding-needed' }>): void {
    const { wallet, keys, options, channels } = this.#core;
    const { script, amount, feerate } = notice;
    const keepBack = reserveWanted(this.#core, 1);
    const maxFee = this.#maxFees.get(channel);
    const request = { script, amount, feerate, keepBack, ...(maxFee === undefined ? {} : { maxFee }) };
    const built = buildFunding(wallet, keys, request, options.clock.now());
    if (!built.ok) {
      this.#fundingRefusals.set(channel, built.error);
      return channels.command(turn, channel, { tag: 'funding-failed', detail: built.error.code });
    }
    this.applyWallet(turn, built.value);
    this.#reserved.set(channel, built.value.txId);
    const { tx, outputIndex } = built.value;
    channels.command(turn, channel, { tag: 'funding-built', tx, outputIndex });
  }

  /** In the transaction that makes the channel: the coins are spent, not set aside any more. */
  #publishFunding(turn: Turn, channel: HostedChannel, id: TxId): void {
    this.#reserved.delete(channel);
    if (!this.#core.wallet.reservations.has(id)) return;
    const published = publishReserved(this.#core.wallet, id, this.#core.options.clock.now());
    if (published.ok) this.applyWallet(turn, published.value);
  }

  #release(turn: Turn, channel: HostedChannel): void {
    const id = this.#reserved.get(channel);
    this.#reserved.delete(channel);
    if (id !== undefined) this.applyWallet(turn, releaseReservation(this.#core.wallet, id));
  }
}

const CLOSED_BY = {
  mutual: 'cooperative',
  local: 'local-force',
  remote: 'remote-force',
  'remote-next': 'remote-force',
  revoked: 'revoked',
  unknown: 'unknown',
} as const;

const coinsOf = (txs: ReadonlyMap<TxId, Tx>): ReadonlyMap<string, OutPoint> =>
  new Map(
    [...txs.values()].flatMap(({ inputs }) =>
      inputs.map(({ outPoint }) => [outPointKey(outPoint), outPoint] as const),
    ),
  );

function fundingTxIds(durable: HostedChannel['state']['durable']): readonly TxId[] {
  return durable === null ? [] : durable.active.map(({ funding }) => funding.outPoint.txId);
}
