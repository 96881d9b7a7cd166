//! One `holdfast` process under test.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process that is stopped when the test ends.
#[derive(Debug)]
pub(crate) struct TestNode {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What a node is started with.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) data: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) listen: SocketAddr,
    /// Where it answers operators; nowhere, unless a test asks for it, so that tests can run side by side.
    pub(crate) ops: Option<SocketAddr>,
    /// Whether organisers have to show passkeys, as the product has it. Other tests are of something else, and their
    /// organisers sign in as those of a campaign with a sign-on of its own.
    asks_for_passkeys: bool,
    ulimit: Option<String>,
}

/// The environment's word for the driver that tests run on, where they do not say so themselves.
const TRANSPORT: &str = "HOLDFAST_TEST_TRANSPORT";
const BINARY: &str = env!("CARGO_BIN_EXE_holdfast");

impl Start {
    /// On the embedded store in this folder, on a port that is free now and can be used again.
    pub(crate) fn embedded(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            arguments: Vec::new(),
            listen: free_address(),
            ops: None,
            asks_for_passkeys: false,
            ulimit: None,
        }
    }

    /// On a Redis, with the keys of this folder.
    pub(crate) fn on_redis(data: &Path, url: &str) -> Self {
        let mut start = Self::embedded(data);
        start.arguments = vec!["--redis".into(), url.into()];
        start
    }

    /// The same, with an ops listener on a port that is free now.
    pub(crate) fn with_ops(mut self) -> Self {
        self.ops = Some(free_address());
        self
    }

    /// The same, where organisers have to show passkeys.
    pub(crate) fn asking_for_passkeys(mut self) -> Self {
        self.asks_for_passkeys = true;
        self
    }

    /// Starts it and waits until it serves.
    pub(crate) fn run(&self) -> TestNode {
        self.run_with_log(Stdio::null())
    }

    /// Like [`Start::run`], with its log somewhere.
    pub(crate) fn run_with_log(&self, log: impl Into<Stdio>) -> TestNode {
        let mut child = self.command().stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let scheme =
            if self.arguments.iter().any(|argument| argument == "--tls-cert") { "https" } else { "http" };
        let ready = format!("ready {scheme}://");
        let address = line.trim().strip_prefix(&ready).unwrap_or_else(|| panic!("said {line:?}"));
        TestNode { address: address.parse().unwrap(), child }
    }

    /// Starts it in the hope that it refuses; answers its exit code and what it said on standard error.
    pub(crate) fn refusal(&self) -> (Option<i32>, String) {
        let output = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing may be half-started");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The same, under limits on descriptors that the shell's `ulimit` sets.
    pub(crate) fn under(mut self, ulimit: &str) -> Self {
        self.ulimit = Some(ulimit.to_owned());
        self
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = match &self.ulimit {
            None => holdfast(),
            Some(ulimit) => without_our_variables({
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(format!("ulimit {ulimit} && exec \"$0\" \"$@\"")).arg(BINARY);
                shell
            }),
        };
        command.arg("serve").arg("--listen").arg(self.listen.to_string()).arg("--data").arg(&self.data);
        command
            .arg("--ops-listen")
            .arg(self.ops.map_or_else(|| "off".to_owned(), |address| address.to_string()));
        // On a machine that is busy with other tests a node is hard pressed, which is another test's concern.
        command.args(["--delay-target", "1m"]);
        if !self.asks_for_passkeys {
            command.args(["--organiser-passkeys", "optional"]);
        }
        // The whole suite can be run on the other driver.
        if let Ok(transport) = std::env::var(TRANSPORT)
            && !self.arguments.iter().any(|argument| argument == "--transport")
        {
            command.args(["--transport", &transport]);
        }
        command.args(&self.arguments);
        command
    }
}

impl TestNode {
    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Bytes of memory that it has now.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.status_bytes("VmRSS:")
    }

    /// Most bytes of memory that it ever had.
    pub(crate) fn peak_bytes(&self) -> usize {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, field: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1_024
    }

    /// As a power switch would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it that files have changed: SIGHUP.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// As an operator would: SIGTERM, and wait.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), None);
        status
    }

    /// Like [`TestNode::terminate`], and what it printed after its first line.
    pub(crate) fn terminate_and_read(mut self) -> (ExitStatus, String) {
        let mut stdout = self.child.stdout.take().unwrap();
        let status = self.terminate();
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        (status, rest)
    }
}

impl Drop for TestNode {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// The binary, without what the caller's environment says about it.
pub(crate) fn holdfast() -> Command {
    without_our_variables(Command::new(BINARY))
}

fn without_our_variables(mut command: Command) -> Command {
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HOLDFAST_") {
            command.env_remove(name);
        }
    }
    command
}

/// A token signed with the keys of this folder.
pub(crate) fn token(data: &Path, arguments: &[&str]) -> String {
    let output = holdfast().arg("token").arg("--data").arg(data).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
