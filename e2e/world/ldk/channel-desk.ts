import { randomBytes } from 'node:crypto';
import type { OpenedChannel, OpenRequest, PeerChannel } from '../real-peer.ts';
import { peerChannel } from './channel-list.ts';
import type { EventDesk } from './event-desk.ts';
import { errorOf, errorText, hex, isOk, unhex, unwrap, type ldk } from './library.ts';
import { userConfig, type LdkSettings } from './settings.ts';

export type ChannelDeskParts = {
  readonly settings: LdkSettings;
  readonly channels: ldk.ChannelManager;
  readonly desk: EventDesk;
  readonly pump: () => void;
};

/** A number of our own for a channel: LDK keeps it with the channel, from before it has a name. */
export const newUserId = (): bigint => BigInt(`0x${randomBytes(8).toString('hex')}`);

/** Channels: opened, listed, priced, closed. */
export class ChannelDesk {
  readonly #parts: ChannelDeskParts;

  constructor(parts: ChannelDeskParts) {
    this.#parts = parts;
  }

  open(
    { nodeId, capacitySat, pushMsat = 0n, announce = false }: OpenRequest,
    scidAlias: boolean,
    userId: bigint = newUserId(),
  ): Promise<OpenedChannel> {
    const { channels, desk, settings, pump } = this.#parts;
    const opened = desk.expectOpening(userId);
    const created = channels.create_channel(
      unhex(nodeId),
      capacitySat,
      pushMsat,
      userId,
      null,
      userConfig({ ...settings, scidAlias }, announce),
    );
    if (!isOk(created)) desk.failOpening(userId, `create_channel: ${errorText(errorOf(created))}`);
    pump();
    return opened;
  }

  list(): PeerChannel[] {
    return this.#parts.channels.list_channels().map(peerChannel);
  }

  setForwardingFee(channelId: string, feeBaseMsat: number): void {
    const channel = this.#channel(channelId);
    const config = userConfig(this.#parts.settings).get_channel_config();
    config.set_forwarding_fee_base_msat(feeBaseMsat);
    unwrap(
      this.#parts.channels.update_channel_config(
        channel.get_counterparty().get_node_id(),
        [channel.get_channel_id()],
        config,
      ),
      'update_channel_config',
    );
    this.#parts.pump();
  }

  close(channelId: string): void {
    const channel = this.#channel(channelId);
    const counterparty = channel.get_counterparty().get_node_id();
    unwrap(this.#parts.channels.close_channel(channel.get_channel_id(), counterparty), 'close_channel');
    this.#parts.pump();
  }

  forceClose(channelId: string): void {
    const channel = this.#channel(channelId);
    unwrap(
      this.#parts.channels.force_close_broadcasting_latest_txn(
        channel.get_channel_id(),
        channel.get_counterparty().get_node_id(),
        'force close',
      ),
      'force_close',
    );
    this.#parts.pump();
  }

  #channel(channelId: string): ldk.ChannelDetails {
    const found = this.#parts.channels
      .list_channels()
      .find((channel) => hex(channel.get_channel_id().get_a()) === channelId);
    if (found === undefined) throw new Error(`no channel ${channelId}`);
    return found;
  }
}
