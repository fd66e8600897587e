//! One file: it is read once, and everything that is to be known about it is found out from its bytes,
//! or from those of the files in it. It may use the modules that look for one thing each.

use super::data::Data;
use super::kind::Kind;
use super::links::Links;
use super::note::Notes;
use super::package::{Format, HEAD, Package};
use super::program::Program;
use super::scan::{Scan, Scanner};
use memchr::memchr;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::path::Path;

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

/// Reads files, in several threads.
pub(crate) struct Inspector {
    pub(crate) scanner: Scanner,
}

impl Inspector {
    pub(crate) fn new(scanner: Scanner) -> Self {
        Self { scanner }
    }

    /// The buffer is one that is used again; of each file in a package `tell` is told. An error is the
    /// end of a sentence.
    pub(crate) fn file(
        &self,
        path: &Path,
        buffer: &mut Vec<u8>,
        tell: &mut dyn FnMut(String, Inspection),
    ) -> Result<Inspection, String> {
        let cannot = |e: io::Error| format!("cannot be read ({e})");
        // Looked at before it is opened, because opening a device can do something.
        let size = regular(&fs::metadata(path).map_err(cannot)?)?;
        let mut file = open(path).map_err(cannot)?;
        regular(&file.metadata().map_err(cannot)?)?;
        buffer.clear();
        (&mut file).take(HEAD as u64).read_to_end(buffer).map_err(cannot)?;
        if let Some(format) = Format::of(buffer) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let kind = Kind::of(buffer);
            file.rewind().map_err(cannot)?;
            let mut package = Package::new(self, size, tell);
            let looked = package.look(format, &mut file, &name, "", 1);
            let depends = package.depends();
            let told = Inspection::package(kind, package.files, looked.err());
            return Ok(Inspection { depends, ..told });
        }
        if size > MAX_SIZE {
            return Err(too_large());
        }
        buffer.try_reserve(size.min(IN_MEMORY) as usize).map_err(|e| cannot(e.into()))?;
        let left = IN_MEMORY.saturating_sub(buffer.len() as u64);
        (&mut file).take(left + 1).read_to_end(buffer).map_err(cannot)?;
        if buffer.len() as u64 <= IN_MEMORY {
            return Ok(self.bytes(buffer));
        }
        let kind = Kind::of(buffer);
        let (mut reader, mut size) = (buffer.chain(&mut file).take(MAX_SIZE + 1), 0);
        let scan = self.scan(kind, &mut reader, &mut |bytes| {
            size += bytes.len() as u64;
            Ok(())
        });
        let scan = scan.map_err(cannot)?;
        if size > MAX_SIZE {
            return Err(too_large());
        }
        Ok(Self::told(kind, Data::File(&file, 0, size), scan))
    }

    /// For the fuzz target: as of a file with this content.
    #[cfg(fuzzing)]
    pub(crate) fn content(
        &self,
        bytes: &[u8],
        tell: &mut dyn FnMut(String, Inspection),
    ) -> Inspection {
        let Some(format) = Format::of(bytes) else { return self.bytes(bytes) };
        let mut package = Package::new(self, bytes.len() as u64, tell);
        let looked = package.look(format, &mut io::Cursor::new(bytes), "file", "", 1);
        Inspection::package(Kind::of(bytes), package.files, looked.err())
    }

    pub(crate) fn bytes(&self, bytes: &[u8]) -> Inspection {
        let kind = Kind::of(bytes);
        let is_binary = kind == Kind::Script && memchr(0, bytes).is_some();
        Self::told(kind, Data::Memory(bytes), (self.scanner.scan(bytes), is_binary))
    }

    /// Of what is too large for memory: all that can be found out in one pass, and whether a script has data
    /// in it. Each part is shown to `seen`.
    pub(crate) fn scan(
        &self,
        kind: Kind,
        reader: &mut dyn Read,
        seen: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<(Scan, bool)> {
        let mut is_binary = false;
        let scan = self.scanner.read(reader, &mut |bytes| {
            is_binary |= kind == Kind::Script && memchr(0, bytes).is_some();
            seen(bytes)
        });
        Ok((scan?, is_binary))
    }

    /// What has been scanned and, of programs and static libraries, what is where in them.
    pub(crate) fn told(kind: Kind, data: Data<'_>, (scan, is_binary): (Scan, bool)) -> Inspection {
        let mut error = None;
        let program = match kind {
            Kind::Elf => Program::read(data),
            Kind::Archive => Program::library(data),
            _ => Ok(Program::default()),
        };
        let program = or_error(program, &mut error);
        let notes = or_error(Notes::parse(&program.notes), &mut error);
        let links = or_error(program.links, &mut error);
        // Such as one that unpacks itself, or an archive of a language with its interpreter's name.
        let packer = if is_binary { Some("a script with data in it") } else { program.packer };
        let mut scan = scan;
        scan.crates.extend(program.crates);
        Inspection { error, notes, links, packer, scan, ..Inspection::unread(kind) }
    }
}

/// Whether it has to be read where it stands, and not only from its beginning to its end.
pub(crate) fn has_places(kind: Kind) -> bool {
    matches!(kind, Kind::Elf | Kind::Archive)
}

/// Nothing, where it cannot be told.
fn or_error<T: Default>(told: Result<T, String>, error: &mut Option<String>) -> T {
    told.unwrap_or_else(|why| {
        *error = Some(why);
        T::default()
    })
}

/// The size of a regular file.
fn regular(metadata: &fs::Metadata) -> Result<u64, String> {
    match not_regular(metadata) {
        None => Ok(metadata.len()),
        Some(what) => Err(format!("is {what}, which is not opened")),
    }
}

/// What it is, if it is no regular file.
pub(crate) fn not_regular(metadata: &fs::Metadata) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let file_type = metadata.file_type();
        if file_type.is_fifo() {
            return Some("a FIFO");
        } else if file_type.is_socket() {
            return Some("a socket");
        } else if file_type.is_block_device() || file_type.is_char_device() {
            return Some("a device");
        }
    }
    (!metadata.is_file()).then_some("no regular file")
}

/// Never waits, should it have become a FIFO meanwhile.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn too_large() -> String {
    "is larger than 2 GiB, the most that is read".to_owned()
}
