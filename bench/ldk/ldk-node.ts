// LDK at its best: no log, no gossip, no timers, monitor updates rather than whole monitors, and the manager written
// only when LDK says that it must be. State is committed to memory before any message leaves, as in e2e/world/ldk.
import { buildCore, type Core } from '../../e2e/world/ldk/core.ts';
import { customMessages } from '../../e2e/world/ldk/custom-messages.ts';
import { createInvoice } from '../../e2e/world/ldk/invoice.ts';
import {
  hex,
  isTrue,
  ldk,
  load,
  pin,
  some,
  trimReferences,
  unhex,
  unwrap,
} from '../../e2e/world/ldk/library.ts';
import { DEFAULTS, userConfig, type LdkSettings } from '../../e2e/world/ldk/settings.ts';
import { memoryStore, type LdkStore } from '../../e2e/world/ldk/store.ts';
import { Transport } from '../../e2e/world/ldk/transport.ts';
import { blockBytes } from './block-bytes.ts';
import { MadeUpRpc } from './made-up-rpc.ts';
import type { FakeBlock, FakeChain } from '../../engine/testkit/fake-chain.ts';

const ATTEMPTS = 1;

export type NodeEvents = {
  /** Funding for a channel we open: the transaction, its witness not empty. */
  readonly fund: (script: Uint8Array, amountSat: bigint) => Uint8Array;
  /** The HTLC is irrevocably committed on both sides. */
  readonly claimable: (preimage: Uint8Array) => void;
  readonly sent: (paymentHash: string) => void;
  readonly failed: (paymentHash: string) => void;
};

export type Written = { commits: number; monitorBytes: number; managerBytes: number };

export class BenchLdkNode {
  readonly id: string;
  readonly transport: Transport;
  readonly written: Written = { commits: 0, monitorBytes: 0, managerBytes: 0 };
  readonly channels: ldk.ChannelManager;
  readonly #core: Core;
  readonly #events: NodeEvents;
  readonly #sources: readonly ldk.EventsProvider[];
  readonly #unsaved: Map<string, Uint8Array>;
  readonly #store: LdkStore = memoryStore();
  readonly #handler: ldk.EventHandler;
  readonly #incoming: ldk.Event[] = [];
  #isHeld = false;
  #isPumping = false;
  #pumpAgain = false;

  private constructor(core: Core, unsaved: Map<string, Uint8Array>, events: NodeEvents) {
    this.id = core.id;
    this.channels = core.channels;
    this.#core = core;
    this.#events = events;
    this.#unsaved = unsaved;
    // Onion messages, the third, are not in play.
    this.#sources = core.eventSources.slice(0, 2);
    this.transport = new Transport(core.peers, () => this.pump());
    const taken = pin(ldk.Result_NoneReplayEventZ.constructor_ok());
    this.#handler = pin(
      ldk.EventHandler.new_impl({
        handle_event: (event) => {
          this.#incoming.push(event);
          return taken;
        },
      }),
    );
  }

  static async start(chain: FakeChain, events: NodeEvents): Promise<BenchLdkNode> {
    await load();
    const rpc = new MadeUpRpc(chain);
    const settings: LdkSettings = { ...DEFAULTS, rpc: rpc.target, gossip: false };
    const unsaved = new Map<string, Uint8Array>();
    let updates = 0;
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const core = await buildCore(settings, rpc, memoryStore(), seed, {
      monitors: {
        save: (key, bytes) => unsaved.set(`monitor-${key}`, bytes),
        update: (key, bytes) => unsaved.set(`update-${key}-${++updates}`, bytes),
        forget: () => {},
        failed: (error) => {
          throw error;
        },
      },
      broadcast: () => {},
      commitmentFeerate: () => DEFAULTS.commitmentFeerate,
      messages: customMessages(false, () => {}, []),
    });
    const node = new BenchLdkNode(core, unsaved, events);
    core.channels.timer_tick_occurred();
    node.pump();
    return node;
  }

  open(nodeId: string, capacitySat: bigint, pushMsat: bigint): void {
    const config = userConfig({ ...DEFAULTS, rpc: { port: 0, user: '', password: '' } });
    unwrap(
      this.channels.create_channel(unhex(nodeId), capacitySat, pushMsat, 1n, null, config),
      'create_channel',
    );
    this.pump();
  }

  blockConnected(block: FakeBlock, height: number): void {
    const bytes = blockBytes(block);
    for (const listener of this.#core.listeners) listener.block_connected(bytes, height);
    this.pump();
  }

  /** The channel is ready on our side, and nothing is under way in it. */
  isIdle(): boolean {
    const [channel] = this.channels.list_channels();
    return (
      channel !== undefined &&
      isTrue(channel.get_is_usable()) &&
      channel.get_pending_inbound_htlcs().length === 0 &&
      channel.get_pending_outbound_htlcs().length === 0
    );
  }

  createInvoice(amountMsat: bigint): string {
    const { bolt11 } = createInvoice(this.channels, this.#core.signer, { amountMsat, expirySeconds: 86_400 });
    this.pump();
    return bolt11;
  }

  /** @returns the payment hash; `sent` or `failed` tells the outcome, never before this returns */
  pay(bolt11: string): string {
    const invoice = unwrap<ldk.Bolt11Invoice>(ldk.Bolt11Invoice.constructor_from_str(bolt11), 'invoice');
    const parameters = unwrap<ldk.ThreeTuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZ>(
      ldk.UtilMethods.constructor_payment_parameters_from_invoice(invoice),
      'payment parameters',
    );
    const hash = parameters.get_a();
    unwrap(
      this.channels.send_payment(
        hash,
        parameters.get_b(),
        hash,
        parameters.get_c(),
        ldk.Retry.constructor_attempts(ATTEMPTS),
      ),
      'send_payment',
    );
    this.pump();
    return hex(hash);
  }

  claim(preimage: Uint8Array): void {
    this.channels.claim_funds(preimage);
    this.pump();
  }

  /** While `work` runs nothing is saved and nothing leaves: then all at once. */
  together(work: () => void): void {
    this.#isHeld = true;
    work();
    this.#isHeld = false;
    this.pump();
  }

  /** Lets LDK do what it has to do, saves, and only then lets its messages leave. */
  pump(): void {
    if (this.#isHeld) return;
    this.#pumpAgain = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#pumpAgain) {
      this.#pumpAgain = false;
      this.#core.peers.process_events();
      for (const source of this.#sources) {
        source.process_pending_events(this.#handler);
        trimReferences(source);
      }
      for (const event of this.#incoming.splice(0)) {
        this.#handle(event);
        this.#pumpAgain = true;
      }
    }
    this.#save();
    this.#isPumping = false;
    this.transport.flush();
  }

  #handle(event: ldk.Event): void {
    if (event instanceof ldk.Event_PendingHTLCsForwardable) {
      this.channels.process_pending_htlc_forwards();
    } else if (event instanceof ldk.Event_PaymentClaimable) {
      const preimage = some<Uint8Array>(event.purpose.preimage());
      if (preimage !== null) this.#events.claimable(preimage);
    } else if (event instanceof ldk.Event_PaymentSent) {
      this.#events.sent(hex(event.payment_hash));
    } else if (event instanceof ldk.Event_PaymentFailed) {
      this.#events.failed(hex(event.payment_id));
    } else if (event instanceof ldk.Event_OpenChannelRequest) {
      unwrap(
        this.channels.accept_inbound_channel(event.temporary_channel_id, event.counterparty_node_id, 1n),
        'accept_inbound_channel',
      );
    } else if (event instanceof ldk.Event_FundingGenerationReady) {
      unwrap(
        this.channels.funding_transaction_generated(
          event.temporary_channel_id,
          event.counterparty_node_id,
          this.#events.fund(event.output_script, event.channel_value_satoshis),
        ),
        'funding_transaction_generated',
      );
    } else if (event instanceof ldk.Event_ChannelClosed) {
      throw new Error(`channel closed: ${event.reason.to_str()}`);
    }
  }

  #save(): void {
    let managerBytes = 0;
    for (const bytes of this.#unsaved.values()) this.written.monitorBytes += bytes.length;
    if (this.channels.get_and_clear_needs_persistence()) {
      const bytes = this.channels.write();
      managerBytes = bytes.length;
      this.#unsaved.set('manager', bytes);
    }
    if (this.#unsaved.size === 0) return;
    this.written.commits++;
    this.written.managerBytes += managerBytes;
    this.#store.commit({ put: this.#unsaved, remove: new Set() });
    this.#unsaved.clear();
  }
}
