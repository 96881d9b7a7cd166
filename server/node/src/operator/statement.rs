//! `holdfast statement`: what the status page says to everybody, also when no admin can sign in.

use super::client::NodeClient;
use super::{By, NOTHING, Which};
use crate::ops::StatementRequest;
use crate::telemetry::print;
use awc::http::Method;
use clap::Args;

/// What `holdfast statement` is asked.
#[derive(Debug, Args)]
pub(crate) struct StatementArguments {
    #[command(flatten)]
    which: Which,
    /// What everybody is to know: 1 to 500 characters
    #[arg(required_unless_present = "all_clear", conflicts_with = "all_clear")]
    text: Option<String>,
    /// Take it off the page: it is over
    #[arg(long)]
    all_clear: bool,
    #[command(flatten)]
    by: By,
}

/// Says it, or takes it back.
pub(crate) fn run(arguments: StatementArguments) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let node = NodeClient::connect(&arguments.which.socket()).await?;
        if let Some(text) = arguments.text {
            let statement = StatementRequest { text, name: arguments.by.name };
            node.ask(Method::PUT, "/statement", Some(&statement)).await?;
            return print("it is on the status page, of all nodes within seconds");
        }
        node.ask(Method::DELETE, &arguments.by.on("/statement"), NOTHING).await?;
        print("all clear")
    })
}
