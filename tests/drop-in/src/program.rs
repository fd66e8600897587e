//! One of the programs, run once.

use std::fs;
use std::io::{Read, Seek};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(20);
const NOBODY: &str = "65534";

/// A program, and what it is given as its second argument.
#[derive(Clone, Copy, PartialEq)]
pub struct Program {
    pub binary: &'static str,
    pub argument: Option<&'static str>,
}

impl Program {
    /// As the table calls it.
    pub fn name(&self) -> &'static str {
        self.argument.unwrap_or(self.binary)
    }
}

/// What came of it.
#[derive(Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It had its answer.
    Yes,
    /// It had none, and its error names the store.
    Said,
    /// It had none, and only its log names the store.
    Logged,
    /// It had none, and says nothing of the store.
    No,
    Panic,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Said => "said",
            Self::Logged => "logged",
            Self::No => "no",
            Self::Panic => "panic",
        }
    }
}

/// How it is run.
pub struct Run<'a> {
    pub directory: &'a str,
    pub address: &'a str,
    pub variables: &'a [(&'static str, String)],
    /// Belongs to root and is set-user-ID; nobody runs it.
    pub is_privileged: bool,
    pub has_proc: bool,
    /// What a text names that says why it is refused.
    pub culprit: &'a str,
}

pub fn run(program: Program, how: &Run<'_>) -> (Verdict, String) {
    let mut path = format!("{}/{}", how.directory, program.binary);
    let mut command = Command::new(&path);
    if how.is_privileged {
        let copy = format!("/etc/ssl/{}", program.binary);
        fs::copy(&path, &copy).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o4755)).unwrap();
        command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", &copy]);
        path = copy;
    }
    if !how.has_proc {
        command = Command::new("unshare");
        let hide = "mount -t tmpfs none /proc && exec \"$@\"";
        command.args(["--mount", "--propagation", "private", "sh", "-c", hide, "sh", &path]);
    }
    command
        .arg(how.address)
        .args(program.argument)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(how.variables.iter().map(|(name, value)| (*name, value)));
    let (status, text) = output(&mut command);
    if how.is_privileged {
        fs::remove_file(path).unwrap();
    }
    let names_it = |line: &str| line.contains(how.culprit);
    let (logged, said): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with("log: "));
    let verdict = match status.code() {
        Some(0) => Verdict::Yes,
        Some(101) => Verdict::Panic,
        Some(1) if said.iter().any(|line| names_it(line)) => Verdict::Said,
        Some(1) if logged.iter().any(|line| names_it(line)) => Verdict::Logged,
        Some(1) => Verdict::No,
        _ => panic!("{command:?}: {status}: {text}"),
    };
    (verdict, text)
}

/// Its standard error goes to a file, so that it never waits for a reader.
fn output(command: &mut Command) -> (ExitStatus, String) {
    let mut stderr = tempfile::tempfile().unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr.try_clone().unwrap());
    let status = wait(&mut command.spawn().unwrap());
    let mut text = String::new();
    stderr.rewind().unwrap();
    stderr.read_to_string(&mut text).unwrap();
    (status.unwrap_or_else(|| panic!("{command:?} does not end: {text}")), text)
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + LIMIT;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}
