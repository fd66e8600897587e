//! The text of cacerts notes: the constants that were baked into the library, and the drop-ins that a
//! program has. It may use `notes` and `toml_edit`.

use super::notes::{Found, MOST_NOTES};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const DEFAULT_PATH: &str = "CACERTS_DEFAULT_PATH";
const SEARCH_PATHS: &str = "CACERTS_SEARCH_PATHS";
const PACKAGE: &str = "CACERTS_PACKAGE";
const DROP_IN: &str = "CACERTS_DROP_IN";
/// The longest name of a crate that its registry takes, and the longest path that Linux opens.
const LONGEST_WORD: usize = 64;
const LONGEST_PATH: usize = 4096;
/// How much of what the parser says is shown: it may have any part of the text in it.
const LONGEST_REASON: usize = 100;

/// What the notes of a file say, which is one thing: no two of them name different paths.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) constants: Option<Constants>,
    /// Sorted.
    drop_ins: Vec<DropIn>,
}

/// The library's constants by their names; `null` where there is none.
pub(crate) struct Constants(pub(crate) Map<String, Value>);

/// A crate that stands in for the one of this name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct DropIn {
    name: String,
    version: String,
    /// The path that it tells whoever asks, if it is not over the library.
    tells: Option<String>,
}

impl Notes {
    /// The notes of the library and of the drop-ins. An error is the end of a sentence.
    pub(crate) fn parse(found: &Found) -> Result<Self, String> {
        let Found { library, drop_ins } = found;
        if drop_ins.len() >= MOST_NOTES {
            return Err(format!("has {MOST_NOTES} notes of drop-ins or more, as no program has"));
        }
        if library.len() > 1 {
            return Err("has cacerts notes that differ".to_owned());
        }
        let constants = library.first().map(|note| Constants::parse(note)).transpose()?;
        let drop_ins: Result<BTreeSet<_>, _> =
            drop_ins.iter().map(|note| DropIn::parse(note)).collect();
        let notes = Self { constants, drop_ins: drop_ins?.into_iter().collect() };
        notes.agree()?;
        Ok(notes)
    }

    fn agree(&self) -> Result<(), String> {
        let library = self.constants.iter().map(|constants| {
            let path = constants.default_path().unwrap_or("nothing built in");
            ("the library".to_owned(), path)
        });
        let told = self.drop_ins.iter().filter_map(|drop_in| {
            let path = drop_in.tells.as_deref()?;
            Some((drop_in.in_words(), path))
        });
        let mut paths = library.chain(told);
        let Some((first, path)) = paths.next() else {
            return match self.drop_ins.first() {
                None => Ok(()),
                Some(drop_in) => Err(format!(
                    "has the note of the drop-in {} without that of the library, which is under it",
                    drop_in.in_words()
                )),
            };
        };
        match paths.find(|(_, other)| *other != path) {
            None => Ok(()),
            Some((second, other)) => Err(format!(
                "has cacerts notes that differ: {path} ({first}) and {other} ({second})"
            )),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.constants.is_none() && self.drop_ins.is_empty()
    }

    /// The path that all of them name.
    pub(crate) fn path(&self) -> Option<&str> {
        match &self.constants {
            Some(constants) => constants.default_path(),
            None => self.drop_ins.iter().find_map(|drop_in| drop_in.tells.as_deref()),
        }
    }

    /// The path that is baked in, and the package that provides it.
    pub(crate) fn provider(&self) -> Option<(&str, &str)> {
        let constants = self.constants.as_ref()?;
        let package = constants.0.get(PACKAGE)?.as_str()?;
        (package.len() <= LONGEST_WORD).then_some((constants.default_path()?, package))
    }

    /// Where a program with nothing baked in searches.
    pub(crate) fn search_paths(&self) -> impl Iterator<Item = &str> {
        self.constants.iter().flat_map(Constants::search_paths)
    }

    /// What they say of the path, without the drop-ins: `trusts ...`.
    pub(crate) fn path_in_words(&self) -> String {
        match (self.path(), &self.constants) {
            (Some(path), Some(_)) => format!("trusts {path}"),
            // Whoever asks may look elsewhere as well.
            (Some(path), None) => format!("is told {path}"),
            (None, _) => "has nothing built in".to_owned(),
        }
    }

    /// `None` where there are none. OpenSSL does not trust what it is told alone.
    pub(crate) fn in_words(&self, has_openssl: bool) -> Option<String> {
        let mut words = match &self.constants {
            Some(constants) if constants.default_path().is_none() => constants.search_in_words(),
            _ if self.is_empty() => return None,
            _ => self.path_in_words(),
        };
        if !self.drop_ins.is_empty() {
            let names: Vec<_> = self.drop_ins.iter().map(DropIn::in_words).collect();
            let ending = if names.len() == 1 { "" } else { "s" };
            words += &format!(" (drop-in{ending}: {})", names.join(", "));
        }
        if has_openssl && self.drop_ins.iter().any(|drop_in| drop_in.tells.is_some()) {
            words += ", to which OpenSSL adds its own default paths";
        }
        Some(words)
    }

    /// Whether there is the note of one that stands in for this crate.
    pub(crate) fn has_drop_in(&self, name: &str, version: &str) -> bool {
        self.drop_ins.iter().any(|drop_in| drop_in.name == name && drop_in.version == version)
    }

    pub(crate) fn drop_ins_to_json(&self) -> Value {
        let drop_ins = self.drop_ins.iter().map(|drop_in| {
            let DropIn { name, version, tells } = drop_in;
            json!({ "name": name, "version": version, "tells": tells })
        });
        drop_ins.collect()
    }
}

impl Constants {
    /// The note's text is that of a defaults file, where `none` stands for no path and no package.
    fn parse(note: &[u8]) -> Result<Self, String> {
        let mut constants = parse(note)?;
        path(&constants)?;
        for value in constants.values_mut().filter(|value| *value == "none") {
            *value = Value::Null;
        }
        Ok(Self(constants))
    }

    /// The path that is baked in.
    fn default_path(&self) -> Option<&str> {
        self.0.get(DEFAULT_PATH).and_then(Value::as_str)
    }

    fn search_paths(&self) -> impl Iterator<Item = &str> {
        let paths = self.0.get(SEARCH_PATHS).and_then(Value::as_array);
        paths.into_iter().flatten().filter_map(Value::as_str)
    }

    fn search_in_words(&self) -> String {
        let searches = self.search_paths().next().is_some();
        let then = if searches { "searches for a store" } else { "and nowhere to search" };
        format!("nothing built in, {then}")
    }
}

impl DropIn {
    /// The note's text has its name and version and, if it is not over the library, a path.
    fn parse(note: &[u8]) -> Result<Self, String> {
        let said = parse(note)?;
        let words = said.get(DROP_IN).and_then(Value::as_str).and_then(|s| s.split_once(' '));
        let is_word = |word: &str| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
            !word.is_empty() && word.len() <= LONGEST_WORD && word.chars().all(is_part)
        };
        let Some((name, version)) = words.filter(|(a, b)| is_word(a) && is_word(b)) else {
            return Err(damaged(format!("{DROP_IN} is not the name and the version of a crate")));
        };
        let tells = said.contains_key(DEFAULT_PATH).then(|| path(&said)).transpose()?;
        if tells == Some("none") {
            return Err(damaged(format!("{DEFAULT_PATH} is not a path")));
        }
        let tells = tells.map(str::to_owned);
        Ok(Self { name: name.to_owned(), version: version.to_owned(), tells })
    }

    fn in_words(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

fn parse(note: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(note).map_err(|e| e.to_string());
    let parsed = text.and_then(|text| {
        let parsed = toml_edit::de::from_str(text);
        parsed.map_err(|e| {
            let reason = e.message().chars().take(LONGEST_REASON);
            reason.map(|c| if c.is_control() { ' ' } else { c }).collect()
        })
    });
    parsed.map_err(damaged)
}

/// It may be anybody's binary: what cannot have been baked is not shown as if it had.
fn path(constants: &Map<String, Value>) -> Result<&str, String> {
    match constants.get(DEFAULT_PATH) {
        Some(Value::String(path))
            if path.len() <= LONGEST_PATH && !path.contains(char::is_control) =>
        {
            Ok(path)
        }
        _ => Err(damaged(format!("{DEFAULT_PATH} is not a path or none"))),
    }
}

fn damaged(why: String) -> String {
    format!("has a cacerts note that cannot be read ({why})")
}
