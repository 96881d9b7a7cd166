//! `holdfast posture`: how hard pressed the service is, and an order for a time.

use super::client::NodeClient;
use super::{By, NOTHING, Which};
use crate::ops::OrderRequest;
use crate::telemetry::print;
use crate::telemetry::when;
use awc::http::Method;
use clap::{Args, Subcommand};
use serde_json::Value;

/// What `holdfast posture` is asked.
#[derive(Debug, Args)]
pub(crate) struct PostureCommand {
    #[command(flatten)]
    which: Which,
    /// Print what the node answers, as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show it, and what it rests on.
    Show,
    /// Order a posture for all nodes; the order ends by itself.
    Set {
        /// One of normal, elevated, `under_attack`, survival
        posture: String,
        /// Why, for the record
        #[arg(long)]
        why: String,
        /// For how long, at most 24h
        #[arg(long = "for", value_name = "TIME", default_value = "30m")]
        lasts: String,
        #[command(flatten)]
        by: By,
    },
    /// Take the order back; the nodes decide by themselves again.
    Clear {
        #[command(flatten)]
        by: By,
    },
}

/// Asks or orders, and prints the answer.
pub(crate) fn run(command: PostureCommand) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let node = NodeClient::connect(&command.which.socket()).await?;
        let answer = match command.action.unwrap_or(Action::Show) {
            Action::Show => {
                let view = node.ask(Method::GET, "/posture", NOTHING).await?;
                return print(&if command.json { view.to_string() } else { shown(&view) });
            }
            Action::Set { posture, why, lasts, by } => {
                let order = OrderRequest { posture, why, lasts: Some(lasts), name: by.name };
                node.ask(Method::PUT, "/posture", Some(&order)).await?
            }
            Action::Clear { by } => node.ask(Method::DELETE, &by.on("/posture"), NOTHING).await?,
        };
        print(&if command.json { answer.to_string() } else { reach(&answer).to_owned() })
    })
}

fn reach(answer: &Value) -> &'static str {
    match answer.get("reach").and_then(Value::as_str) {
        Some("everywhere") => "done, at all nodes within seconds",
        Some(_) | None => "done at this node; the store is away, and tells the others when it is back",
    }
}

fn shown(view: &Value) -> String {
    let text = |name: &str| view.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let number = |name: &str| view.get(name).and_then(Value::as_f64).unwrap_or_default();
    let mut lines = vec![format!(
        "{} since {}, by {} ({:.2})",
        text("posture"),
        when(view.get("since")),
        text("trigger"),
        number("value")
    )];
    lines.push(format!("this node alone: {}; nodes known: {}", text("own"), number("nodes")));
    if let Some(order) = view.get("order").filter(|order| !order.is_null()) {
        let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        lines.push(format!("ordered by {} until {}: {}", text("who"), when(order.get("until")), text("why")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_order_is_shown_with_who_gave_it_and_when_it_ends() {
        let view = json!({
            "posture": "survival", "since": 1_795_687_200_000_u64, "trigger": "override", "value": 0.0,
            "own": "normal", "nodes": 2,
            "order": {"who": "Ada, uid 7", "why": "a drill", "until": 1_795_689_000_000_u64},
        });
        assert_eq!(
            shown(&view),
            "survival since 2026-11-26T10:00:00Z, by override (0.00)\n\
             this node alone: normal; nodes known: 2\n\
             ordered by Ada, uid 7 until 2026-11-26T10:30:00Z: a drill"
        );
        assert!(shown(&json!({})).starts_with("? since ?"));
    }
}
