//! A copy of this crate and a small program that depends on it, built by the real cargo, with
//! nothing of the caller's settings.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// What makes up the crate, as far as it is there.
const CRATE: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "defaults.toml",
    "README.md",
    "docs",
    "src",
    // A packaged manifest names their files one by one.
    "tests",
    "benches",
    "examples",
];

/// What a build needs of the caller's environment. Anything else might set something.
const KEPT: [&str; 11] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTC",
    "CC",
    "AR",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
];

/// `NAME` is the sandbox's. To cargo, packages of one name at one place in their workspaces are
/// one, and they would take turns in the shared target directory.
const PROGRAM_TOML: &str = r#"[package]
name = "program-NAME"
version = "0.0.0"
edition = "2021"
publish = false

[dependencies]
cacerts = { path = "NAME", default-features = false }

# Nothing above this directory is asked.
[workspace]
"#;

/// What the build script of a dependent crate sees, as a constant of the program. It asks to be run
/// for nothing else, so that it is the metadata that makes it run again.
const PROGRAM_BUILD: &str = r#"fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let seen = std::env::var("DEP_CACERTS_DEFAULT_PATH");
    println!("cargo:rustc-env=SEEN={}", seen.as_deref().unwrap_or("nothing"));
}
"#;

/// What the program and its build script see, where `EXPECTED` is set what they have to see: that stops the
/// compiler, which takes half as long as a program that can be run.
const PROGRAM_MAIN: &str = r#"
const PATH: &str = match cacerts::defaults::CACERTS_DEFAULT_PATH {
    Some(path) => path,
    None => "nothing",
};
const SEEN: &str = env!("SEEN");

const fn is_expected(found: &str) -> bool {
    let Some(expected) = option_env!("EXPECTED") else { return true };
    let (found, expected) = (found.as_bytes(), expected.as_bytes());
    let mut at = 0;
    while at < found.len() && at < expected.len() && found[at] == expected[at] {
        at += 1;
    }
    at == found.len() && at == expected.len()
}
const _: () = assert!(is_expected(PATH), "{}", PATH);
const _: () = assert!(is_expected(SEEN), "{}", SEEN);

fn main() {
    println!("{PATH}");
    println!("{SEEN}");
    println!("{}", std::env::current_exe().unwrap().display());
}
"#;

/// Far more than a build takes, and far less than for ever.
const LIMIT: Duration = Duration::from_secs(300);

/// The target directory is shared, so that the dependencies are compiled once; cargo would wait
/// for its lock, which is not to count against the limit.
static ONE_CARGO: Mutex<()> = Mutex::new(());

/// A directory with the program, and the crate's copy in a directory below.
pub(crate) struct Sandbox {
    name: &'static str,
    root: PathBuf,
}

/// How a run of cargo ended.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What the program says.
#[derive(Debug, PartialEq)]
pub(crate) struct Baked {
    /// `CACERTS_DEFAULT_PATH`.
    pub(crate) path: String,
    /// `DEP_CACERTS_DEFAULT_PATH`, in the build script of the program.
    pub(crate) dependent: String,
    pub(crate) program: PathBuf,
}

impl Sandbox {
    pub(crate) fn new(name: &'static str) -> Self {
        let root = home().join(name);
        if root.exists() {
            // A test that failed may have left it read-only.
            set_writable(&root, true);
            fs::remove_dir_all(&root).expect("an old sandbox goes away");
        }
        let sandbox = Self { name, root };
        let crate_dir = sandbox.crate_dir();
        fs::create_dir_all(sandbox.root.join("src")).expect("a sandbox");
        fs::create_dir_all(&crate_dir).expect("a sandbox");
        for name in CRATE {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &crate_dir.join(name));
        }
        sandbox.ship(pristine());
        // The versions that this crate is locked to; cargo adds the program.
        copy(&crate_dir.join("Cargo.lock"), &sandbox.root.join("Cargo.lock"));
        sandbox.write("Cargo.toml", PROGRAM_TOML.replace("NAME", name));
        sandbox.write("build.rs", PROGRAM_BUILD);
        sandbox.write("src/main.rs", PROGRAM_MAIN);
        sandbox
    }

    pub(crate) fn crate_dir(&self) -> PathBuf {
        self.root.join(self.name)
    }

    /// Writes a file below the sandbox; gives back its whole path.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(name);
        fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }

    /// Replaces `defaults.toml`.
    pub(crate) fn ship(&self, text: impl AsRef<[u8]>) {
        fs::write(self.crate_dir().join("defaults.toml"), text).expect("defaults.toml");
    }

    pub(crate) fn cargo(&self, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Run {
        let _one = ONE_CARGO.lock().unwrap_or_else(PoisonError::into_inner);
        let [out, err] = ["stdout", "stderr"].map(|name| self.root.with_extension(name));
        let create = |path| Stdio::from(fs::File::create(path).expect("an output file"));
        let mut child = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .args(["--offline", "--color=never"])
            .current_dir(&self.root)
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))))
            .env("CARGO_TARGET_DIR", home().join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(create(&out))
            .stderr(create(&err))
            .spawn()
            .expect("cargo runs");
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("cargo can be waited for") {
                break status;
            }
            if start.elapsed() > LIMIT {
                child.kill().expect("cargo can be stopped");
                child.wait().expect("cargo can be waited for");
                panic!("cargo {arguments:?} took longer than {LIMIT:?}");
            }
            thread::sleep(Duration::from_millis(10));
        };
        let read = |path| String::from_utf8_lossy(&fs::read(path).expect("output")).into_owned();
        Run { status, stdout: read(out), stderr: read(err) }
    }

    /// The program and the build script of a dependent crate see that path; gives back what cargo says.
    #[track_caller]
    pub(crate) fn expect(&self, path: &str, variables: &[(&str, &str)]) -> String {
        let mut all = vec![("EXPECTED", OsStr::new(path))];
        all.extend(variables.iter().map(|(name, value)| (*name, OsStr::new(value))));
        let run = self.cargo(&["check"], &all);
        assert!(run.status.success(), "{path} is not what is seen: {}", run.stderr);
        run.stderr
    }

    /// Builds the program and asks it.
    pub(crate) fn run(&self, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Baked {
        let run = self.cargo(arguments, variables);
        assert!(run.status.success(), "{}", run.stderr);
        let lines: Vec<_> = run.stdout.lines().collect();
        let [path, dependent, program] = lines[..] else { panic!("{}", run.stdout) };
        Baked { path: path.into(), dependent: dependent.into(), program: program.into() }
    }

    /// Every file of the crate's copy with its bytes and its time.
    pub(crate) fn snapshot(&self) -> Vec<(PathBuf, OsString, Vec<u8>)> {
        let mut files = Vec::new();
        walk(&self.crate_dir(), &mut |path| {
            let meta = fs::metadata(path).expect("metadata");
            let bytes = if meta.is_file() { fs::read(path).expect("a file") } else { Vec::new() };
            let time = format!("{:?}", meta.modified().expect("a time"));
            files.push((path.to_owned(), time.into(), bytes));
        });
        files.sort();
        files
    }
}

/// Runs a build that has to stop, and gives back our one line.
#[track_caller]
pub(crate) fn stopped(sandbox: &Sandbox, variables: &[(&str, &OsStr)]) -> String {
    let run = sandbox.cargo(&["check"], variables);
    assert!(!run.status.success(), "{variables:?} was accepted");
    let mark = format!("error: cacerts@{}: ", env!("CARGO_PKG_VERSION"));
    let ours: Vec<_> = run.stderr.lines().filter_map(|line| line.strip_prefix(&mark)).collect();
    let [line] = ours[..] else { panic!("not one line of ours:\n{}", run.stderr) };
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    line.to_owned()
}

/// The file that the build script writes, from what cargo says of its run.
pub(crate) fn generated(sandbox: &Sandbox, variables: &[(&str, &OsStr)]) -> String {
    let run = sandbox.cargo(&["check", "--message-format=json"], variables);
    assert!(run.status.success(), "{}", run.stderr);
    written(&run)
}

/// The same, of a run of cargo's with `--message-format=json` that may have failed later.
#[track_caller]
pub(crate) fn written(run: &Run) -> String {
    let out = run.stdout.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message["reason"] == "build-script-executed"
            && message["package_id"].as_str()?.contains("#cacerts@");
        ours.then(|| message["out_dir"].as_str().map(str::to_owned))?
    });
    let out = out.unwrap_or_else(|| panic!("the build script did not run:\n{}", run.stderr));
    fs::read_to_string(Path::new(&out).join("defaults.rs")).expect("it wrote")
}

/// `defaults.toml` without what a packager may have decided in it before running the tests.
pub(crate) fn pristine() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("defaults.toml");
    let text = fs::read_to_string(path).expect("defaults.toml");
    text.split_inclusive('\n').filter(|line| !line.starts_with("CACERTS_DEFAULT_PATH")).collect()
}

/// Takes away, or gives back, the right to write to a directory and all that is in it.
pub(crate) fn set_writable(dir: &Path, writable: bool) {
    use std::os::unix::fs::PermissionsExt;
    walk(dir, &mut |path| {
        let mut permissions = fs::metadata(path).expect("metadata").permissions();
        let mode = permissions.mode();
        permissions.set_mode(if writable { mode | 0o200 } else { mode & !0o222 });
        fs::set_permissions(path, permissions).expect("permissions");
    });
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("build_script")
}

/// The directory first, so that it can be entered and emptied.
fn walk(path: &Path, visit: &mut dyn FnMut(&Path)) {
    visit(path);
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a directory") {
            walk(&entry.expect("an entry").path(), visit);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a directory");
        for entry in fs::read_dir(from).expect("a directory") {
            let entry = entry.expect("an entry");
            // What other crates below have been compiled into can be gigabytes.
            if entry.file_name() != "target" {
                copy(&entry.path(), &to.join(entry.file_name()));
            }
        }
    } else if from.exists() {
        // The bytes only: the source may be read-only, the copy is to be edited.
        fs::write(to, fs::read(from).expect("a file")).expect("a copy");
    }
}
