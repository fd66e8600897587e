//! A PostgreSQL server of one test's own, which never runs as root.

use crate::support::pki::Pki;
use crate::support::run::{LIMIT, run};
use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Whom it runs as where the test runs as root, whom it refuses: nobody.
const NOBODY: u32 = 65534;

/// It is stopped when it is dropped, or when the test's thread dies.
pub(crate) struct Server {
    directory: TempDir,
    port: u16,
    process: Child,
}

impl Server {
    pub(crate) fn start(pki: &Pki) -> Self {
        Self::start_with(pki, "ssl=on")
    }

    pub(crate) fn start_without_tls(pki: &Pki) -> Self {
        Self::start_with(pki, "ssl=off")
    }

    fn start_with(pki: &Pki, tls: &str) -> Self {
        let mut directory = cluster(pki);
        // It cannot choose a port by itself, and somebody else may take the one that is free now.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(listener);
            let process = spawn(directory.path(), port, tls);
            let mut server = Self { directory, port, process };
            if server.is_ready() {
                return server;
            }
            let taken = server.log().contains("Address already in use");
            assert!(taken, "it does not start: {}", server.log());
            // The next attempt begins anew: the directory goes away with the server.
            drop(server);
            directory = cluster(pki);
        }
        panic!("there is no free port");
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://test@localhost:{}/postgres", self.port)
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    /// Waits until its log says so.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) {
        let end = Instant::now() + LIMIT;
        while !self.log().contains(words) {
            assert!(Instant::now() < end, "{words:?} is not said: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it is, or has ended.
    fn is_ready(&mut self) -> bool {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if self.log().contains("ready to accept connections") {
                return true;
            }
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = command(self.directory.path(), "pg_ctl");
        stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]);
        let stopped = stop.arg(self.directory.path().join("data")).output();
        if !stopped.is_ok_and(|output| output.status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A new database cluster, with the server's certificate in it.
fn cluster(pki: &Pki) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    hand_over(directory.path());
    let mut initdb = command(directory.path(), "initdb");
    initdb.args(["--no-sync", "--username=test", "--auth=trust", "--pgdata"]);
    let made = run(initdb.arg(&data));
    assert!(made.success, "{made:#?}");
    let files = [("server.crt", pki.certificate.pem()), ("server.key", pki.key.serialize_pem())];
    for (name, text) in files {
        let path = data.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        hand_over(&path);
    }
    directory
}

fn spawn(directory: &Path, port: u16, tls: &str) -> Child {
    let mut command = command(directory, "postgres");
    command.arg("-D").arg(directory.join("data")).args(["-p", &port.to_string()]);
    let local = ["listen_addresses=127.0.0.1", "unix_socket_directories="];
    for setting in local.iter().chain(&[tls, "fsync=off", "log_connections=on"]) {
        command.args(["-c", setting]);
    }
    let log = File::create(directory.join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// A program of PostgreSQL, which dies with the thread that runs it.
fn command(directory: &Path, name: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root() {
        let [uid, gid] = ["--reuid", "--regid"].map(|option| format!("{option}={NOBODY}"));
        command.args([&uid, &gid, "--clear-groups"]);
    }
    command.arg(find(name)).current_dir(directory).env("LC_ALL", "C");
    command
}

/// Debian keeps them off the path.
fn find(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin").join(name));
    let newest = installed.filter(|path| path.exists()).max();
    newest.unwrap_or_else(|| PathBuf::from(name))
}

fn hand_over(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}
