//! `cacerts inspect` and what a package depends on, which has to provide the store that its programs trust.

use crate::support::elf::{Elf, FORMATS};
use crate::support::pack::{cpio, deb, gzip, rpm_requiring, tar};
use crate::support::packages::{NOTE, app as plain, inspect, with_files};

/// A program that trusts a store which nobody installs trusts nobody.
#[test]
fn a_package_is_held_against_what_it_depends_on() {
    let note = format!("{NOTE}CACERTS_PACKAGE = \"ca-store\"\n");
    let app = Elf::new(FORMATS[0]).note(&note).bytes();
    let control =
        |fields: &str| gzip(&tar(&[("control", format!("Package: app\n{fields}").as_bytes())]));
    let data = gzip(&tar(&[("usr/bin/app", &app)]));
    let payload = gzip(&cpio(&[("usr/bin/app", &app)]));
    let other = gzip(&tar(&[("usr/bin/app", &plain())]));
    let pkginfo = |fields: &str| {
        let info = format!("pkgname = app\n{fields}");
        gzip(&tar(&[(".PKGINFO", info.as_bytes()), ("usr/bin/app", &app)]))
    };
    for (name, content, depends) in [
        ("a.deb", deb(&control("Depends: libc6, ca-store (>= 1)\n"), "data.tar.gz", &data), true),
        ("a.deb", deb(&control("Pre-Depends: x | ca-store\n"), "data.tar.gz", &data), true),
        ("a.deb", deb(&control("Recommends: ca-store\n"), "data.tar.gz", &data), false),
        ("a.deb", deb(&control(""), "data.tar.gz", &data), false),
        // Where no package is known.
        ("a.deb", deb(&control(""), "data.tar.gz", &other), true),
        ("a.rpm", rpm_requiring("ca-store", &payload), true),
        ("a.rpm", rpm_requiring("/srv/tls/store.pem", &payload), true),
        ("a.rpm", rpm_requiring("libc", &payload), false),
        ("a.apk", pkginfo("depend = libc\ndepend = ca-store>=1\n"), true),
        ("a.apk", pkginfo("depend = libc\nmakedepend = ca-store\n"), false),
        ("a.pkg.tar.gz", pkginfo(""), false),
        // It says nothing of itself.
        ("a.tar.gz", data.clone(), true),
    ] {
        let user = with_files(&[(name, content)]);
        for names in [name, ""] {
            let run = inspect(&user, &[names], &["--expect", "/srv/tls/store.pem"]);
            let warning = format!(
                "cacerts: warning: {name} does not depend on ca-store, which provides \
                 /srv/tls/store.pem: without it the program trusts nobody\n"
            );
            assert_eq!(run.stderr.starts_with(&warning), !depends, "{run:#?}");
            assert_eq!(run.stderr.contains("warning"), !depends, "{run:#?}");
            assert_eq!(run.code, Some(0), "{run:#?}");
        }
    }
}

/// Each of two packages of which one is in the other, or in a plain archive, is held against its own metadata.
#[test]
fn a_package_in_an_archive_is_held_against_its_own() {
    let app = Elf::new(FORMATS[0]).note(&format!("{NOTE}CACERTS_PACKAGE = \"ca-store\"\n")).bytes();
    let payload = gzip(&cpio(&[("usr/bin/app", &app)]));
    let [right, wrong] = ["ca-store", "libc"].map(|name| rpm_requiring(name, &payload));
    let control =
        |fields: &str| gzip(&tar(&[("control", format!("Package: a\n{fields}").as_bytes())]));
    let [right_deb, wrong_deb] = ["Depends: ca-store\n", ""]
        .map(|fields| deb(&control(fields), "data.tar", &tar(&[("usr/bin/app", &app)])));
    let with = |depends: &str, inner: &[u8]| {
        deb(&control(depends), "data.tar", &tar(&[("b.rpm", inner), ("usr/bin/app", &app)]))
    };
    for (content, warned) in [
        (tar(&[("a.rpm", &right), ("b.rpm", &right), ("c.deb", &right_deb)]), &[][..]),
        (tar(&[("a.rpm", &right), ("b.rpm", &wrong), ("c.deb", &right_deb)]), &["!b.rpm"]),
        (tar(&[("a.rpm", &wrong), ("b.deb", &right_deb)]), &["!a.rpm"]),
        (tar(&[("a.rpm", &right), ("b.deb", &wrong_deb)]), &["!b.deb"]),
        (tar(&[("a.rpm", &right), ("usr/bin/app", &app)]), &[]),
        (with("Depends: ca-store\n", &wrong), &["!b.rpm"]),
        (with("", &right), &[""]),
        (with("", &wrong), &["!b.rpm", ""]),
    ] {
        let user = with_files(&[("a", content)]);
        let run = inspect(&user, &["a"], &[]);
        let found = run.stderr.lines().filter_map(|line| {
            let rest = line.strip_prefix("cacerts: warning: a")?;
            Some(rest.split_once(" does not depend on ca-store")?.0)
        });
        assert_eq!(found.collect::<Vec<_>>(), warned, "{run:#?}");
    }
}
