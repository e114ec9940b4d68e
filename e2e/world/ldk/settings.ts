import type { RpcTarget } from '../rpc.ts';
import { ldk, shortName } from './library.ts';
import type { LspTerms } from './lsp-settings.ts';

/** Everything has a default that suits regtest. All plain data: it crosses a process boundary. */
export type LdkSettings = {
  readonly rpc: RpcTarget;
  readonly alias: string;
  /** 0: chosen by the system, and kept over restarts by whoever asks for it. Null: does not listen. */
  readonly port: number | null;
  /** Null: kept in memory only. */
  readonly folder: string | null;
  /** 32 bytes as hex; null: random at the first start. */
  readonly seed: string | null;
  /** Proposes and accepts option_anchors; false: static_remotekey only. */
  readonly anchors: boolean;
  /** Asks for option_scid_alias when it opens. */
  readonly scidAlias: boolean;
  readonly upfrontShutdown: boolean;
  readonly gossip: boolean;
  readonly minimumDepth: number;
  readonly maxAcceptedHtlcs: number;
  readonly htlcMinimumMsat: bigint;
  /** The part of a channel's value that may be in flight towards it. */
  readonly inFlightPercent: number;
  readonly toSelfDelay: number;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvDelta: number;
  /** What it answers to open_channel. */
  readonly inbound: 'accept' | 'trust-unconfirmed' | 'reject';
  /** sat per 1,000 weight for commitment transactions. */
  readonly commitmentFeerate: number;
  readonly pollMs: number;
  /** Sells channels. Null: does not. */
  readonly lsp: LspTerms | null;
};

export const DEFAULTS: Omit<LdkSettings, 'rpc'> = {
  alias: 'ldk',
  port: 0,
  folder: null,
  seed: null,
  anchors: true,
  scidAlias: false,
  upfrontShutdown: true,
  gossip: true,
  minimumDepth: 1,
  maxAcceptedHtlcs: 483,
  htlcMinimumMsat: 1n,
  inFlightPercent: 100,
  toSelfDelay: 144,
  feeBaseMsat: 1000,
  feeProportionalMillionths: 0,
  cltvDelta: 72,
  inbound: 'accept',
  commitmentFeerate: 500,
  pollMs: 100,
  lsp: null,
};

/** sat per 1,000 weight. */
export function feerateFor(target: ldk.ConfirmationTarget, commitmentFeerate: number): number {
  switch (shortName(ldk.ConfirmationTarget[target], 'LDKConfirmationTarget_')) {
    case 'MaximumFeeEstimate':
      return Math.max(25_000, commitmentFeerate * 2);
    case 'UrgentOnChainSweep':
      return Math.max(1000, commitmentFeerate);
    case 'AnchorChannelFee':
    case 'NonAnchorChannelFee':
    case 'OutputSpendingFee':
      return commitmentFeerate;
    default:
      return 253;
  }
}

export function userConfig(settings: LdkSettings, announce = false): ldk.UserConfig {
  const handshake = ldk.ChannelHandshakeConfig.constructor_default();
  handshake.set_minimum_depth(settings.minimumDepth);
  handshake.set_our_to_self_delay(settings.toSelfDelay);
  handshake.set_our_htlc_minimum_msat(settings.htlcMinimumMsat);
  handshake.set_our_max_accepted_htlcs(settings.maxAcceptedHtlcs);
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(settings.inFlightPercent);
  handshake.set_negotiate_anchors_zero_fee_htlc_tx(settings.anchors);
  handshake.set_negotiate_scid_privacy(settings.scidAlias && !announce);
  handshake.set_announce_for_forwarding(announce);
  handshake.set_commit_upfront_shutdown_pubkey(settings.upfrontShutdown);
  handshake.set_their_channel_reserve_proportional_millionths(10_000);

  const limits = ldk.ChannelHandshakeLimits.constructor_default();
  limits.set_max_funding_satoshis(10_000_000_000n);
  limits.set_force_announced_channel_preference(false);
  limits.set_their_to_self_delay(2016);
  limits.set_min_max_accepted_htlcs(1);

  const channel = ldk.ChannelConfig.constructor_default();
  channel.set_forwarding_fee_base_msat(settings.feeBaseMsat);
  channel.set_forwarding_fee_proportional_millionths(settings.feeProportionalMillionths);
  channel.set_cltv_expiry_delta(settings.cltvDelta);
  channel.set_max_dust_htlc_exposure(ldk.MaxDustHTLCExposure.constructor_fee_rate_multiplier(10_000n));

  const config = ldk.UserConfig.constructor_default();
  config.set_channel_handshake_config(handshake);
  config.set_channel_handshake_limits(limits);
  config.set_channel_config(channel);
  config.set_accept_forwards_to_priv_channels(true);
  config.set_accept_intercept_htlcs(settings.lsp !== null);
  config.set_accept_inbound_channels(true);
  // Without it LDK refuses every channel with anchors and every one without confirmations.
  config.set_manually_accept_inbound_channels(true);
  return config;
}
