//! What only file systems of Unix have: links, sockets, permissions, files with holes.

use super::*;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

#[test]
fn links_are_followed_and_read_once() {
    let directory = TempDir::new().unwrap();
    write(&directory, "a.pem", pem(&authority("a")).0 + BEGIN + "!\n" + END);
    symlink("a.pem", directory.path().join("b.pem")).unwrap();
    symlink("gone.pem", directory.path().join("c.pem")).unwrap();
    symlink("d.pem", directory.path().join("d.pem")).unwrap();
    assert_eq!(
        load_directory(&directory),
        (
            1,
            vec![
                "a.pem: is not base64".to_owned(),
                "c.pem: is a link that leads nowhere".to_owned(),
                "d.pem: is a link that leads nowhere".to_owned(),
            ]
        )
    );
    let bundle = TrustStore::load(directory.path().join("b.pem")).unwrap();
    assert_eq!(bundle.len(), 1);
}

/// None of these may be waited for.
#[test]
fn what_is_no_file_is_refused_at_once() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let _socket = UnixListener::bind(path("socket")).unwrap();
    symlink("loop", path("loop")).unwrap();
    for (path, expected) in [
        (path("fifo"), "is a FIFO, not a file or directory"),
        (path("socket"), "is a socket, not a file or directory"),
        ("/dev/zero".into(), "is a device, not a file or directory"),
        (path("loop"), "cannot be read (Too many levels of symbolic links"),
    ] {
        let error = TrustStore::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreInvalid, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    // In a directory they are skipped, and the rest is read.
    write(&directory, "a.pem", pem(&authority("a")).0);
    assert_eq!(
        load_directory(&directory),
        (
            1,
            vec![
                "fifo: is a FIFO, not a file or directory".to_owned(),
                "loop: is a link that leads nowhere".to_owned(),
                "socket: is a socket, not a file or directory".to_owned(),
            ]
        )
    );
}

#[test]
fn a_file_has_a_largest_size() {
    let directory = TempDir::new().unwrap();
    let path = write(&directory, "huge.pem", pem(&authority("a")).0);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(crate::file::MAX_SIZE + 1).unwrap();
    let error = TrustStore::load(&path).unwrap_err();
    assert!(
        error.to_string().ends_with("is larger than 256 MiB, the most that is read"),
        "{error}"
    );
}

/// As where a program has given up the right to enter the directory, each name in it is one that cannot be
/// looked at.
#[test]
fn a_directory_that_cannot_be_entered_any_more_is_not_searched_without_end() {
    let directory = TempDir::new().unwrap();
    let (path, ca) = (directory.path().join("certs"), authority("a"));
    fs::create_dir(&path).unwrap();
    let hash = name::hash(&ca.der()[der::names_in(ca.der()).unwrap().subject]).unwrap();
    fs::write(path.join(format!("{hash:08x}.0")), pem(&ca).0).unwrap();
    let store = TrustStore::load(&path).unwrap();
    fs::remove_dir_all(&path).unwrap();
    symlink("certs", &path).unwrap();
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || done.send(store.is_pinned(ca.der())));
    assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok(false));
}
