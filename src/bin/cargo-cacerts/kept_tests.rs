//! A table for what becomes of the lock file. It may use `kept`.

use super::*;

/// A lock file of `app` with these packages, `name version [!]`, where ! is for what has a path.
fn lock(packages: &[&str]) -> String {
    let mut text = "version = 4\n".to_owned();
    for package in ["app 1.0.0 !"].iter().chain(packages) {
        let words: Vec<_> = package.split(' ').collect();
        text += &format!("[[package]]\nname = {:?}\nversion = {:?}\n", words[0], words[1]);
        if words.len() == 2 {
            text += "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        }
        if words[0] == "app" {
            let names: Vec<_> = packages.iter().map(|p| p.split(' ').next().unwrap()).collect();
            text += &format!("dependencies = {names:?}\n");
        }
    }
    text
}

#[test]
fn what_becomes_of_it() {
    let before = lock(&["log 0.4.0", "openssl-probe 0.2.1"]);
    let left = lock(&["log 0.4.0", "openssl-probe 0.2.1 !"]);
    let newer = lock(&["log 0.4.0", "openssl-probe 0.2.9"]);
    let update = lock(&["log 0.4.1", "openssl-probe 0.2.1"]);
    let both = lock(&["log 0.4.1", "openssl-probe 0.2.1 !"]);
    let more = lock(&["log 0.4.0", "openssl-probe 0.2.9", "serde 1.0.0"]);
    for (now, expected) in [
        (Some(&*left), End::Ours),
        (Some(&*before), End::Ours),
        // Whoever was stopped while writing it.
        (Some(""), End::Ours),
        (Some(&left[..60]), End::Ours),
        // What is no lock file is somebody's all the same.
        (Some(&*format!("<<<<<<< mine\n{before}")), End::Theirs),
        (Some(&*newer), End::MadeAnew),
        (Some(&*update), End::Theirs),
        (Some(&*more), End::Theirs),
        (Some(&*format!("# Mine.\n{before}")), End::Theirs),
        (None, End::Theirs),
        (Some(&*both), End::Mixed),
        (Some(&*format!("# Mine.\n{left}")), End::Mixed),
    ] {
        let end = End::of(Some(before.as_bytes()), Some(left.as_bytes()), now.map(str::as_bytes));
        assert_eq!(end, expected, "{now:?}");
    }
    // There was none before.
    for (now, expected) in [
        (None, End::Ours),
        (Some(&*left), End::Ours),
        (Some(&*newer), End::Theirs),
        (Some(&*both), End::Mixed),
    ] {
        let end = End::of(None, Some(left.as_bytes()), now.map(str::as_bytes));
        assert_eq!(end, expected, "{now:?}");
    }
    // The program's own, which is no drop-in of ours.
    let own = lock(&["log 0.4.1", "openssl-probe 0.2.1 !"]);
    let end = End::of(Some(left.as_bytes()), Some(before.as_bytes()), Some(own.as_bytes()));
    assert_eq!(end, End::Theirs);
}
