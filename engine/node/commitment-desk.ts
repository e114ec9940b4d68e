import { outPointKey, type TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { ChainEvent } from '../bitcoin/watch.ts';
import type { BroadcastResult } from '../chain/broadcast.ts';
import { BLIND_ROUNDS } from '../chain/chain-follower.ts';
import { UNREACHABLE, type ChainRefusal } from '../chain/chain-refusal.ts';
import { isRivalled } from '../chain/is-rivalled.ts';
import { hasLostData } from '../channel/lost-data.ts';
import type { Closing } from '../channel/state.ts';
import type { ChannelDesk } from './channel-desk.ts';
import type { ClaimDesk } from './claim-desk.ts';
import type { Core } from './core.ts';

/** Blocks that another's commitment may take to be mined before ours goes beside it. */
const PATIENCE = 6;

/**
 * A look at the chain that begins now. Null once what it brought is taken in. While the disk takes nothing for some minutes: what
 * the last one told of which memory does not know either.
 */
export type Look = () => Promise<readonly ChainEvent[] | null>;

/**
 * Publishes our commitments, each after a look at the chain: a peer that says that a channel is over may have published a
 * closing transaction that both signed. It pays at once and costs less, and ours would take its place where it pays more.
 */
export class CommitmentDesk {
  readonly #core: Core;
  readonly #channels: Pick<ChannelDesk, 'publish'>;
  readonly #claims: Pick<ClaimDesk, 'planSoon'>;
  readonly #look: Look;
  readonly #committing = new Set<TxId>();
  /** Spends of funding outputs in no block, and the height at which ours was first held back for them. */
  readonly #waitedFor = new Map<TxId, number>();
  /** Commitments that wait until the chain can be looked at. */
  readonly #unseen = new Map<TxId, Tx>();
  /** For how many rounds they have, and children of theirs. */
  readonly #blindRounds = new Map<TxId, number>();

  constructor(
    core: Core,
    channels: Pick<ChannelDesk, 'publish'>,
    claims: Pick<ClaimDesk, 'planSoon'>,
    look: Look,
  ) {
    this.#core = core;
    this.#channels = channels;
    this.#claims = claims;
    this.#look = look;
  }

  /** After each round: those that waited for one that tells all. */
  publishUnseen(): void {
    // Each looks once more: one round asks for all of them.
    if (!this.#core.ended) for (const tx of this.#unseen.values()) void this.publish(tx);
  }

  /** Our commitment, once it is on the disk. */
  async publish(tx: Tx): Promise<void> {
    const id = txIdOf(tx);
    if (this.#committing.has(id)) return;
    this.#committing.add(id);
    const verdict = await this.#judge(tx, id);
    this.#committing.delete(id);
    if (verdict === 'unseen') this.#unseen.set(id, tx);
    else this.#unseen.delete(id);
    if (verdict !== 'free') return;
    const told = await this.#channels.publish(tx, 'local-commitment');
    if (told === null || told.ok || told.error.code !== 'broadcast-refused') return;
    if (told.error.reason === 'fee-too-low') this.#claims.planSoon();
  }

  /**
   * A commitment and the child that pays for it, the same way; `beside`: what else the child waits for. Null when something
   * else takes its place.
   */
  async publishLifted(parent: Tx, child: Tx, beside: readonly Tx[]): Promise<BroadcastResult | null> {
    const verdict = await this.#judge(parent, txIdOf(child));
    if (verdict === 'unseen') return err(UNREACHABLE);
    const { running } = this.#core;
    if (verdict === 'barred' || running === null) return null;
    return running.chain.broadcastPackage([...beside, parent, child], 'anchor-bump');
  }

  /** False of a commitment of ours that was revoked, for all we know: our disk is an old one. */
  mayOffer({ inputs }: Tx): boolean {
    const keys = new Set(inputs.map(({ outPoint }) => outPointKey(outPoint)));
    for (const { state } of this.#core.channels.all()) {
      const { durable } = state;
      if (durable === null || !hasLostData(durable)) continue;
      if (durable.active.some(({ funding }) => keys.has(outPointKey(funding.outPoint)))) return false;
    }
    return true;
  }

  /** After a look, of a commitment that is told as `told`: itself, or its child. */
  async #judge(commitment: Tx, told: TxId): Promise<'unseen' | 'barred' | 'free'> {
    for (;;) {
      const news = await this.#look();
      // The disk may take nothing for hours. Memory knows at least what is on it; what else there is to know, servers are asked for.
      const rival = news === null ? null : await this.#unknownRival(commitment);
      const isSeen = rival === null ? this.#core.reachable : rival.ok;
      if (!isSeen && !this.#isHeldLong(told)) {
        if (news === null) return 'unseen';
        continue;
      }
      this.#blindRounds.delete(told);
      const isOvertaken = (rival?.ok === true && rival.value) || isRivalled(commitment, news ?? []);
      return isOvertaken || !this.#isFree(commitment) ? 'barred' : 'free';
    }
  }

  /** By what memory knows. */
  #isFree(commitment: Tx): boolean {
    const spender = this.#spenderOf(commitment);
    // Itself, as it was told before, in a block that is gone, say: nobody may have it any more.
    const isSpent = spender !== null && spender !== txIdOf(commitment);
    // What the look told may be that our disk is an old one.
    return !this.#core.ended && !isSpent && this.mayOffer(commitment);
  }

  /** Whether a server tells of a spend of the same that memory does not know. */
  async #unknownRival(commitment: Tx): Promise<Result<boolean, ChainRefusal>> {
    const { running } = this.#core;
    const [input] = commitment.inputs;
    if (running === null || input === undefined) return err(UNREACHABLE);
    const told = await running.chain.reader.toldSpender(input.outPoint);
    if (!told.ok) return told;
    const spend = this.#closingOf(commitment)?.spend ?? null;
    const known = [null, txIdOf(commitment), spend === null ? null : txIdOf(spend.tx)];
    return ok(!known.includes(told.value));
  }

  /**
   * What stands on the chain was not to be seen: it is looked at again in the next rounds, and it is published unseen only
   * when the servers go on failing, as payments in it may have little time.
   */
  #isHeldLong(id: TxId): boolean {
    const rounds = (this.#blindRounds.get(id) ?? 0) + 1;
    this.#blindRounds.set(id, rounds);
    return rounds > BLIND_ROUNDS;
  }

  /**
   * What is known to spend what `tx` spends: in a block, or a closing transaction that both signed. Another that waits to
   * be mined is left some blocks where nothing but time is at stake; with payments in the channel it holds nothing back,
   * as it may never be mined, or be shown to us alone. Nor does a closing transaction that was given up, once it had that time.
   */
  #spenderOf(tx: Tx): TxId | null {
    const closing = this.#closingOf(tx);
    if (closing === null || closing.spend === null) return null;
    const { spend, ledger, mutual, setAside, talk, failure } = closing;
    const id = txIdOf(spend.tx);
    if (spend.at !== null) return id;
    if (spend.kind === 'mutual') {
      // By what the disk says: a wallet may be open for minutes only, each day.
      const hadItsTime = talk === null || this.#core.height - talk.since >= PATIENCE;
      // Given up before anybody here knew it, too; one that a state knows no talk of says that the state is old.
      const isGivenUp = setAside !== null || (failure !== null && mutual === null && talk !== null);
      return isGivenUp && hadItsTime ? null : id;
    }
    return ledger.outgoing.size + ledger.incoming.size === 0 && this.#mayWaitFor(id) ? id : null;
  }

  /** The channel whose funding output it spends, where a spend of that is known. */
  #closingOf({ inputs }: Tx): Closing | null {
    const keys = new Set(inputs.map(({ outPoint }) => outPointKey(outPoint)));
    for (const { state } of this.#core.channels.all()) {
      const { durable } = state;
      if (durable?.phase !== 'closing' || durable.spend === null) continue;
      if (durable.active.some(({ funding }) => keys.has(outPointKey(funding.outPoint)))) return durable;
    }
    return null;
  }

  /** Counted from when this run first waited for it. */
  #mayWaitFor(id: TxId): boolean {
    const { height } = this.#core;
    const since = this.#waitedFor.get(id) ?? height;
    this.#waitedFor.set(id, since);
    return height - since < PATIENCE;
  }
}
