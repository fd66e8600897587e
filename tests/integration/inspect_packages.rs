//! `cacerts inspect` and packages: what is in them is looked at without unpacking them, and what cannot
//! be looked at passes no check.

use crate::inspect_pe;
use crate::support::User;
use crate::support::command::run;
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{Inspector, cas, pem};
use crate::support::pack::{ar, deb, gzip, rpm, tar, xz, zip};
use crate::support::packages::{app, inspect, packages, with_files};
use serde_json::json;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn packages_are_looked_into() {
    let packages = packages();
    let user = with_files(&packages);
    for (name, _) in &packages {
        let run = inspect(&user, &[name], &[]);
        let mut said = vec![
            format!("{name}!usr/bin/app: trusts /srv/tls/store.pem"),
            format!("{name}!usr/share/doc/manual.gz!manual: names /etc/ssl/cert.pem"),
        ];
        let (lines, last): (Vec<_>, Vec<_>) =
            run.stdout.lines().partition(|line| line.contains('!'));
        let mut lines: Vec<_> = lines.into_iter().map(str::to_owned).collect();
        lines.sort();
        said.sort();
        assert_eq!((lines, run.code), (said, Some(0)), "{run:#?}");
        assert!(last[0].starts_with(&format!("{name}: ")), "{run:#?}");
        assert!(last[0].ends_with(" files in it"), "{run:#?}");
        // All checks are for what is in it.
        assert_eq!(inspect(&user, &[name], &["--expect", "/srv/tls/store.pem"]).code, Some(0));
        let run = inspect(&user, &[name], &["--expect", "/other"]);
        let why = "trusts /srv/tls/store.pem, where --expect wants /other";
        assert_eq!(
            (run.stderr, run.code),
            (format!("cacerts: {name}!usr/bin/app {why}\n"), Some(1))
        );
    }
    // Below a directory as well, in the order of their names.
    let run = inspect(&user, &[""], &["--expect", "/srv/tls/store.pem"]);
    assert_eq!(run.stdout.lines().count(), 2 * packages.len(), "{run:#?}");
    assert_eq!(run.code, Some(0));
    let first: Vec<_> = run.stdout.lines().map(|line| line.split('!').next().unwrap()).collect();
    assert!(first.is_sorted());
}

#[test]
fn a_package_says_what_it_is() {
    let packages = packages();
    let user = with_files(&packages);
    let run = inspect(&user, &["a.deb"], &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let told =
        |number: usize| [&json[number]["path"], &json[number]["kind"], &json[number]["files"]];
    assert_eq!(told(0), [&json!("a.deb!usr/bin/app"), &json!("elf"), &json!(null)]);
    assert_eq!(json[0]["cacerts"]["CACERTS_DEFAULT_PATH"], "/srv/tls/store.pem");
    assert_eq!(
        told(1),
        [&json!("a.deb!usr/share/doc/manual.gz!manual"), &json!("text"), &json!(null)]
    );
    // debian-binary, control, the three files, and what is in one of them.
    assert_eq!(told(2), [&json!("a.deb"), &json!("deb"), &json!(6)]);
    assert_eq!(json[2]["unseen"], json!(null));
}

/// As a program that was named without a note.
#[test]
fn a_package_without_a_note_does_not_pass_for_one_with() {
    let user = with_files(&[("a.tar", tar(&[("text", b"text")]))]);
    let run = inspect(&user, &["a.tar"], &[]);
    assert_eq!(
        (run.stdout.as_str(), run.code),
        ("a.tar: a tar archive, with 1 file in it\n", Some(1))
    );
    let run = inspect(&user, &["a.tar"], &["--expect", "/srv/tls/store.pem"]);
    let no = "a.tar has no cacerts note, where --expect wants /srv/tls/store.pem";
    assert_eq!((run.stderr.as_str(), run.code), (format!("cacerts: {no}\n").as_str(), Some(1)));
    assert_eq!(inspect(&user, &["a.tar"], &["--deny", "embedded-roots"]).code, Some(0));
}

#[test]
fn roots_in_a_package_are_found() {
    let cas = cas(12);
    let inspector = Inspector::new(&cas);
    let keys: Vec<_> = cas.iter().flat_map(|ca| ca.key.clone()).collect();
    let elf = Elf::new(FORMATS[0]).data(keys).bytes();
    let data = xz(&tar(&[("usr/bin/app", &elf)]));
    let (said, code) =
        inspector.words(deb(b"", "data.tar.xz", &data), &["--deny", "embedded-roots"]);
    // Its own archive is empty, which it cannot be.
    assert!(said.contains("cannot be looked into"), "{said}");
    let control = gzip(&tar(&[("postinst", pem(&cas).as_bytes())]));
    let package = deb(&control, "data.tar.xz", &data);
    let (said, code_of_whole) = inspector.words(package, &["--deny", "embedded-roots"]);
    for name in ["DEBIAN/postinst", "usr/bin/app"] {
        let no = format!("cacerts: FILE!{name} embeds roots, which --deny embedded-roots forbids");
        assert!(said.contains(&no), "{said}");
    }
    assert_eq!((code, code_of_whole), (Some(1), Some(1)));
}

#[test]
fn one_archive_in_another_is_looked_into_and_no_more() {
    let app = app();
    let wheel = zip(&[("app", &app)]);
    let inner = deb(&gzip(&tar(&[])), "data.tar.gz", &gzip(&tar(&[("app", &app)])));
    let files = [
        ("a.tar.gz", gzip(&tar(&[("a.whl", &wheel)]))),
        ("b.tar", tar(&[("b.zip", &zip(&[("b.deb", &inner)]))])),
    ];
    let user = with_files(&files);
    let run = inspect(&user, &["a.tar.gz"], &["--expect", "/srv/tls/store.pem"]);
    assert!(run.stdout.starts_with("a.tar.gz!a.whl!app: trusts /srv/tls/store.pem\n"), "{run:#?}");
    assert_eq!(run.code, Some(0));
    let run = inspect(&user, &["b.tar"], &["--deny", "embedded-roots"]);
    let no = "cacerts: b.tar!b.zip!b.deb cannot be checked: it is a Debian package; unpack it and inspect that";
    assert!(run.stderr.starts_with(no), "{run:#?}");
    assert_eq!(run.code, Some(1));
}

/// Anybody can name a file.
#[test]
fn a_name_in_a_package_is_in_one_line() {
    let app = app();
    let long = "a".repeat(100_000);
    let header = gzip(&tar(&[("new\nline\u{1b}[31m", &app), ("./usr/app", &app), (&long, &app)]));
    let user = with_files(&[("a.tar.gz", header)]);
    let run = inspect(&user, &["a.tar.gz"], &[]);
    let names: Vec<_> = run.stdout.lines().map(|line| line.split(": ").next().unwrap()).collect();
    let short = format!("a.tar.gz!{}", &long[..4096]);
    let all = [r#""a.tar.gz!new\nline\u{1b}[31m""#, "a.tar.gz!usr/app", &short, "a.tar.gz"];
    assert_eq!(names, all, "{run:#?}");
    // All files are counted, also those of which there is nothing to say.
    let files: Vec<_> = (0..500).map(|number| format!("{number}")).collect();
    let files: Vec<_> = files.iter().map(|name| (name.as_str(), &b"text"[..])).collect();
    let user = with_files(&[("a.zip", zip(&files)), ("b", app)]);
    let run = inspect(&user, &[""], &[]);
    assert!(run.stderr.contains("\ncacerts: 502 files: 1 with a cacerts note,"), "{run:#?}");
}

#[test]
fn what_cannot_be_read_in_a_package_is_told() {
    let app = app();
    let control = gzip(&tar(&[("control", b"Package: app\n")]));
    let mut encrypted = zip(&[("app", &app)]);
    let at = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    encrypted[at + 8] = 1;
    let mut lost = zip(&[("app", &app)]);
    lost[0] = b'X';
    lost.splice(..0, *b"PK\x03\x04");
    for (name, content, why) in [
        (
            "lzma.deb",
            deb(&control, "data.tar.lzma", b"\x5d\0\0\x80\0"),
            "cannot be looked into to its end: what stands in it is compressed (lzma)",
        ),
        (
            "lzma.rpm",
            rpm(b"\x5d\0\0\x80\0"),
            "cannot be looked into to its end: what stands in it is compressed (lzma)",
        ),
        ("damaged.bz2", b"BZh91AY&SY\xff\xff".to_vec(), "cannot be looked into to its end"),
        ("lost.zip", lost, "cannot be looked into to its end: its directory is"),
        (
            "damaged.gz",
            b"\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff".to_vec(),
            "cannot be looked into to its end",
        ),
        ("damaged.xz", b"\xfd7zXZ\0\xff\xff".to_vec(), "cannot be looked into to its end"),
        ("damaged.zst", b"\x28\xb5\x2f\xfd\0".to_vec(), "cannot be looked into to its end"),
    ] {
        let user = with_files(&[(name, content)]);
        for names in [name, ""] {
            let run = inspect(&user, &[names], &["--deny", "embedded-roots"]);
            assert!(run.stderr.starts_with(&format!("cacerts: {name} {why}")), "{run:#?}");
            assert_eq!(run.code, Some(1), "{run:#?}");
        }
    }
    // A file of an archive that is no program is counted, as it is below a directory.
    let user = with_files(&[("encrypted.zip", encrypted)]);
    let run = inspect(&user, &[""], &[]);
    assert!(run.stderr.contains("; 1 compressed and not looked into;"), "{run:#?}");
}

/// However much is missing at the end, it is noticed.
#[test]
fn no_part_of_a_package_passes_for_one() {
    let user = with_files(&[]);
    let mut names = Vec::new();
    for (name, content) in packages() {
        // Where a tar or cpio archive is not compressed, it may end between two files.
        if ["a.tar", "a.cpio"].contains(&name) {
            continue;
        }
        for part in 1..40 {
            let cut = content.len() * part / 40;
            let name = format!("{part:02}-{name}");
            fs::write(user.home().join("files").join(&name), &content[..cut]).unwrap();
            if cut > 110 {
                names.push(name);
            }
        }
    }
    let run = inspect(&user, &[""], &["--expect", "/srv/tls/store.pem"]);
    for name in names {
        assert!(run.stderr.contains(&format!("cacerts: {name} cannot be ")), "{name}: {run:#?}");
    }
}

#[test]
fn the_note_of_a_static_library_is_told() {
    let inspector = Inspector::new(&cas(1));
    let object = app();
    let text = b"no object\n".as_slice();
    let library = ar(&[("/", text), ("lib.rmeta/", text), ("a.o/", &object), ("b.o/", &object)]);
    let said = inspector.words(&library, &["--expect", "/srv/tls/store.pem"]);
    assert_eq!(said, ("FILE: trusts /srv/tls/store.pem".to_owned(), Some(0)));
    let other = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"/other\"\n").bytes();
    let (said, code) = inspector.words(ar(&[("a.o/", &object), ("b.o/", &other)]), &[]);
    assert_eq!((said.as_str(), code), ("cacerts: FILE has cacerts notes that differ", Some(1)));
    let (said, code) = inspector.words(&library[..library.len() - 1], &[]);
    assert_eq!(said, "cacerts: FILE is a truncated or damaged ar archive");
    assert_eq!(code, Some(1));
}

/// Leaves them where somebody wants them: as seeds for the fuzz target.
#[test]
fn the_packages_can_be_had() {
    let user = User::new();
    let wanted = env::var_os("PACKAGES_INTO").map(PathBuf::from);
    let into = wanted.unwrap_or_else(|| user.home());
    fs::create_dir_all(&into).unwrap();
    for (name, content) in
        packages().into_iter().chain([("app", app()), ("app.exe", inspect_pe::app())])
    {
        fs::write(into.join(name), content).unwrap();
    }
    assert!(into.join("a.deb").exists() && into.join("app.exe").exists());
}

/// As the tools make them, of those that are installed.
#[test]
fn packages_of_the_usual_tools_are_looked_into() {
    let user = with_files(&[]);
    let files = user.home().join("files");
    let tree = user.home().join("tree");
    fs::create_dir_all(tree.join("DEBIAN")).unwrap();
    fs::create_dir_all(tree.join("usr/bin")).unwrap();
    fs::write(tree.join("usr/bin/app"), app()).unwrap();
    // So that there are blocks and windows.
    let text: String = (0..20_000).map(|number| format!("{number}\n")).collect();
    fs::write(tree.join("usr/text"), text).unwrap();
    let control =
        "Package: app\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: a\n";
    fs::write(tree.join("DEBIAN/control"), control).unwrap();
    let script = "
        for z in none gzip xz zstd; do dpkg-deb --root-owner-group -Z$z --build . ../files/$z.deb; done
        tar -cf ../a.tar usr
        for x in -9 '-0 -T2 --block-size=20000' '-0 --check=sha256' '-0 --check=none' '--x86 --lzma2' \
            '--arm --delta=dist=3 --lzma2' '--arm64 --lzma2=preset=0' '--riscv --lzma2'; do
            xz -c $x ../a.tar >\"../files/$x.tar.xz\"; done
        for x in -1 -9 '--ultra -22' '-1 -T2 -B20000'; do
            zstd -q -c $x ../a.tar >\"../files/$x.tar.zst\"; done
        zip -qr ../files/a.zip usr; gzip -9 <../a.tar >../files/a.tgz
        bzip2 <../a.tar >../files/a.tbz
        find usr | cpio -oH newc >../files/a.cpio
        true";
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(&tree);
    assert_eq!(run(&mut command).code, Some(0));
    let mut made = Vec::new();
    for entry in fs::read_dir(&files).unwrap() {
        let path = entry.unwrap().path();
        if fs::metadata(&path).unwrap().len() > 0 {
            made.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert!(made.iter().any(|name| name == "a.tgz"), "tar and gzip are everywhere: {made:?}");
    for name in made {
        let run = inspect(&user, &[&name], &["--expect", "/srv/tls/store.pem"]);
        let said = format!("{name}!usr/bin/app: trusts /srv/tls/store.pem\n");
        assert!(run.stdout.starts_with(&said), "{run:#?}");
        assert_eq!(run.code, Some(0), "{run:#?}");
    }
}
