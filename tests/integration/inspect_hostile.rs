//! `cacerts inspect` and files that somebody has made to cost much: none takes more time and memory than
//! its size is worth, each has one line, and what comes after it is looked at.

#![cfg(target_os = "linux")]

use crate::support::User;
use crate::support::command::{Run, run, text};
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{cas, pem};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What one file may cost: seconds of the processor, of a build that is not optimised, and KiB of
/// memory, with what the C library and the threads only set aside.
const SECONDS: u32 = 10;
const MEMORY: u32 = 256 << 10;
/// How large the files are that are made.
const SIZE: usize = 1 << 20;
const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const NOTE: u32 = 4;
/// Of a section.
const SECTION_NOTE: u32 = 7;
const HEADER: usize = 64;
const SEGMENT: usize = 56;
const SECTION: usize = 64;

/// Runs `cacerts inspect` with no more than that.
pub(crate) fn inspect(user: &User, files: &[&Path], arguments: &[&str]) -> Run {
    let store = user.home().join("store.pem");
    if !store.exists() {
        fs::write(&store, pem(&cas(1))).unwrap();
    }
    let limited = format!("ulimit -v {MEMORY} && ulimit -t {SECONDS} && exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_cacerts"), "inspect"]);
    command.args(arguments).arg("--ca-certs").arg(store).args(files);
    command.env_clear().env("HOME", user.home()).env("MALLOC_ARENA_MAX", "1");
    run(&mut command)
}

/// A program of 64 bits: the segments are a type, a place, an address and a size.
pub(crate) fn program(segments: &[(u32, usize, usize, usize)], rest: &[u8]) -> Vec<u8> {
    let mut file = header(1, segments.len(), 0, 0);
    for &(kind, offset, address, size) in segments {
        file.extend(kind.to_le_bytes());
        file.extend(4_u32.to_le_bytes());
        for number in [offset, address, address, size, size, 4] {
            file.extend((number as u64).to_le_bytes());
        }
    }
    file.extend(rest);
    file
}

/// An object file: the sections are a type, a place and a size, and stand at the end.
pub(crate) fn object(sections: &[(u32, usize, usize)], rest: &[u8]) -> Vec<u8> {
    let mut file = header(0, 0, HEADER + rest.len(), sections.len());
    file.extend(rest);
    for &(kind, offset, size) in sections {
        for number in [0, kind] {
            file.extend(number.to_le_bytes());
        }
        for number in [0, 0, offset as u64, size as u64, 0, 4, 0] {
            file.extend(number.to_le_bytes());
        }
    }
    file
}

fn header(has_segments: usize, segments: usize, sections_at: usize, sections: usize) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    for half in [3_u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    for address in [0, HEADER * has_segments, sections_at] {
        file.extend((address as u64).to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for half in [HEADER, SEGMENT, segments, SECTION, sections, 0] {
        file.extend((half as u16).to_le_bytes());
    }
    file
}

/// A note of the library's type, or of another.
pub(crate) fn note(kind: u32, text: &[u8]) -> Vec<u8> {
    let mut note = Vec::new();
    for number in [8, text.len() as u32, kind] {
        note.extend(number.to_le_bytes());
    }
    note.extend(b"cacerts\0");
    note.extend(text);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

/// The entries are a tag and a value.
pub(crate) fn dynamic(entries: &[(u64, usize)]) -> Vec<u8> {
    let bytes =
        |&(tag, value): &(u64, usize)| [tag.to_le_bytes(), (value as u64).to_le_bytes()].concat();
    entries.iter().flat_map(bytes).collect()
}

/// A program that needs these libraries, whose names begin at these places.
fn needing(names: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<u8> {
    const ADDRESS: usize = 1 << 30;
    let table = [(5, ADDRESS), (10, names.len())].into_iter();
    let entries: Vec<_> = table.chain(offsets.map(|offset| (1, offset))).chain([(0, 0)]).collect();
    let entries = dynamic(&entries);
    let at = HEADER + 2 * SEGMENT;
    let segments =
        [(LOAD, at + entries.len(), ADDRESS, names.len()), (DYNAMIC, at, 1 << 40, entries.len())];
    program(&segments, &[&entries, names].concat())
}

/// Many of the same, over the same bytes.
fn over_the_same(kind: u32, count: usize, rest: &[u8]) -> Vec<u8> {
    let at = HEADER + count * SEGMENT;
    program(&vec![(kind, at, 0, rest.len()); count], rest)
}

const LIBRARY: u32 = 0xcace_0001;
const DROP_IN: u32 = 0xcace_0002;
/// So many headers and entries there are.
const MOST: usize = 60_000;

/// Each with the end of its line.
pub(crate) fn hostile(size: usize, most: usize) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let damaged = |why: &'static str| -> &'static str {
        Box::leak(format!("is a truncated or damaged ELF file ({why})").into_boxed_str())
    };
    let small = note(LIBRARY, b"a");
    let notes = |kind| small_notes(kind, size);
    let one = |note: &[u8]| program(&[(NOTE, HEADER + SEGMENT, 0, note.len())], note);
    let long_name = [b"libssl.so".to_vec(), vec![b'a'; size], vec![0]].concat();
    let in_each_other = [b"libssl.so".repeat(size / 9), vec![0]].concat();
    let distinct: Vec<_> = (0..size / 20).map(|n| format!("libssl.so.{n:09}\0")).collect();
    let distinct = distinct.concat().into_bytes();
    let nested = format!("CACERTS_DEFAULT_PATH = {}", "[".repeat(60_000));
    let dotted = format!("{}a = 1", "a.".repeat(30_000));
    let keys: String = (0..6_000).map(|n| format!("a{n}=1\n")).collect();
    let long_key = format!("{0} = 1\n{0} = 1\n", "k".repeat(30_000));
    let path = |length| format!("CACERTS_DEFAULT_PATH = \"/{}\"\n", "a".repeat(length));
    let own_note = "has a cacerts note that cannot be read (";
    vec![
        ("notes", one(&notes(1)), "no cacerts note"),
        ("notes-that-differ", one(&notes(LIBRARY)), "has cacerts notes that differ"),
        ("drop-ins", one(&notes(DROP_IN)), "has 64 notes of drop-ins or more, as no program has"),
        ("segments", over_the_same(NOTE, most, &notes(1)), damaged("its notes overlap")),
        ("loads", over_the_same(LOAD, most, &small), "no cacerts note"),
        (
            "dynamics",
            over_the_same(DYNAMIC, most, &dynamic(&[(1, 0); 1000])),
            damaged("it has two dynamic segments"),
        ),
        (
            "sections",
            object(&vec![(SECTION_NOTE, HEADER, notes(1).len()); most], &notes(1)),
            damaged("its notes overlap"),
        ),
        (
            "long-note",
            one(&note(LIBRARY, &vec![b'#'; size])),
            damaged("a cacerts note is longer than 64 KiB"),
        ),
        // As few bytes that name as many as possible.
        ("long-name", needing(&long_name, std::iter::repeat_n(0, most)), "no cacerts note"),
        (
            "names-in-names",
            needing(&in_each_other, (0..in_each_other.len() / 9).map(|n| n * 9)),
            "is linked with more than 16 libraries of OpenSSL, as no program is",
        ),
        (
            "names",
            needing(&distinct, (0..distinct.len() / 20).map(|n| n * 20)),
            "is linked with more than 16 libraries of OpenSSL, as no program is",
        ),
        (
            "same-name",
            needing(b"libssl.so.3\0", std::iter::repeat_n(0, most)),
            "no cacerts note; links OpenSSL (libssl.so.3)",
        ),
        (
            "no-end",
            needing(b"libssl.so.3", [0].into_iter()),
            damaged("a library's name has no end"),
        ),
        (
            "no-name",
            needing(b"libssl.so.3\0", [12, usize::MAX].into_iter()),
            damaged("a library's name has no end"),
        ),
        ("nested", one(&note(LIBRARY, nested.as_bytes())), own_note),
        ("dotted", one(&note(LIBRARY, dotted.as_bytes())), own_note),
        ("keys", one(&note(LIBRARY, keys.as_bytes())), own_note),
        ("long-key", one(&note(LIBRARY, long_key.as_bytes())), own_note),
        ("long-path", one(&note(LIBRARY, path(5000).as_bytes())), own_note),
        ("begins", b"-----BEGIN CERTIFICATE-----".repeat(size / 27), "text"),
        ("blank", b"-----BEGIN CERTIFICATE-----\n\n\n".repeat(size / 30), "text"),
        ("certificate", certificate().into_bytes(), "text; holds 1 PEM certificate"),
    ]
}

fn small_notes(kind: u32, size: usize) -> Vec<u8> {
    (0..size / 24).flat_map(|number: usize| note(kind, &(number as u32).to_le_bytes())).collect()
}

/// One with a name of many parts in the wrong order, which costs whoever sorts them the square of
/// their number.
fn certificate() -> String {
    let tlv = |tag: u8, content: &[u8]| {
        let mut tlv = vec![tag, 0x82];
        tlv.extend((content.len() as u16).to_be_bytes());
        tlv.extend(content);
        tlv
    };
    let part = |number: u16| {
        let [high, low] = number.to_be_bytes();
        [0x30, 9, 6, 3, 0x55, 4, 3, 4, 2, high, low]
    };
    let parts: Vec<u8> = (0..2700).rev().flat_map(part).collect();
    let name = tlv(0x30, &tlv(0x31, &parts));
    let algorithm = [0x30, 5, 6, 3, 0x2a, 3, 4];
    let tbs = [&[2, 1, 1][..], &algorithm, &name, &[0x30, 0], &[0x30, 0]].concat();
    let der = tlv(0x30, &[&tlv(0x30, &tbs)[..], &algorithm].concat());
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

#[test]
fn no_file_costs_more_than_its_size_is_worth() {
    let user = User::new();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    for (name, content, said) in hostile(SIZE, MOST) {
        let file = directory.join(name);
        fs::write(&file, content).unwrap();
        let run = inspect(&user, &[&file], &[]);
        let all = run.stdout.clone() + &run.stderr;
        let said = match said {
            _ if run.stdout.is_empty() => format!("cacerts: {} {said}", text(&file)),
            _ => format!("{}: {said}", text(&file)),
        };
        assert_eq!(all.lines().count(), 1, "{name}: {}", &all[..all.len().min(1000)]);
        assert!(all.starts_with(&said), "{name}: {}", &all[..all.len().min(1000)]);
        assert!(all.len() < 1000, "{name}: a line of {} bytes", all.len());
        assert!(matches!(run.code, Some(0 | 1)), "{name}: {run:#?}");
    }
    // And all of them together, with one that is no such.
    let app = directory.join("z");
    fs::write(&app, Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/a\"\n").bytes()).unwrap();
    let run = inspect(&user, &[&directory], &[]);
    assert!(run.stdout.ends_with(&format!("{}: trusts /a\n", text(&app))), "{run:#?}");
    assert_eq!(run.stderr.lines().count(), 19, "{run:#?}");
}

/// Always the same numbers below an end: SplitMix64.
pub(crate) fn random() -> impl FnMut(usize) -> usize {
    let mut state: u64 = 7;
    move |end: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % end
    }
}

/// Changed by chance where the numbers are, always the same ones: an answer for each.
#[test]
fn no_change_to_a_program_costs_more_than_it_is_worth() {
    const FILES: usize = 300;
    let user = User::new();
    let mut random = random();
    let wholes: Vec<PathBuf> = hostile(8 << 10, 100)
        .into_iter()
        .filter(|(_, content, _)| content.starts_with(b"\x7fELF"))
        .map(|(name, content, _)| {
            let file = user.home().join(name);
            fs::write(&file, content).unwrap();
            file
        })
        .collect();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    for number in 0..FILES {
        let mut bytes = fs::read(&wholes[number % wholes.len()]).unwrap();
        for _ in 0..1 + random(6) {
            let end = if random(3) == 0 { bytes.len() } else { bytes.len().min(300) };
            let at = random(end);
            bytes[at] = [0, 1, 4, 0x7f, 0x80, 0xff, random(256) as u8][random(7)];
        }
        fs::write(directory.join(format!("{number:04}")), bytes).unwrap();
    }
    let run = inspect(&user, &[&directory], &[]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    let longest = run.stdout.lines().chain(run.stderr.lines()).map(str::len).max();
    assert!(longest.unwrap() < 1000, "{run:#?}");
    let last = run.stderr.lines().last().unwrap();
    assert!(last.starts_with(&format!("cacerts: {FILES} files: ")), "{last}");
}

/// What nobody can look into passes no check, below a directory neither, where programs may be.
#[test]
fn what_is_packed_does_not_pass() {
    let user = User::new();
    let elf = || Elf::new(FORMATS[0]);
    let mut upx = elf().bytes();
    upx.extend(b"\0\0UPX!\x0d\x16\x08\x07 and so on");
    let mut image = elf().bytes();
    image[8..11].copy_from_slice(b"AI\x02");
    for (content, what) in [
        (&upx[..], "packed by UPX"),
        (&image, "an AppImage"),
        (b"#!/bin/sh\nexit\n\x1f\x8b\x08\0", "a script with data in it"),
        (b"ADBd\0\0\0\0", "an Alpine package"),
    ] {
        let directory = user.home().join("files");
        fs::create_dir_all(&directory).unwrap();
        let file = directory.join("file");
        fs::write(&file, content).unwrap();
        for files in [&file, &directory] {
            for check in [["--deny", "embedded-roots"], ["--expect", "/srv/tls/store.pem"]] {
                let run = inspect(&user, &[files], &check);
                let said = format!("cacerts: {} cannot be checked: it is {what}", text(&file));
                assert!(run.stderr.starts_with(&said), "{run:#?}");
                assert_eq!(run.code, Some(1), "{run:#?}");
            }
            let run = inspect(&user, &[files], &[]);
            let said = format!("{}: {what}", text(&file));
            assert!(run.stdout.starts_with(&said), "{run:#?}");
            assert_eq!(run.code, Some(i32::from(files == &file)));
        }
    }
    // A file of documentation below a directory is counted; named it is to be looked into.
    for (content, what) in [
        (&b"Rar!\x1a\x07\0"[..], "compressed (rar)"),
        (b"hsqs\0", "compressed (squashfs)"),
        (b"Salted__abc", "encrypted (OpenSSL)"),
    ] {
        let file = user.home().join("file");
        fs::write(&file, content).unwrap();
        let run = inspect(&user, &[&file], &["--deny", "embedded-roots"]);
        assert!(run.stderr.contains(&format!("cannot be checked: it is {what}")), "{run:#?}");
        assert_eq!(run.code, Some(1), "{run:#?}");
    }
}
