//! The Redis that the tool starts: it fsyncs each message before it is answered, as a campaign's does.

use super::{PATIENCE, Served};
use crate::launch::{self, Cores};
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// Between two looks whether it answers.
const POLL: Duration = Duration::from_millis(10);

/// A Redis on a Unix socket.
#[derive(Debug)]
pub(super) struct Redis {
    folder: PathBuf,
    cores: Cores,
    complaints: File,
    served: Served,
}

impl Redis {
    pub(super) fn start(folder: &Path, cores: &Cores, complaints: &File) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut redis = Self {
            folder: folder.to_owned(),
            cores: cores.clone(),
            complaints: complaints.try_clone()?,
            served: Served::default(),
        };
        redis.restart()?;
        Ok(redis)
    }

    pub(super) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.served.id()
    }

    pub(super) const fn served(&mut self) -> &mut Served {
        &mut self.served
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// Starts it on the data that it has, and waits until it answers.
    pub(super) fn restart(&mut self) -> anyhow::Result<()> {
        self.served = Served::default();
        let mut command = launch::command(Path::new("redis-server"), &self.cores)?;
        command
            .args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
            .args(["--maxmemory-policy", "noeviction", "--unixsocketperm", "700"])
            .arg("--unixsocket")
            .arg(self.socket())
            .arg("--dir")
            .arg(&self.folder)
            .arg("--logfile")
            .arg(self.folder.join("redis.log"))
            .stdout(Stdio::null())
            .stderr(self.complaints.try_clone()?);
        let child = command.spawn().context("redis-server could not be started")?;
        self.served = Served(Some(child));
        let mut waited = Duration::ZERO;
        while !self.answers() {
            let ended = self.served.0.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || waited > PATIENCE {
                bail!("redis-server does not answer: is it installed? (apt-get install redis-server)");
            }
            std::thread::sleep(POLL);
            waited += POLL;
        }
        Ok(())
    }

    /// Whether it has loaded its data and takes commands.
    fn answers(&self) -> bool {
        let asked = UnixStream::connect(self.socket()).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"*1\r\n$4\r\nPING\r\n")?;
            let mut answer = [0; 7];
            stream.read_exact(&mut answer)?;
            Ok(answer)
        });
        asked.is_ok_and(|answer| answer == *b"+PONG\r\n")
    }
}
