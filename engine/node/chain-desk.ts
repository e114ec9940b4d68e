import type { Cancel } from '../base/ports.ts';
import { scanNews } from '../wallet/scan.ts';
import { applyFacts, type WalletFacts } from '../wallet/wallet-facts.ts';
import type { SyncReport } from '../chain/chain-follower.ts';
import type { ChannelDesk } from './channel-desk.ts';
import type { Core } from './core.ts';
import type { PaymentDesk } from './payment-desk.ts';
import type { Turn } from './turn.ts';

const REGTEST_EVERY_MS = 1_500;
const EVERY_MS = 20_000;

/** Asks the chain again and again, and hands what is new to channels, wallet and payments in one turn. */
export class ChainDesk {
  readonly #core: Core;
  readonly #channels: ChannelDesk;
  readonly #payments: PaymentDesk;
  #timer: Cancel | null = null;
  #round: Promise<void> | null = null;
  #turns = 0;
  #scannedHash: string | null = null;
  #stopped = false;

  constructor(core: Core, channels: ChannelDesk, payments: PaymentDesk) {
    this.#core = core;
    this.#channels = channels;
    this.#payments = payments;
  }

  /** One round now; a call during a round waits for that round. The next one is scheduled after it. */
  sync(): Promise<void> {
    this.#round ??= this.#run().finally(() => {
      this.#round = null;
      this.#schedule();
    });
    return this.#round;
  }

  /** Waits for the round under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    await this.#round;
  }

  #schedule(): void {
    const { clock, network, syncEveryMs } = this.#core.options;
    this.#timer?.();
    if (this.#stopped) return;
    const every = syncEveryMs ?? (network === 'regtest' ? REGTEST_EVERY_MS : EVERY_MS);
    this.#timer = clock.after(every, () => void this.sync());
  }

  async #run(): Promise<void> {
    const core = this.#core;
    const { running } = core;
    if (running === null || this.#stopped) return;
    core.syncing = true;
    core.changed();
    const report = await running.chain.sync();
    const facts = report.refusal === null && report.tip !== null ? await this.#scan(report) : null;
    core.syncing = false;
    core.reachable = report.refusal === null;
    if (this.#stopped) return;
    await core.inTurn<void>((turn, done) => {
      this.#apply(turn, report, facts);
      done();
    });
  }

  async #scan({ tip }: SyncReport): Promise<WalletFacts | null> {
    const { running, wallet, options } = this.#core;
    if (running === null || tip === null) return null;
    const facts = await scanNews(running.chain.reader, wallet, {
      tipHeight: tip.height,
      newBlock: this.#scannedHash !== tip.hash,
      turn: this.#turns++,
      now: options.clock.now(),
    });
    if (!facts.ok) return null;
    this.#scannedHash = tip.hash;
    return facts.value;
  }

  #apply(turn: Turn, report: SyncReport, facts: WalletFacts | null): void {
    const core = this.#core;
    const now = core.options.clock.now();
    const { tip, feerates, refusal } = report;
    const moved = tip !== null && tip.height !== core.height;
    const repriced = feerates !== core.feerates;
    if (tip !== null) core.height = tip.height;
    core.feerates = feerates;
    if (refusal === null) core.lastSyncAt = now;
    turn.write(report.commit);
    if (facts !== null) {
      const applied = applyFacts(core.wallet, facts, now);
      this.#channels.applyWallet(turn, applied);
      for (const { txId, amount } of applied.received)
        core.tell(turn, { tag: 'onchain-received', txId, amountSat: amount });
    }
    for (const channel of core.channels.all()) {
      for (const event of report.events) core.channels.deliver(turn, channel, { tag: 'chain', event });
      if (moved || repriced)
        core.channels.deliver(turn, channel, { tag: 'tick', height: core.height, feerates });
    }
    if (moved) this.#payments.tick(turn);
  }
}
