//! `cacerts inspect DIRECTORY`: what is looked at, what is shown, and that bad input does not stop it.

use crate::support::User;
use crate::support::command::{Run, run};
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{cas, pem};
use crate::support::pack::tar;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/srv/tls/store.pem\"\n";

struct Tree {
    user: User,
    top: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let user = User::new();
        let top = user.home().join("top");
        fs::create_dir(&top).unwrap();
        Self { user, top }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.top.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Walks it, with the names of the store and of the tree left out of what is said.
    fn walk(&self, arguments: &[&str]) -> Run {
        // No store: that is said once, and what these tests are about goes by notes.
        let missing = self.user.home().join("missing");
        let inspect = self.user.cacerts(&["inspect"]).arg(&self.top);
        let inspect = inspect.option("--ca-certs", missing);
        let mut run = arguments.iter().fold(inspect, |run, argument| run.arg(argument)).run();
        let (warning, rest) = run.stderr.split_once('\n').unwrap();
        assert!(
            warning.starts_with("cacerts: warning: roots are looked for as PEM only"),
            "{run:#?}"
        );
        let top = format!("{}/", self.top.display());
        run.stderr = rest.replace(&top, "");
        run.stdout = run.stdout.replace(&top, "");
        run
    }
}

fn with_note() -> Vec<u8> {
    Elf::new(FORMATS[0]).note(NOTE).bytes()
}

fn without() -> Vec<u8> {
    Elf::new(FORMATS[0]).bytes()
}

fn last(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn only_what_has_something_to_say_is_shown_in_order() {
    let tree = Tree::new();
    tree.file("b/deep/down/app", with_note());
    tree.file("b/plain", without());
    tree.file("a", with_note());
    tree.file("c.sh", "#!/bin/sh\ncat /etc/ssl/cert.pem\n");
    tree.file("readme", "text");
    tree.file("z", Elf::new(FORMATS[3]).needed(&["libnss3.so"]).bytes());
    let run = tree.walk(&[]);
    assert_eq!(
        run.stdout.lines().collect::<Vec<_>>(),
        [
            "a: trusts /srv/tls/store.pem",
            "b/deep/down/app: trusts /srv/tls/store.pem",
            "c.sh: names /etc/ssl/cert.pem",
            "z: links NSS (libnss3.so)",
        ]
    );
    assert_eq!(
        run.stderr,
        "cacerts: trust in 2 files is decided by a note (trusts /srv/tls/store.pem)\n\
         cacerts: trust in 1 file is decided by NSS\n\
         cacerts: trust in 1 file is decided by a path that it names\n\
         cacerts: 6 files: 2 with a cacerts note, 0 with embedded roots, 1 with a bundle's path, \
         0 guessing, 0 linked with OpenSSL, 0 linked with GnuTLS, 1 linked with NSS, 0 linked with libcurl; \
         0 could not be read\n"
    );
    assert_eq!(run.code, Some(0));
    // JSON has all ELF files, and of the others those with something to say.
    let run = tree.walk(&["--json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let paths: Vec<_> =
        json.as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a", "b/deep/down/app", "b/plain", "c.sh", "z"]);
    assert_eq!(json[3]["kind"], "script");
    assert_eq!(json[2]["cacerts"], Value::Null);
    // The same while it goes, a line for each.
    let lines = tree.walk(&["--json-lines"]);
    let lines: Vec<Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json, Value::from(lines));
}

/// Each file counts once, by what comes first: what most files have is told first.
#[test]
fn a_walk_ends_with_what_decides_and_how_often() {
    let tree = Tree::new();
    let guess =
        "/etc/ssl/cert.pem /etc/pki/tls/cert.pem /etc/ssl/certs/cacert.pem /etc/ssl/ca-bundle.pem";
    let elf = || Elf::new(FORMATS[0]);
    tree.file("a", with_note());
    tree.file("none", elf().note("CACERTS_DEFAULT_PATH = \"none\"\n").bytes());
    for name in ["guess", "guess-2"] {
        tree.file(name, elf().data(guess).needed(&["libssl.so.3"]).bytes());
    }
    tree.file("both", elf().needed(&["libssl.so.3", "libgnutls.so.30"]).bytes());
    tree.file("readme", guess);
    tree.file("plain", without());
    tree.file("packed", "#!/bin/sh\n\0");
    let package = tar(&[("usr/a", &with_note()), ("usr/roots", pem(&cas(10)).as_bytes())]);
    tree.file("z.tar", package);
    let run = tree.walk(&[]);
    let kinds = run.stderr.lines().filter_map(|line| {
        let (files, kind) =
            line.strip_prefix("cacerts: trust in ")?.split_once(" is decided by ")?;
        Some((files, kind))
    });
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            ("2 files", "a note (trusts /srv/tls/store.pem)"),
            ("2 files", "guessing from a list of paths"),
            ("1 file", "GnuTLS and OpenSSL"),
            ("1 file", "a note (has nothing built in)"),
            ("1 file", "roots of its own"),
            ("1 file", "what cannot be seen"),
        ],
        "{run:#?}"
    );
    // JSON is what it was.
    let json = tree.walk(&["--json"]);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&json.stderr), lines(&run.stderr), "{json:#?}");
}

#[test]
fn all_notes_below_a_directory_are_held_to_the_expected_path() {
    let tree = Tree::new();
    tree.file("good", with_note());
    tree.file("without", without());
    assert_eq!(tree.walk(&["--expect", "/srv/tls/store.pem"]).code, Some(0));
    tree.file("bad", Elf::new(FORMATS[1]).note("CACERTS_DEFAULT_PATH = \"/other\"").bytes());
    tree.file("worse", Elf::new(FORMATS[2]).note("CACERTS_DEFAULT_PATH = \"none\"").bytes());
    let run = tree.walk(&["--expect", "/srv/tls/store.pem"]);
    assert_eq!(run.code, Some(1));
    let offenders: Vec<_> = run.stderr.lines().filter(|line| line.contains("--expect")).collect();
    assert_eq!(
        offenders,
        [
            "cacerts: bad trusts /other, where --expect wants /srv/tls/store.pem",
            "cacerts: worse has nothing built in, where --expect wants /srv/tls/store.pem",
        ]
    );
}

/// A package holds programs; what else is compressed below a directory is mostly documentation.
#[test]
fn packages_do_not_pass_unseen() {
    let tree = Tree::new();
    tree.file("a", with_note());
    tree.file("manual.lz", b"LZIP\x01");
    let counted = "; 1 compressed and not looked into; 0 could not be read";
    let run = tree.walk(&["--expect", "/srv/tls/store.pem"]);
    assert!(last(&run.stderr).ends_with(counted), "{run:#?}");
    assert_eq!((run.stdout.lines().count(), run.code), (1, Some(0)));
    tree.file("b.apk", "ADBd");
    let run = tree.walk(&["--expect", "/srv/tls/store.pem"]);
    assert!(run.stderr.starts_with("cacerts: b.apk cannot be checked: it is an Alpine package "));
    assert_eq!(run.code, Some(1));
    // Without a check it is said, and is no failure.
    let run = tree.walk(&[]);
    assert_eq!(
        run.stdout.lines().nth(1).unwrap().split(';').next(),
        Some("b.apk: an Alpine package of version 3")
    );
    assert_eq!(run.code, Some(0));
}

#[cfg(unix)]
#[test]
fn each_file_is_looked_at_once_and_no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let tree = Tree::new();
    let elsewhere = tree.user.home().join("elsewhere");
    fs::write(&elsewhere, with_note()).unwrap();
    let app = tree.file("app", with_note());
    fs::hard_link(&app, tree.top.join("same")).unwrap();
    symlink(&app, tree.top.join("link")).unwrap();
    symlink(&elsewhere, tree.top.join("out")).unwrap();
    symlink("..", tree.file("directory/x", "").with_file_name("loop")).unwrap();
    symlink("nowhere", tree.top.join("dangling")).unwrap();
    let run = tree.walk(&[]);
    assert_eq!(run.stdout, "app: trusts /srv/tls/store.pem\n", "{run:#?}");
    assert!(last(&run.stderr).starts_with("cacerts: 1 file: 1 with a cacerts note"), "{run:#?}");
    // A link that is named is meant, to a directory, too.
    symlink(&tree.top, tree.user.home().join("named")).unwrap();
    let named = tree.user.home().join("named");
    let run = tree.user.cacerts(&["inspect"]).arg(&named).run();
    assert!(run.stdout.starts_with(&format!("{}/app: ", named.display())), "{run:#?}");
    // A directory within another one is not walked again.
    let run = tree.user.cacerts(&["inspect"]).arg(&tree.top).arg(&tree.top).run();
    assert_eq!(run.stdout.lines().count(), 1, "{run:#?}");
}

/// One clear line each, and what comes after is still looked at.
#[cfg(unix)]
#[test]
fn bad_input_gets_one_line_and_the_walk_goes_on() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;
    let tree = Tree::new();
    let whole = with_note();
    tree.file("1-cut", &whole[..whole.len() - 1]);
    tree.file("2-hostile", Elf::new(FORMATS[1]).hostile_note(u32::MAX, u32::MAX).bytes());
    tree.file("3-empty", "");
    fs::create_dir(tree.top.join("4-directory")).unwrap();
    mknodat(CWD, tree.top.join("5-fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _listener = UnixListener::bind(tree.top.join("6-socket")).unwrap();
    tree.file("7-new\nline", b"\x7fELF");
    let secret = tree.file("8-secret", with_note());
    tree.file("9-app", with_note());
    let locked = tree.file("8-locked/app", with_note()).parent().unwrap().to_owned();
    for path in [&secret, &locked] {
        fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    }

    let run = unprivileged(&tree);
    fs::set_permissions(&locked, Permissions::from_mode(0o755)).unwrap();
    let said: Vec<_> = run.stderr.lines().collect();
    let damaged = "is a truncated or damaged ELF file (";
    assert_eq!(said.len(), 10, "{run:#?}");
    assert!(
        said[0].starts_with(&format!("cacerts: 1-cut {damaged}Invalid ELF section header")),
        "{run:#?}"
    );
    assert!(
        said[1].starts_with(&format!("cacerts: 2-hostile {damaged}a note leads out")),
        "{run:#?}"
    );
    assert_eq!(said[2], "cacerts: 5-fifo is a FIFO, which is not opened");
    assert_eq!(said[3], "cacerts: 6-socket is a socket, which is not opened");
    assert!(said[4].starts_with(r#"cacerts: "7-new\nline" is a truncated or damaged"#), "{run:#?}");
    assert!(said[5].starts_with("cacerts: 8-locked cannot be read (Permission denied"), "{run:#?}");
    assert!(said[6].starts_with("cacerts: 8-secret cannot be read (Permission denied"), "{run:#?}");
    assert_eq!(said[7], "cacerts: trust in 3 files is decided by what cannot be seen");
    assert!(said[9].ends_with("; 2 not opened; 5 could not be read"), "{run:#?}");
    assert_eq!(run.stdout, "9-app: trusts /srv/tls/store.pem\n");
    assert_eq!(run.code, Some(1));

    // Named by themselves all of them are a no, the directory alone is walked.
    for (name, said) in [
        ("1-cut", "is a truncated or damaged ELF file"),
        ("5-fifo", "is a FIFO, which is not opened"),
        ("6-socket", "is a socket, which is not opened"),
        ("missing", "does not exist"),
    ] {
        let path = tree.top.join(name);
        let run = tree.user.cacerts(&["inspect"]).arg(&path).run();
        run.refused(&format!("cacerts: {} {said}", path.display()));
    }
    let empty = tree.user.cacerts(&["inspect"]).arg(tree.top.join("4-directory")).run();
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), ""), "{empty:#?}");
    let null = tree.user.cacerts(&["inspect", "/dev/null"]).run();
    null.refused("/dev/null is a device, which is not opened");
}

/// Walks as somebody who may not read everything: root may, and has to become somebody else.
#[cfg(unix)]
fn unprivileged(tree: &Tree) -> Run {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const NOBODY: u32 = 65534;
    let binary = tree.user.home().join("cacerts");
    // By another process: what this one has open for writing is open in the children of other tests,
    // too, until they run their programs, and cannot be run itself until then.
    let copy = run(Command::new("cp").arg(env!("CARGO_BIN_EXE_cacerts")).arg(&binary));
    assert_eq!(copy.code, Some(0), "{copy:#?}");
    for path in [&tree.user.home(), &tree.top] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(binary);
    command.env_clear().arg("inspect").arg(&tree.top).args(["--ca-certs", "/nonexistent"]);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut run = run(&mut command);
    let top = format!("{}/", tree.top.display());
    run.stderr = run.stderr.replace(&top, "");
    run.stdout = run.stdout.replace(&top, "");
    run.stderr = run.stderr.split_once('\n').unwrap().1.to_owned();
    run
}

/// However much is missing at the end, it is noticed.
#[test]
fn no_part_of_a_program_passes_for_one() {
    for format in FORMATS {
        let tree = Tree::new();
        let whole = Elf::new(format).note(NOTE).needed(&["libssl.so.3"]).bytes();
        for length in 4..whole.len() {
            tree.file(&format!("{length:04}"), &whole[..length]);
        }
        let run = tree.walk(&[]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{format:?}");
        let damaged = run.stderr.matches("is a truncated or damaged ELF file").count();
        assert_eq!(damaged, whole.len() - 4, "{format:?}");
        // And two lines in the end.
        assert_eq!(run.stderr.lines().count(), damaged + 2);
    }
}

/// Files that were changed by chance, always the same ones: an answer for each, and never a panic.
#[test]
fn nothing_in_a_file_stops_the_walk() {
    const FILES: usize = 500;
    let mut state: u64 = 1;
    // SplitMix64.
    let mut random = |end: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % end
    };
    for format in FORMATS {
        let tree = Tree::new();
        let pem = "-----BEGIN CERTIFICATE-----\nMIIAAwECAw==\n-----END CERTIFICATE-----\n";
        let whole = Elf::new(format).note(NOTE).needed(&["libssl.so.3"]).data(pem).bytes();
        for number in 0..FILES {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(4) {
                // Where the headers are, more often than elsewhere.
                let end = if random(2) == 0 { bytes.len() } else { 200 };
                let at = random(end);
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random(256) as u8][random(6)];
            }
            tree.file(&format!("{number:04}"), bytes);
        }
        let run = tree.walk(&[]);
        assert!(matches!(run.code, Some(0 | 1)), "{format:?}: {run:#?}");
        assert!(!run.stderr.contains("panicked"), "{run:#?}");
        let files = format!("cacerts: {FILES} files: ");
        assert!(last(&run.stderr).starts_with(&files), "{format:?}: {}", last(&run.stderr));
        // Most still are programs, and some are not.
        let shown = run.stdout.lines().count();
        assert!(shown > FILES / 4 && shown < FILES, "{format:?}: {shown}");
    }
}

/// Where nobody is watching there is nothing but lines.
#[test]
fn no_progress_is_drawn_into_a_file() {
    let tree = Tree::new();
    for number in 0..50 {
        tree.file(&format!("{number}"), vec![b'x'; 1 << 20]);
    }
    let run = tree.walk(&[]);
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
    assert!(!run.stderr.contains(['\r', '\x1b', '[']), "{run:#?}");
}

#[test]
fn what_is_named_is_told_by_name() {
    let tree = Tree::new();
    let (app, plain) = (tree.file("app", with_note()), tree.file("plain", without()));
    let run = tree.user.cacerts(&["inspect"]).arg(&app).arg(&plain).run();
    assert_eq!(run.code, Some(1));
    let lines: Vec<_> = run.stdout.lines().collect();
    let line = |path: &Path, words: &str| format!("{}: {words}", path.display());
    assert_eq!(lines, [line(&app, "trusts /srv/tls/store.pem"), line(&plain, "no cacerts note")]);
}
