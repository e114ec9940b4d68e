use ldk_node::payment::{PaymentDetails, PaymentKind, PaymentStatus};
use ldk_node::ChannelDetails;
use serde_json::{json, Value};
use std::fmt::Debug;

pub fn text<E: Debug>(error: E) -> String {
    format!("{error:?}")
}

pub fn string(from: &Value, key: &str) -> Result<String, String> {
    from[key].as_str().map(str::to_string).ok_or(format!("{key}: no string"))
}

/// Amounts travel as strings: JavaScript's numbers end at 2^53.
pub fn number(from: &Value, key: &str) -> Result<u64, String> {
    optional(from, key).ok_or(format!("{key}: no number"))
}

pub fn optional(from: &Value, key: &str) -> Option<u64> {
    from[key].as_u64().or_else(|| from[key].as_str().and_then(|digits| digits.parse().ok()))
}

pub fn number_or(from: &Value, key: &str, otherwise: u64) -> u64 {
    optional(from, key).unwrap_or(otherwise)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex32(digits: &str) -> Result<[u8; 32], String> {
    if digits.len() != 64 || !digits.is_ascii() {
        return Err("not 32 bytes of hex".into());
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).map_err(text)?;
    }
    Ok(bytes)
}

pub fn channel(one: &ChannelDetails) -> Value {
    json!({
        "channel_id": one.channel_id.to_string(),
        "user_channel_id": one.user_channel_id.0.to_string(),
        "counterparty": one.counterparty_node_id.to_string(),
        "funding_txid": one.funding_txo.map(|out| out.txid.to_string()),
        "funding_index": one.funding_txo.map(|out| out.vout),
        "scid": one.short_channel_id.map(|id| format!("{}x{}x{}", id >> 40, (id >> 16) & 0xff_ffff, id & 0xffff)),
        "capacity_sat": one.channel_value_sats.to_string(),
        "outbound_msat": one.outbound_capacity_msat.to_string(),
        "inbound_msat": one.inbound_capacity_msat.to_string(),
        "reserve_sat": one.unspendable_punishment_reserve.map(|sat| sat.to_string()),
        "feerate_per_kw": one.feerate_sat_per_1000_weight,
        "confirmations": one.confirmations,
        "is_outbound": one.is_outbound,
        "is_announced": one.is_announced,
        "is_ready": one.is_channel_ready,
        "is_usable": one.is_usable,
        "next_outbound_msat": one.next_outbound_htlc_limit_msat.to_string(),
    })
}

pub fn payment(one: &PaymentDetails) -> Value {
    let (hash, preimage) = match &one.kind {
        PaymentKind::Bolt11 { hash, preimage, .. }
        | PaymentKind::Bolt11Jit { hash, preimage, .. }
        | PaymentKind::Spontaneous { hash, preimage } => (Some(hash), preimage.as_ref()),
        _ => (None, None),
    };
    json!({
        "state": match one.status {
            PaymentStatus::Pending => "pending",
            PaymentStatus::Succeeded => "succeeded",
            PaymentStatus::Failed => "failed",
        },
        "hash": hash.map(|hash| hex(&hash.0)),
        "preimage": preimage.map(|preimage| hex(&preimage.0)),
        "fee_msat": one.fee_paid_msat.unwrap_or(0).to_string(),
    })
}
