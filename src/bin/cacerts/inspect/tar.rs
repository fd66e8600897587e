//! The files in a tar archive. It may use `tar` and `archive`.

use super::archive::Found;
use std::io::{self, Read};
use tar::{Archive, EntryType};

/// Each regular file in order. Several archives after each other, as in a package of Alpine, are one.
pub(crate) fn each(reader: impl Read, found: &mut Found<'_>) -> io::Result<()> {
    let mut archive = Archive::new(reader);
    archive.set_ignore_zeros(true);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if let EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse =
            entry.header().entry_type()
        {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let size = entry.size();
            found(&name, Ok((&mut entry, size)))?;
        }
    }
    Ok(())
}
