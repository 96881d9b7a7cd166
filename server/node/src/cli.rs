//! The command line.

use crate::audit::{self, AuditCommand};
use crate::config::{self, Config, Options};
use crate::egress::{self, EgressArguments};
use crate::http::openapi;
use crate::keys::{self, KeysCommand};
use crate::operator::{self, IncidentCommand, PostureCommand, StatementArguments, StatusArguments};
use crate::{clock, keys_file, limits, serve, telemetry};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use identity::{AccessTokens, Claims};
use protocol::{ChannelName, MemberId, Role};
use std::path::PathBuf;
use std::time::Duration;

/// A campaign's own messaging platform that keeps working while it is flooded.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve activists and organisers.
    Serve(Options),
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print every bound: its value, what happens when it is reached, and where that is seen.
    Limits,
    /// Print the contract of the REST API: an `OpenAPI` document.
    Openapi,
    /// Print an access token, or one for a single subscription, for test clients and scripts.
    Token(TokenArguments),
    /// Print what left this node, and to whom: a line of JSON per account.
    Egress(EgressArguments),
    /// Who did what: check that nothing was changed, or print it.
    Audit(AuditCommand),
    /// A campaign's own keys: the root key that is kept offline, and the manifest of organisers' keys that it signs.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Say how a running node fares.
    Status(StatusArguments),
    /// Show how hard pressed the service is, or order a posture.
    Posture(PostureCommand),
    /// Say something to everybody on the status page, or give the all-clear.
    Statement(StatementArguments),
    /// The records of attacks: list, report, verify, note.
    Incident(IncidentCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the configuration in effect, as a file that would have the same effect.
    Print(Options),
    /// Say whether the configuration can be used.
    Check(Options),
}

#[derive(Debug, Args)]
struct TokenArguments {
    /// Whose token: 1 to 64 of A-Z a-z 0-9 . _ - @
    #[arg(long, value_parser = parse_member)]
    sub: MemberId,
    /// activist, observer, sender, approver, admin, or organiser (sender and approver); several by commas
    #[arg(long, value_delimiter = ',', default_value = "activist")]
    role: Vec<String>,
    /// Server-side subscriptions, which the token also gives the right to read
    #[arg(long, value_delimiter = ',', value_parser = parse_channel)]
    channels: Vec<ChannelName>,
    /// Teams that the member reads and posts in
    #[arg(long, value_delimiter = ',', value_parser = parse_label)]
    teams: Vec<String>,
    /// Regions whose bulletins the member reads
    #[arg(long, value_delimiter = ',', value_parser = parse_label)]
    regions: Vec<String>,
    /// Instead of an access token, one with which the member may subscribe to this channel alone
    #[arg(long, value_name = "CHANNEL", value_parser = parse_channel,
          conflicts_with_all = ["role", "channels", "teams", "regions"])]
    subscribe: Option<ChannelName>,
    /// How long the token is valid, for example 10m, 1h, 90days
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration)]
    ttl: Duration,
    /// The data folder, for the keys inside it
    #[arg(long, env = "HOLDFAST_DATA", default_value = config::DEFAULT_DATA)]
    data: PathBuf,
    /// The file of keys; by default keys.json in the data folder
    #[arg(long, env = "HOLDFAST_KEYS")]
    keys: Option<PathBuf>,
}

/// Does what the command line asks.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(options) => serve::run(Config::from_sources(options)?),
        Command::Config(ConfigCommand::Check(options)) => {
            Config::from_sources(options)?;
            telemetry::print("the configuration can be used")
        }
        Command::Config(ConfigCommand::Print(options)) => {
            telemetry::print(Config::from_sources(options)?.to_toml()?.trim_end())
        }
        Command::Limits => telemetry::print(&limits::markdown()),
        Command::Openapi => telemetry::print(&openapi::text()?),
        Command::Token(arguments) => telemetry::print(&token(&arguments)?),
        Command::Egress(arguments) => egress::report(&arguments),
        Command::Audit(command) => audit::command(&command),
        Command::Keys(command) => keys::run(command),
        Command::Status(arguments) => operator::status(&arguments),
        Command::Posture(command) => operator::posture(command),
        Command::Statement(arguments) => operator::statement(arguments),
        Command::Incident(command) => operator::incident(command),
    }
}

fn token(arguments: &TokenArguments) -> anyhow::Result<String> {
    let path = arguments.keys.clone().unwrap_or_else(|| keys_file::default_path(&arguments.data));
    let keys = keys_file::load_or_create(&path)?;
    let tokens = AccessTokens::new(&keys)?;
    if let Some(channel) = &arguments.subscribe {
        let minted = tokens.subscriptions().mint(&arguments.sub, channel, clock::wall(), arguments.ttl);
        return minted.context("no token was made");
    }
    let roles = arguments.role.iter().map(|word| roles(word)).collect::<anyhow::Result<Vec<_>>>()?;
    let claims = Claims {
        roles: roles.concat(),
        regions: arguments.regions.clone(),
        teams: arguments.teams.clone(),
        channels: arguments.channels.clone(),
        ..Claims::default()
    };
    tokens.mint(&arguments.sub, &claims, clock::wall(), arguments.ttl).context("no token was made")
}

fn roles(word: &str) -> anyhow::Result<Vec<Role>> {
    if word == "organiser" {
        return Ok(vec![Role::Sender, Role::Approver]);
    }
    let role = word.parse::<Role>().with_context(|| format!("--role {word}"))?;
    Ok(vec![role])
}

fn parse_member(text: &str) -> Result<MemberId, String> {
    MemberId::parse(text).map_err(|_| "a member id is 1 to 64 of A-Z a-z 0-9 . _ - @".to_owned())
}

fn parse_channel(text: &str) -> Result<ChannelName, String> {
    ChannelName::parse(text).map_err(|error| error.to_string())
}

fn parse_label(text: &str) -> Result<String, String> {
    ChannelName::team(text)
        .ok()
        .filter(|channel| channel.kind().is_some())
        .map(|_| text.to_owned())
        .ok_or_else(|| "a team or region is 1 to 249 of A-Z a-z 0-9 . _ -".to_owned())
}
