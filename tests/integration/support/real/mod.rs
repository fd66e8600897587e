//! Debian's servers: nginx, which answers itself; hitch, haproxy and stunnel, which take TLS off and hand on
//! to a server of plain HTTP; and `openssl s_server`. With them, and first, the server that is made of
//! rustls: so that there is always one.
//!
//! Those that are not installed are left out, which is said on standard error; with
//! `CACERTS_TEST_SERVERS=all` in the environment it is a failure.

mod programs;

use super::pki::Identity;
use super::server::{ClientCertificate, Server};
use programs::{PROGRAMS, Program, Site};
use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, thread};
use tempfile::TempDir;

/// What a missing server is, and whose environment it has to reach: see `alone`.
pub(crate) const REQUIRED: &str = "CACERTS_TEST_SERVERS";

/// How long a server may take to start, and to end.
const LIMIT: Duration = Duration::from_secs(10);

/// How a server is to be.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    pub(super) identity: &'a Identity,
    pub(super) versions: Versions,
    pub(super) clients: Option<(&'a Path, ClientCertificate)>,
    pub(super) ip: IpAddr,
}

/// The TLS versions that a server speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Versions {
    /// 1.2 and 1.3.
    Default,
    /// The one that rustls does not speak.
    Only11,
    Only12,
    Only13,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(identity: &'a Identity) -> Self {
        let ip = Ipv4Addr::LOCALHOST.into();
        Self { identity, versions: Versions::Default, clients: None, ip }
    }

    pub(crate) fn versions(self, versions: Versions) -> Self {
        Self { versions, ..self }
    }

    /// Asks clients for a certificate that leads to this CA.
    pub(crate) fn clients(self, ca: &'a Path, asked: ClientCertificate) -> Self {
        Self { clients: Some((ca, asked)), ..self }
    }

    pub(crate) fn on(self, ip: impl Into<IpAddr>) -> Self {
        Self { ip: ip.into(), ..self }
    }

    /// Does something with each server there is, one after the other.
    pub(crate) fn with_each(self, test: impl Fn(&Real)) {
        // They start at the same time. Each ends with the thread that started it, should it be left over.
        let ours = (self.versions != Versions::Only11).then(|| Real::of_rustls(&self));
        let programs: Vec<_> = PROGRAMS.iter().filter_map(|p| Real::of_program(p, &self)).collect();
        for mut server in ours.into_iter().chain(programs) {
            server.await_start(&self);
            let _named = Named(&server);
            test(&server);
        }
    }
}

/// A server, which ends with the value.
pub(crate) struct Real {
    name: &'static str,
    address: SocketAddr,
    running: Running,
}

enum Running {
    Here { _server: Server },
    Program(Process),
}

impl Real {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The service that it stands before, where it is a proxy.
    pub(crate) fn behind(&self) -> Option<&Server> {
        match &self.running {
            Running::Here { .. } => None,
            Running::Program(process) => process.behind.as_ref(),
        }
    }

    /// Its one page, under the name that the good server's certificate has first.
    pub(crate) fn url(&self) -> String {
        self.url_as("localhost")
    }

    /// Its one page, under another name.
    pub(crate) fn url_as(&self, host: &str) -> String {
        format!("https://{host}:{}/page", self.port())
    }

    /// What else nginx has.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port())
    }

    fn of_rustls(setup: &Setup<'_>) -> Self {
        let server = Server::https_as(setup);
        Self {
            name: "rustls",
            address: server.address(),
            running: Running::Here { _server: server },
        }
    }

    fn of_program(program: &'static Program, setup: &Setup<'_>) -> Option<Self> {
        let executable = program.find()?;
        let (process, address) = Process::start(program, executable, setup);
        Some(Self { name: program.name, address, running: Running::Program(process) })
    }

    /// Somebody else may have taken the port, so it is tried again with another.
    fn await_start(&mut self, setup: &Setup<'_>) {
        let Running::Program(process) = &mut self.running else { return };
        let mut said = String::new();
        for _ in 0..3 {
            if process.listens(self.address) {
                return;
            }
            said = process.said();
            let executable = process.executable.clone();
            (*process, self.address) = Process::start(process.program, executable, setup);
        }
        panic!("{} does not start: {said}", self.name);
    }
}

/// Tells which of them it was that a test failed with.
struct Named<'a>(&'a Real);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let said = match &self.0.running {
                Running::Here { .. } => String::new(),
                Running::Program(process) => process.said(),
            };
            eprintln!("it was {} at {}, which said: {said}", self.0.name, self.0.address);
        }
    }
}

impl Program {
    /// Where it is. Not everybody has the directories of servers in their `PATH`.
    fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let usual = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];
        let directories = env::split_paths(&path).chain(usual.map(PathBuf::from));
        let found = directories.map(|d| d.join(self.executable)).find(|path| path.is_file());
        if found.is_none() {
            let name = self.name;
            let required = env::var(REQUIRED).is_ok_and(|which| which == "all");
            assert!(!required, "{name} is not installed, and {REQUIRED}=all");
            // Past the test's captured output, and once.
            static TOLD: [Once; PROGRAMS.len()] = [const { Once::new() }; PROGRAMS.len()];
            let place = PROGRAMS.iter().position(|p| p.name == name).unwrap();
            TOLD[place].call_once(|| {
                let told = format!("{name} is not installed: tests go without it\n");
                let _ = io::stderr().write_all(told.as_bytes());
            });
        }
        found
    }
}

/// A server that is a program, with its files.
struct Process {
    program: &'static Program,
    executable: PathBuf,
    child: Child,
    directory: TempDir,
    /// What it hands on to.
    behind: Option<Server>,
}

impl Process {
    fn start(
        program: &'static Program,
        executable: PathBuf,
        setup: &Setup<'_>,
    ) -> (Self, SocketAddr) {
        let address = SocketAddr::new(setup.ip, free_port(setup.ip));
        let directory = tempfile::tempdir().unwrap();
        let behind = program.is_proxy.then(Server::http);
        let arguments = (program.configure)(&Site {
            setup,
            address,
            behind: behind.as_ref().map(Server::address),
            directory: directory.path(),
        });
        let log = File::create(directory.path().join("log")).unwrap();
        let child = ending_with_us(&executable)
            .args(arguments)
            .env_clear()
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        (Self { program, executable, child, directory, behind }, address)
    }

    /// Waits for it to listen; not if it has ended, or has taken too long.
    fn listens(&mut self, address: SocketAddr) -> bool {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end && self.is_running() {
            if TcpStream::connect_timeout(&address, LIMIT).is_ok() {
                return self.is_running();
            }
            thread::sleep(Duration::from_millis(3));
        }
        false
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn said(&self) -> String {
        let log = fs::read(self.directory.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first, because hitch has processes of its own to end.
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process};
            let pid = Pid::from_raw(self.child.id() as i32).unwrap();
            if self.is_running() {
                let _ = kill_process(pid, Signal::TERM);
            }
        }
        let end = Instant::now() + LIMIT;
        while Instant::now() < end && self.is_running() {
            thread::sleep(Duration::from_millis(1));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that is told to end when this process does, in whatever way, where that can be done without
/// unsafe code: on Linux, by a tool that Debian always has.
fn ending_with_us(executable: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    if !setpriv.is_file() {
        return Command::new(executable);
    }
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM", "--"]).arg(executable);
    command
}

/// A port that nobody listens on. It is below those that a kernel hands out by itself, so that nobody is
/// given it before the server takes it.
fn free_port(ip: IpAddr) -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    // Other processes of tests begin elsewhere.
    static NEXT: LazyLock<AtomicU32> = LazyLock::new(|| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros();
        AtomicU32::new(std::process::id().wrapping_mul(7919).wrapping_add(time) % COUNT)
    });
    for _ in 0..COUNT {
        let port = (FIRST + NEXT.fetch_add(1, SeqCst) % COUNT) as u16;
        if TcpListener::bind((ip, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
