//! The kinds of hostile files.

use super::bombs::{large, nested, parts};
use super::change::{MOST, Random, change, sum};
use crate::inspect_hostile::{dynamic, hostile, note, object, program};
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{cas, pem};
use crate::support::pack::{
    Files, ar, bzip2, cpio, deb, gzip, rpm, tar, xz, zip, zip_by, zip64, zstd,
};
use std::fs;
use std::sync::LazyLock;

type Make = fn(&mut Random) -> Vec<u8>;

/// What they are called in the table, and what makes them.
pub(crate) const KINDS: [(&str, Make); 11] = [
    ("ELF files, changed", elf),
    ("ELF headers made up", headers),
    ("notes", notes),
    ("static libraries, changed", library),
    ("archives, changed", archive),
    ("packages with a changed archive", package),
    ("packages, changed", |random| change(package_of(archive_of(random), random), random)),
    ("what unpacks to much", large),
    ("what has many parts", parts),
    ("archives in archives", nested),
    ("certificates as text", certificates),
];

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/a\"\nCACERTS_SEARCH_PATHS = [\"/b\", \"/c\"]\n";
const DROP_IN: &str = "CACERTS_DROP_IN = \"webpki-roots 1.0.2\"\n";

/// Those to begin with: made byte by byte, and a real one.
static ELFS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let own = FORMATS.map(|format| {
        let elf = Elf::new(format).note(NOTE).drop_in(DROP_IN).needed(&["libssl.so.3", "libc.so"]);
        elf.data("/etc/ssl/certs/ca-certificates.crt").bytes()
    });
    let made = hostile(8 << 10, 100).into_iter().map(|(_, content, _)| content);
    let real = fs::read("/bin/sh").ok();
    own.into_iter().chain(made).chain(real).filter(|elf| elf.starts_with(b"\x7fELF")).collect()
});

fn elf(random: &mut Random) -> Vec<u8> {
    change(random.one(&ELFS).clone(), random)
}

/// As many as fit, of any kind, at any place.
fn headers(random: &mut Random) -> Vec<u8> {
    let rest = match random.below(3) {
        0 => small_notes(random),
        1 => {
            let most = random.size(MOST / 32);
            let entry = (*random.one(&[1, 5, 10]), random.size(MOST));
            dynamic(&vec![entry; most])
        }
        _ => random.bytes(1 << 10).repeat(1 + random.size(1 << 9)),
    };
    let count = random.size(10_000);
    let kinds = [1, 2, 4, 7, 6, 8, 3];
    let same = random.below(2) == 0;
    let one = |random: &mut Random| {
        let kind = *random.one(&kinds);
        let size = rest.len() + 64 + 64 * count;
        let [at, address, length] = [(); 3].map(|()| random.number(size) as usize);
        (kind, at, address, length)
    };
    let first = one(random);
    let all: Vec<_> = (0..count).map(|_| if same { first } else { one(random) }).collect();
    match random.below(2) {
        0 => program(&all, &rest),
        _ => {
            let sections: Vec<_> =
                all.into_iter().map(|(kind, at, _, length)| (kind, at, length)).collect();
            object(&sections, &rest)
        }
    }
}

fn small_notes(random: &mut Random) -> Vec<u8> {
    let kind = *random.one(&[0xcace_0001, 0xcace_0002, 1]);
    let size = random.size(60);
    (0..random.size(20_000)).flat_map(|_| note(kind, &random.bytes(size))).collect()
}

/// A program with a text that a note could have, and others beside it.
fn notes(random: &mut Random) -> Vec<u8> {
    let count = random.size(30_000);
    let text = match random.below(6) {
        0 => format!("CACERTS_SEARCH_PATHS = [{}]\n{NOTE}", "\"/a\",".repeat(count)),
        1 => format!("{NOTE}a = {}", ["[", "{a=", "\"\"\"", "'"][random.below(4)].repeat(count)),
        2 => format!("{}\n{NOTE}", "a.".repeat(count)),
        3 => (0..count / 4).map(|n| format!("[[a{n}]]\nb = 1\n")).collect(),
        4 => format!("CACERTS_DEFAULT_PATH = \"/{}\"\n", "a\\u0007".repeat(count / 8)),
        _ => DROP_IN.repeat(1 + random.below(3)),
    };
    let mut elf = Elf::new(*random.one(&FORMATS));
    for _ in 0..random.size(100) {
        elf = match random.below(3) {
            0 => elf.note(NOTE),
            1 => elf.drop_in(&DROP_IN.replace('2', &random.below(1000).to_string())),
            _ => elf.note(&text),
        };
    }
    elf = if random.below(2) == 0 { elf.note(&text) } else { elf.drop_in(&text) };
    elf.note = if random.below(2) == 0 { change(elf.note, random) } else { elf.note };
    elf.bytes()
}

fn library(random: &mut Random) -> Vec<u8> {
    let members: Vec<_> = (0..=random.size(200)).map(|_| random.one(&ELFS).clone()).collect();
    let members: Vec<_> = members.iter().map(|member| ("a.o/", &member[..])).collect();
    let size = members.iter().map(|member| member.1.len()).sum::<usize>();
    let members = if size > MOST { &members[..4] } else { &members };
    change(ar(members), random)
}

fn archive_of(random: &mut Random) -> Vec<u8> {
    let app = random.one(&ELFS).clone();
    let text = random.bytes(64).repeat(1 + random.size(4_000));
    let inner = gzip(&tar(&[("app", &app), ("DEBIAN/control", b"Depends: a\n")]));
    let long = format!("{0}/{0}", "a".repeat(random.size(99).max(1)));
    let files: Files<'_> =
        &[("app", &app), (&long, &text), ("a.tar.gz", &inner), (".PKGINFO", b"depend = a\n")];
    let files = &files[..=random.below(files.len())];
    match random.below(7) {
        0 => cpio(files),
        1 => zip(files),
        2 => zip64(files),
        3 => zip_by(&[(12, bzip2), (93, zstd), (95, xz)], files),
        _ => tar(files),
    }
}

fn archive(random: &mut Random) -> Vec<u8> {
    let mut archive = change(archive_of(random), random);
    if random.below(4) != 0 {
        sum(&mut archive);
    }
    archive
}

fn package(random: &mut Random) -> Vec<u8> {
    package_of(archive(random), random)
}

fn package_of(archive: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let packed = random.one::<fn(&[u8]) -> Vec<u8>>(&[gzip, zstd, bzip2, xz])(&archive);
    match random.below(4) {
        0 => deb(&gzip(&tar(&[("control", b"Depends: a\n")])), "data.tar", &packed),
        1 => rpm(&packed),
        2 => [gzip(&tar(&[(".PKGINFO", b"depend = a\n")])), packed].concat(),
        _ => packed,
    }
}

fn certificates(random: &mut Random) -> Vec<u8> {
    static PEM: LazyLock<String> = LazyLock::new(|| pem(&cas(4)));
    let begin =
        *random.one(&["-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----"]);
    let part = match random.below(4) {
        0 => PEM.clone(),
        1 => begin.to_owned(),
        2 => format!("{begin}{}", "M".repeat(random.size(1 << 10))),
        _ => format!("{begin}{}", "\\n\"\n".repeat(random.size(1 << 8))),
    };
    let text = part.repeat(1 + random.size(MOST / part.len()));
    change(text.into_bytes(), random)
}
