//! Everything that is to be known about a file is found out from its bytes. It may use the modules that look
//! for one thing each.

use super::ar;
use super::crates;
use super::elf::Elf;
use super::kind::Kind;
use super::links::{Links, links};
use super::note::Notes;
use super::notes::MOST_NOTES;
use super::scan::{Scan, Scanner};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};

/// The largest file that is read: 2 GiB.
pub(crate) const MAX_SIZE: u64 = 2 << 30;

/// How much is shown of what a crate says.
const LONGEST_REASON: usize = 200;

/// What there is to say of a file.
pub(crate) struct Inspection {
    pub(crate) kind: Kind,
    /// The end of a sentence: why it cannot all be told.
    pub(crate) error: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) links: Links,
    /// Of a program that was packed: `it is ...`.
    packer: Option<&'static str>,
    pub(crate) scan: Scan,
    /// Of a package that was looked into: how many files are in it.
    pub(crate) files: Option<usize>,
    /// Of a package of a distribution: what it depends on.
    pub(crate) depends: BTreeSet<String>,
}

/// What cannot be looked into.
pub(crate) struct Unseen {
    /// The end of a sentence: `it is ...`.
    pub(crate) what: String,
    /// A program or a package, and not, say, a manual.
    pub(crate) is_program: bool,
}

/// So many well-known paths are a list that a program goes through; a library that has been told its
/// own, such as OpenSSL, names one or two.
const GUESS: usize = 3;

impl Inspection {
    /// Of all that is in a file.
    pub(crate) fn of(bytes: &[u8], scanner: &Scanner) -> Self {
        let kind = Kind::of(bytes);
        let mut error = None;
        let elf = match kind {
            Kind::Elf => Elf::read(bytes),
            Kind::Archive => library(bytes),
            _ => Ok(Elf::default()),
        };
        let elf = or_error(elf, &mut error);
        let notes = or_error(Notes::parse(&elf.notes), &mut error);
        let links = or_error(links(&elf.needed), &mut error);
        let packer = match kind {
            // Such as one that unpacks itself, or an archive of a language with its interpreter's name.
            Kind::Script if bytes.contains(&0) => Some("a script with data in it"),
            _ => elf.packer,
        };
        let mut scan = scanner.scan(bytes);
        if let Some(audit) = elf.audit {
            crates::listed(audit, &mut scan.crates);
        }
        Self { error, notes, links, packer, scan, ..Self::unread(kind) }
    }

    /// Whether it is a program that goes through a list of well-known paths, and nobody has decided
    /// which of them it trusts.
    pub(crate) fn is_guessing(&self) -> bool {
        self.notes.is_empty()
            && self.kind.is_program()
            && (self.scan.guesses.is_some() || self.scan.paths.len() >= GUESS)
    }

    /// Whether there is nothing to be said of it but that it is there.
    pub(crate) fn is_plain(&self) -> bool {
        let Scan { roots, paths, guesses, contains_openssl, crates } = &self.scan;
        let scanned = !roots.is_empty() || !paths.is_empty() || !crates.is_empty();
        let found = scanned || guesses.is_some() || *contains_openssl || !self.links.is_empty();
        let is_seen = self.error.is_none() && self.unseen().is_none() && self.kind != Kind::Elf;
        is_seen && !found && self.notes.is_empty()
    }

    /// Of a file that is in a package, and cannot be read there.
    pub(crate) fn unread(kind: Kind) -> Self {
        Self {
            kind,
            error: None,
            notes: Notes::default(),
            links: Links::default(),
            packer: None,
            scan: Scan::default(),
            files: None,
            depends: BTreeSet::new(),
        }
    }

    /// Of a package, as far as it could be looked into.
    pub(crate) fn package(kind: Kind, files: usize, error: Option<io::Error>) -> Self {
        let error = error.map(|e| match e.kind() {
            ErrorKind::UnexpectedEof => {
                "cannot be looked into to its end: it has been cut off".into()
            }
            _ => {
                let why: String = e.to_string().chars().take(LONGEST_REASON).collect();
                let why = why.replace(char::is_control, " ");
                format!("cannot be looked into to its end: {why}")
            }
        });
        Self { error, files: Some(files), ..Self::unread(kind) }
    }

    pub(crate) fn depending_on(self, depends: BTreeSet<String>) -> Self {
        Self { depends, ..self }
    }

    /// `None`: all of it was seen.
    pub(crate) fn unseen(&self) -> Option<Unseen> {
        let is_program = self.packer.is_some() || self.kind.is_package();
        let what = match self.packer {
            Some(packer) => format!("{packer}; unpack it and inspect that"),
            None if self.files.is_some() => return None,
            None => {
                let hides = self.kind.hides()?;
                format!("{}; {hides} it and inspect that", self.kind)
            }
        };
        Some(Unseen { what, is_program })
    }
}

/// The notes of the object files in a static library.
fn library(bytes: &[u8]) -> Result<Elf<'_>, String> {
    let mut all = Elf::default();
    for member in ar::members(bytes)?.into_iter().filter(|member| Kind::of(member) == Kind::Elf) {
        let notes = Elf::read(member)?.notes;
        // Of more there is an error anyway.
        let room = |found: &BTreeSet<_>| MOST_NOTES.saturating_sub(found.len());
        let (library, drop_ins) = (room(&all.notes.library), room(&all.notes.drop_ins));
        all.notes.library.extend(notes.library.into_iter().take(library));
        all.notes.drop_ins.extend(notes.drop_ins.into_iter().take(drop_ins));
    }
    Ok(all)
}

/// Nothing, where it cannot be told.
fn or_error<T: Default>(told: Result<T, String>, error: &mut Option<String>) -> T {
    told.unwrap_or_else(|why| {
        *error = Some(why);
        T::default()
    })
}
