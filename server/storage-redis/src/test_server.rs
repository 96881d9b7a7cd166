//! A `redis-server` of one's own on a Unix socket in a folder of its own, for tests: it can be killed, frozen,
//! started again on the same data, and set back to an older copy of its data. Gone when dropped.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, process, thread};

const READY_POLL: Duration = Duration::from_millis(5);
const READY_POLLS_MAX: u32 = 4_000;

/// A durable Redis (`appendonly yes`, `appendfsync always`).
#[derive(Debug)]
pub struct TestRedis {
    folder: PathBuf,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl TestRedis {
    /// Starts a server and waits until it answers.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with further arguments, which overrule its own.
    pub fn start_with(arguments: &[&str]) -> io::Result<Self> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("holdfast-redis-{}-{number}", process::id()));
        fs::create_dir_all(folder.join("data"))?;
        let mut server = Self {
            folder,
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
            child: None,
        };
        server.restart()?;
        Ok(server)
    }

    /// Where it listens, for `RedisStore::connect`.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its data, to be copied while it is stopped or idle.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Ends it without warning, as a crash would.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it on the data that it had, after killing it if it still runs, and waits until it answers.
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--port", "0", "--save", "", "--appendonly", "yes"])
            .args(["--appendfsync", "always"])
            .arg("--unixsocket")
            .arg(self.socket())
            .arg("--dir")
            .arg(self.data())
            .arg("--logfile")
            .arg(self.folder.join("log"))
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.child = Some(command.spawn()?);
        self.wait_until_it_answers()
    }

    /// Kills it and starts it on the data that it had, with these further arguments in place of the earlier ones.
    pub fn restart_with(&mut self, arguments: &[&str]) -> io::Result<()> {
        self.arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        self.restart()
    }

    /// Freezes it: connections stay, answers do not come.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Ends [`TestRedis::freeze`].
    pub fn thaw(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    /// Copies its data to a new folder beside it; of what it writes meanwhile, the copy has a part.
    pub fn back_up(&self, name: &str) -> io::Result<()> {
        copy_folder(&self.data(), &self.folder.join(name))
    }

    /// Kills it, puts a copy in the place of its data, and starts it on that.
    pub fn restore(&mut self, name: &str) -> io::Result<()> {
        self.kill()?;
        fs::remove_dir_all(self.data())?;
        copy_folder(&self.folder.join(name), &self.data())?;
        self.restart()
    }

    /// Runs one command and answers the first line of the reply, for a bulk string its text.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        let mut stream = UnixStream::connect(self.socket())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut request = Vec::new();
        write!(request, "*{}\r\n", words.len())?;
        for word in words {
            write!(request, "${}\r\n{word}\r\n", word.len())?;
        }
        stream.write_all(&request)?;
        let mut reply = BufReader::new(stream);
        let mut line = String::new();
        reply.read_line(&mut line)?;
        let Some(length) = line.strip_prefix('$').and_then(|text| text.trim().parse().ok()) else {
            return Ok(line.trim_end().to_owned());
        };
        let mut bulk = vec![0; length];
        reply.read_exact(&mut bulk)?;
        Ok(String::from_utf8_lossy(&bulk).into_owned())
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let Some(child) = &self.child else {
            return Err(io::Error::other("the server is not running"));
        };
        let status = Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("the server cannot be signalled")) }
    }

    /// `LOADING` and a missing socket are not yet answers; being asked for a password is.
    fn wait_until_it_answers(&mut self) -> io::Result<()> {
        for _ in 0..READY_POLLS_MAX {
            if let Ok(answer) = self.command(&["PING"])
                && (answer == "+PONG" || answer.starts_with("-NOAUTH"))
            {
                return Ok(());
            }
            if let Some(child) = &mut self.child
                && child.try_wait()?.is_some()
            {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(io::Error::other(format!("redis-server ended: {log}")));
            }
            thread::sleep(READY_POLL);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "redis-server does not answer"))
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure.
        drop(self.kill());
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
