//! The `cacerts` command, run by somebody who has set nothing but what a test sets.

use super::server::BODY;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a run may take: far more than any does, also where many run at once and one makes long keys.
const LIMIT: Duration = Duration::from_secs(60);

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Somebody with a home directory of their own.
pub(crate) struct User {
    home: TempDir,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// A user with this configuration.
    pub(crate) fn with_config(text: &str) -> Self {
        let user = Self::new();
        let file = user.config_file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        user
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Where the command keeps the user's configuration.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.home.path().join("config/cacerts/config.toml")
    }

    pub(crate) fn cacerts(&self, arguments: &[&str]) -> Cacerts {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cacerts"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"));
        Cacerts { command }
    }

    pub(crate) fn get(&self, url: &str) -> Cacerts {
        self.cacerts(&["get", url])
    }
}

/// A run to be.
#[must_use]
pub(crate) struct Cacerts {
    command: Command,
}

impl Cacerts {
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn option(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.arg(name).arg(value)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Somewhere else than in the directory of the tests.
    pub(crate) fn within(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// What it shows on a terminal that is so wide, whether that is to be seen in the exit status or not;
    /// `None` where there are no terminals, as in the root that a package is built in.
    #[cfg(target_os = "linux")]
    pub(crate) fn on_terminal(mut self, columns: u16) -> Option<String> {
        use rustix::fs::{OFlags, fcntl_setfl};
        use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
        use rustix::termios::{Winsize, tcsetwinsize};
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let ours = openpt(flags | OpenptFlags::CLOEXEC).ok()?;
        grantpt(&ours).ok()?;
        unlockpt(&ours).ok()?;
        let theirs = ioctl_tiocgptpeer(&ours, flags | OpenptFlags::CLOEXEC).ok()?;
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size).unwrap();
        fcntl_setfl(&ours, OFlags::NONBLOCK).unwrap();
        self.command.stdin(Stdio::null()).stdout(theirs).stderr(Stdio::null());
        let mut child = self.command.spawn().unwrap();
        // It has one end of the terminal open, too.
        drop(self.command);
        let (mut ours, mut shown, mut buffer) = (File::from(ours), Vec::new(), [0; 4096]);
        let end = Instant::now() + LIMIT;
        loop {
            match ours.read(&mut buffer) {
                Ok(amount) => shown.extend_from_slice(&buffer[..amount]),
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {
                    assert!(Instant::now() < end, "it does not end: {shown:?}");
                    thread::sleep(Duration::from_millis(2));
                }
                // Nobody has the other end open any more.
                Err(_) => break,
            }
        }
        wait(&mut child).0.expect("it ends");
        Some(String::from_utf8(shown).unwrap().replace("\r\n", "\n"))
    }

    pub(crate) fn run(mut self) -> Run {
        run(&mut self.command)
    }
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The most memory that it was seen to have, in bytes; 0 where that is not told.
    pub(crate) peak: u64,
}

impl Run {
    /// The server was trusted, and nothing was there to be warned of.
    #[track_caller]
    pub(crate) fn fetched(&self) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(0), BODY), "{self:#?}");
        assert_eq!(self.stderr, "", "{self:#?}");
    }

    /// Whoever the server is, it was heard, and of that the user was warned, once.
    #[track_caller]
    pub(crate) fn fetched_unverified(&self) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(0), BODY), "{self:#?}");
        let warnings =
            self.stderr.matches("warning: verification is off: the server may be").count();
        assert_eq!(warnings, 1, "{self:#?}");
    }

    /// The answer is no, for this reason.
    #[track_caller]
    pub(crate) fn refused(&self, why: &str) {
        self.failed(1, &[why]);
    }

    /// The server was reached, and is not trusted.
    #[track_caller]
    pub(crate) fn not_trusted(&self) {
        self.failed(1, &["is not trusted: certificate verify failed"]);
    }

    /// There is no answer, and all of these words say why.
    #[track_caller]
    pub(crate) fn not_reached(&self, said: &[&str]) {
        self.failed(3, said);
    }

    /// The user has set something wrong, and is told what, with all of these words.
    #[track_caller]
    pub(crate) fn misconfigured(&self, said: &[&str]) {
        self.failed(2, said);
    }

    #[track_caller]
    fn failed(&self, code: i32, said: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:#?}");
        for words in said {
            assert!(self.stderr.contains(words), "{words:?} is not said: {self:#?}");
        }
    }
}

/// Runs a command to its end, or to the end of everybody's patience. Its output goes to files, so
/// that it never waits for a reader.
pub(crate) fn run(command: &mut Command) -> Run {
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null());
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let (status, peak) = wait(&mut command.spawn().unwrap());
    let read = |file: &mut File| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    };
    let (stdout, stderr) = (read(&mut stdout), read(&mut stderr));
    match status {
        Some(status) => Run { code: status.code(), stdout, stderr, peak },
        None => panic!("{command:?} does not end: {stdout:?}, {stderr:?}"),
    }
}

/// Its end, and the most memory that it had.
fn wait(child: &mut Child) -> (Option<ExitStatus>, u64) {
    let end = Instant::now() + LIMIT;
    let (process, mut most) = (child.id().to_string(), 0);
    while Instant::now() < end {
        most = peak(&process).unwrap_or(most);
        if let Some(status) = child.try_wait().unwrap() {
            return (Some(status), most);
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    (None, most)
}

/// The most memory that a process has had, in bytes, where it is there and Linux tells.
pub(crate) fn peak(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}
