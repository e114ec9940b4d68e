//! ldk-node as a program: one JSON object a line in, one out. `{"id":1,"cmd":"channels"}` is answered by
//! `{"id":1,"ok":[…]}` or `{"id":1,"err":"…"}`, in any order; `{"event":…}` comes when it happens. The first argument is
//! the configuration, as JSON. Ends when its input ends.
mod commands;
mod config;
mod json;

use ldk_node::Event;
use serde_json::{json, Value};
use std::io::{BufRead, Write};
use std::sync::Arc;

fn say(line: Value) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: our input ends too.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn start() -> Result<Arc<ldk_node::Node>, String> {
    let text = std::env::args().nth(1).ok_or("no configuration")?;
    let wanted: Value = serde_json::from_str(&text).map_err(json::text)?;
    let node = Arc::new(config::build(&wanted)?);
    node.start().map_err(json::text)?;
    Ok(node)
}

fn main() {
    let node = match start() {
        Ok(node) => node,
        Err(why) => {
            say(json!({ "failed": why }));
            std::process::exit(1);
        }
    };
    say(json!({ "ready": node.node_id().to_string() }));
    let told = Arc::clone(&node);
    std::thread::spawn(move || loop {
        let event = told.wait_next_event();
        if let Some(news) = news_of(&event) {
            say(json!({ "event": news }));
        }
        if told.event_handled().is_err() {
            return;
        }
    });
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(request) = serde_json::from_str::<Value>(&line) else { continue };
        let node = Arc::clone(&node);
        // Some of them wait for the network: each has its own thread.
        std::thread::spawn(move || {
            let id = request["id"].clone();
            say(match commands::run(&node, &request) {
                Ok(value) => json!({ "id": id, "ok": value }),
                Err(why) => json!({ "id": id, "err": why }),
            });
        });
    }
    let _ = node.stop();
    std::process::exit(0);
}

fn news_of(event: &Event) -> Option<Value> {
    match event {
        Event::PaymentClaimable { payment_hash, claimable_amount_msat, .. } => Some(json!({
            "held": json::hex(&payment_hash.0), "amount_msat": claimable_amount_msat.to_string(),
        })),
        Event::PaymentFailed { payment_id, reason, .. } => Some(json!({
            "failed": payment_id.map(|id| json::hex(&id.0)), "reason": format!("{reason:?}"),
        })),
        Event::ChannelClosed { channel_id, reason, .. } => Some(json!({
            "closed": channel_id.to_string(), "reason": reason.as_ref().map(|why| why.to_string()),
        })),
        _ => None,
    }
}
