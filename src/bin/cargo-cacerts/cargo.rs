//! The real cargo: where it is, what it can do, and its answers. It may use `args`, `signals`
//! and `failure`.

use crate::args::{VERBOSE, absolute};
use crate::failure::Failure;
use crate::shown;
use crate::signals;
use serde_json::Value;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use toml_edit::DocumentMut;

/// The cargo that the program is built by.
pub(crate) struct Cargo {
    pub(crate) program: PathBuf,
    version: (u32, u32),
    host: String,
}

/// The variable by which cargo tells a subcommand where it is.
pub(crate) const CARGO: &str = "CARGO";
/// The variables that name a store.
pub(crate) const TRUST: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// The variable by which this command asks itself, started by cargo, what cargo exports.
const ASKED: &str = "CARGO_CACERTS_ASKED";

/// Whether this process is asked what cargo exports; then it answers.
pub(crate) fn is_asked() -> bool {
    let asked = env::var_os(ASKED).is_some();
    if asked {
        for value in TRUST.map(|name| env::var_os(name).unwrap_or_default()) {
            let _ = std::io::stdout().write_all(&[value.as_bytes(), b"\0"].concat());
        }
    }
    asked
}

/// The variable that tells a `cargo` that is this command the folder that is ours.
pub(crate) const PLACE: &str = "CARGO_CACERTS_PLACE";
/// The same for the workspace that the drop-ins are for.
pub(crate) const ROOT: &str = "CARGO_CACERTS_ROOT";
/// The same for the real cargo.
pub(crate) const REAL: &str = "CARGO_CACERTS_CARGO";

impl Cargo {
    /// The one that has started this command, or the first in `PATH`.
    pub(crate) fn find() -> Result<Self, Failure> {
        let variable = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let cargo = variable(CARGO);
        // Inside of a run of this command, it may be this command.
        let is_ours =
            |cargo: &PathBuf| variable(PLACE).is_some_and(|place| cargo.starts_with(place));
        let cargo = cargo.filter(|cargo| !is_ours(cargo)).or_else(|| variable(REAL));
        Self::at(cargo.unwrap_or_else(|| "cargo".into()))
    }

    /// By its whole path: below it, the first in `PATH` is this command.
    pub(crate) fn at(program: PathBuf) -> Result<Self, Failure> {
        let program = match program.components().count() {
            1 => find_in_path(program.as_os_str()).unwrap_or(program),
            _ => program,
        };
        let output = Command::new(&program).arg("-vV").stderr(Stdio::inherit()).output();
        let output = output.map_err(|e| {
            let program = shown::path(&program);
            Failure::usage(format_args!("{program} cannot be started: {e}; is cargo installed?"))
        })?;
        if !output.status.success() {
            return Err(Failure::Child(output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let line = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let version = line("release:").unwrap_or_default();
        let mut numbers = version.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        Ok(Self {
            version: (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
            host: line("host:").unwrap_or_default().to_owned(),
            program,
        })
    }

    /// What the caller has set of [`TRUST`]. cargo, by which this command is started, exports what it
    /// has found for itself; so it is asked what that is where nothing is set.
    pub(crate) fn callers_trust(&self) -> [Option<OsString>; 2] {
        let set = TRUST.map(env::var_os);
        let mut command = Command::new(&self.program);
        command.arg("cacerts").env(ASKED, "1").stdin(Stdio::null()).stderr(Stdio::null());
        for name in TRUST {
            command.env_remove(name);
        }
        let me = env::current_exe().ok().and_then(|me| Some(me.parent()?.to_owned()));
        let path = env::var_os("PATH").unwrap_or_default();
        if let Ok(path) = env::join_paths(me.into_iter().chain(env::split_paths(&path))) {
            command.env("PATH", path);
        }
        let Ok(output) = command.output() else { return set };
        let mut exported = output.stdout.split(|byte| *byte == 0);
        set.map(|value| {
            let exported = exported.next().unwrap_or_default();
            value.filter(|value| exported.is_empty() || value.as_bytes() != exported)
        })
    }

    /// Whether `Cargo.lock` can be somewhere else (`resolver.lockfile-path`).
    pub(crate) fn has_lockfile_path(&self) -> bool {
        self.version >= (1, 97)
    }

    /// Where else than beside the manifest the program's own `Cargo.lock` is, if it is.
    pub(crate) fn lockfile_path(&self, options: &[OsString]) -> Result<Option<PathBuf>, Failure> {
        if !self.has_lockfile_path() {
            return Ok(None);
        }
        let key = "resolver.lockfile-path";
        let Some(text) = self.config(key, "--show-origin", options)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&text);
        let (setting, origin) = text.trim_end().rsplit_once(" # ").unwrap_or((&text, ""));
        let setting: DocumentMut = setting.parse().unwrap_or_default();
        let path = setting.get("resolver").and_then(|table| table.get("lockfile-path")?.as_str());
        let path = path.ok_or_else(|| {
            Failure::usage(format_args!(
                "what cargo config says of {key} is not understood: {text}"
            ))
        })?;
        // Of a file, it is relative to the folder above its own; else to where cargo is started.
        let base = Path::new(origin).parent().and_then(Path::parent);
        let path =
            base.filter(|base| base.is_absolute()).unwrap_or_else(|| Path::new("")).join(path);
        Ok(Some(absolute(path.into())))
    }

    /// The options that leave out of an answer what is for other platforms than these.
    pub(crate) fn platforms(
        &self,
        mut targets: Vec<OsString>,
        options: &[OsString],
    ) -> Result<Vec<OsString>, Failure> {
        if targets.is_empty() {
            let usual = self.setting("build.target", options)?;
            targets = words(usual.as_ref()).into_iter().map(OsString::from).collect();
        }
        if targets.is_empty() {
            targets.push(self.host.clone().into());
        }
        // For `tree`, which is not for one of them.
        targets.retain(|target| target != "all");
        let filter = |target| ["--filter-platform".into(), target];
        Ok(targets.into_iter().flat_map(filter).collect())
    }

    /// Refuses a subcommand that stands for others, whose options would not be looked at.
    pub(crate) fn refuse_alias(&self, name: &str, options: &[OsString]) -> Result<(), Failure> {
        let alias = self.setting(&format!("alias.{name}"), options)?;
        let meaning = words(alias.as_ref()).join(" ");
        if meaning.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format_args!(
            "{name} is an alias, whose options are not looked at: say {meaning} in its place"
        )))
    }

    /// Refuses a subcommand that there is not, before anything is resolved for it.
    pub(crate) fn refuse_unknown(&self, name: &str) -> Result<(), Failure> {
        let output = Command::new(&self.program).arg("--list").stdin(Stdio::null()).output();
        // Where it does not tell, it will say so itself.
        let Some(output) = output.ok().filter(|output| output.status.success()) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&output.stdout);
        if text.lines().any(|line| line.split_whitespace().next() == Some(name)) {
            return Ok(());
        }
        Err(Failure::usage(format_args!(
            "cargo has no subcommand {name}; cargo --list tells which there are"
        )))
    }

    /// What cargo's configuration says, be it in files, variables or options.
    ///
    /// `cargo config` is not stable, and what it is told to be so is no part of what is built. Nothing
    /// stable tells `build.target`; `cargo --list` tells aliases, but not those of variables. To read the
    /// files here (of each folder above, of `CARGO_HOME`, `include`, `--config`) would be a
    /// second opinion where only cargo's counts.
    fn setting(&self, key: &str, options: &[OsString]) -> Result<Option<Value>, Failure> {
        let Some(value) = self.config(key, "--format=json-value", options)? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&value);
        value.map_err(|e| Failure::usage(format_args!("cargo config is not JSON: {e}")))
    }

    fn config(
        &self,
        key: &str,
        format: &str,
        options: &[OsString],
    ) -> Result<Option<Vec<u8>>, Failure> {
        let mut command = Command::new(&self.program);
        command.args(["config", "get", format, "-Zunstable-options"]).args(options).arg(key);
        command.env("RUSTC_BOOTSTRAP", "1").stdin(Stdio::null());
        let output = command.output().map_err(|e| {
            Failure::usage(format_args!("{} cannot be started: {e}", shown::path(&self.program)))
        })?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            if error.contains(&format!("config value `{key}` is not set")) {
                return Ok(None);
            }
            eprint!("{error}");
            return Err(Failure::Child(output.status));
        }
        Ok(Some(output.stdout))
    }

    /// What `cargo metadata` answers. An error is given back.
    pub(crate) fn metadata(
        &self,
        manifest: Option<&Path>,
        options: &[OsString],
    ) -> Result<Value, Refused> {
        self.metadata_with(manifest, options, &[])
    }

    pub(crate) fn metadata_with(
        &self,
        manifest: Option<&Path>,
        options: &[OsString],
        variables: &[(&str, &str)],
    ) -> Result<Value, Refused> {
        let mut command = Command::new(&self.program);
        command.args(["metadata", "--format-version=1", "--color=never"]).args(options);
        command.envs(variables.iter().copied());
        if let Some(manifest) = manifest {
            command.arg("--manifest-path").arg(manifest);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = signals::start(&mut command)?;
        let stderr = child.stderr.take().map(BufReader::new);
        let shows_all = options.iter().any(|option| option == VERBOSE);
        let said = std::thread::spawn(move || pass_on(stderr, shows_all));
        let mut answer = Vec::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_end(&mut answer).map_err(|e| {
                Failure::usage(format_args!("the answer of cargo cannot be read: {e}"))
            })?;
        }
        let status = signals::wait(&mut child)?;
        let error = said.join().unwrap_or_default();
        signals::check()?;
        if !status.success() {
            return Err(Refused::ByCargo(Failure::Child(status), error));
        }
        let answer = serde_json::from_slice(&answer);
        Ok(answer.map_err(|e| Failure::usage(format_args!("cargo metadata is not JSON: {e}")))?)
    }
}

/// No answer: cargo's error is not shown yet.
pub(crate) enum Refused {
    ByCargo(Failure, String),
    Otherwise(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Otherwise(failure)
    }
}

impl Refused {
    /// Shows cargo's error as it is.
    pub(crate) fn shown(self) -> Failure {
        match self {
            Self::ByCargo(failure, error) => {
                eprint!("{error}");
                failure
            }
            Self::Otherwise(failure) => failure,
        }
    }
}

/// Shows all that cargo says until it says an error, or only why it takes long: the rest is of the
/// drop-ins. Gives back the error.
fn pass_on(stderr: Option<impl BufRead>, shows_all: bool) -> String {
    let mut error = String::new();
    for line in stderr.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
        if !error.is_empty() || line.starts_with("error") {
            error += &line;
            error.push('\n');
        } else if shows_all || is_of_waiting(&line) {
            eprintln!("{line}");
        }
    }
    error
}

/// Whether cargo waits for somebody else or for the network; a package that is updated has an arrow.
fn is_of_waiting(line: &str) -> bool {
    let words = ["Blocking", "Cloning", "Downloaded", "Downloading", "Fetching", "Updating"];
    let first = line.split_whitespace().next();
    first.is_some_and(|first| words.contains(&first)) && !line.contains(" -> ")
        || line.starts_with("warning: spurious network error")
}

/// The first sentence of cargo's error with what it says as the cause, in one line.
pub(crate) fn in_one_line(error: &str) -> String {
    let lines =
        error.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.collect::<Vec<_>>().join("; ").trim_start_matches("error: ").to_owned()
}

/// The words of a setting, which are a list or a string.
fn words(setting: Option<&Value>) -> Vec<&str> {
    let list = setting.and_then(Value::as_array).into_iter().flatten();
    let words = list.chain(setting).filter_map(Value::as_str);
    words.flat_map(str::split_whitespace).collect()
}

/// A program by its name, where cargo looks for its subcommands.
pub(crate) fn find_in_path(name: &OsStr) -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = env::split_paths(&path).chain(home.map(|home| home.join("bin")));
    let is_program = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    directories.map(|directory| directory.join(name)).find(is_program)
}

#[cfg(test)]
mod tests {
    use super::is_of_waiting;

    #[test]
    fn only_what_takes_long_is_told() {
        for (line, expected) in [
            ("    Blocking waiting for file lock on package cache", true),
            ("    Updating crates.io index", true),
            (" Downloading crates ...", true),
            ("  Downloaded log v0.4.0", true),
            ("warning: spurious network error (3 tries remaining): timed out", true),
            ("    Updating log v0.4.0 -> v0.4.1", false),
            ("     Locking 2 packages to latest compatible versions", false),
            ("      Adding openssl-probe v0.2.1 (/x)", false),
            ("warning: Patch `openssl-probe v0.2.1 (/x)` was not used in the crate graph.", false),
        ] {
            assert_eq!(is_of_waiting(line), expected, "{line}");
        }
    }
}
