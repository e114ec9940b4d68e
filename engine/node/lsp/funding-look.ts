import { equalBytes } from '../../base/bytes.ts';
import type { ChannelId } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import { timestamp, type Timestamp } from '../../base/units.ts';
import { fundingOutput } from '../../commitment/funding.ts';
import { isLive, type Live } from '../../channel/state.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';

const LOOK_MS = 1_000;
/** A payment that came in trust is told of when its channel is still nowhere to be seen. */
const UNSEEN_SECONDS = 600;

/**
 * Looks for the funding transactions of channels that are to be used before the chain confirms them: such a channel says
 * `channel_ready` once its transaction was seen to pay it, and watches from then on what else spends the same coins.
 * bLIP 52 §Trust Models: "If the client does not trust the LSP, the client SHOULD wait for at least 1 confirmation and check
 * that the funding transaction output is the expected script and value." This is for those that are trusted.
 */
export class FundingLook {
  readonly #core: Core;
  readonly #seen = new Set<ChannelId>();
  /** Since when there is money of ours in one that was not seen. */
  readonly #unseen = new Map<ChannelId, Timestamp>();
  #timer: Cancel | null = null;
  #looking = false;
  #stopped = false;

  constructor(core: Core) {
    this.#core = core;
  }

  isSeen(channel: HostedChannel): boolean {
    return this.#seen.has(channel.id);
  }

  /** Now, and again and again while there is something to look for. */
  begin(): void {
    if (this.#looking || this.#stopped) return;
    this.#timer?.();
    this.#timer = null;
    this.#looking = true;
    void this.#look().finally(() => {
      this.#looking = false;
      if (this.#stopped || this.#wanted().length === 0) return;
      this.#timer = this.#core.options.clock.after(LOOK_MS, () => this.begin());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  #wanted(): readonly { readonly channel: HostedChannel; readonly durable: Live }[] {
    return [...this.#core.channels.all()].flatMap((channel) => {
      const { durable } = channel.state;
      if (durable === null || !isLive(durable) || channel.frozen || this.#seen.has(channel.id)) return [];
      const { params, active } = durable;
      const [{ confirmed, fundingTx }] = active;
      const isTrusted = params.opener === 'remote' && params.minimumDepth === 0;
      return isTrusted && confirmed === null && fundingTx === null ? [{ channel, durable }] : [];
    });
  }

  async #look(): Promise<void> {
    const { running, driver, channels, options } = this.#core;
    if (running === null) return;
    for (const { channel, durable } of this.#wanted()) {
      const { funding } = durable.active[0];
      const found = await running.chain.reader.transaction(funding.outPoint.txId);
      if (this.#stopped) return;
      if (!found.ok) continue;
      if (found.value === null) {
        this.#missed(channel, durable);
        continue;
      }
      const output = found.value.outputs[funding.outPoint.index];
      const wanted = fundingOutput(funding);
      if (
        output === undefined ||
        output.amount !== wanted.amount ||
        !equalBytes(output.script, wanted.script)
      ) {
        options.log('warn', 'lsp', 'the funding transaction does not pay the channel', {
          channel: channel.id,
        });
        continue;
      }
      this.#seen.add(channel.id);
      const tx = found.value;
      driver.submit((turn) => channels.command(turn, channel, { tag: 'funding-seen', tx }));
    }
  }

  #missed({ id }: HostedChannel, { ledger }: Live): void {
    const { driver, options } = this.#core;
    if (ledger.local === 0n) return;
    const now = options.clock.now();
    const since = this.#unseen.get(id) ?? now;
    this.#unseen.set(id, since);
    if (now < since + UNSEEN_SECONDS) return;
    driver.submit((turn) => {
      const isTold = this.#core.alarms.some(({ code, detail }) => code === 'unseen-funding' && detail === id);
      if (!isTold) this.#core.alarm(turn, 'unseen-funding', id);
      this.#unseen.set(id, timestamp(Number.MAX_SAFE_INTEGER));
    });
  }
}
