//! Starts another program that ends when the tool ends, on the cores that it is given. The tool starts everything
//! through this step, because what a process takes over from its parent can only be set in that process itself.

use anyhow::Context;
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_setaffinity};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Which cores a process may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cores(pub(crate) Vec<usize>);

impl Cores {
    /// Server and generator each get half of the machine, if it has two cores and that is wanted; else both get all.
    pub(crate) fn shared_out(cores: usize, pin: bool) -> (Self, Self) {
        if !pin || cores < 2 {
            return (Self::default(), Self::default());
        }
        let half = cores / 2;
        (Self((0..half).collect()), Self((half..cores).collect()))
    }

    /// One core for the server, another for the generator, if there are two.
    pub(crate) fn one_each(cores: usize) -> (Self, Self) {
        if cores < 2 { (Self::default(), Self::default()) } else { (Self(vec![0]), Self(vec![1])) }
    }

    fn words(&self) -> String {
        let words: Vec<String> = self.0.iter().map(usize::to_string).collect();
        words.join(",")
    }
}

/// Reads what [`command`] wrote.
pub(crate) fn parse_cores(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is no core"))
}

/// A command that starts `program` on these cores, in a process group of its own: Ctrl-C reaches the tool alone, which
/// ends everything in order.
pub(crate) fn command(program: &Path, cores: &Cores) -> anyhow::Result<Command> {
    command_in(program, cores, None)
}

/// The same in a control group: `members` is the file of its processes.
pub(crate) fn command_in(program: &Path, cores: &Cores, members: Option<&Path>) -> anyhow::Result<Command> {
    let own = std::env::current_exe().context("the tool's own program")?;
    let mut command = Command::new(own);
    command.arg("launch");
    if !cores.0.is_empty() {
        command.arg("--cores").arg(cores.words());
    }
    if let Some(members) = members {
        command.arg("--group").arg(members);
    }
    command.arg("--").arg(program).stdin(Stdio::null()).process_group(0);
    Ok(command)
}

/// Becomes the program.
pub(crate) fn become_program(
    cores: &[usize],
    members: Option<&Path>,
    program: &[std::ffi::OsString],
) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("the end of the tool could not be bound")?;
    if let Some(members) = members {
        std::fs::write(members, std::process::id().to_string()).context("the control group takes nobody")?;
    }
    if !cores.is_empty() {
        let mut set = CpuSet::new();
        for core in cores {
            set.set(*core);
        }
        sched_setaffinity(None, &set).context("the cores could not be chosen")?;
    }
    let (name, arguments) = program.split_first().context("no program was named")?;
    let error = Command::new(name).args(arguments).exec();
    Err(error).with_context(|| format!("{} could not be started", name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_and_generator_share_no_core_if_there_are_two() {
        assert_eq!(Cores::shared_out(2, true), (Cores(vec![0]), Cores(vec![1])));
        assert_eq!(Cores::one_each(8), (Cores(vec![0]), Cores(vec![1])));
        assert_eq!(Cores::shared_out(5, true), (Cores(vec![0, 1]), Cores(vec![2, 3, 4])));
        for (cores, pin) in [(1, true), (8, false)] {
            assert_eq!(Cores::shared_out(cores, pin), (Cores::default(), Cores::default()));
        }
    }
}
