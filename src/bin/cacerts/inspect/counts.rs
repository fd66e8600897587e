//! How many files there were, and what of each kind. It may use what says of a file what it is.

use super::inspection::Inspection;
use super::links::{LIBRARIES, OPENSSL};
use crate::count::many;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So many kinds are told apart: a walk may meet any number of paths.
const MOST_KINDS: usize = 30;

#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) files: usize,
    notes: usize,
    lists: usize,
    paths: usize,
    guessing: usize,
    links: BTreeMap<&'static str, usize>,
    pub(crate) special: usize,
    packed: usize,
    pub(crate) errors: usize,
    /// What decides on trust, and in how many files.
    kinds: BTreeMap<String, usize>,
}

impl Counts {
    /// Of a file that was read.
    pub(crate) fn file(&mut self, file: &Inspection, is_list: bool, names_paths: bool) {
        self.files += 1;
        self.notes += usize::from(!file.notes.is_empty());
        self.lists += usize::from(is_list);
        self.paths += usize::from(names_paths);
        self.guessing += usize::from(file.is_guessing());
        self.packed += usize::from(file.unseen().is_some());
        for library in file.links.keys() {
            *self.links.entry(library).or_default() += 1;
        }
        if let Some(kind) = kind(file, is_list, names_paths) {
            let known = self.kinds.contains_key(&kind) || self.kinds.len() < MOST_KINDS;
            let kind = if known { kind } else { "other notes".to_owned() };
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    /// A line for each, those with the most files first.
    pub(crate) fn kinds_in_words(&self) -> Vec<String> {
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by_key(|(_, count)| Reverse(**count));
        let lines = kinds
            .into_iter()
            .map(|(kind, count)| format!("trust in {} is decided by {kind}", many(*count, "file")));
        lines.collect()
    }

    pub(crate) fn in_words(&self) -> String {
        let mut words = format!(
            "{}: {} with a cacerts note, {} with embedded roots, {} with a bundle's path, {} guessing",
            many(self.files, "file"),
            self.notes,
            self.lists,
            self.paths,
            self.guessing
        );
        for (library, _) in LIBRARIES {
            let count = self.links.get(library).copied().unwrap_or_default();
            words += &format!(", {count} linked with {library}");
        }
        if self.special > 0 {
            words += &format!("; {} not opened", self.special);
        }
        if self.packed > 0 {
            words += &format!("; {} compressed and not looked into", self.packed);
        }
        words + &format!("; {} could not be read", self.errors)
    }
}

/// What decides whom a file trusts, as far as it can be seen: what comes first here, where there is more
/// than one. `None`: nothing in it does.
fn kind(file: &Inspection, is_list: bool, names_paths: bool) -> Option<String> {
    let roots = if is_list { " and roots of its own" } else { "" };
    let libraries: Vec<_> = file.links.keys().copied().collect();
    let is_program = file.kind.is_program();
    if file.error.is_some() || file.unseen().is_some_and(|unseen| unseen.is_program) {
        Some("what cannot be seen".to_owned())
    } else if !file.notes.is_empty() {
        Some(format!("a note ({}){roots}", file.notes.path_in_words()))
    } else if is_list {
        Some("roots of its own".to_owned())
    } else if file.is_guessing() {
        Some("guessing from a list of paths".to_owned())
    } else if !libraries.is_empty() {
        Some(libraries.join(" and "))
    } else if file.scan.contains_openssl {
        Some(format!("{OPENSSL} in it"))
    } else if names_paths && is_program {
        Some("a path that it names".to_owned())
    } else {
        None
    }
}
