//! `cacerts inspect` and packages that somebody has made to cost much, or that have been changed by chance:
//! none takes more time and memory than its size is worth, and what comes after it is looked at.

#![cfg(target_os = "linux")]

use super::inspect_hostile::{inspect, random};
use crate::support::User;
use crate::support::command::text;
use crate::support::elf::{Elf, FORMATS};
use crate::support::pack::{ar, bzip2, cpio, deb, gzip, rpm, tar, xz, xz_with_window, zip, zstd};
use std::fs;

/// A zstd frame of so many blocks, four bytes each, of 128 KiB of zeros; with the code of its window.
fn zeros(window: u8, blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
    for number in 1..=blocks {
        let header = (128_u32 << 10) << 3 | 1 << 1 | u32::from(number == blocks);
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// What says of a sparse file in a tar archive that it has 21 times as many parts, of nothing.
fn many_parts(blocks: usize) -> Vec<u8> {
    let block = |number: usize| {
        let parts = (0..21).map(|part| format!("{:011o}\0{:011o}\0", 21 * number + part, 0));
        let mut block = parts.collect::<String>().into_bytes();
        block.push(u8::from(number + 1 < blocks));
        block.resize(512, 0);
        block
    };
    (0..blocks).flat_map(block).collect()
}

/// Those that unpack to far more than they are, and those that claim to.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let million = vec![0; 1 << 20];
    let member = gzip(&million);
    let mut long_name = tar::Header::new_gnu();
    long_name.set_entry_type(tar::EntryType::GNULongName);
    long_name.set_size(1 << 40);
    long_name.set_cksum();
    let mut plain_name = long_name.as_bytes().to_vec();
    plain_name.resize(40 << 20, b'n');
    let long_name = [gzip(long_name.as_bytes()), member.repeat(200)].concat();
    let mut sparse = tar::Header::new_gnu();
    sparse.set_entry_type(tar::EntryType::GNUSparse);
    sparse.set_size(0);
    sparse.as_gnu_mut().unwrap().realsize = *b"77777777777\0";
    sparse.set_cksum();
    let mut parts = sparse.clone();
    parts.as_gnu_mut().unwrap().isextended[0] = 1;
    parts.as_gnu_mut().unwrap().realsize = *b"00000123777\0";
    parts.set_cksum();
    let parts = [parts.as_bytes(), &many_parts(2048)[..]].concat();
    let mut same = zip(&[("a", b"a"), ("b", &million)]);
    let directory = same.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = same.split_off(directory + 47);
    let entry = same.split_off(directory);
    same.extend(entry.repeat(2000));
    let length = (same.len() - directory) as u32;
    same.extend(&end[..12]);
    same.extend(length.to_le_bytes());
    same.extend((directory as u32).to_le_bytes());
    same.extend([0; 2]);
    let mut no_directory = zip(&[("a", b"a")]);
    let at = no_directory.len() - 10;
    no_directory[at..at + 4].copy_from_slice(&[0xff; 4]);
    let mut cpio_name = cpio(&[("a", b"a")]);
    cpio_name[94..102].copy_from_slice(b"ffffffff");
    let mut cpio_size = cpio(&[("a", b"a")]);
    cpio_size[54..62].copy_from_slice(b"ffffffff");
    let mut rpm_header = rpm(&gzip(&cpio(&[])));
    rpm_header[96 + 8..96 + 16].fill(0xff);
    let mut ar_size = ar(&[("debian-binary", b"2.0\n")]);
    ar_size[8 + 48..8 + 58].fill(b'9');
    let nested = (0..3000_usize).rev().flat_map(|deeper| {
        let header =
            |name, size| format!("{name:<16}0           0     0     644     {size:<10}`\n");
        let size = deeper * 128;
        format!("!<arch>\n{}{}", header("debian-binary", 0), header("data.x", size)).into_bytes()
    });
    let nested = nested.collect();
    vec![
        ("zeros.gz", member.repeat(300)),
        ("zeros.zst", zeros(0x50, 10_000)),
        ("window.zst", zeros(0xff, 10_000)),
        ("window.xz", xz_with_window(b"a", 40)),
        // As many streams as fit, of nothing and with a window that has to be made.
        ("streams.bz2", bzip2(b"").repeat(1 << 16)),
        (
            "streams.xz",
            [xz_with_window(b"a", 28).repeat(1 << 14), xz(b"a")[..20].to_vec()].concat(),
        ),
        ("name.tar", plain_name),
        ("name.tar.gz", long_name),
        ("parts.tar", parts),
        ("sparse.tar", sparse.as_bytes().repeat(100)),
        ("same.zip", same),
        ("no-directory.zip", no_directory),
        ("name.cpio", cpio_name),
        ("size.cpio", cpio_size),
        ("header.rpm", rpm_header),
        ("size.deb", ar_size),
        ("nested.deb", nested),
        ("zeros.deb", deb(&member.repeat(300), "data.tar.zst", &zeros(0x50, 10_000))),
    ]
}

#[test]
fn nothing_in_a_package_costs_more_than_it_is_worth() {
    let user = User::new();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    for (name, content) in bombs() {
        let file = directory.join(name);
        fs::write(&file, content).unwrap();
        let run = inspect(&user, &[&file], &["--deny", "embedded-roots"]);
        let said = format!("cacerts: {} cannot be looked into to its end: ", text(&file));
        assert!(run.stderr.starts_with(&said), "{name}: {run:#?}");
        assert_eq!((run.code, run.stderr.lines().count()), (Some(1), 1), "{name}: {run:#?}");
    }
    // In an archive each may cost as much as the archive is worth, and all of them no more.
    let bombs = bombs();
    let files: Vec<_> = bombs.iter().map(|(name, content)| (*name, &content[..])).collect();
    let file = user.home().join("all.tar");
    fs::write(&file, tar(&files)).unwrap();
    let run = inspect(&user, &[&file], &["--deny", "embedded-roots"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.lines().all(|line| line.contains(" cannot be looked into ")), "{run:#?}");
}

/// Changed by chance, always the same ones: an answer for each.
#[test]
fn no_change_to_a_package_takes_the_walk_down() {
    const FILES: usize = 600;
    let user = User::new();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    let app = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/a\"\n").bytes();
    let text: String = (0..2000).map(|number| format!("{number}\n")).collect();
    let files: &[(&str, &[u8])] = &[("app", &app), ("text", text.as_bytes())];
    let wholes = [
        tar(files),
        gzip(&tar(files)),
        xz(&tar(files)),
        zstd(&tar(files)),
        deb(&gzip(&tar(files)), "data.tar.zst", &zstd(&tar(files))),
        rpm(&zstd(&cpio(files))),
        zip(files),
        ar(files),
    ];
    let mut random = random();
    for number in 0..FILES {
        let mut bytes = wholes[number % wholes.len()].clone();
        for _ in 0..1 + random(6) {
            let end = if random(2) == 0 { bytes.len() } else { bytes.len().min(600) };
            let at = random(end);
            bytes[at] = [0, 1, 0x30, 0x7f, 0x80, 0xff, random(256) as u8][random(7)];
        }
        fs::write(directory.join(format!("{number:04}")), bytes).unwrap();
    }
    let run = inspect(&user, &[&directory], &[]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    let last = run.stderr.lines().last().unwrap();
    assert!(last.contains(" files: "), "{last}");
    let whole = run.stdout.matches("!app: trusts /a\n").count();
    assert!(whole > FILES / 6, "{whole} {run:#?}");
}
