//! One file: it is read once, and everything that is to be known about it is found out from its bytes.
//! It may use the modules that look for one thing each.

use super::elf::Elf;
use super::kind::Kind;
use super::links::{Links, links};
use super::note::Notes;
use super::scan::{Scan, Scanner};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The largest file that is read: 2 GiB.
const MAX_SIZE: u64 = 2 << 30;
/// Of files larger than this, 64 MiB, one is in memory at a time.
const LARGE: u64 = 64 << 20;

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
}

/// What cannot be looked into.
pub(crate) struct Unseen {
    /// The end of a sentence: `it is ...`.
    pub(crate) what: String,
    /// A program or a package, and not, say, a manual.
    pub(crate) is_program: bool,
}

impl Inspection {
    /// `None`: all of it was seen.
    pub(crate) fn unseen(&self) -> Option<Unseen> {
        let is_program = self.packer.is_some() || self.kind.is_package();
        let what = match self.packer {
            Some(packer) => format!("{packer}; unpack it and inspect that"),
            None if self.kind.is_packed() => self.kind.to_string(),
            None => return None,
        };
        Some(Unseen { what, is_program })
    }
}

/// Reads files, in several threads.
pub(crate) struct Inspector {
    pub(crate) scanner: Scanner,
    large: Mutex<()>,
}

impl Inspector {
    pub(crate) fn new(scanner: Scanner) -> Self {
        Self { scanner, large: Mutex::new(()) }
    }

    /// The buffer is one that is used again. An error is the end of a sentence.
    pub(crate) fn file(&self, path: &Path, buffer: &mut Vec<u8>) -> Result<Inspection, String> {
        let cannot = |e: io::Error| format!("cannot be read ({e})");
        // Looked at before it is opened, because opening a device can do something.
        let size = regular(&fs::metadata(path).map_err(cannot)?)?;
        let file = open(path).map_err(cannot)?;
        regular(&file.metadata().map_err(cannot)?)?;
        if size > MAX_SIZE {
            return Err(too_large());
        }
        let lock =
            (size > LARGE).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner));
        buffer.clear();
        buffer.try_reserve(size as usize).map_err(|e| cannot(e.into()))?;
        let read = file.take(MAX_SIZE + 1).read_to_end(buffer).map_err(cannot)?;
        if read as u64 > MAX_SIZE {
            return Err(too_large());
        }
        let inspection = self.bytes(buffer);
        if lock.is_some() {
            *buffer = Vec::new();
        }
        Ok(inspection)
    }

    fn bytes(&self, bytes: &[u8]) -> Inspection {
        let kind = Kind::of(bytes);
        let mut error = None;
        let elf = if kind == Kind::Elf { Elf::read(bytes) } else { Ok(Elf::default()) };
        let elf = or_error(elf, &mut error);
        let notes = or_error(Notes::parse(&elf.notes), &mut error);
        let links = or_error(links(&elf.needed), &mut error);
        let packer = match kind {
            // Such as one that unpacks itself, or an archive of a language with its interpreter's name.
            Kind::Script if bytes.contains(&0) => Some("a script with data in it"),
            _ => elf.packer,
        };
        Inspection { kind, error, notes, links, packer, scan: self.scanner.scan(bytes) }
    }
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
