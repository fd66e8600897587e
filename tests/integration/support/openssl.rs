//! OpenSSL, the peer whose directories the library reads: its command, and a server.

use super::command::run;
use super::pki::Identity;
use std::ffi::OsStr;
use std::fs;
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
    let mut command = Command::new("openssl");
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
}

impl OpensslServer {
    pub(crate) fn start(identity: &Identity) -> Self {
        Self::start_with(identity, &[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(identity: &Identity, arguments: &[&str]) -> Self {
        let output = NamedTempFile::new().unwrap();
        let child = command()
            .args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cert"])
            .arg(&identity.certificate)
            .arg("-key")
            .arg(&identity.key)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.reopen().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, address: ([127, 0, 0, 1], 0).into() };
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            let said = fs::read_to_string(output.path()).unwrap();
            let port =
                said.split_once("ACCEPT 127.0.0.1:").and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((port, _)) = port {
                server.address.set_port(port.parse().unwrap());
                return server;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("openssl s_server does not start");
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
