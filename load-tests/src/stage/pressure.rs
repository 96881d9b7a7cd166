//! How hard pressed a node says it is, look by look: asked over its operators' socket, which answers while it is flooded.

use anyhow::{Context, bail};
use httparse::Status;
use serde::Deserialize;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a node may take; who is asked again in a second is not waited for.
const PATIENCE: Duration = Duration::from_millis(200);
/// The longest answer: a minute of looks, with room to spare.
const ANSWER_MAX_BYTES: u64 = 64 * 1024;

#[derive(Deserialize)]
struct Series {
    looks: Vec<(u64, f64)>,
}

/// What came after `since`, in milliseconds since 1970: when, and how long work waited, relative to the target.
pub(super) fn ask(socket: &Path, since: u64) -> anyhow::Result<Vec<(u64, f64)>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /pressure?since={since} HTTP/1.1\r\nHost: ops\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX_BYTES).read_to_end(&mut answer)?;
    read(&answer)
}

fn read(answer: &[u8]) -> anyhow::Result<Vec<(u64, f64)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let Status::Complete(head) = response.parse(answer)? else { bail!("the answer is not whole") };
    if response.code != Some(200) {
        bail!("it answered {}", response.code.unwrap_or_default());
    }
    let series: Series = serde_json::from_slice(answer.get(head..).unwrap_or_default())
        .context("the answer makes no sense")?;
    Ok(series.looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_a_whole_or_not_at_all() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"looks\":[[1700,0.5],[1800,12.25]]}";
        assert_eq!(read(answer).unwrap(), [(1_700, 0.5), (1_800, 12.25)]);
        for length in 0..answer.len() - 1 {
            assert!(read(&answer[..length]).is_err(), "{length}");
        }
        assert!(read(b"HTTP/1.1 404 Not Found\r\n\r\n").is_err(), "an older node");
    }
}
