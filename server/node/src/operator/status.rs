//! `holdfast status`: how a node fares, once or every second.

use super::client::NodeClient;
use super::{NOTHING, Which};
use crate::telemetry::{print, when};
use anyhow::{Context, bail};
use awc::http::Method;
use awc::ws::Frame;
use clap::Args;
use futures_util::StreamExt;
use serde_json::{Map, Value};

/// What `holdfast status` is asked.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    which: Which,
    /// A line every second, until the node stops
    #[arg(long)]
    watch: bool,
    /// Print what the node answers, as JSON
    #[arg(long)]
    json: bool,
}

/// Prints how the node fares.
pub(crate) fn run(arguments: &StatusArguments) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let node = NodeClient::connect(&arguments.which.socket()).await?;
        if arguments.watch {
            return watch(&node, arguments.json).await;
        }
        let status = node.ask(Method::GET, "/status", NOTHING).await?;
        print(&if arguments.json { status.to_string() } else { shown(&status) })
    })
}

async fn watch(node: &NodeClient, as_json: bool) -> anyhow::Result<()> {
    let mut socket = node.watch().await?;
    while let Some(frame) = socket.next().await {
        match frame.context("the live feed broke off")? {
            Frame::Text(bytes) if as_json => print(std::str::from_utf8(&bytes)?)?,
            Frame::Text(bytes) => print(&line(&serde_json::from_slice(&bytes)?))?,
            Frame::Close(_) => return Ok(()),
            Frame::Binary(_) | Frame::Continuation(_) | Frame::Ping(_) | Frame::Pong(_) => {}
        }
    }
    bail!("the node is gone")
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or_default()
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("?")
}

/// All of one object's figures, by name.
fn figures(value: &Value, path: &str) -> String {
    let empty = Map::new();
    let of = value.pointer(path).and_then(Value::as_object).unwrap_or(&empty);
    let words: Vec<String> = of.iter().map(|(name, figure)| format!("{name} {figure}")).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn line(status: &Value) -> String {
    let connections = status.pointer("/connections").and_then(Value::as_object);
    let open: u64 = connections.into_iter().flat_map(Map::values).filter_map(Value::as_u64).sum();
    format!(
        "{} {} q={:.2} open {open} strangers +{:.0}/s in {:.0}/s, publishes {:.0}/s, deliveries {:.0}/s, behind {} ({:.1} s)",
        when(status.get("at")),
        text(status, "/posture"),
        number(status, "/pressure"),
        number(status, "/per_second/stranger/offered"),
        number(status, "/per_second/stranger/admitted"),
        number(status, "/publishes_per_second"),
        number(status, "/deliveries_per_second"),
        number(status, "/behind/readers"),
        number(status, "/behind/oldest_seconds"),
    )
}

fn shown(status: &Value) -> String {
    let mut lines = vec![
        format!(
            "posture      {} since {}, by {}",
            text(status, "/posture"),
            when(status.get("since")),
            text(status, "/trigger")
        ),
        format!(
            "pressure     {:.2} of the delay target; memory {:.0} %, descriptors {:.0} %",
            number(status, "/pressure"),
            100.0 * number(status, "/memory_share"),
            100.0 * number(status, "/descriptors_share")
        ),
        format!("connections  {}", figures(status, "/connections")),
    ];
    let classes = status.pointer("/per_second").and_then(Value::as_object);
    for (class, _) in classes.into_iter().flatten() {
        lines.push(format!("{class:12} {} a second", figures(status, &format!("/per_second/{class}"))));
    }
    lines.push(format!(
        "messages     {:.1} published and {:.1} delivered a second",
        number(status, "/publishes_per_second"),
        number(status, "/deliveries_per_second")
    ));
    lines.push(format!("behind       {}", figures(status, "/behind")));
    lines.push(match status.pointer("/incident/id").and_then(Value::as_str) {
        None => "incident     none is open".to_owned(),
        Some(id) => format!("incident     {id} is open: holdfast incident report {id}"),
    });
    for (name, said) in [
        ("/incident_is_failing", "the record of the incident cannot be written: is the disk full?"),
        ("/is_draining", "the node is stopping"),
        ("/passkeys_are_optional", "organisers are not asked for passkeys (--organiser-passkeys optional)"),
    ] {
        if status.pointer(name).and_then(Value::as_bool).unwrap_or_default() {
            lines.push(format!("note         {said}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_that_lacks_everything_is_shown_without_a_panic() {
        for empty in [json!(null), json!({}), json!({"connections": 5, "per_second": []})] {
            assert!(line(&empty).contains("q=0.00"), "{}", line(&empty));
            assert!(shown(&empty).contains("none is open"));
        }
    }

    #[test]
    fn a_line_has_what_an_operator_looks_for() {
        let status = json!({
            "at": 1_795_687_200_000_u64, "posture": "under_attack", "pressure": 2.5,
            "connections": {"activist": 100, "stranger": 20},
            "per_second": {"stranger": {"offered": 900.0, "admitted": 3.0}},
            "publishes_per_second": 2.0, "deliveries_per_second": 200.0,
            "behind": {"readers": 4, "oldest_seconds": 0.25},
        });
        assert_eq!(
            line(&status),
            "2026-11-26T10:00:00Z under_attack q=2.50 open 120 strangers +900/s in 3/s, publishes 2/s, \
             deliveries 200/s, behind 4 (0.2 s)"
        );
    }
}
