use crate::json::{number, number_or, string, text};
use ldk_node::bitcoin::Network;
use ldk_node::config::{AnchorChannelsConfig, Config};
use ldk_node::liquidity::LSPS2ServiceConfig;
use ldk_node::lightning::ln::msgs::SocketAddress;
use ldk_node::logger::LogLevel;
use ldk_node::{Builder, Node};
use serde_json::Value;
use std::str::FromStr;

/// `folder`, `alias`, `listen`, `rpc` {host, port, user, password}; `anchors`, `anchor_reserve_sats`, `zero_conf_peers`, `lsps2`.
pub fn build(wanted: &Value) -> Result<Node, String> {
    let mut config = Config::default();
    config.network = Network::Regtest;
    config.storage_dir_path = string(wanted, "folder")?;
    for id in wanted["zero_conf_peers"].as_array().into_iter().flatten() {
        let id = id.as_str().ok_or("zero_conf_peers: not a string")?;
        config.trusted_peers_0conf.push(id.parse().map_err(text)?);
    }
    let mut anchors = AnchorChannelsConfig::default();
    anchors.per_channel_reserve_sats = number_or(wanted, "anchor_reserve_sats", anchors.per_channel_reserve_sats);
    config.anchor_channels_config = (wanted["anchors"] != Value::Bool(false)).then_some(anchors);

    let mut builder = Builder::from_config(config);
    builder.set_filesystem_logger(None, Some(LogLevel::Trace));
    let rpc = &wanted["rpc"];
    let port = number(rpc, "port")? as u16;
    builder.set_chain_source_bitcoind_rpc(string(rpc, "host")?, port, string(rpc, "user")?, string(rpc, "password")?);
    let listen = SocketAddress::from_str(&string(wanted, "listen")?).map_err(text)?;
    builder.set_listening_addresses(vec![listen]).map_err(text)?;
    builder.set_node_alias(string(wanted, "alias")?).map_err(text)?;
    if let Some(fee) = wanted["lsps2"]["minimum_fee_msat"].as_u64() {
        builder.set_liquidity_provider_lsps2(lsps2(fee));
    }
    builder.build().map_err(text)
}

/// It sells a channel for each first payment, and forwards to private channels.
fn lsps2(minimum_fee_msat: u64) -> LSPS2ServiceConfig {
    LSPS2ServiceConfig {
        require_token: None,
        advertise_service: true,
        channel_opening_fee_ppm: 10_000,
        channel_over_provisioning_ppm: 1_000_000,
        min_channel_opening_fee_msat: minimum_fee_msat,
        min_channel_lifetime: 1_000,
        max_client_to_self_delay: 2_016,
        min_payment_size_msat: 0,
        max_payment_size_msat: 1_000_000_000,
        client_trusts_lsp: false,
    }
}
