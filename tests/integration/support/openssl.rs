//! OpenSSL, the peer whose directories the library reads: its command, and a server.

use super::command::run;
use super::pki::Identity;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// How long the server may take to start.
const LIMIT: Duration = Duration::from_secs(10);

/// What a run of the command prints; it has to succeed.
pub(crate) fn openssl(arguments: &[&dyn AsRef<OsStr>]) -> String {
    let run = run(command().args(arguments));
    assert_eq!(run.code, Some(0), "{arguments:?}: {run:#?}", arguments = Shown(arguments));
    run.stdout
}

/// Whether OpenSSL trusts a server's certificate, with a directory and nothing else.
pub(crate) fn verifies(directory: &Path, certificate: &Path) -> bool {
    let run = run(command()
        .args(["verify", "-no-CAfile", "-no-CAstore", "-purpose", "sslserver", "-CApath"])
        .args([directory, certificate]));
    let refused = ["unable to get local issuer", "certificate signature failure"];
    let refused = refused.iter().any(|why| run.stderr.contains(why));
    assert!(run.code == Some(0) || refused, "{run:#?}");
    run.code == Some(0)
}

/// Without any setting of this machine. The path is looked up before that.
pub(crate) fn command() -> Command {
    command_of("openssl")
}

fn command_of(program: &str) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    command.env_clear().env("PATH", path);
    command
}

struct Shown<'a>(&'a [&'a dyn AsRef<OsStr>]);

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|argument| argument.as_ref())).finish()
    }
}

/// A server that is not made of rustls; it goes with the value.
pub(crate) struct OpensslServer {
    child: Child,
    address: SocketAddr,
    output: NamedTempFile,
}

impl OpensslServer {
    pub(crate) fn start(identity: &Identity) -> Self {
        Self::start_with(identity, &[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(identity: &Identity, arguments: &[&str]) -> Self {
        Self::start_at(0, identity, arguments)
    }

    /// The same on a port that was another one's, or on any where it is 0.
    pub(crate) fn start_at(port: u16, identity: &Identity, arguments: &[&str]) -> Self {
        let mut command = command();
        command.stdin(Stdio::null());
        Self::begin(command, port, identity, &[&["-www"], arguments].concat())
    }

    /// One that says what is typed in, and prints what it is told.
    pub(crate) fn start_typed(identity: &Identity, arguments: &[&str]) -> Self {
        // What it prints is seen at once.
        let mut command = command_of("stdbuf");
        command.args(["-oL", "openssl"]).stdin(Stdio::piped());
        Self::begin(command, 0, identity, arguments)
    }

    fn begin(mut command: Command, port: u16, identity: &Identity, arguments: &[&str]) -> Self {
        let output = NamedTempFile::new().unwrap();
        let child = command
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
            .arg(&identity.certificate)
            .arg("-key")
            .arg(&identity.key)
            .args(arguments)
            .stdout(output.reopen().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, address: ([127, 0, 0, 1], port).into(), output };
        let said = server.await_said("ACCEPT");
        // Of a port that it is told it says nothing.
        let (_, rest) = said.split_once("ACCEPT").unwrap();
        if let Some((port, _)) = rest.split_once(':').and_then(|(_, rest)| rest.split_once('\n')) {
            server.address.set_port(port.parse().unwrap());
        }
        server
    }

    /// Waits until it has said something.
    pub(crate) fn await_said(&self, what: &str) -> String {
        let end = Instant::now() + LIMIT;
        loop {
            let said = fs::read(self.output.path()).unwrap();
            let said = String::from_utf8_lossy(&said).into_owned();
            if said.ends_with('\n') && said.contains(what) {
                return said;
            }
            assert!(Instant::now() < end, "openssl s_server does not say {what:?}: {said}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types something in. A letter on a line of its own may be a command, see s_server(1).
    pub(crate) fn type_in(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
