//! What is said of files that are looked into.

use super::page::Page;
use crate::support::elf::{Elf, FORMATS};
use std::fs;

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/etc/ssl/cert.pem\"\nCACERTS_SEARCH_PATHS = []\n";
/// As programs have it that look for a store.
const PATHS: &[u8] = b"/etc/ssl/certs/ca-certificates.crt\0/etc/pki/tls/certs/ca-bundle.crt\0\
    /etc/ssl/ca-bundle.pem\0/etc/pki/tls/cacert.pem\0";

pub(super) fn say(page: &mut Page) {
    page.head("## `inspect`");
    let directory = page.pki.directory().to_owned();
    let root = fs::read_to_string(&page.pki.root).unwrap();
    let elf = || Elf::new(FORMATS[0]);
    for (name, bytes) in [
        ("plain", elf().bytes()),
        ("noted", elf().note(NOTE).bytes()),
        ("guessing", elf().data(PATHS).bytes()),
        ("roots", elf().data(&root).bytes()),
        ("damaged", elf().hostile_note(8, 0xffff_ffff).bytes()),
        ("damaged.deb", b"!<arch>\ndebian-binary".to_vec()),
    ] {
        fs::write(directory.join(name), bytes).unwrap();
    }
    for (cause, code, typed) in [
        ("It has decided", 0, "noted"),
        ("Something else was decided", 1, "--expect /etc/ssl/certs/ca-certificates.crt noted"),
        ("It was expected to have decided", 1, "--expect /etc/ssl/cert.pem plain"),
        ("It is not built with cacerts", 1, "plain"),
        ("It has roots of its own", 1, "--deny embedded-roots roots"),
        ("It looks through a list of its own", 1, "--deny guessing guessing"),
        ("Its note is damaged", 1, "damaged"),
        ("A package that is damaged", 1, "damaged.deb"),
        ("No program", 1, "page.html"),
        ("There is no such file", 1, "missing.bin"),
        ("An empty directory", 0, "none.d"),
    ] {
        page.case(cause, code, &format!("inspect --ca-certs root.pem {typed}"));
    }
}
