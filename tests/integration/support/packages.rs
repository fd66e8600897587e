//! A package of each kind, and somebody who has `cacerts inspect` look at them.

use super::User;
use super::command::{Run, text};
use super::elf::{Elf, FORMATS};
use super::inspector::{cas, pem};
use super::pack::{bzip2, cpio, deb, gzip, rpm, tar, xz, zip, zip_by, zip64, zstd};
use std::fs;

pub(crate) const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/srv/tls/store.pem\"\n";

pub(crate) fn app() -> Vec<u8> {
    Elf::new(FORMATS[0]).note(NOTE).bytes()
}

/// One of each kind, with the same files in it.
pub(crate) fn packages() -> Vec<(&'static str, Vec<u8>)> {
    let app = app();
    let manual = gzip(b"a manual that names /etc/ssl/cert.pem");
    let files: &[(&str, &[u8])] =
        &[("usr/bin/app", &app), ("usr/share/doc/manual.gz", &manual), ("usr/share/text", b"text")];
    let control = gzip(&tar(&[("control", b"Package: app\n")]));
    let data = tar(files);
    let payload = cpio(files);
    let (signature, info) = (tar(&[(".SIGN", b"x")]), tar(&[(".PKGINFO", b"x")]));
    // Without the end that an archive has.
    let begins = [&signature[..1024], &info[..1024]].map(gzip).concat();
    vec![
        ("a.tar", data.clone()),
        ("a.tar.gz", gzip(&data)),
        ("a.crate", gzip(&data)),
        ("a.tar.bz2", bzip2(&data)),
        ("a.tar.xz", xz(&data)),
        ("a.pkg.tar.zst", zstd(&data)),
        ("two-frames.tar.zst", {
            let (begin, end) = data.split_at(700);
            [&zstd(begin)[..], b"\x50\x2a\x4d\x18\x03\0\0\0abc", &zstd(end)].concat()
        }),
        ("two-streams.tar.xz", {
            let (begin, end) = data.split_at(700);
            [&xz(begin)[..], &[0; 8], &xz(end)].concat()
        }),
        ("a.apk", [&begins[..], &gzip(&data)].concat()),
        ("a.deb", deb(&control, "data.tar.xz", &xz(&data))),
        ("gz.deb", deb(&control, "data.tar.gz", &gzip(&data))),
        ("zst.deb", deb(&control, "data.tar.zst", &zstd(&data))),
        ("bz2.deb", deb(&control, "data.tar.bz2", &bzip2(&data))),
        ("plain.deb", deb(&control, "data.tar", &data)),
        ("a.rpm", rpm(&zstd(&payload))),
        ("xz.rpm", rpm(&xz(&payload))),
        ("gz.rpm", rpm(&gzip(&payload))),
        ("a.cpio", payload),
        ("a.zip", zip(files)),
        ("64.zip", zip64(files)),
        ("methods.zip", zip_by(&[(12, bzip2), (93, zstd), (95, xz)], files)),
        ("a.whl", zip(&[files[1], files[0], files[2]])),
    ]
}

/// Names stand for themselves, without the directory.
pub(crate) fn inspect(user: &User, names: &[&str], arguments: &[&str]) -> Run {
    let store = user.home().join("store.pem");
    if !store.exists() {
        fs::write(&store, pem(&cas(1))).unwrap();
    }
    let files = names.iter().map(|name| user.home().join("files").join(name));
    let inspect = user.cacerts(&["inspect"]).option("--ca-certs", store);
    let inspect = files.fold(inspect, |inspect, file| inspect.arg(file));
    let mut run = arguments.iter().fold(inspect, |run, argument| run.arg(argument)).run();
    let top = format!("{}/", text(&user.home().join("files")));
    run.stdout = run.stdout.replace(&top, "");
    run.stderr = run.stderr.replace(&top, "");
    run
}

pub(crate) fn with_files(files: &[(&str, Vec<u8>)]) -> User {
    let user = User::new();
    let directory = user.home().join("files");
    fs::create_dir(&directory).unwrap();
    for (name, content) in files {
        fs::write(directory.join(name), content).unwrap();
    }
    user
}
