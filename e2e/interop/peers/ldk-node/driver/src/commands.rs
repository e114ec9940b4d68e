use crate::json::{channel, number, number_or, optional, payment, string, text, unhex32};
use ldk_node::bitcoin::secp256k1::PublicKey;
use ldk_node::lightning::ln::channelmanager::PaymentId;
use ldk_node::lightning::ln::msgs::SocketAddress;
use ldk_node::lightning_invoice::{Bolt11Invoice, Bolt11InvoiceDescription, Description};
use ldk_node::lightning_types::payment::{PaymentHash, PaymentPreimage};
use ldk_node::{Node, UserChannelId};
use serde_json::{json, Value};

const EXPIRY_SECONDS: u64 = 3_600;

pub fn run(node: &Node, asked: &Value) -> Result<Value, String> {
    match string(asked, "cmd")?.as_str() {
        "address" => Ok(json!(node.onchain_payment().new_address().map_err(text)?.to_string())),
        "balance" => {
            let balances = node.list_balances();
            Ok(json!({
                "total_sat": balances.total_onchain_balance_sats.to_string(),
                "spendable_sat": balances.spendable_onchain_balance_sats.to_string(),
            }))
        }
        "height" => Ok(json!(node.status().current_best_block.height)),
        "sync" => done(node.sync_wallets()),
        "connect" => done(node.connect(peer(asked)?, address(asked)?, false)),
        "disconnect" => done(node.disconnect(peer(asked)?)),
        "peers" => {
            let all = node.list_peers();
            Ok(all.iter().filter(|one| one.is_connected).map(|one| one.node_id.to_string()).collect())
        }
        "open" => open(node, asked),
        "channels" => Ok(node.list_channels().iter().map(channel).collect()),
        "close" => done(node.close_channel(&user_channel(asked)?, peer(asked)?)),
        "force_close" => done(node.force_close_channel(&user_channel(asked)?, peer(asked)?, None)),
        "invoice" => invoice(node, asked),
        "pay" => pay(node, asked),
        "keysend" => {
            let id = node.spontaneous_payment().send(number(asked, "amount_msat")?, peer(asked)?, None);
            Ok(json!(crate::json::hex(&id.map_err(text)?.0)))
        }
        "payment" => {
            let id = PaymentId(unhex32(&string(asked, "payment_id")?)?);
            Ok(node.payment(&id).as_ref().map_or(Value::Null, payment))
        }
        "claim" => {
            let preimage = PaymentPreimage(unhex32(&string(asked, "preimage")?)?);
            done(node.bolt11_payment().claim_for_hash(hash(asked)?, number(asked, "amount_msat")?, preimage))
        }
        "fail" => done(node.bolt11_payment().fail_for_hash(hash(asked)?)),
        "graph" => {
            let graph = node.network_graph();
            Ok(graph
                .list_channels()
                .into_iter()
                .filter(|id| {
                    graph.channel(*id).is_some_and(|one| one.one_to_two.is_some() && one.two_to_one.is_some())
                })
                .map(|id| format!("{}x{}x{}", id >> 40, (id >> 16) & 0xff_ffff, id & 0xffff))
                .collect())
        }
        other => Err(format!("unknown command {other}")),
    }
}

fn done<E: std::fmt::Debug>(result: Result<(), E>) -> Result<Value, String> {
    result.map(|()| Value::Null).map_err(text)
}

fn peer(asked: &Value) -> Result<PublicKey, String> {
    string(asked, "node_id")?.parse().map_err(text)
}

fn address(asked: &Value) -> Result<SocketAddress, String> {
    string(asked, "address")?.parse().map_err(text)
}

fn user_channel(asked: &Value) -> Result<UserChannelId, String> {
    Ok(UserChannelId(string(asked, "user_channel_id")?.parse().map_err(text)?))
}

fn hash(asked: &Value) -> Result<PaymentHash, String> {
    Ok(PaymentHash(unhex32(&string(asked, "payment_hash")?)?))
}

fn open(node: &Node, asked: &Value) -> Result<Value, String> {
    let (id, at, sat) = (peer(asked)?, address(asked)?, number(asked, "capacity_sat")?);
    let push = optional(asked, "push_msat");
    let opened = if asked["announce"] == json!(true) {
        node.open_announced_channel(id, at, sat, push, None)
    } else {
        node.open_channel(id, at, sat, push, None)
    };
    Ok(json!(opened.map_err(text)?.0.to_string()))
}

fn invoice(node: &Node, asked: &Value) -> Result<Value, String> {
    let desk = node.bolt11_payment();
    let words = Description::new(string(asked, "description")?).map_err(text)?;
    let words = Bolt11InvoiceDescription::Direct(words);
    let expiry = number_or(asked, "expiry_seconds", EXPIRY_SECONDS) as u32;
    let made = match (optional(asked, "amount_msat"), hash(asked).ok()) {
        (Some(amount), None) => desk.receive(amount, &words, expiry),
        (Some(amount), Some(hash)) => desk.receive_for_hash(amount, &words, expiry, hash),
        (None, None) => desk.receive_variable_amount(&words, expiry),
        (None, Some(hash)) => desk.receive_variable_amount_for_hash(&words, expiry, hash),
    }
    .map_err(text)?;
    Ok(json!({ "bolt11": made.to_string(), "payment_hash": made.payment_hash().to_string() }))
}

fn pay(node: &Node, asked: &Value) -> Result<Value, String> {
    let invoice: Bolt11Invoice = string(asked, "bolt11")?.parse().map_err(text)?;
    let id = match optional(asked, "amount_msat") {
        Some(amount) => node.bolt11_payment().send_using_amount(&invoice, amount, None),
        None => node.bolt11_payment().send(&invoice, None),
    };
    Ok(json!(crate::json::hex(&id.map_err(text)?.0)))
}
