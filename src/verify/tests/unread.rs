//! A bundle that begins as an ordinary one, and is looked into as far as a chain asks for.

use super::{BEGIN, END, authority, pem, rejected, write};
use crate::verify::TrustStore;
use rcgen::Certificate;
use std::fs;
use tempfile::TempDir;

/// What is odd behind an ordinary beginning is found when a chain asks for it, and not before.
#[test]
fn the_rest_of_a_bundle_is_read_when_it_is_asked_for() {
    let [a, b, c] = ["a", "b", "c"].map(authority);
    let ((first, _), (block, _), (last, _)) = (pem(&a), pem(&b), pem(&c));
    let trusted = block.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    let damaged = format!("{BEGIN}!{END}{block}");
    for (name, rest, is_ordinary, skipped) in [
        ("ordinary", block.clone(), true, 0),
        ("CRLF", block.replace('\n', "\r\n"), false, 0),
        ("indented", format!(" {block}"), false, 0),
        ("with trust settings", trusted, false, 0),
        ("damaged", damaged, false, 1),
        ("far away", format!("{}{block}", "# a comment\n".repeat(100_000)), true, 0),
    ] {
        let directory = TempDir::new().unwrap();
        let content = format!("# a comment\n{first}{rest}{last}");
        let path = write(&directory, "ca.pem", &content);
        let store = TrustStore::load(&path).unwrap();
        let part = &store.snapshot.parts()[0];
        assert!(part.is_unread_bundle() && part.skipped().is_empty(), "{name}");
        for authority in [&c, &b, &a] {
            let found = store.snapshot.roots_for([authority.der()].into_iter());
            assert_eq!(found.unwrap().anchors.len(), 1, "{name}");
            assert_eq!(part.is_unread_bundle(), is_ordinary, "{name}");
        }
        let stranger = authority("stranger");
        let found = store.snapshot.roots_for([stranger.der()].into_iter());
        assert!(found.unwrap().anchors.is_empty(), "{name}");
        assert_eq!((store.len(), store.skipped().len()), (3, skipped), "{name}");

        // What was not asked for before the file is overwritten, nobody knows.
        let store = TrustStore::load(&path).unwrap();
        fs::write(&path, content.replacen('#', "##", 1)).unwrap();
        let found = store.snapshot.roots_for([a.der()].into_iter());
        assert!(found.err().unwrap().to_string().contains("overwritten"), "{name}");
    }
}

/// Trust settings are honoured wherever they stand.
#[test]
fn a_rejected_block_behind_an_ordinary_beginning_is_not_taken() {
    let [a, b] = ["a", "b"].map(authority);
    let directory = TempDir::new().unwrap();
    let path = write(&directory, "ca.pem", pem(&a).0 + &rejected(&b));
    let store = TrustStore::load(&path).unwrap();
    let roots = |of: &Certificate| store.snapshot.roots_for([of.der()].into_iter()).unwrap();
    assert_eq!((roots(&b).anchors.len(), roots(&a).anchors.len()), (0, 1));
    assert_eq!(store.skipped()[0].reason, "is rejected for TLS servers by its trust settings");
}
