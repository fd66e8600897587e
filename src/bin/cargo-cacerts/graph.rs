//! Lets cargo resolve the program with the drop-ins, and looks at what it has resolved: an original
//! that is left would be trusted beside what was decided. It may use all before it: `drop_in`,
//! `lock`, `kept`, `workspace`, `path`, `cargo`, `args` and `failure`.

use crate::args::Words;
use crate::cargo::{Cargo, Refused, in_one_line};
use crate::drop_in;
use crate::failure::Failure;
use crate::kept::Kept;
use crate::lock::{Lock, Package};
use crate::path::Decided;
use crate::shown;
use crate::workspace::{Place, Workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// How the program is resolved.
pub(crate) struct Resolving<'a> {
    pub(crate) cargo: &'a Cargo,
    pub(crate) words: &'a Words,
    pub(crate) workspace: &'a Workspace,
    pub(crate) place: &'a Place,
    pub(crate) decided: &'a Decided,
    /// Only the drop-ins may change Cargo.lock.
    pub(crate) locked: bool,
}

impl Resolving<'_> {
    /// Puts the drop-ins in place, in the versions that the lock file names; gives back which.
    pub(crate) fn resolve(&self, kept: &Kept) -> Result<BTreeSet<Package>, Failure> {
        let mut lock = kept.read()?;
        if self.locked && lock.is_none() {
            return Err(Failure::usage(format_args!(
                "--locked: there is no {}; run without it",
                shown::path(&self.workspace.lock_file)
            )));
        }
        // From what is vendored cargo resolves nothing anew: the originals are not there.
        if self.words.subcommand == "vendor" && lock.is_none() {
            return Err(Failure::usage(format_args!(
                "vendor: there is no {}, without which nothing can be built from what is vendored; write \
                 it with `cargo generate-lockfile`",
                shown::path(&self.workspace.lock_file)
            )));
        }
        let settings = self.settings(kept)?;
        let place = &self.place.directory;
        let write = |replaced: &BTreeSet<Package>, cacerts: Option<&str>| {
            drop_in::write_all(place, replaced, cacerts, self.decided, &settings)
        };
        let has_path =
            |lock: &Lock| lock.packages().any(|p| p.name == "cacerts" && p.source.is_none());
        let ask = || {
            let answer = self.ask();
            kept.note()?;
            answer
        };
        // Without the drop-ins: which versions there are, and where the program's own cacerts is, is
        // not in a lock file, or not yet.
        let plainly = || {
            let none = BTreeSet::new();
            write(&none, Some(""))?;
            let answer = ask().map_err(|refused| in_words(refused, &none, &kept.file))?;
            Ok::<_, Failure>(own_manifest(&answer))
        };
        let mut own = None;
        let mut asked_plainly = lock.as_ref().is_none_or(has_path);
        if asked_plainly {
            own = plainly()?;
            lock = kept.read()?;
        }
        let mut replaced = BTreeSet::new();
        let mut library = None;
        let mut answer = Value::Null;
        // What is in a lock file may be out of date, and is found out once or twice.
        for _ in 0..8 {
            let now = lock.unwrap_or_default();
            let mut wanted = now.reached(drop_in::is_there_for);
            wanted.extend(replaced.iter().filter(|package| now.has_in_place(package)).cloned());
            if !answer.is_null() && wanted == replaced {
                break;
            }
            replaced = wanted;
            let cacerts = own_cacerts(&now, own.as_deref())?;
            write(&replaced, cacerts.as_deref())?;
            library = cacerts.is_none().then(drop_in::library);
            match ask() {
                Ok(found) => answer = found,
                Err(Refused::ByCargo(_, error)) if !asked_plainly && has_two(&error) => {
                    own = plainly()?;
                    asked_plainly = true;
                }
                Err(refused) => return Err(in_words(refused, &replaced, &kept.file)),
            }
            lock = kept.read()?;
        }
        refuse_left(&answer, place)?;
        if self.locked {
            let before = kept.read_before()?.unwrap_or_default();
            let after = kept.read()?.unwrap_or_default();
            if let Some(package) = before.changed(&after, &replaced, library.as_ref()) {
                return Err(Failure::usage(format_args!(
                    "--locked: {} would change for more than the drop-ins: {package} would change or \
                     need another version; bring it up to date, or run without --locked",
                    shown::path(&self.workspace.lock_file)
                )));
            }
        }
        kept.settle()?;
        Ok(replaced)
    }

    /// What else cargo is to be told.
    fn settings(&self, kept: &Kept) -> Result<String, Failure> {
        let mut settings = self.workspace.variables.clone();
        if self.cargo.has_lockfile_path() {
            let path = drop_in::quoted_path(&kept.file)?;
            settings += &format!("resolver.lockfile-path = {path}\n");
        }
        Ok(settings)
    }

    fn ask(&self) -> Result<Value, Refused> {
        ask(self.cargo, self.words, self.workspace.manifest.as_deref(), &self.place.directory)
    }
}

/// Looks at the graph once more, for a run of cargo with options of its own.
pub(crate) fn check(
    cargo: &Cargo,
    words: &Words,
    manifest: Option<&Path>,
    place: &Path,
) -> Result<(), Failure> {
    let answer = ask(cargo, words, manifest, place).map_err(Refused::shown)?;
    refuse_left(&answer, place)
}

fn ask(
    cargo: &Cargo,
    words: &Words,
    manifest: Option<&Path>,
    place: &Path,
) -> Result<Value, Refused> {
    let mut options = words.resolving();
    options.extend(cargo.platforms(words.values(&["--target"]), &options)?);
    options.extend(words.features());
    options.extend(["--config".into(), place.join("config.toml").into()]);
    cargo.metadata(manifest, &options)
}

fn refuse_left(answer: &Value, place: &Path) -> Result<(), Failure> {
    let left = left(answer, place);
    match left[..] {
        [] => Ok(()),
        _ => Err(Failure::left(left.join("\ncargo cacerts: error: "))),
    }
}

/// Whether cargo refuses two of cacerts in one program.
fn has_two(error: &str) -> bool {
    error.contains("links to the native library `cacerts`")
}

/// cargo's error in one line, with what it comes from.
fn in_words(refused: Refused, replaced: &BTreeSet<Package>, lock_file: &Path) -> Failure {
    let Refused::ByCargo(failure, error) = refused else { return refused.shown() };
    let said = in_one_line(&error);
    let names: Vec<_> = replaced.iter().map(Package::to_string).collect();
    let names = names.join(", ");
    if said.contains("cyclic package dependency") {
        return Failure::usage(format_args!(
            "the program has cacerts itself, with something that needs {names}, whose drop-in \
             needs cacerts: a circle. In the program's Cargo.toml, leave out the feature \
             `client` of cacerts, or give ureq `default-features = false` without \
             `platform-verifier` (cargo: {said})"
        ));
    }
    if has_two(&said) {
        return Failure::usage(format_args!(
            "the program has cacerts from two places; let all of it use one (cargo: {said})"
        ));
    }
    if said.contains(&format!("failed to write {}", lock_file.display())) {
        let file = shown::path(lock_file);
        return Failure::usage(format_args!(
            "{file} cannot be written, and cargo before 1.97 has no other place for it while the drop-ins \
             are in it: build in a copy of that folder (cargo: {said})"
        ));
    }
    let is_missing =
        ["no matching package", "failed to select a version", "failed to download", "offline"]
            .iter()
            .any(|part| said.contains(part));
    if replaced.is_empty() || !is_missing {
        return Refused::ByCargo(failure, error).shown();
    }
    Failure::usage(format_args!(
        "with the drop-ins for {names} cargo does not find what they need: without --offline it \
         can fetch that, and `cargo cacerts vendor` puts it into vendor/ (cargo: {said})"
    ))
}

/// The originals in the resolved graph that are not below our folder, each with who wants it and
/// what to do.
fn left(answer: &Value, place: &Path) -> Vec<String> {
    let packages = answer["packages"].as_array().into_iter().flatten();
    let nodes: Vec<_> = answer["resolve"]["nodes"].as_array().into_iter().flatten().collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut left = Vec::new();
    for package in packages {
        let name = text(&package["name"]);
        let ours = Path::new(&text(&package["manifest_path"])).starts_with(place);
        if !drop_in::is_original(&name)
            || ours
            || !nodes.iter().any(|node| node["id"] == package["id"])
        {
            continue;
        }
        let needs = |node: &&&Value| {
            node["deps"].as_array().into_iter().flatten().any(|dep| dep["pkg"] == package["id"])
        };
        let who: Vec<_> =
            nodes.iter().filter(needs).map(|node| short(answer, &node["id"])).collect();
        let who = if who.is_empty() { "the workspace".to_owned() } else { who.join(", ") };
        let version = text(&package["version"]);
        let package =
            Package { name, version, source: package["source"].as_str().map(str::to_owned) };
        let Package { name, source, .. } = &package;
        let what_to_do = match source {
            _ if !package.is_from_crates_io() => format!(
                "is from {}; only those of cargo's own registry can be replaced: depend on {name} from there",
                source.as_deref().unwrap_or("a path")
            ),
            _ if drop_in::is_there_for(&package) => {
                "could not be replaced by its drop-in; is there another [patch] for it?".to_owned()
            }
            _ => format!(
                "has no drop-in; there is one for {}: bring {who} to a version that wants that",
                drop_in::series(name)
            ),
        };
        left.push(format!(
            "{package} is left in the program, where {who} wants it, and {what_to_do}"
        ));
    }
    left
}

/// A package of the answer by name and version.
fn short(answer: &Value, id: &Value) -> String {
    let mut packages = answer["packages"].as_array().into_iter().flatten();
    let found = packages.find(|package| package["id"] == *id);
    let text = |key: &str| found.and_then(|package| package[key].as_str()).unwrap_or("?");
    format!("{} {}", text("name"), text("version"))
}

/// Where the program's own cacerts is, if it has a path.
fn own_manifest(answer: &Value) -> Option<String> {
    let mut packages = answer["packages"].as_array().into_iter().flatten();
    let own =
        packages.find(|package| package["name"] == "cacerts" && package["source"].is_null())?;
    own["manifest_path"].as_str().map(str::to_owned)
}

/// On what the drop-ins have to depend where the program has cacerts itself: on the same.
fn own_cacerts(lock: &Lock, manifest: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(own) = lock.packages().find(|package| package.name == "cacerts") else {
        return Ok(None);
    };
    let Some(source) = &own.source else {
        let directory = manifest.and_then(|manifest| Path::new(manifest).parent());
        return directory
            .map(drop_in::quoted_path)
            .transpose()
            .map(|path| path.map(|p| format!("path = {p}")));
    };
    if own.is_from_crates_io() {
        return Ok(Some(format!("version = \"={}\"", own.version)));
    }
    let git = source.strip_prefix("git+").map(|git| git.split_once('?').unwrap_or((git, "")));
    let Some((url, query)) = git else {
        return Err(Failure::usage(format_args!(
            "the program has cacerts from {source}, where the drop-ins cannot have it from: depend \
             on cacerts from cargo's own registry, git or a path"
        )));
    };
    let mut words = format!("git = {}", toml_edit::Value::from(url));
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        words += &format!(", {key} = {}", toml_edit::Value::from(decoded(value)));
    }
    Ok(Some(words))
}

/// `feature%2Fx`, as a lock file since version 4 has the name of a branch.
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn names_of_branches() {
        for (value, expected) in [
            ("main", "main"),
            ("feature%2Fx", "feature/x"),
            ("%C3%BC%2B", "ü+"),
            ("100%", "100%"),
            ("a%zz", "a%zz"),
        ] {
            assert_eq!(decoded(value), expected);
        }
    }
}
