//! Files that unpack to far more than they are, that claim to, or that have as many parts as fit.

use super::change::{MOST, Random, sum};
use crate::support::elf::{Elf, FORMATS};
use crate::support::pack::{ar, bzip2, cpio, deb, gzip, rpm, tar, xz, xz_with_window, zip, zstd};
use std::io::Write;
use std::process::{Command, Stdio};

/// What is packed, at the most: more than may be unpacked of a file that is as large as there are.
const LARGEST: usize = 96 << 20;
/// And by bzip2, which takes minutes for more.
const LARGEST_BZIP2: usize = 16 << 20;

/// What unpacks to much.
pub(crate) fn large(random: &mut Random) -> Vec<u8> {
    let content = content(random, LARGEST);
    cut(packed(&content, random))
}

/// What has many parts.
pub(crate) fn parts(random: &mut Random) -> Vec<u8> {
    cut(match random.below(6) {
        0 | 1 => streams(random),
        2 | 3 => names(random),
        4 => {
            let files = files(random);
            packed(&files, random)
        }
        _ => overlapping(random),
    })
}

/// An archive in an archive in an archive, or a window of any size.
pub(crate) fn nested(random: &mut Random) -> Vec<u8> {
    let window = random.below(256) as u8;
    cut(match random.below(8) {
        0 => xz_with_window(&content(random, 1 << 16), window),
        1 => {
            let begin = [0x28, 0xb5, 0x2f, 0xfd, 0, window];
            [&begin[..], &[2, 0, 0x10, 0].repeat(9_000)].concat()
        }
        _ => in_each_other(random),
    })
}

/// Where it is larger, it ends early.
fn cut(mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(MOST);
    file
}

/// What can be packed well, and costs something to look through or to unpack.
fn content(random: &mut Random, most: usize) -> Vec<u8> {
    let elf = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/a\"\n").bytes();
    let part = match random.below(6) {
        0 | 1 => vec![0; 512],
        2 => {
            let size = 1 + random.below(1 << 10);
            random.bytes(size)
        }
        3 => b"-----BEGIN CERTIFICATE-----\n".to_vec(),
        4 => b"!<arch>\n".to_vec(),
        _ => elf,
    };
    part.repeat(random.size(most) / part.len() + 1)
}

/// By the best of a tool, where the crates of the tests have none.
fn packed(content: &[u8], random: &mut Random) -> Vec<u8> {
    let [tool, level] =
        *random.one(&[["zstd", "-6"], ["gzip", "-9"], ["bzip2", "-9"], ["xz", "-1"]]);
    let most = if tool == "bzip2" { LARGEST_BZIP2 } else { LARGEST };
    let content = &content[..content.len().min(most)];
    let child =
        Command::new(tool).args([level, "-c"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else { return gzip(content) };
    let mut input = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(content).unwrap());
        child.wait_with_output().unwrap().stdout
    })
}

/// As many streams after each other as fit, with as large a window as there is.
fn streams(random: &mut Random) -> Vec<u8> {
    let size = random.size(1 << 16);
    let content = content(random, size);
    let one = match random.below(6) {
        0 => b"\x50\x2a\x4d\x18\0\0\0\0".to_vec(),
        1 => bzip2(b""),
        2 => gzip(b""),
        3 => xz_with_window(&content[..size.min(content.len())], 0x1c),
        4 => [&zstd(b"")[..], b"\x28\xb5\x2f\xfd\0\x88\x09\0\0a"].concat(),
        _ => packed(&content, random),
    };
    let all = one.repeat(MOST / one.len().max(1));
    if random.below(2) == 0 { all } else { [&packed(&content, random)[..], &all].concat() }
}

/// Names as long as a tar archive can have them.
fn names(random: &mut Random) -> Vec<u8> {
    let mut tar = Vec::new();
    for _ in 0..=random.size(200) {
        let kind = *random.one(b"LLKxxgSS");
        let mut name = match kind {
            b'x' | b'g' => {
                format!("{0} path={1}\n", random.size(4096), "p".repeat(random.size(300)))
                    .repeat(1 + random.size(10_000))
            }
            b'S' => sparse(random.size(1 << 12)),
            _ => "n".repeat(random.size(64 << 20)),
        };
        name.truncate(64 << 20);
        let mut header = [0_u8; 512];
        header[..4].copy_from_slice(b"name");
        let size = match kind {
            b'S' => 0,
            _ if random.below(4) == 0 => random.number(name.len() + 1) & 0o777_7777_7777,
            _ => name.len() as u64,
        };
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        header[156] = kind;
        header[257..265].copy_from_slice(random.one(&[b"ustar  \0", b"ustar\x0000"]).as_slice());
        header[482] = u8::from(kind == b'S');
        let real = format!("{:011o}\0", (name.len() / 512 * 21).saturating_sub(1));
        header[483..495].copy_from_slice(real.as_bytes());
        sum(&mut header);
        tar.extend(header);
        tar.extend(name.as_bytes());
        tar.resize(tar.len().next_multiple_of(512), 0);
        if tar.len() > LARGEST {
            break;
        }
    }
    if random.below(4) == 0 { tar } else { packed(&tar, random) }
}

/// The rest of a header of a sparse file, in so many parts of nothing.
fn sparse(blocks: usize) -> String {
    let block = |number: usize| {
        let parts = (0..21).map(|part| format!("{:011o}\0{:011o}\0", 21 * number + part, 0));
        let last = if number + 1 == blocks { "\0" } else { "\x01" };
        parts.collect::<String>() + last + "\0\0\0\0\0\0\0"
    };
    (0..blocks).map(block).collect()
}

/// An archive with as many files as fit.
fn files(random: &mut Random) -> Vec<u8> {
    let elf = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/a\"\n").bytes();
    let content =
        *random.one(&[&b""[..], b"a", &elf, &elf[..elf.len() / 2], b"PK\x03\x04", b"\x1f\x8b\x08"]);
    let one = match random.below(3) {
        0 => cpio(&[("app", content)]),
        _ => tar(&[("app", content)]),
    };
    let end = if one.starts_with(b"07") { one.len() - 124 } else { one.len() - 1024 };
    one[..end].repeat(random.size(LARGEST / 4) / end + 1)
}

/// One of whatever kind.
fn in_each_other(random: &mut Random) -> Vec<u8> {
    let mut made = content(random, 16 << 20);
    for _ in 0..=random.below(6) {
        made = match random.below(7) {
            0 => zip(&[("text", b"text"), ("app", &made)]),
            1 => deb(
                &gzip(&tar(&[("control", &made)])),
                "data.tar.zst",
                &zstd(&tar(&[("app", &made)])),
            ),
            2 => rpm(&gzip(&cpio(&[("app", &made)]))),
            3 => ar(&[("app/", &made)]),
            4 => tar(&[("app", &made), ("b", &made)]),
            5 => random.one::<fn(&[u8]) -> Vec<u8>>(&[gzip, bzip2, xz])(&tar(&[("app", &made)])),
            _ => packed(&made, random),
        };
        if made.len() > LARGEST {
            break;
        }
    }
    made
}

/// A zip archive whose directory names one file again and again.
fn overlapping(random: &mut Random) -> Vec<u8> {
    let content = content(random, 4 << 20);
    let mut zip = zip(&[("a", b"a"), ("b", &content)]);
    let directory = zip.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = zip.split_off(directory + 47);
    let entry = zip.split_off(directory);
    zip.extend(entry.repeat(random.size(20_000) + 1));
    let length = (zip.len() - directory) as u32;
    zip.extend(&end[..12]);
    zip.extend(length.to_le_bytes());
    zip.extend((directory as u32).to_le_bytes());
    zip.extend([0; 2]);
    zip
}
