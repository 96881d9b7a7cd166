//! Processes by line: each by itself if there is room, else those of a kind in one sum.

use super::format;
use crate::report::series::ProcessLoad;

/// From this share of a core on a generator is too busy to be sure that it measures the server and not itself: each
/// works in one thread.
const GENERATOR_BUSY: f64 = 0.9;

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) cpu: f64,
    pub(super) memory_bytes: u64,
    pub(super) descriptors: u64,
    pub(super) remark: String,
    /// Whether the remark is a warning.
    pub(super) busy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Server,
    Generator,
}

/// What the table shows in so many rows.
pub(super) fn lines(servers: &[ProcessLoad], generators: &[ProcessLoad], rows: usize) -> Vec<Line> {
    let folded = usize::from(!generators.is_empty());
    let (each_server, each_generator) = if servers.len() + generators.len() <= rows {
        (true, true)
    } else {
        (servers.len() + folded <= rows, false)
    };
    let mut lines = of_kind(Kind::Server, servers, each_server);
    lines.extend(of_kind(Kind::Generator, generators, each_generator));
    lines
}

/// All of a kind in one line; nothing if there are none.
pub(super) fn sum(processes: &[ProcessLoad]) -> Option<(f64, u64)> {
    let cpu = processes.iter().map(|process| process.cpu).sum();
    let memory = processes.iter().map(|process| process.memory_bytes).sum();
    (!processes.is_empty()).then_some((cpu, memory))
}

fn of_kind(kind: Kind, processes: &[ProcessLoad], each: bool) -> Vec<Line> {
    if each || processes.len() < 2 {
        return processes.iter().map(|process| single(kind, process)).collect();
    }
    let Some(((cpu, memory_bytes), busiest)) =
        sum(processes).zip(processes.iter().max_by(|a, b| a.cpu.total_cmp(&b.cpu)))
    else {
        return Vec::new();
    };
    let name = match kind {
        Kind::Server => "servers",
        Kind::Generator => "generators",
    };
    let busy = is_busy(kind, busiest);
    let remark = format!("busiest {:.2}{}", busiest.cpu, if busy { " !" } else { "" });
    let descriptors = processes.iter().map(|process| process.descriptors).sum();
    vec![Line {
        name: format!("{name}, all {}", processes.len()),
        cpu,
        memory_bytes,
        descriptors,
        remark,
        busy,
    }]
}

fn single(kind: Kind, process: &ProcessLoad) -> Line {
    let busy = is_busy(kind, process);
    Line {
        name: format::one_line(&process.name),
        cpu: process.cpu,
        memory_bytes: process.memory_bytes,
        descriptors: process.descriptors,
        remark: if busy { "! busy".to_owned() } else { String::new() },
        busy,
    }
}

fn is_busy(kind: Kind, process: &ProcessLoad) -> bool {
    kind == Kind::Generator && process.cpu >= GENERATOR_BUSY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processes(name: &str, shares: &[f64]) -> Vec<ProcessLoad> {
        let process = |(at, cpu): (usize, &f64)| ProcessLoad {
            name: format!("{name} {}", at + 1),
            cpu: *cpu,
            memory_bytes: 1_024,
            descriptors: 10,
        };
        shares.iter().enumerate().map(process).collect()
    }

    fn names(servers: &[f64], generators: &[f64], rows: usize) -> Vec<String> {
        let lines = lines(&processes("node", servers), &processes("generator", generators), rows);
        lines.into_iter().map(|line| line.name).collect()
    }

    #[test]
    fn few_processes_have_a_line_each() {
        assert_eq!(names(&[0.1], &[0.2], 2), ["node 1", "generator 1"]);
        assert_eq!(names(&[], &[], 2), [""; 0]);
    }

    #[test]
    fn generators_fold_before_servers_do() {
        assert_eq!(names(&[0.1, 0.1], &[0.2, 0.2], 3), ["node 1", "node 2", "generators, all 2"]);
        assert_eq!(names(&[0.1, 0.1], &[0.2, 0.2], 2), ["servers, all 2", "generators, all 2"]);
    }

    #[test]
    fn a_sum_tells_of_the_busiest() {
        let lines = lines(&processes("node", &[0.25, 0.5, 0.25]), &[], 2);
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(
            (format::cores(line.cpu).as_str(), line.memory_bytes, line.descriptors),
            ("1.00 core", 3_072, 30)
        );
        assert_eq!((line.remark.as_str(), line.busy), ("busiest 0.50", false));
    }

    #[test]
    fn only_a_busy_generator_is_warned_of() {
        let lines = lines(&processes("node", &[1.5]), &processes("generator", &[0.95]), 2);
        let busy: Vec<(&str, bool)> = lines.iter().map(|line| (line.remark.as_str(), line.busy)).collect();
        assert_eq!(busy, [("", false), ("! busy", true)]);
    }
}
