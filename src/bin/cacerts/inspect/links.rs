//! Which TLS libraries a program is linked with, by the names of its shared libraries. It uses nothing.

use std::collections::BTreeMap;

/// The libraries, and how the names of their files begin. (`libnss_*` is not NSS but the C library's
/// name service.)
pub(crate) const LIBRARIES: [(&str, &[&str]); 3] = [
    ("OpenSSL", &["libssl.so", "libcrypto.so"]),
    ("GnuTLS", &["libgnutls"]),
    ("NSS", &["libnss3.", "libnssutil3.", "libssl3.", "libsmime3."]),
];

/// Their names, with the files of each.
pub(crate) type Links = BTreeMap<&'static str, Vec<String>>;

pub(crate) fn links(needed: &[&[u8]]) -> Links {
    let mut links = Links::new();
    // Nobody's libraries have a control character in their names, which would be written to terminals.
    let names = needed.iter().filter_map(|file| std::str::from_utf8(file).ok());
    for file in names.filter(|file| !file.contains(char::is_control)) {
        for (library, beginnings) in LIBRARIES {
            if beginnings.iter().any(|beginning| file.starts_with(beginning)) {
                links.entry(library).or_default().push(file.to_owned());
            }
        }
    }
    links
}
