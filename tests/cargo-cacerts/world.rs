//! A program, the crates it needs in a folder that stands in for the registry, and `cargo cacerts` run
//! on it by the real cargo: without a network, and with nothing of the caller's settings. The crates
//! are a few lines each and have the names of the originals.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tempfile::TempDir;

/// The store that is decided on, unless a test decides on another.
pub(crate) const STORE: &str = "/store/of the \"test\".pem";

/// Waits for ever, once it has shown what is in Cargo.lock meanwhile.
pub(crate) const WAIT: &str = "cp Cargo.lock ../seen.new && mv ../seen.new ../seen\n\
    echo $$ > ../pid.new && mv ../pid.new ../pid\nexec sleep 1000\n";

/// What a build needs of the caller's environment. Anything else might set something.
const KEPT: [&str; 10] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTC",
    "CC",
    "AR",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
];

/// Far more than a build of a few lines takes, and far less than for ever.
const LIMIT: Duration = Duration::from_secs(180);

/// The original's API as far as a program here uses it.
const PROBE: &str = r#"
pub struct ProbeResult { pub cert_file: Option<std::path::PathBuf> }
pub fn probe() -> ProbeResult { ProbeResult { cert_file: Some("/the/original".into()) } }
"#;

/// Prints what it would trust, and what it was handed on.
pub(crate) const MAIN: &str = r#"fn main() {
    println!("{}", openssl_probe::probe().cert_file.unwrap().display());
    println!("{:?}", std::env::var("SSL_CERT_FILE").ok());
}
"#;

/// A directory of its own for each test.
pub(crate) struct World {
    pub(crate) root: PathBuf,
    _directory: TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// A program `app` that needs openssl-probe 0.2.
    pub(crate) fn new(name: &str) -> Self {
        // Not below this project's own configuration of cargo.
        let prefix = format!("cargo-cacerts-test-{name}-");
        let directory = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a directory");
        let root = directory.path().canonicalize().expect("a directory");
        let world = Self { root, _directory: directory };
        world.write(
            "home/config.toml",
            &format!(
                "[net]\noffline = true\n[source.crates-io]\nreplace-with = \"folder\"\n\
                 [source.folder]\ndirectory = {:?}\n",
                world.root.join("registry")
            ),
        );
        for version in ["0.1.6", "0.2.1", "0.3.0"] {
            world.publish("openssl-probe", version, "", PROBE);
        }
        world.program("", "openssl-probe = \"0.2\"\n", MAIN);
        world
    }

    /// Replaces the program.
    pub(crate) fn program(&self, more: &str, dependencies: &str, main: &str) {
        let text = format!("{more}[dependencies]\n{dependencies}");
        self.package("app", "app", "1.0.0", &text, "src/main.rs", main);
    }

    /// Writes a package into a folder.
    pub(crate) fn package(
        &self,
        folder: &str,
        name: &str,
        version: &str,
        more: &str,
        file: &str,
        code: &str,
    ) {
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = {version:?}\nedition = \"2021\"\n{more}\n"
        );
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
        self.write(&format!("{folder}/{file}"), code);
    }

    /// Puts a package where the registry's are.
    pub(crate) fn publish(&self, name: &str, version: &str, more: &str, code: &str) {
        let folder = format!("registry/{name}-{version}");
        self.package(&folder, name, version, more, "src/lib.rs", code);
        self.write(&format!("{folder}/.cargo-checksum.json"), "{\"files\":{}}");
    }

    /// Publishes empty crates in the place of all that cacerts depends on: enough to resolve it,
    /// and not to compile it.
    pub(crate) fn publish_dependencies_of_cacerts(&self) {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
        let unix = &manifest["target"]["cfg(unix)"];
        let tables =
            [&manifest["dependencies"], &manifest["build-dependencies"], &unix["dependencies"]];
        for (name, dependency) in tables.into_iter().filter_map(|t| t.as_table()).flatten() {
            let version = match dependency {
                toml::Value::String(version) => version,
                other => other["version"].as_str().expect("a version"),
            };
            let version = version.split(',').next().unwrap();
            let version = version.trim_start_matches(|c: char| !c.is_ascii_digit());
            let numbers: Vec<_> = version.split('.').chain(["0", "0"]).take(3).collect();
            let needs = match name.as_str() {
                "ureq" => "[dependencies]\nopenssl-probe = \"0.2\"\nwebpki-roots = \"1\"\n",
                _ => "",
            };
            self.publish(name, &numbers.join("."), &(features() + needs), "");
        }
        self.publish("rustls-pki-types", "1.15.0", &features(), "");
        self.publish("base64", "0.22.1", &features(), "");
        self.publish("webpki-roots", "1.0.9", "", "");
        self.publish("rustls-native-certs", "0.8.5", "[dependencies]\nopenssl-probe = \"0.2\"", "");
        self.publish("rustls-platform-verifier", "0.5.3", "", "");
    }

    /// Writes a file below the world's directory.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }

    /// Makes a folder a repository.
    pub(crate) fn git(&self, folder: &str) {
        for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "x"]] {
            let status = Command::new("git")
                .args(["-c", "user.name=t", "-c", "user.email=t@t.example", "-C"])
                .arg(self.root.join(folder))
                .args(arguments)
                .env_clear()
                .envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))))
                .status();
            assert!(status.expect("git runs").success());
        }
    }

    /// A tool that cargo would find by its name.
    pub(crate) fn tool(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), &format!("#!/bin/sh\nset -eu\n{script}"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.root.join(name)).ok()
    }

    /// Writes the lock file as cargo does without us.
    pub(crate) fn lock(&self) -> String {
        let run = self.start_plain(&["generate-lockfile"]).end();
        assert!(run.status.success(), "{}", run.stderr);
        self.read("app/Cargo.lock").expect("a lock file")
    }

    /// `cargo cacerts` in the program's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        self.start(arguments, variables).end()
    }

    pub(crate) fn start(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        self.start_in("app", arguments, variables)
    }

    pub(crate) fn start_in(
        &self,
        folder: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-cacerts"));
        // As cargo starts it.
        command.arg("cacerts").args(arguments);
        self.spawn(command, folder, variables)
    }

    /// The same, where permissions hold for root, too.
    pub(crate) fn start_confined(&self, words: &[&str], variables: &[(&str, &str)]) -> Running {
        let me = env!("CARGO_BIN_EXE_cargo-cacerts");
        let mut command = Command::new(me);
        if rustix::process::geteuid().is_root() {
            command = Command::new("setpriv");
            command.args(["--bounding-set=-dac_override", me]);
        }
        command.arg("cacerts").args(words);
        self.spawn(command, "app", variables)
    }

    /// The same, started by cargo.
    pub(crate) fn start_by_cargo(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        self.install_command();
        let mut command = Command::new(cargo());
        command.arg("cacerts").args(arguments);
        self.spawn(command, "app", variables)
    }

    /// Puts the command where cargo finds it.
    pub(crate) fn install_command(&self) {
        let link = self.root.join("bin/cargo-cacerts");
        if !link.exists() {
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(env!("CARGO_BIN_EXE_cargo-cacerts"), link).unwrap();
        }
    }

    /// cargo without us.
    pub(crate) fn start_plain(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(cargo());
        command.args(arguments);
        self.spawn(command, "app", &[])
    }

    fn spawn(&self, mut command: Command, folder: &str, variables: &[(&str, &str)]) -> Running {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let [out, err] = ["out", "err"].map(|name| self.root.join(format!("{number}.{name}")));
        let create = |path| Stdio::from(fs::File::create(path).expect("an output file"));
        let path = env::var_os("PATH").unwrap_or_default();
        let path =
            env::join_paths([self.root.join("bin")].into_iter().chain(env::split_paths(&path)));
        command
            .current_dir(self.root.join(folder))
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))))
            .env("CARGO", cargo())
            .env("CARGO_HOME", self.root.join("home"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TERM_COLOR", "never")
            .env("CACERTS_DEFAULT_PATH", STORE)
            .env("PATH", path.unwrap())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(create(&out))
            .stderr(create(&err));
        for (name, _) in variables.iter().filter(|(_, value)| value.is_empty()) {
            command.env_remove(name);
        }
        Running { child: command.spawn().expect("it starts"), out, err }
    }
}

/// All features that cacerts names of others, so that any of them resolves.
fn features() -> String {
    let names = [
        "alloc",
        "aws-lc-rs",
        "debug",
        "derive",
        "display",
        "elf",
        "error-context",
        "fs",
        "help",
        "iterator",
        "log",
        "logging",
        "parse",
        "process",
        "read_core",
        "ring",
        "serde",
        "std",
        "suggestions",
        "termios",
        "thread",
        "tls12",
        "unaligned",
        "usage",
        "prefer-post-quantum",
    ];
    let mut text = "[features]\n".to_owned();
    for name in names {
        writeln!(text, "{name} = []").unwrap();
    }
    text
}

/// The real one.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// A run that has not ended.
pub(crate) struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.err).unwrap_or_default()).into_owned()
    }

    pub(crate) fn end(mut self) -> Run {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                break status;
            }
            if start.elapsed() > LIMIT {
                self.child.kill().expect("it can be stopped");
                self.child.wait().expect("it can be waited for");
                panic!("longer than {LIMIT:?}: {}", self.stderr());
            }
            thread::sleep(Duration::from_millis(10));
        };
        let stdout = String::from_utf8_lossy(&fs::read(&self.out).unwrap()).into_owned();
        Run { status, stdout, stderr: self.stderr() }
    }
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < LIMIT, "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal by its name.
pub(crate) fn signal(name: &str, id: &str) {
    let status = Command::new("kill").args(["-s", name, id]).status().expect("kill runs");
    assert!(status.success());
}

impl Run {
    /// The lines of the program.
    #[track_caller]
    pub(crate) fn said(&self) -> Vec<&str> {
        assert!(self.status.success(), "{}", self.stderr);
        self.stdout.lines().collect()
    }

    /// Our only line that is an error, of a run that ended with this status.
    #[track_caller]
    pub(crate) fn refused(&self, status: i32) -> &str {
        assert_eq!(self.status.code(), Some(status), "{}", self.stderr);
        let mark = "cargo cacerts: error: ";
        let lines: Vec<_> =
            self.stderr.lines().filter_map(|line| line.strip_prefix(mark)).collect();
        let [line] = lines[..] else { panic!("not one line of ours:\n{}", self.stderr) };
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        line
    }
}

/// Whether this tool is there to be used.
pub(crate) fn has(tool: impl AsRef<OsStr>) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Whether cargo can have Cargo.lock in another place.
pub(crate) fn has_lockfile_path() -> bool {
    let output = Command::new(cargo()).arg("-V").output().expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let minor = text.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    minor.expect("a version") >= 97
}
