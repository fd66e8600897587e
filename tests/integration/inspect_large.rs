//! `cacerts inspect` and what is too large for memory: the same is said of it as of what is small, wherever
//! in it that stands, packed or not.

#![cfg(target_os = "linux")]

use super::inspect_hostile::inspect;
use crate::support::User;
use crate::support::command::{Run, text};
use crate::support::elf::{Elf, FORMATS};
use crate::support::pack::{ar, deb, gzip, tar, zip, zstd};
use std::fs;

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/srv/tls/store.pem\"\n";
/// Of more than this a part at a time is in memory, and in a package of more than that.
const IN_MEMORY: usize = 8 << 20;
const IN_PACKAGE: usize = 24 << 20;

/// A program with a path after so many bytes, and as many after it. Not all of them are the same: what
/// unpacks to far more than it is has other tests.
fn app(size: usize) -> Vec<u8> {
    let noise = |number: usize| (number.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80;
    let mut data: Vec<_> = (0..size).map(noise).collect();
    let path = b"\0/etc/ssl/cert.pem\0";
    data[size / 2..size / 2 + path.len()].copy_from_slice(path);
    Elf::new(FORMATS[0]).note(NOTE).data(data).bytes()
}

/// The names are told without the directory.
fn said(user: &User, name: &str, content: &[u8]) -> Run {
    let file = user.home().join(name);
    fs::write(&file, content).unwrap();
    let mut run = inspect(user, &[&file], &["--expect", "/srv/tls/store.pem"]);
    let top = format!("{}/", text(&user.home()));
    run.stdout = run.stdout.replace(&top, "");
    run.stderr = run.stderr.replace(&top, "");
    run
}

#[test]
fn the_same_is_said_of_a_large_file() {
    let user = User::new();
    let control = gzip(&tar(&[("control", b"Package: app\n")]));
    for size in
        [1 << 20, IN_MEMORY - (1 << 20), IN_MEMORY, IN_MEMORY + (5 << 20), IN_PACKAGE + (1 << 20)]
    {
        let app = app(size);
        let words = "trusts /srv/tls/store.pem; names /etc/ssl/cert.pem\n";
        let run = said(&user, "app", &app);
        assert_eq!((run.stdout, run.code), (format!("app: {words}"), Some(0)), "{}", run.stderr);
        let data = tar(&[("usr/bin/app", &app)]);
        let wheel = tar(&[("a.whl", &zip(&[("text", b"text"), ("app", &app)]))]);
        for (name, content, inside) in [
            ("a.tar.zst", zstd(&data), "usr/bin/app"),
            ("a.deb", deb(&control, "data.tar.zst", &zstd(&data)), "usr/bin/app"),
            ("a.zip", zip(&[("text", b"text"), ("usr/bin/app", &app)]), "usr/bin/app"),
            ("a.tar.gz", gzip(&wheel), "a.whl!app"),
            ("app.zst", zstd(&app), "app"),
        ] {
            let run = said(&user, name, &content);
            let line = format!("{name}!{inside}: {words}");
            assert!(run.stdout.starts_with(&line), "{size}: {run:#?}");
            assert_eq!(run.code, Some(0), "{size}: {run:#?}");
        }
    }
}

#[test]
fn the_note_of_a_large_static_library_is_told() {
    let user = User::new();
    let (large, small) = (app(IN_PACKAGE + 100), Elf::new(FORMATS[0]).note(NOTE).bytes());
    let library = ar(&[("/", b"symbols\n"), ("a.o/", &small), ("b.o/", &large)]);
    let run = said(&user, "a.a", &library);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let run = said(&user, "a.tar.gz", &gzip(&tar(&[("a.a", &library)])));
    assert!(run.stdout.starts_with("a.tar.gz!a.a: trusts /srv/tls/store.pem;"), "{run:#?}");
    let other = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/other\"\n").bytes();
    let library = ar(&[("a.o/", &other), ("b.o/", &large)]);
    let run = said(&user, "a.a", &library);
    assert_eq!(run.stderr, "cacerts: a.a has cacerts notes that differ\n");
    let run = said(&user, "a.a", &library[..library.len() - 1]);
    assert_eq!(run.stderr, "cacerts: a.a is a truncated or damaged ar archive\n");
}

/// A script with data only at its end.
#[test]
fn data_at_the_end_of_a_large_script_is_seen() {
    let user = User::new();
    let mut script = b"#!/bin/sh\n".to_vec();
    script.resize(IN_PACKAGE + 100, b'\n');
    let plain = said(&user, "script", &script);
    assert!(plain.stderr.contains("has no cacerts note"), "{plain:#?}");
    script.push(0);
    for (name, content) in [("script", script.clone()), ("a.zst", zstd(&[&script[..]].concat()))] {
        let run = said(&user, name, &content);
        assert!(run.stderr.contains("a script with data in it"), "{run:#?}");
    }
}

/// No program has notes of 40 MiB.
#[test]
fn of_a_large_file_no_more_is_read_than_a_program_has() {
    let user = User::new();
    let mut app = app(IN_MEMORY + 100);
    let notes = app.len();
    app.resize(notes + (40 << 20), 0);
    // The segment of the notes, which is the only one of its type.
    let segment = (0..8).map(|number| 64 + 56 * number).find(|&at| app[at..at + 4] == [4, 0, 0, 0]);
    let segment = segment.unwrap();
    app[segment + 8..segment + 16].copy_from_slice(&(notes as u64).to_le_bytes());
    app[segment + 32..segment + 40].copy_from_slice(&(40_u64 << 20).to_le_bytes());
    let run = said(&user, "app", &app);
    let why = "cacerts: app has more headers and notes than any program has\n";
    assert_eq!((run.stderr.as_str(), run.code), (why, Some(1)));
}
