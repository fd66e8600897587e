//! Packages and archives made byte by byte or by the crates that read them: what no other tool on this
//! machine need be there for.

use bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;

/// The names and contents of files.
pub(crate) type Files<'a> = &'a [(&'a str, &'a [u8])];

pub(crate) fn tar(files: Files<'_>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Not compressed, but in the container: LZMA2 has that, too.
pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    xz_with_window(content, 0x16)
}

/// With the code of the window's size. Checksums are zeros.
pub(crate) fn xz_with_window(content: &[u8], window: u8) -> Vec<u8> {
    let mut xz = b"\xfd7zXZ\0\0\x01\0\0\0\0".to_vec();
    xz.extend([2, 0, 0x21, 1, window, 0, 0, 0, 0, 0, 0, 0]);
    for (number, chunk) in content.chunks(1 << 16).enumerate() {
        xz.push(if number == 0 { 1 } else { 2 });
        xz.extend((chunk.len() as u16).wrapping_sub(1).to_be_bytes());
        xz.extend(chunk);
    }
    xz.push(0);
    xz.resize(xz.len().next_multiple_of(4) + 4, 0);
    // The index with its one block, and the footer.
    xz.extend([0, 1, 0x10, 0x10, 0, 0, 0, 0]);
    xz.extend(*b"\0\0\0\0\x01\0\0\0\0\x01YZ");
    xz
}

pub(crate) fn ar(members: Files<'_>) -> Vec<u8> {
    let mut ar = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let size = content.len();
        writeln!(ar, "{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`", 0, 0, 0, 100_644).unwrap();
        ar.extend(*content);
        ar.resize(ar.len().next_multiple_of(2), b'\n');
    }
    ar
}

/// A Debian package with its two archives as they are compressed.
pub(crate) fn deb(control: &[u8], data_name: &str, data: &[u8]) -> Vec<u8> {
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", control), (data_name, data)])
}

pub(crate) fn cpio(files: Files<'_>) -> Vec<u8> {
    let mut cpio = Vec::new();
    for (name, content) in files.iter().chain(&[("TRAILER!!!", &b""[..])]) {
        let size = content.len();
        let numbers = [1, 0o100_755, 0, 0, 1, 0, size, 0, 0, 0, 0, name.len() + 1, 0];
        cpio.extend(b"070701");
        for number in numbers {
            write!(cpio, "{number:08x}").unwrap();
        }
        cpio.extend(name.as_bytes());
        cpio.push(0);
        cpio.resize(cpio.len().next_multiple_of(4), 0);
        cpio.extend(*content);
        cpio.resize(cpio.len().next_multiple_of(4), 0);
    }
    cpio
}

/// An RPM package with this payload.
pub(crate) fn rpm(payload: &[u8]) -> Vec<u8> {
    rpm_requiring("/bin/sh", payload)
}

/// One that also requires something, and has an odd number of bytes in its signature.
pub(crate) fn rpm_requiring(name: &str, payload: &[u8]) -> Vec<u8> {
    let mut rpm = b"\xed\xab\xee\xdb\x03\0".to_vec();
    rpm.resize(96, 0);
    let names = format!("{name}\0");
    let entries = [[1000, 6, 0, 1], [1049, 8, 0, 1]];
    for (entry, data, align) in [(entries[0], "\0\0\0\0\0", 8), (entries[1], &names, 1)] {
        rpm.extend(b"\x8e\xad\xe8\x01\0\0\0\0");
        for number in [1, data.len() as u32].into_iter().chain(entry) {
            rpm.extend(number.to_be_bytes());
        }
        rpm.extend(data.as_bytes());
        rpm.resize(rpm.len() + data.len().next_multiple_of(align) - data.len(), 0);
    }
    rpm.extend(payload);
    rpm
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Every other file is compressed.
pub(crate) fn zip(files: Files<'_>) -> Vec<u8> {
    zip_by(&[(0, <[u8]>::to_vec), (8, deflate)], files)
}

/// With all numbers where zip64 has them.
pub(crate) fn zip64(files: Files<'_>) -> Vec<u8> {
    zip_with(&[(0, <[u8]>::to_vec), (8, deflate)], files, true)
}

/// Each file is compressed by the next of the methods.
pub(crate) fn zip_by(methods: &[Method], files: Files<'_>) -> Vec<u8> {
    zip_with(methods, files, false)
}

type Method = (u16, fn(&[u8]) -> Vec<u8>);

fn zip_with(methods: &[Method], files: Files<'_>, is_64: bool) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (number, (name, content)) in files.iter().enumerate() {
        let (method, pack) = methods[number % methods.len()];
        let packed = pack(content);
        let numbers = [content.len() as u64, packed.len() as u64, zip.len() as u64];
        let [size, packed_size, at] =
            numbers.map(|number| if is_64 { u32::MAX } else { number as u32 });
        // One of others before it.
        let mut extra = b"UT\x01\0x\x01\0\x18\0".to_vec();
        extra.extend(numbers.map(u64::to_le_bytes).concat());
        let extra = if is_64 { &extra[..] } else { &[] };
        let fields = |extra: &[u8]| {
            let mut fields = vec![45, 0, 0, 0];
            fields.extend(method.to_le_bytes());
            fields.extend([0; 8]);
            fields.extend([packed_size, size].map(u32::to_le_bytes).concat());
            fields
                .extend([name.len(), extra.len()].map(|size| (size as u16).to_le_bytes()).concat());
            fields
        };
        zip.extend(b"PK\x03\x04");
        zip.extend(fields(&[]));
        zip.extend(name.as_bytes());
        zip.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(fields(extra));
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
        directory.extend(extra);
    }
    let (at, length) = (zip.len(), directory.len());
    zip.extend(&directory);
    let mut count = files.len() as u16;
    let mut numbers = [length as u32, at as u32];
    if is_64 {
        let end = zip.len() as u64;
        zip.extend(b"PK\x06\x06");
        zip.extend(44_u64.to_le_bytes());
        zip.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let all = [files.len(), files.len(), length, at];
        zip.extend(all.map(|number| (number as u64).to_le_bytes()).concat());
        zip.extend(b"PK\x06\x07\0\0\0\0");
        zip.extend(end.to_le_bytes());
        zip.extend([1, 0, 0, 0]);
        (count, numbers) = (u16::MAX, [u32::MAX; 2]);
    }
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count; 2].map(u16::to_le_bytes).concat());
    zip.extend(numbers.map(u32::to_le_bytes).concat());
    zip.extend([0; 2]);
    zip
}
