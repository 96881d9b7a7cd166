//! `holdfast incident`: the records of attacks. They are read from their files, so that it needs no node; words for a
//! record go through the node that writes it.

use super::client::NodeClient;
use super::{By, Which};
use crate::clock;
use crate::incident::{Archive, Export, Source, exported};
use crate::ops::WordsRequest;
use crate::telemetry::{instant, print};
use anyhow::{Context, bail};
use awc::http::Method;
use clap::{Args, Subcommand};
use evidence::chain::verify;
use evidence::incident::{IncidentId, Name, Text};

/// What `holdfast incident` is asked.
#[derive(Debug, Args)]
pub(crate) struct IncidentCommand {
    #[command(flatten)]
    which: Which,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the records, the latest first.
    List,
    /// Make a report, with what a person has to fill in marked.
    Report {
        /// Its name; and the folders of the same attack at other nodes
        #[arg(required = true, value_name = "ID or FOLDER")]
        incidents: Vec<String>,
        /// Markdown for people, JSON for programs, or the table of indicators
        #[arg(long, value_enum, default_value = "md")]
        format: Export,
    },
    /// Print a timeline as it is written.
    Show {
        /// Its name, or a folder
        #[arg(value_name = "ID or FOLDER")]
        incident: String,
    },
    /// Check that no line was changed, removed or added.
    Verify {
        /// Its name, or a folder
        #[arg(value_name = "ID or FOLDER")]
        incident: String,
    },
    /// Put words into a record: what you saw or did, or whom you told.
    Note {
        /// Its name
        incident: IncidentId,
        /// The words
        text: Text,
        /// Who was told this: the ICO, the provider, the police, members
        #[arg(long, value_name = "WHOM")]
        to: Option<Name>,
        #[command(flatten)]
        by: By,
    },
}

/// Does it, and prints the answer.
pub(crate) fn run(command: IncidentCommand) -> anyhow::Result<()> {
    let archive = Archive::new(&command.which.data);
    match command.action.unwrap_or(Action::List) {
        Action::List => list(&archive, command.json),
        Action::Report { incidents, format } => {
            let sources: Vec<Source> = incidents.iter().map(|incident| Source::of(incident)).collect();
            let form = if command.json { Export::Json } else { format };
            print(exported(&command.which.data, &sources, form, clock::wall())?.trim_end())
        }
        Action::Show { incident } => {
            let bytes = Source::of(&incident).bytes(&archive)?;
            print(String::from_utf8_lossy(&bytes).trim_end())
        }
        Action::Verify { incident } => check(&archive, &incident),
        Action::Note { incident, text, to, by } => {
            let words = WordsRequest { text, to, name: by.name };
            actix_web::rt::System::new().block_on(async {
                let node = NodeClient::connect(&command.which.socket()).await?;
                node.ask(Method::POST, &format!("/incidents/{incident}/notes"), Some(&words)).await
            })?;
            print("written into the record")
        }
    }
}

fn list(archive: &Archive, as_json: bool) -> anyhow::Result<()> {
    let listed = archive.list().context("the records of incidents cannot be read")?;
    if as_json {
        return print(&serde_json::to_string(&listed)?);
    }
    if listed.is_empty() {
        return print("there was no incident");
    }
    for one in listed {
        let closed = one.closed_at.map_or_else(|| "open".to_owned(), instant);
        let chain = if one.is_intact { "" } else { "  BROKEN: holdfast incident verify" };
        print(&format!("{}  until {closed}  {}  {} lines{chain}", one.id, one.worst, one.lines))?;
    }
    Ok(())
}

fn check(archive: &Archive, incident: &str) -> anyhow::Result<()> {
    let source = Source::of(incident);
    let path = source.path(archive);
    match verify(&source.bytes(archive)?) {
        Ok(intact) => {
            let torn = if intact.is_torn { "; a line at its end was never finished" } else { "" };
            let (lines, head) = (intact.chain.lines(), intact.chain.head());
            print(&format!("whole: {lines} lines{torn}\nlast hash {head}"))
        }
        Err(broken) => bail!("{}: {broken}", path.display()),
    }
}
