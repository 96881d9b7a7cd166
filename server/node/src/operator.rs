//! What operators ask of a node that runs: `holdfast posture`, `holdfast status`, and words for `holdfast incident`.

mod client;
mod incident;
mod posture;
mod statement;
mod status;

pub(crate) use incident::{IncidentCommand, run as incident};
pub(crate) use posture::{PostureCommand, run as posture};
pub(crate) use statement::{StatementArguments, run as statement};
pub(crate) use status::{StatusArguments, run as status};

use crate::{config, ops};
use clap::Args;
use evidence::incident::Name;
use std::path::PathBuf;
use url::form_urlencoded::Serializer;

/// Which node.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The data folder of the node
    #[arg(long, env = "HOLDFAST_DATA", default_value = config::DEFAULT_DATA, global = true)]
    data: PathBuf,
    /// Its socket for operators [default: ops.sock in the data folder]
    #[arg(long, env = "HOLDFAST_OPS_SOCKET", global = true)]
    ops_socket: Option<PathBuf>,
}

impl Which {
    fn socket(&self) -> PathBuf {
        self.ops_socket.clone().unwrap_or_else(|| ops::usual_path(&self.data))
    }
}

/// How an operator calls themselves, for the record.
#[derive(Debug, Args)]
pub(crate) struct By {
    /// Your name, for the record; your user id is in it either way
    #[arg(long = "as", value_name = "NAME")]
    name: Option<Name>,
}

impl By {
    /// The same path, with the name behind it.
    fn on(&self, path: &str) -> String {
        let Some(name) = &self.name else { return path.to_owned() };
        let query = Serializer::new(String::new()).append_pair("as", name.as_str()).finish();
        format!("{path}?{query}")
    }
}

/// No body.
const NOTHING: Option<&()> = None;
