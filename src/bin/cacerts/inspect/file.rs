//! One file: it is read once, as a whole, or as a package. It may use `inspection` and `package`.

use super::data::Data;
use super::inspection::{IN_MEMORY, Inspection, MAX_SIZE};
use super::kind::Kind;
use super::package::{Format, HEAD, Package};
use super::scan::Scanner;
use crate::open::open;
use std::fs;
use std::io::{self, Read, Seek};
use std::path::Path;

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
            let mut package = Package::new(&self.scanner, size, tell);
            let looked = package.look(format, &mut file, &name, "", 1);
            let depends = package.depends();
            let told = Inspection::package(kind, package.files, looked.err());
            return Ok(told.depending_on(depends));
        }
        if size > MAX_SIZE {
            return Err(too_large());
        }
        buffer.try_reserve(size.min(IN_MEMORY) as usize).map_err(|e| cannot(e.into()))?;
        let left = IN_MEMORY.saturating_sub(buffer.len() as u64);
        (&mut file).take(left + 1).read_to_end(buffer).map_err(cannot)?;
        if buffer.len() as u64 <= IN_MEMORY {
            return Ok(Inspection::of(buffer, &self.scanner));
        }
        let kind = Kind::of(buffer);
        let (mut reader, mut size) = (buffer.chain(&mut file).take(MAX_SIZE + 1), 0);
        let scan = Inspection::scan(kind, &self.scanner, &mut reader, &mut |bytes| {
            size += bytes.len() as u64;
            Ok(())
        });
        let scan = scan.map_err(cannot)?;
        if size > MAX_SIZE {
            return Err(too_large());
        }
        Ok(Inspection::told(kind, Data::File(&file, 0, size), scan))
    }

    /// For the fuzz target: as of a file with this content.
    #[cfg(fuzzing)]
    pub(crate) fn content(
        &self,
        bytes: &[u8],
        tell: &mut dyn FnMut(String, Inspection),
    ) -> Inspection {
        let Some(format) = Format::of(bytes) else { return Inspection::of(bytes, &self.scanner) };
        let mut package = Package::new(&self.scanner, bytes.len() as u64, tell);
        let looked = package.look(format, &mut io::Cursor::new(bytes), "file", "", 1);
        Inspection::package(Kind::of(bytes), package.files, looked.err())
    }
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

fn too_large() -> String {
    "is larger than 2 GiB, the most that is read".to_owned()
}
