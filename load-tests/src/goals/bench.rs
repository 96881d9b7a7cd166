//! `redis-benchmark` with the very call by which a node publishes: it is overheard while the node makes it, and made
//! again and again on the same Redis, which so has the script and the channel that the node had.

use crate::launch::{self, Cores};
use crate::run::Onlooker;
use crate::stage::Stage;
use anyhow::{Context, anyhow, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::JoinHandle;
use std::time::Duration;

/// How long Redis may say nothing, which is longer than any phase in which nobody publishes.
const PATIENCE: Duration = Duration::from_mins(2);
/// What is in the key under which a message counts once; behind it comes whose message it is.
const IDEMPOTENCY: &[u8] = b":idem:";
/// What `redis-benchmark` puts a number of twelve digits in place of, so that each call is another message.
const ANY: &[u8] = b"__rand_int__";
/// Of how many numbers it takes them: few meet.
const ANY_MAX: &str = "1000000000";
/// Which argument of the call is the log: EVALSHA, hash, number of keys, meta, lineage, log.
const LOG: usize = 5;
/// The least share of the calls that must have stored something.
const STORED_MIN: f64 = 0.99;

/// Listens at the Redis of a run, and measures on it when the run is over.
#[derive(Debug)]
pub(super) struct Bench {
    clients: u32,
    calls: u32,
    heard: Option<anyhow::Result<Ear>>,
    rate: Option<anyhow::Result<f64>>,
}

/// Listens at the Redis on this socket.
#[derive(Debug)]
struct Ear {
    socket: PathBuf,
    hears: JoinHandle<anyhow::Result<Call>>,
}

/// The arguments of a call.
type Call = Vec<Vec<u8>>;

impl Bench {
    pub(super) const fn new(clients: u32, calls: u32) -> Self {
        Self { clients, calls, heard: None, rate: None }
    }

    /// Calls a second; consumes what was measured.
    pub(super) fn rate(self) -> anyhow::Result<f64> {
        self.rate.unwrap_or_else(|| Err(anyhow!("the run did not come so far")))
    }
}

impl Onlooker for Bench {
    fn set(&mut self, stage: &Stage) {
        let socket = stage.redis_socket().context("the run has no Redis");
        self.heard = Some(socket.and_then(|socket| {
            let stream = UnixStream::connect(&socket)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(Ear { socket, hears: std::thread::spawn(move || overhear(stream)) })
        }));
    }

    fn over(&mut self, _: &Stage) {
        self.rate = self.heard.take().map(|heard| {
            let Ear { socket, hears } = heard?;
            let call = hears.join().map_err(|_| anyhow!("nobody listened"))??;
            measure(&socket, &call, self.clients, self.calls)
        });
    }
}

/// Listens until somebody publishes.
fn overhear(mut stream: UnixStream) -> anyhow::Result<Call> {
    stream.write_all(b"MONITOR\r\n")?;
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).context("nobody published")? == 0 {
            bail!("Redis ended before anybody published");
        }
        let call = arguments(&line);
        let publishes = call.iter().any(|argument| holds(argument, IDEMPOTENCY));
        if publishes && call.first().is_some_and(|name| name.eq_ignore_ascii_case(b"EVALSHA")) {
            return Ok(call);
        }
    }
}

/// The arguments of a line of MONITOR: words in quotes, with what is no letter as `\xHH` and the like.
fn arguments(line: &[u8]) -> Call {
    let mut arguments = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, &mut word) {
            (b'"', None) => word = Some(Vec::new()),
            (b'"', Some(_)) => arguments.extend(word.take()),
            (b'\\', Some(word)) => match bytes.next() {
                Some(b'n') => word.push(b'\n'),
                Some(b'r') => word.push(b'\r'),
                Some(b't') => word.push(b'\t'),
                Some(b'a') => word.push(7),
                Some(b'b') => word.push(8),
                Some(b'x') => {
                    let mut digit =
                        || bytes.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0);
                    let value = digit() * 16 + digit();
                    word.push(u8::try_from(value).unwrap_or(0));
                }
                Some(other) => word.push(other),
                None => {}
            },
            (byte, Some(word)) => word.push(byte),
            (_, None) => {}
        }
    }
    arguments
}

fn holds(whole: &[u8], part: &[u8]) -> bool {
    find(whole, part).is_some()
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

/// The call under another key each time, as long as the key was, and as a program can be given it: no byte of it is 0.
fn again_and_again(call: &[Vec<u8>]) -> Call {
    let other = |argument: &Vec<u8>| {
        let mut argument: Vec<u8> = argument.iter().map(|byte| (*byte).max(1)).collect();
        if let Some(at) = find(&argument, IDEMPOTENCY) {
            let begins = at + IDEMPOTENCY.len();
            let padding = argument.len().saturating_sub(begins + ANY.len());
            argument.truncate(begins);
            argument.extend(std::iter::repeat_n(b'x', padding));
            argument.extend_from_slice(ANY);
        }
        argument
    };
    call.iter().map(other).collect()
}

/// Calls a second of so many clients, each of which waits for its answer. The log must have grown by as much.
fn measure(socket: &Path, call: &[Vec<u8>], clients: u32, calls: u32) -> anyhow::Result<f64> {
    let log = call.get(LOG).context("the call names no log")?;
    let before = entries(socket, log)?;
    let mut command = launch::command(Path::new("redis-benchmark"), &Cores::default())?;
    command.arg("-s").arg(socket).args(["--csv", "-r", ANY_MAX]);
    command.arg("-c").arg(clients.to_string()).arg("-n").arg(calls.to_string());
    command.args(again_and_again(call).iter().map(|argument| OsStr::from_bytes(argument)));
    let output = command.stderr(Stdio::piped()).output().context("it could not be started")?;
    if !output.status.success() {
        bail!("it ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    let stored = entries(socket, log)?.saturating_sub(before);
    if f64::from(u32::try_from(stored).unwrap_or(u32::MAX)) < f64::from(calls) * STORED_MIN {
        bail!("of its {calls} calls {stored} stored a message: is it installed whole, with redis-tools?");
    }
    rate(&output.stdout)
}

/// Calls a second, from the last line: a name, then calls a second and six times of theirs.
fn rate(csv: &[u8]) -> anyhow::Result<f64> {
    const BEHIND: usize = 6;
    let text = String::from_utf8_lossy(csv);
    let field = text.trim_end().rsplit(',').nth(BEHIND).map(|field| field.trim_matches('"'));
    let rate = field.and_then(|field| field.parse::<f64>().ok()).filter(|rate| *rate > 0.0);
    rate.with_context(|| format!("it said {:?}", text.lines().last().unwrap_or("nothing")))
}

/// How many messages a log has.
fn entries(socket: &Path, log: &[u8]) -> anyhow::Result<u64> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut asked = format!("*2\r\n$4\r\nXLEN\r\n${}\r\n", log.len()).into_bytes();
    asked.extend_from_slice(log);
    asked.extend_from_slice(b"\r\n");
    stream.write_all(&asked)?;
    let mut answer = Vec::new();
    for byte in BufReader::new(stream).bytes() {
        match byte? {
            b'\r' => break,
            byte => answer.push(byte),
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let count = answer.strip_prefix(':').and_then(|count| count.parse().ok());
    count.with_context(|| format!("Redis said {answer:?} of its log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_overheard_with_every_byte_of_it() {
        let line = b"1700000000.5 [0 unix:/r.sock] \"EVALSHA\" \"ab\" \"5\" \"h:{t}:log\" \"\\x00\\xff\\\"\\\\\\n\" \"\"\r\n";
        let wanted: Call = vec![
            b"EVALSHA".to_vec(),
            b"ab".to_vec(),
            b"5".to_vec(),
            b"h:{t}:log".to_vec(),
            vec![0, 255, b'"', b'\\', b'\n'],
            Vec::new(),
        ];
        assert_eq!(arguments(line), wanted);
        assert!(arguments(b"+OK\r\n").is_empty());
    }

    #[test]
    fn each_repetition_is_another_message_of_the_same_length() {
        let call: Call = vec![b"h:{t}:idem:load-12/0123.4.5678".to_vec(), vec![0, 1, 2]];
        let other = again_and_again(&call);
        assert_eq!(other, [b"h:{t}:idem:xxxxxxx__rand_int__".to_vec(), vec![1, 1, 2]]);
        assert_eq!(other[0].len(), call[0].len());
    }

    #[test]
    fn the_rate_is_read_whatever_the_call_is_called() {
        let csv = b"\"test\",\"rps\",\"avg\",\"min\",\"p50\",\"p95\",\"p99\",\"max\"\n\
                    \"EVALSHA a,b \"c\",\"12345.67\",\"0.1\",\"0.1\",\"0.1\",\"0.1\",\"0.1\",\"0.1\"\n";
        assert!((rate(csv).unwrap() - 12_345.67).abs() < 1e-9);
        for nothing in [&b""[..], b"ERR unknown", b"\"a\",\"-1\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\""] {
            assert!(rate(nothing).is_err());
        }
    }
}
