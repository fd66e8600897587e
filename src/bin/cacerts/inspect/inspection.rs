//! Everything that is to be known about a file is found out from its bytes. It may use the modules that look
//! for one thing each.

use super::data::Data;
use super::kind::Kind;
use super::links::Links;
use super::note::Notes;
use super::program::Program;
use super::scan::{Scan, Scanner};
use memchr::memchr;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read};

/// The largest file that is read: 2 GiB.
pub(crate) const MAX_SIZE: u64 = 2 << 30;
/// Of files larger than this, 8 MiB, a part at a time is in memory.
pub(crate) const IN_MEMORY: u64 = 8 << 20;

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
        let is_binary = kind == Kind::Script && memchr(0, bytes).is_some();
        Self::told(kind, Data::Memory(bytes), (scanner.scan(bytes), is_binary))
    }

    /// Of what is too large for memory: all that can be found out in one pass, and whether a script has data
    /// in it. Each part is shown to `seen`.
    pub(crate) fn scan(
        kind: Kind,
        scanner: &Scanner,
        reader: &mut dyn Read,
        seen: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<(Scan, bool)> {
        let mut is_binary = false;
        let scan = scanner.read(reader, &mut |bytes| {
            is_binary |= kind == Kind::Script && memchr(0, bytes).is_some();
            seen(bytes)
        });
        Ok((scan?, is_binary))
    }

    /// What has been scanned and, of programs and static libraries, what is where in them.
    pub(crate) fn told(kind: Kind, data: Data<'_>, (mut scan, is_binary): (Scan, bool)) -> Self {
        let mut error = None;
        let program = match kind {
            Kind::Elf | Kind::Pe => Program::read(kind, data),
            Kind::Archive => Program::library(data),
            _ => Ok(Program::default()),
        };
        let program = or_error(program, &mut error);
        let notes = or_error(Notes::parse(&program.notes), &mut error);
        let links = or_error(program.links, &mut error);
        // Such as one that unpacks itself, or an archive of a language with its interpreter's name.
        let packer = if is_binary { Some("a script with data in it") } else { program.packer };
        scan.crates.extend(program.crates);
        // A drop-in has the original's name and version, and it is the notes that tell of it.
        scan.crates.retain(|(name, version)| !notes.has_drop_in(name, version));
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
        let is_seen = self.error.is_none() && self.unseen().is_none() && !self.kind.has_notes();
        // What is in a package is held against it.
        let is_package = self.kind.is_package() || !self.depends.is_empty();
        is_seen && !is_package && !found && self.notes.is_empty()
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

/// Whether it has to be read where it stands, and not only from its beginning to its end.
pub(crate) fn has_places(kind: Kind) -> bool {
    kind.has_notes() || kind == Kind::Archive
}

/// Nothing, where it cannot be told.
fn or_error<T: Default>(told: Result<T, String>, error: &mut Option<String>) -> T {
    told.unwrap_or_else(|why| {
        *error = Some(why);
        T::default()
    })
}
