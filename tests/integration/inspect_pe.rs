//! `cacerts inspect` and the programs of Windows. Real ones are read in tests/clean-root/windows.

use crate::support::User;
use crate::support::inspector::{Inspector, cas};
use crate::support::pe::{note, pe};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;
use std::fs;
use std::io::Write;

const TEXT: &str = "CACERTS_DEFAULT_PATH = \"C:\\\\ssl\\\\ca.pem\"\nCACERTS_SEARCH_PATHS = []\n";

/// Bytes that are as random as what is compressed.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

#[test]
fn l12_note_of_a_program_for_windows_is_read() {
    let inspector = Inspector::new(&cas(1));
    let note = note(TEXT);
    for bits in [32, 64] {
        let file = pe(bits, &[(".text", true, b"code"), (".cacerts", false, &note)]);
        let json = inspector.json(&file);
        assert_eq!((&json["kind"], &json["error"]), (&json!("pe"), &json!(null)));
        assert_eq!(json["cacerts"]["CACERTS_DEFAULT_PATH"], r"C:\ssl\ca.pem");
        for (path, code) in [(r"C:\ssl\ca.pem", 0), (r"D:\ssl\ca.pem", 1), ("/ssl/ca.pem", 1)] {
            let (said, found) = inspector.words(&file, &["--expect", path]);
            assert!(said.starts_with(r"FILE: trusts C:\ssl\ca.pem"), "{said}");
            assert_eq!(found, Some(code), "{said}");
        }
        for path in [r"ssl\ca.pem", "C:ca.pem", r"\ssl\ca.pem"] {
            let (said, code) = inspector.words(&file, &["--expect", path]);
            assert_eq!(code, Some(2), "{said}");
        }
        // It is one in a section of that name alone.
        for name in [".cacert", ".rdata"] {
            let file = pe(bits, &[(name, false, &note)]);
            let said = inspector.words(&file, &[]);
            assert_eq!(said, ("FILE: no cacerts note".to_owned(), Some(1)));
        }
    }
}

/// Beyond this, 8 MiB, files are read where they stand.
#[test]
fn the_note_of_a_large_program_for_windows_is_read() {
    let inspector = Inspector::new(&cas(1));
    let code = vec![0x90; 9 << 20];
    let file = pe(64, &[(".text", true, &code), (".cacerts", false, &note(TEXT))]);
    assert_eq!(inspector.words(&file, &[]), (r"FILE: trusts C:\ssl\ca.pem".to_owned(), Some(0)));
}

#[test]
fn the_crates_of_a_program_for_windows_are_read() {
    let inspector = Inspector::new(&cas(1));
    let list = br#"{"packages":[{"name":"webpki-roots","version":"1.0.2","source":"crates.io"}]}"#;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(list).unwrap();
    let file = pe(64, &[(".dep-v0", false, &encoder.finish().unwrap())]);
    let said = inspector.words(&file, &[]).0;
    assert_eq!(said, "FILE: no cacerts note; built with webpki-roots 1.0.2");
}

#[test]
fn a_packed_program_for_windows_passes_no_check() {
    let inspector = Inspector::new(&cas(1));
    let noise = noise(1 << 16);
    for (name, is_code, content, packed) in [
        ("UPX1", true, &b"code"[..], Some("packed by UPX")),
        (".text", true, &noise, Some("packed or encrypted by an unknown program")),
        // A picture, say.
        (".rsrc", false, &noise, None),
        (".text", true, b"code", None),
    ] {
        let file = pe(64, &[(name, is_code, content)]);
        let (said, code) = inspector.words(&file, &["--deny", "embedded-roots"]);
        assert_eq!(code, Some(i32::from(packed.is_some())), "{said}");
        let cannot = packed.map(|packed| format!("FILE cannot be checked: it is {packed};"));
        assert!(said.contains(&cannot.unwrap_or_default()), "{said}");
    }
}

/// Nothing that is not there is taken for nothing.
#[test]
fn a_damaged_program_for_windows_is_an_error() {
    let inspector = Inspector::new(&cas(1));
    let (note, other) = (note(TEXT), note("CACERTS_DEFAULT_PATH = 'none'\n"));
    let whole = pe(64, &[(".cacerts", false, &note), (".text", true, b"code")]);
    for end in [0x44, 0x60, 0x100, whole.len() - 1] {
        let (said, code) = inspector.words(&whole[..end], &["--deny", "embedded-roots"]);
        assert!(said.contains("FILE is a truncated or damaged PE file ("), "{end}: {said}");
        assert_eq!(code, Some(1));
    }
    let outside = "a note leads out of its segment";
    let longer = [&note[..4], &[0xff, 0xff, 0, 0], &note[8..]].concat();
    for (sections, why) in [
        (&[(".cacerts", false, &longer[..])][..], outside),
        (
            &[(".cacerts", false, &note), (".cacerts", false, &other)],
            "has cacerts notes that differ",
        ),
    ] {
        let (said, code) = inspector.words(pe(64, sections), &[]);
        assert!(said.contains(why), "{said}");
        assert_eq!(code, Some(1));
    }
}

/// As many sections as there may be, each of which is all of the file.
#[test]
fn a_hostile_program_for_windows_is_read_once() {
    for (name, is_code, why) in
        [(".cacerts", false, "its notes overlap"), (".text", true, "its sections overlap")]
    {
        let (said, code) = Inspector::new(&cas(1)).words(overlapping(name, is_code), &[]);
        assert!(said.contains(why), "{said}");
        assert_eq!(code, Some(1));
    }
}

/// A program of many sections, all of which are the same 1 MiB.
fn overlapping(name: &str, is_code: bool) -> Vec<u8> {
    let content = vec![0; 1 << 20];
    let mut file = pe(64, &vec![(name, is_code, &b""[..]); 0xffff]);
    let begin = (file.len() as u32).to_le_bytes();
    let size = (content.len() as u32).to_le_bytes();
    file.extend(&content);
    let table = 0x40 + 24 + 112;
    for section in 0..0xffff {
        let at = table + section * 40;
        file[at + 8..at + 12].copy_from_slice(&size);
        file[at + 16..at + 20].copy_from_slice(&size);
        file[at + 20..at + 24].copy_from_slice(&begin);
    }
    file
}

/// One byte of the headers after the other, as what it is not.
#[test]
fn a_program_for_windows_whose_headers_are_wrong_has_an_answer() {
    let user = User::new();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    let (whole, mut files) = (app(), 0);
    for at in 2..0x40 + 24 + 112 + 2 * 40 {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            fs::write(directory.join(format!("{at}-{byte}")), bytes).unwrap();
            files += 1;
        }
    }
    let run = user.cacerts(&["inspect"]).arg(&directory).run();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    let last = run.stderr.lines().last().unwrap();
    assert!(last.starts_with(&format!("cacerts: {files} files: ")), "{last}");
}

pub(crate) fn app() -> Vec<u8> {
    pe(64, &[(".text", true, b"code"), (".cacerts", false, &note(TEXT))])
}
