//! Looks into packages and archives, file by file, without unpacking them to anywhere: Debian's, RPM,
//! Alpine's of version 2, Arch's, crates, wheels, and any tar, cpio or zip archive or single file that
//! bzip2, gzip, xz or zstd has compressed. It may use the modules of the formats, and
//! `inspection` for what is in them.
//!
//! One archive in another is looked into, and no more. How much is unpacked is bounded: 32 MiB and a
//! hundred times the size of what it is in.

use super::archive::{Content, Found, Source, damaged};
use super::data::Data;
use super::inspection::{Inspection, MAX_SIZE, has_places};
use super::kind::Kind;
use super::scan::Scanner;
use super::{ar, bzip2, cpio, depends, rpm, tar, xz, zip, zstd};
use flate2::bufread::MultiGzDecoder;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::env;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, Write};
use std::mem;
use std::rc::Rc;

/// So much may be unpacked of anything, in one file and in all of them.
const FREE: u64 = 32 << 20;
/// And so many times the size of what it is in: of one file, and in all.
const LARGEST_RATIO: u64 = 32;
const RATIO: u64 = 100;
/// To begin to look into an archive in another takes no longer than to unpack so much, 16 KiB.
const BEGINNING: u64 = 16 << 10;
/// How many archives may be in each other.
const DEPTH: usize = 2;
/// What a file is known by.
pub(crate) const HEAD: usize = 8 << 10;
/// Of files in it that are larger than this, 24 MiB, a part at a time is in memory. Of one that has to be read where it
/// stands there has to be a copy then, which costs half as much as to unpack it, and few programs are as large.
const LARGEST_IN_MEMORY: u64 = 24 << 20;
/// How much is copied at a time.
const PART: u64 = 1 << 20;
/// The longest name that is told in full: that of the longest path that Linux opens.
const LONGEST_NAME: usize = 4096;

/// Those that are looked into.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Format {
    Deb,
    Rpm,
    Tar,
    Cpio,
    Zip,
    Bzip2,
    Gzip,
    Xz,
    Zstd,
}

impl Format {
    /// By the first bytes.
    pub(crate) fn of(begin: &[u8]) -> Option<Self> {
        match Kind::of(begin) {
            Kind::Deb => Some(Self::Deb),
            Kind::Rpm => Some(Self::Rpm),
            Kind::Compressed("bzip2") => Some(Self::Bzip2),
            Kind::Compressed("gzip") => Some(Self::Gzip),
            Kind::Compressed("xz") => Some(Self::Xz),
            Kind::Compressed("zstd") => Some(Self::Zstd),
            Kind::Compressed("zip") if begin.starts_with(zip::MAGIC) => Some(Self::Zip),
            Kind::Tar => Some(Self::Tar),
            Kind::Cpio => Some(Self::Cpio),
            _ => None,
        }
    }
}

/// Goes through a package.
pub(crate) struct Package<'a> {
    scanner: &'a Scanner,
    /// Is given the name of each file in it, and what there is to say.
    tell: &'a mut dyn FnMut(String, Inspection),
    bounds: Bounds,
    shared: Rc<Shared>,
    buffer: Vec<u8>,
    /// How many files there were.
    pub(crate) files: usize,
}

/// How much may still be unpacked, into all files and into one: a file can be larger than what it is
/// made of, and what is compressed need not be a file.
struct Bounds {
    files: u64,
    file: u64,
}

/// What is known while a file is read.
struct Shared {
    /// How much may still be unpacked of all that is compressed.
    left: Cell<u64>,
    /// What the package that is being looked into depends on, of two the one in the other.
    depends: RefCell<BTreeSet<String>>,
}

impl Shared {
    /// Has so much less left, or fails.
    fn take(&self, size: u64) -> io::Result<()> {
        self.left.set(self.left.get().checked_sub(size).ok_or_else(too_much)?);
        Ok(())
    }
}

impl<'a> Package<'a> {
    /// Of that size.
    pub(crate) fn new(
        scanner: &'a Scanner,
        size: u64,
        tell: &'a mut dyn FnMut(String, Inspection),
    ) -> Self {
        let all = FREE.saturating_add(size.saturating_mul(RATIO));
        let bounds = Bounds { files: all, file: largest(size) };
        let shared = Rc::new(Shared { left: Cell::new(all), depends: RefCell::default() });
        Self { scanner, tell, bounds, shared, buffer: Vec::new(), files: 0 }
    }

    /// What it depends on, by the metadata that have been seen.
    pub(crate) fn depends(&self) -> BTreeSet<String> {
        self.shared.depends.take()
    }

    /// The name is that of the package; those in it are told with `prefix` before their own.
    pub(crate) fn look(
        &mut self,
        format: Format,
        source: &mut dyn Source,
        name: &str,
        prefix: &str,
        depth: usize,
    ) -> io::Result<()> {
        let shared = Rc::clone(&self.shared);
        let mut found = |name: &str, content: Content<'_>| {
            let name: String = plain(name).chars().take(LONGEST_NAME).collect();
            self.file(&name, content, prefix, depth)
        };
        match format {
            Format::Zip => zip::each(source, &mut found),
            _ => stream(format, &mut BufReader::new(source), name, &shared, &mut found),
        }
    }

    fn file(
        &mut self,
        name: &str,
        content: Content<'_>,
        prefix: &str,
        depth: usize,
    ) -> io::Result<()> {
        self.files += 1;
        let whole = format!("{prefix}{name}");
        let (content, said) = match content {
            Ok(content) => content,
            Err(kind) => {
                (self.tell)(whole, Inspection::unread(kind));
                return Ok(());
            }
        };
        let most = self.bounds.file.min(self.bounds.files);
        let in_memory = most.min(LARGEST_IN_MEMORY);
        let mut bytes = mem::take(&mut self.buffer);
        bytes.clear();
        // Otherwise there would be up to twice as much.
        bytes.try_reserve_exact(said.min(in_memory) as usize + 1)?;
        let mut content = content.take(most + 1);
        (&mut content).take(in_memory + 1).read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        if size > most {
            return Err(too_much());
        } else if size > LARGEST_IN_MEMORY {
            let told = self.large(&bytes, &mut content, most, (&whole, name), depth);
            self.buffer = bytes;
            return told;
        }
        self.bounds.files -= size;
        if name == "DEBIAN/control" {
            self.shared.depends.borrow_mut().extend(depends::of_deb(&bytes));
        } else if name == ".PKGINFO" {
            self.shared.depends.borrow_mut().extend(depends::of_pkginfo(&bytes));
        }
        match Format::of(&bytes) {
            Some(format) if depth < DEPTH => {
                let kind = Kind::of(&bytes);
                let mut source = Cursor::new(bytes);
                self.nested((format, kind), &mut source, size, (&whole, name), depth);
            }
            _ => {
                (self.tell)(whole, Inspection::of(&bytes, self.scanner));
                self.buffer = bytes;
            }
        }
        Ok(())
    }

    /// A file that begins with these bytes and goes on as the reader does. What has to be read in another order
    /// than from its beginning to its end is put into a file that has no name.
    fn large(
        &mut self,
        begin: &[u8],
        rest: &mut dyn Read,
        most: u64,
        names: (&str, &str),
        depth: usize,
    ) -> io::Result<()> {
        let kind = Kind::of(begin);
        let format = Format::of(begin).filter(|_| depth < DEPTH);
        let mut copy = match format.is_some() || has_places(kind) {
            true => Some(tempfile::tempfile().map_err(no_file)?),
            false => None,
        };
        let mut size = 0;
        let mut seen = |bytes: &[u8]| {
            size += bytes.len() as u64;
            copy.as_mut().map_or(Ok(()), |copy| copy.write_all(bytes).map_err(no_file))
        };
        let mut all = begin.chain(rest);
        let scan = match format {
            Some(_) => each_part(&mut all, &mut seen).map(|()| None),
            None => Inspection::scan(kind, self.scanner, &mut all, &mut seen).map(Some),
        }?;
        if size > most {
            return Err(too_much());
        }
        self.bounds.files -= size;
        match (format, scan, copy) {
            (Some(format), _, Some(mut copy)) => {
                copy.rewind()?;
                self.nested((format, kind), &mut copy, size, names, depth);
            }
            (_, Some(scan), copy) => {
                let data =
                    copy.as_ref().map_or(Data::Memory(begin), |copy| Data::File(copy, 0, size));
                (self.tell)(names.0.to_owned(), Inspection::told(kind, data, scan));
            }
            _ => {}
        }
        Ok(())
    }

    /// An archive in another, by the name that is told and its own.
    fn nested(
        &mut self,
        (format, kind): (Format, Kind),
        source: &mut dyn Source,
        size: u64,
        (whole, name): (&str, &str),
        depth: usize,
    ) {
        let (files, outer) = (self.files, self.depends());
        let most = self.bounds.file.min(self.bounds.files + size);
        let bound = mem::replace(&mut self.bounds.file, most.min(largest(size)));
        let looked = self
            .shared
            .take(BEGINNING)
            .and_then(|()| self.look(format, source, name, &format!("{whole}!"), depth + 1));
        self.bounds.file = bound;
        let told = Inspection::package(kind, self.files - files, looked.err());
        let own = self.shared.depends.replace(outer);
        (self.tell)(whole.to_owned(), told.depending_on(own));
    }
}

/// How large a file may be in a package of that size.
fn largest(size: u64) -> u64 {
    FREE.saturating_add(size.saturating_mul(LARGEST_RATIO)).min(MAX_SIZE)
}

/// Shows all that is read.
fn each_part(
    reader: &mut dyn Read,
    seen: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut part = Vec::new();
    loop {
        part.clear();
        if (&mut *reader).take(PART).read_to_end(&mut part)? == 0 {
            return Ok(());
        }
        seen(&part)?;
    }
}

/// A name as that of a file below the directory where the package is unpacked.
fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name).trim_start_matches('/')
}

/// Goes through what can be read from its beginning to its end.
fn stream(
    format: Format,
    source: &mut dyn BufRead,
    name: &str,
    shared: &Shared,
    found: &mut Found<'_>,
) -> io::Result<()> {
    match format {
        Format::Deb => deb(source, shared, found),
        Format::Rpm => rpm(source, shared, found),
        Format::Tar => tar::each(source, found),
        Format::Cpio => cpio::each(source, found),
        Format::Zip => Err(damaged("a zip archive is not where one can be")),
        Format::Bzip2 | Format::Gzip | Format::Xz | Format::Zstd => {
            let unpacked: Box<dyn Read> = match format {
                Format::Bzip2 => Box::new(bzip2::Reader::new(source)),
                Format::Gzip => Box::new(MultiGzDecoder::new(source)),
                Format::Xz => Box::new(xz::Reader::new(source)?),
                _ => Box::new(zstd::reader(source)?),
            };
            let (begin, mut content) = begin(Limited { reader: unpacked, shared })?;
            match Format::of(&begin) {
                Some(Format::Tar) => tar::each(content, found),
                Some(Format::Cpio) => cpio::each(content, found),
                _ => found(stem(name), Ok((&mut content, 0))),
            }
        }
    }
}

/// The two archives in a Debian package. `DEBIAN` is where its own files are before it is built.
fn deb(source: &mut dyn BufRead, shared: &Shared, found: &mut Found<'_>) -> io::Result<()> {
    ar::each(source, &mut |member, content| {
        let (content, size) = content.map_err(|_| damaged("a member cannot be read"))?;
        let directory = match member.split_once('.') {
            Some(("data", _)) => "",
            Some(("control", _)) => "DEBIAN/",
            _ => return found(member, Ok((content, size))),
        };
        let (begin, content) = begin(content)?;
        let format = archive(&begin)?;
        stream(format, &mut BufReader::new(content), member, shared, &mut |name, content| {
            found(&format!("{directory}{}", plain(name)), content)
        })
    })
}

/// The archive at the end of an RPM package.
fn rpm(source: &mut dyn BufRead, shared: &Shared, found: &mut Found<'_>) -> io::Result<()> {
    shared.depends.borrow_mut().extend(rpm::headers(source)?);
    let (begin, content) = begin(source)?;
    let format = archive(&begin)?;
    stream(format, &mut BufReader::new(content), "payload", shared, found)
}

/// What is not read is an error where there is to be an archive, and so is another package.
fn archive(begin: &[u8]) -> io::Result<Format> {
    match Format::of(begin) {
        None | Some(Format::Deb | Format::Rpm | Format::Zip) => {
            Err(damaged(&format!("what stands in it is {}", Kind::of(begin))))
        }
        Some(format) => Ok(format),
    }
}

/// How it begins, and all of it.
fn begin<'a>(mut reader: impl Read + 'a) -> io::Result<(Vec<u8>, impl Read + 'a)> {
    let mut begin = Vec::new();
    reader.by_ref().take(HEAD as u64).read_to_end(&mut begin)?;
    Ok((begin.clone(), Cursor::new(begin).chain(reader)))
}

/// The file's name without what says how it is compressed.
fn stem(name: &str) -> &str {
    let endings = [".bz2", ".gz", ".xz", ".zst", ".zstd"];
    let name = name.rsplit('/').next().unwrap_or(name);
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// Fails where more is unpacked.
struct Limited<'a, R> {
    reader: R,
    shared: &'a Shared,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.reader.read(buffer)?;
        self.shared.take(size as u64)?;
        Ok(size)
    }
}

fn no_file(e: io::Error) -> io::Error {
    let place = env::temp_dir();
    damaged(&format!(
        "a file in it has more than {} MiB, for which no temporary file can be written in {} ({e})",
        LARGEST_IN_MEMORY >> 20,
        place.display()
    ))
}

fn too_much() -> io::Error {
    damaged("it unpacks to far more than its size")
}
