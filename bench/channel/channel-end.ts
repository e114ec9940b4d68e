import { toHex } from '../../engine/base/bytes.ts';
import type { NodeId, PaymentHash } from '../../engine/base/ids.ts';
import { NETWORKS } from '../../engine/base/network.ts';
import { blockHeight, feeratePerKw } from '../../engine/base/units.ts';
import type { Write } from '../../engine/base/write.ts';
import { p2wpkh } from '../../engine/bitcoin/script.ts';
import type { ChainEvent } from '../../engine/bitcoin/watch.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../../engine/channel/default-config.ts';
import type { ChannelNotice } from '../../engine/channel/effect.ts';
import type { IncomingHtlc } from '../../engine/channel/htlc.ts';
import type { ChannelMessage } from '../../engine/channel/message.ts';
import { channelSecrets } from '../../engine/commitment/channel-keys.ts';
import { memorySigner } from '../../engine/commitment/memory-signer.ts';
import { publicKey, signEcdsa } from '../../engine/crypto/secp256k1.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import { ChannelHost, type HostedChannel } from '../../engine/node/channel-host.ts';
import { Driver } from '../../engine/node/driver.ts';
import type { Turn } from '../../engine/node/turn.ts';
import { Transport } from '../../engine/noise/transport.ts';
import type { SessionKeys } from '../../engine/noise/handshake.ts';
import { systemClock } from '../../engine/platform/system-clock.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { MemoryStore } from '../../engine/storage/memory-store.ts';
import { decodeMessage, encodeMessage } from '../../engine/wire/wire-message.ts';
import { DEFAULT_FEATURES, featuresFor } from '../../engine/wire/features.ts';

export const FEATURES = featuresFor('I', DEFAULT_FEATURES);
export const HEIGHT = blockHeight(800_000);
const FEERATES = {
  urgent: feeratePerKw(1000),
  normal: feeratePerKw(500),
  background: feeratePerKw(253),
  minimum: feeratePerKw(253),
};

export type EndEvents = {
  readonly onOffer: (turn: Turn, htlc: IncomingHtlc) => void;
  readonly onPreimage: (paymentHash: PaymentHash) => void;
  readonly onNotice: (turn: Turn, notice: ChannelNotice) => void;
};

/** One end of a channel: the node's own driver and host of machines, the wire and the cipher; nothing of payments. */
export class ChannelEnd {
  readonly secret = systemRandom(32);
  readonly publicKey = publicKey(this.secret);
  readonly nodeId = toHex(this.publicKey) as NodeId;
  readonly host: ChannelHost;
  readonly driver: Driver;
  readonly events: EndEvents;
  far: ChannelEnd | null = null;
  channel: HostedChannel | null = null;
  bytesWritten = 0;
  readonly #transport: Transport;
  readonly #store = new MemoryStore();
  readonly #closingScript = p2wpkh(this.publicKey);
  #outbox: Uint8Array[] = [];

  constructor(keys: SessionKeys, events: EndEvents) {
    this.#transport = new Transport(keys);
    this.events = events;
    this.driver = new Driver({
      commit: (writes) => this.#commit(writes),
      clock: systemClock,
      onDrained: (turn) => this.host.drained(turn),
      onBug: (error) => {
        throw error;
      },
      onStorage: () => {},
      onSettled: () => this.#flush(),
    });
    const signer = memorySigner(channelSecrets(new Secret(systemRandom(32)), new Secret(systemRandom(32))));
    this.host = new ChannelHost(
      this.driver,
      {
        env: ({ peerId, keyId }) => ({
          config: DEFAULT_CHANNEL_CONFIG,
          network: NETWORKS.regtest,
          nodeId: this.nodeId,
          peerId,
          features: FEATURES,
          height: HEIGHT,
          feerates: FEERATES,
          now: systemClock.now(),
          random: systemRandom,
          keyId,
          signer,
          signAsNode: (hash) => signEcdsa(hash, this.secret),
          closingScript: this.#closingScript,
          mayBeStale: false,
        }),
        send: (_peer, message) => this.#outbox.push(this.#transport.seal(encodeMessage(message))),
        disconnect: (_peer, violation) => {
          throw new Error(`${violation.rule}: ${violation.detail}`);
        },
        publish: () => {},
        watch: () => {},
        onOffer: (turn, _channel, htlc) => events.onOffer(turn, htlc),
        onSettle: (_turn, _channel, _id, origin, result) => {
          if (result.tag !== 'fulfilled') throw new Error(`HTLC ended: ${result.tag}`);
          events.onPreimage(origin.paymentId as string as PaymentHash);
        },
        onNotice: (turn, _channel, notice) => events.onNotice(turn, notice),
        onFrozen: (_turn, _channel, error) => {
          throw error;
        },
      },
      systemRandom,
    );
  }

  get hosted(): HostedChannel {
    if (this.channel === null) throw new Error('no channel yet');
    return this.channel;
  }

  /** HTLCs in the channel, whatever their state. */
  get htlcs(): number {
    const ledger = this.hosted.state.durable?.ledger;
    return ledger === undefined ? 0 : ledger.incoming.size + ledger.outgoing.size;
  }

  chain(event: ChainEvent): void {
    this.driver.submit((turn) => this.host.deliver(turn, this.hosted, { tag: 'chain', event }));
  }

  receive(bytes: Uint8Array): void {
    const { messages, failure } = this.#transport.receive(bytes);
    if (failure !== null) throw new Error(failure.part);
    for (const bytesOfOne of messages) {
      this.driver.submit((turn) => {
        const message = decodeMessage(bytesOfOne);
        if (!message.ok) throw new Error(message.error.field);
        this.host.deliver(turn, this.hosted, { tag: 'message', message: message.value as ChannelMessage });
      });
    }
  }

  #flush(): void {
    const { far } = this;
    for (const bytes of this.#outbox.splice(0)) queueMicrotask(() => far?.receive(bytes));
  }

  #commit(writes: readonly Write[]): ReturnType<MemoryStore['commit']> {
    for (const write of writes)
      this.bytesWritten += write.key.length + (write.op === 'put' ? write.value.length : 0);
    return this.#store.commit(writes);
  }
}
