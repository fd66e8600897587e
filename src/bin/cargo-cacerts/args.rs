//! What of the command line is ours. Words in, words out; pure but for the current directory, which
//! relative paths are of. It may use `failure`.

use crate::failure::Failure;
use std::borrow::Cow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "\
Runs cargo for a program whose sources stay as they are, with drop-ins in the
place of the crates that decide which CA store it trusts. They make it trust the
store that was decided on.

Usage: cargo cacerts SUBCOMMAND [OPTIONS]...
       cargo cacerts drop-in NAME VERSION DIR [--cacerts SPEC]

Subcommands:
  build, test, run, check, ...  cargo's own, and what is installed as
                                cargo-SUBCOMMAND
  install                       a package of the registry, --git or --path
  fetch, vendor                 what the drop-ins need, too, for a build that
                                has no network
  deb, generate-rpm             cargo-deb's and cargo-generate-rpm's; they also
                                tell a package that does not depend on what
                                provides the store, and refuse a program that
                                was built without the drop-ins
  drop-in NAME VERSION DIR      write a drop-in to DIR, for a distribution's own
                                package of the crate NAME; --cacerts SPEC says
                                what it depends on, as TOML (version = \"0.1\")

Options go to the subcommand; -h and --help without one print this, -V and
--version the version. -q leaves out which drop-ins there are, -v also shows
what cargo says when it resolves the program.

The store: the variable CACERTS_DEFAULT_PATH, the file that
CACERTS_DEFAULTS_FILE names, or what is baked into this command, in this order.
Cargo.lock is afterwards as it was.

Examples:
  cargo cacerts build --release
      Build the program in this directory.
  cargo cacerts install --locked tealdeer
      Install a program.

Exit status: the subcommand's own; 1 something else than the store would be
trusted, 2 wrong usage or configuration.";

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Asked {
    Help,
    Version,
    DropIn { name: String, version: String, directory: PathBuf, cacerts: String },
    Cargo(Words),
}

/// A subcommand and all that follows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Words {
    pub(crate) subcommand: String,
    pub(crate) rest: Vec<OsString>,
}

/// Subcommands whose purpose is to change what is kept here, or to pass it on.
const REFUSED: [&str; 7] =
    ["add", "generate-lockfile", "package", "publish", "remove", "rm", "update"];

/// The options of cargo's subcommands that take a value in the next word.
pub(crate) const TAKING: [&str; 24] = [
    "--bench",
    "--bin",
    "--color",
    "--config",
    "--crate-type",
    "--example",
    "--features",
    "--jobs",
    "--lockfile-path",
    "--manifest-path",
    "--message-format",
    "--package",
    "--path",
    "--print",
    "--profile",
    "--root",
    "--target",
    "--target-dir",
    "--test",
    "-C",
    "-F",
    "-Z",
    "-j",
    "-p",
];

/// What builds the program. Its graph is looked at with the features that it asks for.
const BUILDING: [&str; 13] =
    ["b", "bench", "build", "c", "check", "d", "doc", "r", "run", "rustc", "rustdoc", "t", "test"];

/// What looks at no program's dependencies: cargo itself does it.
const ALONE: [&str; 12] = [
    "fmt",
    "info",
    "init",
    "locate-project",
    "login",
    "logout",
    "new",
    "owner",
    "search",
    "uninstall",
    "version",
    "yank",
];

/// The options of one letter that take none.
const FLAGS: [char; 6] = ['f', 'h', 'n', 'q', 'r', 'v'];

/// By which cargo says all that it does.
pub(crate) const VERBOSE: &str = "--verbose";

/// Subcommands that hand on all that follows the first word that is no option.
const HANDING_ON: [&str; 4] = ["r", "run", "rustc", "rustdoc"];

/// Reads the words after the program's name.
pub(crate) fn parse(mut words: Vec<OsString>) -> Result<Asked, Failure> {
    // As cargo starts it.
    if words.first().is_some_and(|word| word == "cacerts") {
        words.remove(0);
    }
    if words.is_empty() {
        return Err(Failure::usage("no subcommand; see cargo cacerts --help"));
    }
    let first = text(&words.remove(0))?;
    match first.as_str() {
        "-h" | "--help" | "help" => Ok(Asked::Help),
        "-V" | "--version" => Ok(Asked::Version),
        "drop-in" => drop_in(words),
        _ if first.starts_with('+') => Err(Failure::usage(format_args!(
            "{first} goes before cacerts: cargo {first} cacerts SUBCOMMAND"
        ))),
        _ if first.starts_with('-') => Err(Failure::usage(format_args!(
            "{first} goes after the subcommand: cargo cacerts SUBCOMMAND {first}"
        ))),
        "inspect" => Err(Failure::usage("inspect is of the other command: run cacerts inspect")),
        _ if REFUSED.contains(&first.as_str()) => Err(Failure::usage(format_args!(
            "{first} needs no drop-ins, and Cargo.lock is to stay as it is: run cargo {first}"
        ))),
        _ => Ok(Asked::Cargo(Words { subcommand: first, rest: words })),
    }
}

fn text(word: &OsStr) -> Result<String, Failure> {
    let text = word.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::usage(format_args!("{} is not UTF-8", word.to_string_lossy())))
}

fn drop_in(words: Vec<OsString>) -> Result<Asked, Failure> {
    let words = Words { subcommand: "drop-in".to_owned(), rest: words };
    if words.has(&["-h", "--help"]) {
        return Ok(Asked::Help);
    }
    let cacerts = words.values(&["--cacerts"]).pop();
    let plain = words.positional(&["--cacerts"]);
    let [name, version, directory] = &plain[..] else {
        return Err(Failure::usage("drop-in takes NAME VERSION DIR; see cargo cacerts --help"));
    };
    Ok(Asked::DropIn {
        name: text(name)?,
        version: text(version)?,
        directory: directory.into(),
        cacerts: cacerts.map_or_else(|| Ok(r#"version = "0.1""#.to_owned()), |word| text(&word))?,
    })
}

impl Words {
    /// The words that are the subcommand's own, not those after `--` or of what it starts.
    fn own(&self) -> &[OsString] {
        let hands_on = HANDING_ON.contains(&self.subcommand.as_str());
        let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
        let mut end = 0;
        while let Some(word) = self.rest.get(end).filter(|word| *word != "--") {
            if hands_on && !is_option(word) {
                break;
            }
            end += 1;
            let value = self.rest.get(end).filter(|value| !is_option(value));
            end += usize::from(value.is_some() && is_next(word, &TAKING));
        }
        &self.rest[..end]
    }

    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.own().iter().any(|word| names.iter().any(|name| word == name))
    }

    /// Elsewhere it may be for the program, which is then to be built first.
    pub(crate) fn wants_help(&self) -> bool {
        self.rest.first().is_some_and(|word| word == "-h" || word == "--help")
    }

    /// The values of an option in the order given: `--name value`, `--name=value`, `-nvalue`.
    pub(crate) fn values(&self, names: &[&str]) -> Vec<OsString> {
        let mut values = Vec::new();
        let mut own = self.own().iter();
        while let Some(word) = own.next() {
            if is_next(word, names) {
                values.extend(own.next().cloned());
            } else {
                values.extend(names.iter().find_map(|name| attached(word, name)));
            }
        }
        values
    }

    /// What is no option and no option's value; `taking` are the options that take one.
    pub(crate) fn positional(&self, taking: &[&str]) -> Vec<OsString> {
        let mut plain = Vec::new();
        let mut own = self.own().iter();
        while let Some(word) = own.next() {
            if is_next(word, taking) {
                own.next();
            } else if !word.as_encoded_bytes().starts_with(b"-") {
                plain.push(word.clone());
            }
        }
        plain
    }

    /// The same without these options, their values and these positional words.
    pub(crate) fn without(&self, flags: &[&str], taking: &[&str], plain: &[OsString]) -> Self {
        let mut rest = Vec::new();
        let mut own = self.own().iter();
        while let Some(word) = own.next() {
            if is_next(word, taking) {
                own.next();
            } else if is_next(word, &TAKING) {
                rest.extend([word].into_iter().chain(own.next()).cloned());
            } else if !taking.iter().any(|name| attached(word, name).is_some())
                && !flags.iter().any(|name| word == name)
                && !plain.contains(word)
            {
                rest.push(word.clone());
            }
        }
        rest.extend_from_slice(&self.rest[self.own().len()..]);
        Self { subcommand: self.subcommand.clone(), rest }
    }

    /// The manifest that is asked for, if any.
    pub(crate) fn manifest_path(&self) -> Option<PathBuf> {
        self.values(&["--manifest-path"]).pop().map(absolute)
    }

    /// The target directory that is asked for, if any.
    pub(crate) fn target_dir(&self) -> Option<PathBuf> {
        self.values(&["--target-dir"]).pop().map(absolute)
    }

    /// Whether Cargo.lock may only be changed by the drop-ins.
    pub(crate) fn locked(&self) -> bool {
        self.has(&["--locked", "--frozen"])
    }

    /// The options that have a say in what cargo resolves, for another of its subcommands.
    pub(crate) fn resolving(&self) -> Vec<OsString> {
        let mut options = Vec::new();
        for value in self.values(&["--config"]) {
            let value = if Path::new(&value).is_file() { absolute(value).into() } else { value };
            options.extend(["--config".into(), value]);
        }
        for value in self.values(&["-Z"]) {
            options.extend(["-Z".into(), value]);
        }
        if self.has(&["--offline", "--frozen"]) {
            options.push("--offline".into());
        }
        if self.is_quiet() {
            options.push("--quiet".into());
        }
        if self.has_flag('v', "--verbose") {
            options.push(VERBOSE.into());
        }
        options
    }

    /// Whether nothing is to be said but errors and warnings.
    pub(crate) fn is_quiet(&self) -> bool {
        self.has_flag('q', "--quiet")
    }

    /// Whether an option is given, by its letter, be it among others (`-vr`), or by its name.
    fn has_flag(&self, letter: char, name: &str) -> bool {
        self.own().iter().filter_map(|word| word.to_str()).any(|word| {
            let letters = word.strip_prefix('-').unwrap_or_default().chars();
            word == name || letters.take_while(|c| FLAGS.contains(c)).any(|c| c == letter)
        })
    }

    /// What follows the subcommand, with one more configuration, which wins over all others: of
    /// those before the subcommand cargo takes none if there are any after it. What has been looked
    /// at is built, or nothing: somebody may change Cargo.lock or a manifest in between.
    pub(crate) fn with_config(&self, config: &Path) -> Vec<OsString> {
        let own = self.own();
        let mut ours = vec!["--config".into(), config.into()];
        if self.builds() && !self.locked() {
            ours.push("--locked".into());
        }
        [own, &ours, &self.rest[own.len()..]].concat()
    }

    pub(crate) fn builds(&self) -> bool {
        BUILDING.contains(&&*self.subcommand)
    }

    /// Whether cargo does not take the subcommand for an alias.
    pub(crate) fn is_never_an_alias(&self) -> bool {
        self.subcommand.len() > 1 && self.builds()
    }

    /// Whether the subcommand has nothing to do with what a program is built of.
    pub(crate) fn stands_alone(&self) -> bool {
        ALONE.contains(&self.subcommand.as_str())
    }

    /// The options that choose features.
    pub(crate) fn features(&self) -> Vec<OsString> {
        let flags = ["--all-features", "--no-default-features"];
        let mut options: Vec<_> =
            flags.iter().filter(|flag| self.has(&[flag])).map(OsString::from).collect();
        for value in self.values(&["-F", "--features"]) {
            options.extend(["--features".into(), value]);
        }
        options
    }
}

/// Whether the value of one of these options is in the next word.
pub(crate) fn is_next(word: &OsStr, names: &[&str]) -> bool {
    let word = alone(word);
    names.iter().any(|name| *word == **name)
}

/// The last of several options of one letter, before which are those that take no value.
fn alone(word: &OsStr) -> Cow<'_, OsStr> {
    let letters = word.to_str().and_then(|word| word.strip_prefix('-'));
    let last = letters.map(|letters| letters.trim_start_matches(FLAGS));
    match last {
        Some(last) if Some(last) != letters => Cow::Owned(format!("-{last}").into()),
        _ => Cow::Borrowed(word),
    }
}

/// `--name=value`, or `-nvalue` for an option of one letter.
fn attached(word: &OsStr, name: &str) -> Option<OsString> {
    let word = alone(word);
    let value = word.to_str()?.strip_prefix(name)?;
    match value.strip_prefix('=') {
        Some(value) => Some(value.into()),
        None if !name.starts_with("--") && !value.is_empty() => Some(value.into()),
        None => None,
    }
}

pub(crate) fn absolute(path: OsString) -> PathBuf {
    let path = PathBuf::from(path);
    // It fails for an empty path, which cargo refuses, too.
    env::current_dir().map_or_else(|_| path.clone(), |directory| directory.join(&path))
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
