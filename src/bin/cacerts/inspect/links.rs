//! Which TLS libraries a program is linked with, by the names of its shared libraries. It uses nothing.

use std::collections::BTreeMap;

pub(crate) const OPENSSL: &str = "OpenSSL";
const LIBCURL: &str = "libcurl";
/// The libraries, and how the names of their files begin. (`libnss_*` is not NSS but the C library's
/// name service.)
pub(crate) const LIBRARIES: [(&str, &[&str]); 4] = [
    (OPENSSL, &["libssl.so", "libcrypto.so"]),
    ("GnuTLS", &["libgnutls"]),
    ("NSS", &["libnss3.", "libnssutil3.", "libssl3.", "libsmime3."]),
    (LIBCURL, &["libcurl.so", "libcurl-gnutls.so", "libcurl-nss.so"]),
];

/// So many files of a library are kept: more than any program is linked with.
const MOST_FILES: usize = 16;

/// Their names, with the files of each, as a program names them.
pub(crate) type Links = BTreeMap<&'static str, Vec<String>>;

/// An error is the end of a sentence.
pub(crate) fn links(needed: &[&[u8]]) -> Result<Links, String> {
    let mut links = Links::new();
    // Nobody's libraries have a control character in their names, which would be written to terminals.
    let names = needed.iter().filter_map(|file| std::str::from_utf8(file).ok());
    for file in names.filter(|file| !file.contains(char::is_control)) {
        for (library, beginnings) in LIBRARIES {
            if beginnings.iter().any(|beginning| file.starts_with(beginning)) {
                let files: &mut Vec<_> = links.entry(library).or_default();
                if files.iter().any(|known| known == file) {
                    continue;
                } else if files.len() == MOST_FILES {
                    let of = format!("of {library}, as no program is");
                    return Err(format!("is linked with more than {MOST_FILES} libraries {of}"));
                }
                files.push(file.to_owned());
            }
        }
    }
    Ok(links)
}

/// As `links ...`; `None` where there are none.
pub(crate) fn in_words(links: &Links, has_notes: bool) -> Option<String> {
    let words = links.iter().map(|(name, files)| {
        // Nobody is to take the path of a note for what it trusts.
        let unreached = has_notes && *name == LIBCURL;
        let hint = if unreached { ", which no drop-in reaches" } else { "" };
        format!("{name} ({}){hint}", files.join(", "))
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| format!("links {}", words.join(", ")))
}
