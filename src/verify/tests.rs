//! Files and directories as stores: what of them is trusted, and what is said of the rest.

mod pins;
mod quick;
#[cfg(unix)]
mod unix;
mod unread;

use super::{StoreKind, TrustStore};
use crate::error::ErrorKind;
use crate::read::{der, name};
use crate::store::directory;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----\n";
const END: &str = "-----END CERTIFICATE-----\n";

/// A self-signed CA.
fn authority(name: &str) -> Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap()
}

/// A block with LF line ends, and its base64 lines.
fn pem(certificate: &Certificate) -> (String, String) {
    let block = certificate.pem().replace('\r', "");
    let body = block.strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap().to_owned();
    (block, body)
}

/// A certificate with OpenSSL's settings behind it, which reject it for TLS servers.
fn rejected(certificate: &Certificate) -> String {
    let settings = b"\x30\x0c\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
    let body = BASE64_STANDARD.encode([&**certificate.der(), settings].concat());
    format!("{BEGIN}{body}\n{END}").replace("CERTIFICATE", "TRUSTED CERTIFICATE")
}

fn write(directory: &TempDir, name: &str, content: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// What a file came to: how many were loaded, and what was skipped, as `line: reason`.
fn load(content: impl AsRef<[u8]>) -> Result<(usize, Vec<String>), String> {
    let directory = TempDir::new().unwrap();
    let path = write(&directory, "ca.pem", content);
    let store = TrustStore::load(&path).map_err(|e| {
        assert_eq!(e.kind(), ErrorKind::StoreInvalid);
        assert_eq!(e.path(), Some(&*path));
        e.to_string().replacen(&format!("{} ", path.display()), "", 1)
    })?;
    assert_eq!(store.kind(), StoreKind::File);
    assert_eq!(store.root_cert_store().len(), store.len());
    let skipped = store.skipped().iter();
    let skipped = skipped.map(|s| format!("{}: {}", s.line.unwrap(), s.reason)).collect();
    Ok((store.len(), skipped))
}

/// Files in which every certificate is to be found, however odd they look.
#[test]
fn odd_files_are_read() {
    let ((a, a_body), (b, _), (c, _)) =
        (pem(&authority("a")), pem(&authority("b")), pem(&authority("c")));
    let plain = format!("{a}{b}{c}");
    let one_line = a_body.replace('\n', "");
    let narrow: String = one_line.chars().flat_map(|c| [c, '\n']).collect();
    let indented: String = plain.lines().map(|line| format!("   {line}\n")).collect();
    let blanks: String = plain.lines().map(|line| format!("{line} \t\n")).collect();
    for (name, content, expected) in [
        ("plain", plain.clone(), 3),
        ("CRLF", plain.replace('\n', "\r\n"), 3),
        ("CR", plain.replace('\n', "\r"), 3),
        ("byte order mark", format!("\u{feff}{plain}"), 3),
        ("no final newline", plain.trim_end().to_owned(), 3),
        ("END glued to BEGIN", format!("{}{}{c}", a.trim_end(), b.trim_end()), 3),
        ("text between", format!("# one\n{a}\nsubject=CN = b\n{b}--\n==\n{c}the end"), 3),
        ("lines of dashes between", format!("{a}-----\n{b}---------- x\n{c}"), 3),
        ("indented", indented, 3),
        ("blanks at line ends", blanks, 3),
        ("text behind END", format!("{}# a\n{b}{c}", a.trim_end()), 3),
        ("one long line", format!("{BEGIN}{one_line}\n{END}{b}{c}"), 3),
        ("a character a line", format!("{BEGIN}{narrow}{END}{b}{c}"), 3),
        ("a blank line inside", format!("{BEGIN}\n{a_body}\n{END}{b}{c}"), 3),
        ("no padding", format!("{BEGIN}{}\n{END}{b}", one_line.trim_end_matches('=')), 2),
        ("X509 CERTIFICATE", a.replace("CERTIFICATE", "X509 CERTIFICATE") + &b, 2),
        ("TRUSTED CERTIFICATE", a.replace("CERTIFICATE", "TRUSTED CERTIFICATE") + &b, 2),
        ("twice the same", format!("{a}{b}{a}"), 2),
        ("NUL between", format!("{a}\0\0\n{b}"), 2),
        (
            "a key between",
            format!("{a}-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n{b}"),
            2,
        ),
        (
            "a CSR between",
            format!(
                "{a}-----BEGIN CERTIFICATE REQUEST-----\n!\n-----END CERTIFICATE REQUEST-----\n{b}"
            ),
            2,
        ),
    ] {
        assert_eq!(load(content), Ok((expected, vec![])), "{name}");
    }
}

/// A block that is lost is accounted for, and never takes its neighbour with it.
#[test]
fn damaged_blocks_are_skipped_with_line_and_reason() {
    let authority_a = authority("a");
    let ((a, a_body), (b, _)) = (pem(&authority_a), pem(&authority("b")));
    let (rejected, lines) = (rejected(&authority_a), a.lines().count());
    let cut: String = a_body.lines().skip(1).map(|line| format!("{line}\n")).collect();
    for (name, content, line, reason) in [
        ("not base64", format!("{BEGIN}!{a_body}{END}{b}"), 1, "is not base64"),
        ("headers", format!("{BEGIN}Proc-Type: 4\n\n{a_body}{END}{b}"), 1, "is not base64"),
        (
            "commented out",
            format!("# {}{b}", a.trim_end().replace('\n', "\n# ") + "\n"),
            1,
            "begins with \"# ",
        ),
        ("empty", format!("{BEGIN}{END}{b}"), 1, "is empty"),
        ("cut", format!("\n\n{BEGIN}{cut}{END}{b}"), 3, "is not a certificate that can be read"),
        ("text", format!("{BEGIN}AAAA\n{END}{b}"), 1, "is not a certificate that can be read"),
        (
            "no END, then a block",
            format!("{BEGIN}{a_body}{b}"),
            1,
            &*format!("has no END before the BEGIN of line {lines}"),
        ),
        (
            "no END at the end",
            format!("{b}{BEGIN}{a_body}"),
            b.lines().count() + 1,
            "has no END before the end of the file",
        ),
        ("no BEGIN", format!("{a_body}{END}{b}"), lines - 1, "is an END without a BEGIN before it"),
        (
            "another END",
            format!("{BEGIN}{a_body}-----END X-----\n{b}"),
            1,
            &*format!("ends on line {lines} with END \"X\", not \"CERTIFICATE\""),
        ),
        (
            "no dashes behind END",
            format!("{BEGIN}{a_body}{}\n{b}", END.trim_end().trim_end_matches('-')),
            1,
            &*format!("ends on line {lines} with END \"CERTIFICATE\" and no dashes"),
        ),
        ("small letters", a.to_lowercase() + &b, 1, "begins with \"-----begin certificate-----\""),
        ("six dashes", format!("-{a}{b}"), 1, "begins with \"------BEGIN"),
        ("four dashes", format!("{}{b}", &a[1..]), 1, "begins with \"----BEGIN"),
        ("text before BEGIN", format!("x {a}{b}"), 1, "begins with \"x -----BEGIN"),
        (
            "text behind BEGIN",
            a.replacen("-----\n", "----- x\n", 1) + &b,
            1,
            "begins with \"-----BEGIN",
        ),
        (
            "a space in the label",
            a.replacen("TE-----\n", "TE -----\n", 1) + &b,
            1,
            "begins with \"-----BEGIN",
        ),
        ("rejected", rejected.clone() + &b, 1, "is rejected for TLS servers by its trust"),
        ("not TRUSTED", rejected.replace("TRUSTED ", "") + &b, 1, "is not a certificate that can"),
        ("PKCS#7", a.replace("CERTIFICATE", "PKCS7") + &b, 1, "is a block of \"PKCS7\""),
    ] {
        let (loaded, skipped) = load(content).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(loaded, 1, "{name}: {skipped:?}");
        assert_eq!(skipped.len(), 1, "{name}: {skipped:?}");
        assert!(skipped[0].starts_with(&format!("{line}: {reason}")), "{name}: {skipped:?}");
    }
}

/// Whatever claims to begin certificates is read or reported, however it is written.
#[test]
fn no_claim_is_passed_over() {
    let ((a, a_body), (b, _)) = (pem(&authority("a")), pem(&authority("b")));
    for label in [
        "Certificate",
        "certificate",
        " CERTIFICATE",
        "\tCERTIFICATE",
        "CERTIFICATE\0",
        "X.509 CERTIFICATE",
        "CERTIFICATES",
        "CERTIFICATE CHAIN",
        "ATTRIBUTE CERTIFICATE",
        "PKCS #7 SIGNED DATA",
        "CMS",
    ] {
        let block = a.replace("CERTIFICATE", label);
        let (loaded, skipped) = load(block + &b).unwrap();
        assert_eq!((loaded, skipped.len()), (1, 1), "{label:?}: {skipped:?}");
        assert!(skipped[0].starts_with("1: "), "{skipped:?}");
    }
    for begin in [
        "----- BEGIN CERTIFICATE -----",
        "\u{2014}\u{2014}BEGIN CERTIFICATE\u{2014}\u{2014}",
        "=====BEGIN CERTIFICATE=====",
        "BEGIN CERTIFICATE",
        "\0\0-----BEGIN CERTIFICATE-----",
        "# -----BEGIN PKCS7-----",
    ] {
        let (loaded, skipped) = load(format!("{begin}\n{a_body}{END}{b}")).unwrap();
        assert_eq!((loaded, skipped.len()), (1, 1), "{begin:?}: {skipped:?}");
        assert!(skipped[0].starts_with("1: begins with "), "{skipped:?}");
    }
    // Behind an END, whether with a blank between or with no END of its own.
    let glued = |end: &str| load(format!("{} {BEGIN}{a_body}{end}", b.trim_end())).unwrap();
    assert_eq!(glued(END), (2, vec![]));
    let (loaded, skipped) = glued("");
    assert_eq!((loaded, skipped.len()), (1, 1), "{skipped:?}");
    // Comments that only speak of it, and requests, are none.
    for text in ["# Certificate data, which begins here", "-----BEGIN NEW CERTIFICATE REQUEST-----"]
    {
        assert_eq!(load(format!("{text}\n{b}")).unwrap(), (1, vec![]), "{text}");
    }
    // However long a line is, a message is short.
    let (_, skipped) =
        load(format!("{b}x -----BEGIN CERTIFICATE-----{}\n", "A".repeat(1 << 20))).unwrap();
    assert!(skipped[0].len() < 300, "{}", skipped[0].len());
}

/// A file without a usable certificate is an error that says what the file is.
#[test]
fn what_is_no_bundle_is_named() {
    let certificate = authority("a");
    let der = certificate.der();
    let (block, _) = pem(&certificate);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(block.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let key = KeyPair::generate().unwrap().serialize_pem();
    for (content, expected) in [
        (&b""[..], "is empty"),
        (b" \n\t\n", "holds nothing but blanks"),
        (b"# nothing\n\n# here\n", "holds nothing but comments"),
        (key.as_bytes(), "holds no certificate, but a block of \"PRIVATE KEY\""),
        (der, "is DER, not PEM; convert it with `openssl x509 -inform DER -in FILE`"),
        (b"\x30\x80\x06\x09\x2a\x86", "is PKCS#7; take its certificates out"),
        (b"\x30\x82\x01\x00\x02\x01\x03\x30", "is PKCS#12; take its certificates out"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "is a Java key store"),
        (b"\x1f\x8b\x08\0", "is compressed with gzip"),
        (&utf16, "is UTF-16 text"),
        (&utf16[2..], "is UTF-16 text"),
        (b"<!DOCTYPE html><html>", "is HTML or XML"),
        (b"\x7fELF\x02", "is a program"),
        (b"hello\n", "holds no -----BEGIN CERTIFICATE----- line"),
        (
            b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "holds no usable certificate (",
        ),
    ] {
        let error = load(content).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_missing_file_is_missing() {
    let directory = TempDir::new().unwrap();
    let (block, _) = pem(&authority("a"));
    let file = write(&directory, "ca.pem", block);
    for path in [directory.path().join("none.pem"), file.join("below-a-file")] {
        let error = TrustStore::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreMissing);
        assert_eq!(error.to_string(), format!("{} does not exist", path.display()));
    }
}

fn load_directory(directory: &TempDir) -> (usize, Vec<String>) {
    let store = TrustStore::load(directory.path()).unwrap();
    assert_eq!(store.kind(), StoreKind::Directory);
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let skipped = store.skipped().iter();
    (store.len(), skipped.map(|s| format!("{}: {}", name(&s.path), s.reason)).collect())
}

#[test]
fn a_directory_is_read_whole() {
    let directory = TempDir::new().unwrap();
    let [a, b, c] = ["a", "b", "c"].map(authority);
    write(&directory, "a.pem", pem(&a).0);
    write(&directory, "bundle.crt", pem(&a).0 + &pem(&b).0);
    write(&directory, "README", "no certificate is lost here\n");
    write(&directory, "der.cer", c.der());
    fs::create_dir(directory.path().join("below")).unwrap();
    write(&directory, "below/c.pem", pem(&c).0);
    assert_eq!(
        load_directory(&directory),
        (
            2,
            vec![
                "der.cer: is DER, not PEM; convert it with `openssl x509 -inform DER -in FILE`"
                    .to_owned()
            ]
        )
    );
}

/// The name that `openssl rehash` gives to the file of a certificate.
fn hashed(certificate: &Certificate, number: u32) -> String {
    let names = der::names_in(certificate.der()).unwrap();
    format!("{:08x}.{number}", name::hash(&certificate.der()[names.subject]).unwrap())
}

/// As for OpenSSL, names by hash make all others count for nothing, but that is said.
#[test]
fn in_a_directory_with_hashed_names_no_other_counts() {
    let directory = TempDir::new().unwrap();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(authority);
    write(&directory, &hashed(&a, 0), pem(&a).0);
    write(&directory, &hashed(&c, 0), pem(&c).0 + &pem(&b).0);
    write(&directory, &hashed(&d, 1), pem(&d).0);
    write(&directory, "0123abcd.0", pem(&a).0 + &pem(&d).0);
    write(&directory, "0123abcd.r0", "a revocation list");
    write(&directory, "bundle.crt", pem(&a).0 + &pem(&c).0);
    write(&directory, "other.crt", pem(&b).0);
    write(&directory, "der.cer", b.der());
    let unnamed = directory::MISPLACED;
    let (loaded, skipped) = load_directory(&directory);
    assert_eq!(loaded, 2);
    let mut expected = vec![
        format!("0123abcd.0: {unnamed}"),
        format!("{}: {unnamed}", hashed(&c, 0)),
        format!("{}: {unnamed}", hashed(&d, 1)),
        "der.cer: is DER, not PEM; convert it with `openssl x509 -inform DER -in FILE`".to_owned(),
        format!("other.crt: {unnamed}"),
    ];
    expected[..2].sort();
    assert_eq!(skipped, expected);
}

#[test]
fn a_directory_without_certificates_is_an_error() {
    let directory = TempDir::new().unwrap();
    write(&directory, "README", "nothing\n");
    let error = TrustStore::load(directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreInvalid);
    let path = directory.path().display();
    assert_eq!(error.to_string(), format!("{path} is a directory without certificates"));
}
