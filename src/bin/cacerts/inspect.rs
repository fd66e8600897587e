//! `inspect`: what finished binaries trust, read from the ELF note, for any architecture.

use crate::failure::Failure;
use crate::output;
use object::elf::{FileHeader32, FileHeader64, NoteType};
use object::read::elf::{FileHeader, NoteIterator, ProgramHeader};
use object::{Endianness, FileKind};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::PathBuf;

/// The largest file that is read: 2 GiB.
const MAX_SIZE: u64 = 2 << 30;
const DEFAULT_PATH: &str = "CACERTS_DEFAULT_PATH";
const SEARCH_PATHS: &str = "CACERTS_SEARCH_PATHS";
/// The note's name and type, as the library writes them.
const NAME: &[u8] = b"cacerts";
const TYPE: NoteType = NoteType(0xcace_0001);

pub(crate) fn inspect(files: &[PathBuf], json: bool) -> Result<(), Failure> {
    let mut seen = Vec::new();
    let mut all = true;
    for path in files {
        let name = path.display();
        let (constants, error) = match read(path) {
            Ok(constants) => (constants, None),
            Err(why) => (None, Some(format!("{name} {why}"))),
        };
        all &= constants.is_some();
        match &error {
            Some(error) => output::message(error),
            None if json => {}
            None => output::line(format_args!("{name}: {}", in_words(constants.as_ref())))?,
        }
        let path = path.to_string_lossy();
        seen.push(json!({ "path": path, "cacerts": constants, "error": error }));
    }
    if json {
        output::json(&seen.into())?;
    }
    if all { Ok(()) } else { Err(Failure::No(None)) }
}

fn in_words(constants: Option<&Map<String, Value>>) -> String {
    let Some(constants) = constants else {
        return "no cacerts note".to_owned();
    };
    let searches =
        constants.get(SEARCH_PATHS).and_then(Value::as_array).is_some_and(|p| !p.is_empty());
    match constants.get(DEFAULT_PATH).and_then(Value::as_str) {
        Some(path) => format!("trusts {path}"),
        None if searches => "nothing built in, searches for a store".to_owned(),
        None => "nothing built in, and nowhere to search".to_owned(),
    }
}

/// The constants in a file's note; `None` where there is no note, an error, as the end of a
/// sentence, where that cannot be told.
fn read(path: &PathBuf) -> Result<Option<Map<String, Value>>, String> {
    let metadata = fs::metadata(path).map_err(|e| format!("cannot be read ({e})"))?;
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    if metadata.len() > MAX_SIZE {
        return Err("is larger than 2 GiB, the most that is read".to_owned());
    }
    let bytes = fs::read(path).map_err(|e| format!("cannot be read ({e})"))?;
    let note = match FileKind::parse(&*bytes) {
        Ok(FileKind::Elf32) => find_note::<FileHeader32<Endianness>>(&bytes),
        Ok(FileKind::Elf64) => find_note::<FileHeader64<Endianness>>(&bytes),
        _ => return Err("is not an ELF program or library".to_owned()),
    };
    match note {
        Ok(Some(note)) => constants(note).map(Some),
        Ok(None) => Ok(None),
        Err(e) => Err(format!("is a damaged ELF file ({e})")),
    }
}

/// Looks where the loader looks, at the segments, so that it does not matter whether there are
/// section headers.
fn find_note<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> object::Result<Option<&[u8]>> {
    let header = Elf::parse(bytes)?;
    let endian = header.endian()?;
    for segment in header.program_headers(endian, bytes)? {
        if let Some(notes) = segment.notes(endian, bytes)? {
            if let Some(note) = ours(notes, endian)? {
                return Ok(Some(note));
            }
        }
    }
    Ok(None)
}

fn ours<'a, Elf: FileHeader<Endian = Endianness>>(
    mut notes: NoteIterator<'a, Elf>,
    endian: Endianness,
) -> object::Result<Option<&'a [u8]>> {
    while let Some(note) = notes.next()? {
        if note.name() == NAME && note.n_type(endian) == TYPE {
            return Ok(Some(note.desc()));
        }
    }
    Ok(None)
}

/// The note's text is that of a defaults file, where `none` stands for no path and no package.
fn constants(note: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(note).map_err(|e| e.to_string());
    let parsed = text.and_then(|text| {
        toml_edit::de::from_str::<Map<String, Value>>(text).map_err(|e| e.message().to_owned())
    });
    let mut constants = parsed.map_err(damaged)?;
    // It may be anybody's binary: what cannot have been baked is not shown as if it had.
    match constants.get(DEFAULT_PATH) {
        Some(Value::String(path)) if !path.contains(char::is_control) => {}
        _ => return Err(damaged(format!("{DEFAULT_PATH} is not a path or none"))),
    }
    for value in constants.values_mut().filter(|value| *value == "none") {
        *value = Value::Null;
    }
    Ok(constants)
}

fn damaged(why: String) -> String {
    format!("has a cacerts note that cannot be read ({why})")
}
