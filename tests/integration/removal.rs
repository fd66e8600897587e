//! What is removed is trusted for a while, since it may be in the middle of an update, and then no more.

use crate::support::alone;
use crate::support::bundle::{Bundle, Way};
use crate::support::directory::Directory;
use crate::support::handshake::{Ca, Client};
use cacerts::Settings;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// Longer than a replacement may go unnoticed.
const NOTICED: Duration = Duration::from_millis(1300);
const KEPT: Duration = Duration::from_secs(3);

fn client(store: &Path, kept: Duration) -> Client {
    Client::new(&Settings::new().ca_certs(store).keep_removed(kept))
}

fn empty(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

/// A place with a store, how it goes, and how it comes back.
type Case<'a> = (&'static str, &'a Path, Box<dyn Fn() + 'a>, Box<dyn Fn() + 'a>);

#[test]
fn what_is_removed_is_trusted_for_a_while() {
    let ca = Ca::new("CA");
    let [removed, emptied, damaged] = [(); 3].map(|()| Bundle::new(Way::InPlace, &ca.pem));
    let [plain, hashed, away] = [(); 3].map(|()| Directory::of(&[&ca]));
    fs::remove_file(plain.at(&format!("{}.0", plain.hash(&ca)))).unwrap();
    let write = |path: &Path| fs::write(path, &ca.pem).unwrap();
    let refill = |directory: &Directory| {
        directory.write("a.pem", &ca.pem);
        directory.rehash();
    };
    let gone: [Case<'_>; 5] = [
        (
            "a file that is removed",
            &removed.path,
            Box::new(|| fs::remove_file(&removed.path).unwrap()),
            Box::new(|| write(&removed.path)),
        ),
        (
            "a file that is emptied",
            &emptied.path,
            Box::new(|| fs::write(&emptied.path, "").unwrap()),
            Box::new(|| write(&emptied.path)),
        ),
        (
            "the last file of a directory",
            &plain.path,
            Box::new(|| empty(&plain.path)),
            Box::new(|| plain.write("a.pem", &ca.pem)),
        ),
        (
            "the last file of a hashed directory",
            &hashed.path,
            Box::new(|| empty(&hashed.path)),
            Box::new(|| refill(&hashed)),
        ),
        (
            "a directory",
            &away.path,
            Box::new(|| fs::rename(&away.path, away.beside("away")).unwrap()),
            Box::new(|| fs::rename(away.beside("away"), &away.path).unwrap()),
        ),
    ];
    let clients = gone.each_ref().map(|(_, path, ..)| (client(path, KEPT), Client::of(path)));
    let at_once = client(&removed.path, Duration::ZERO);
    let lasting = client(&damaged.path, KEPT);
    // Each has looked at its files once, and has them in memory.
    sleep(NOTICED);
    let all =
        || clients.iter().flat_map(|(short, usual)| [short, usual]).chain([&at_once, &lasting]);
    assert!(all().all(|client| client.trusts(&ca)));
    gone.iter().for_each(|(_, _, remove, _)| remove());
    fs::write(&damaged.path, "no certificate any more").unwrap();
    sleep(NOTICED);
    for ((what, ..), (short, usual)) in gone.iter().zip(&clients) {
        assert!(short.trusts(&ca) && usual.trusts(&ca), "{what}");
    }
    let error = at_once.attempt(&ca.server()).err().unwrap().to_string();
    let path = removed.path.display();
    assert!(
        error.contains("nobody is trusted any more") && error.contains(&path.to_string()),
        "{error}"
    );
    assert!(lasting.trusts(&ca));

    sleep(KEPT);
    for ((what, ..), (short, usual)) in gone.iter().zip(&clients) {
        let error = short.attempt(&ca.server()).err().map(|error| error.to_string());
        assert!(error.is_some_and(|e| e.contains("nobody is trusted any more")), "{what}");
        assert!(usual.trusts(&ca), "{what}: ten minutes are not over");
    }
    assert!(lasting.trusts(&ca), "what is damaged was not removed");

    gone.iter().for_each(|(.., restore)| restore());
    sleep(NOTICED);
    assert!(all().all(|client| client.trusts(&ca)));
    assert!(all().all(|client| !client.trusts(&Ca::new("CA"))));
}

/// What else there is to trust stays, and no session outlives the rest.
#[test]
fn of_several_stores_only_what_was_removed_goes() {
    let [ca, other] = ["CA", "other"].map(Ca::new);
    let [bundle, extra] = [&ca, &other].map(|ca| Bundle::new(Way::InPlace, &ca.pem));
    let settings = Settings::new().ca_certs(&bundle.path).extra_ca_certs(&extra.path);
    let client = Client::new(&settings.keep_removed(Duration::ZERO));
    let server = ca.server();
    let resumed = rustls::HandshakeKind::Resumed;
    sleep(NOTICED);
    assert!(client.visit(&server).is_some() && client.visit(&server) == Some(resumed));
    assert!(client.trusts(&other));
    fs::remove_file(&bundle.path).unwrap();
    sleep(NOTICED);
    assert_eq!(client.visit(&server), None);
    assert!(client.trusts(&other));
}

/// Handshakes on several threads, while a store is removed and put back.
#[test]
fn a_removal_under_load_is_noticed_by_all() {
    alone(a_removal_under_load_is_noticed_by_all, || {
        let ca = Ca::new("CA");
        let bundle = Bundle::new(Way::Rename, &ca.pem);
        let client = client(&bundle.path, KEPT).without_resumption();
        let (is_gone, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let (mut trusted, mut refused) = (0, 0);
                        while !is_over.load(Ordering::Acquire) {
                            // Asked before it: what is refused after it is for the next one to say.
                            let must_refuse = is_gone.load(Ordering::Acquire);
                            match client.attempt(&ca.server()) {
                                Ok(_) if must_refuse => panic!("trusted what is gone"),
                                Ok(_) => trusted += 1,
                                Err(_) => refused += 1,
                            }
                            sleep(Duration::from_millis(20));
                        }
                        (trusted, refused)
                    })
                })
                .collect();
            sleep(NOTICED);
            fs::remove_file(&bundle.path).unwrap();
            let removed = Instant::now();
            sleep(KEPT + 2 * NOTICED);
            is_gone.store(true, Ordering::Release);
            sleep(Duration::from_millis(500));
            assert!(removed.elapsed() > KEPT);
            is_over.store(true, Ordering::Release);
            for thread in threads {
                let (trusted, refused) = thread.join().unwrap();
                assert!(trusted > 0 && refused > 0, "{trusted} {refused}");
            }
        });
        fs::write(&bundle.path, &ca.pem).unwrap();
        sleep(NOTICED);
        assert!(client.trusts(&ca));
    });
}

/// Where it is not seen at the directory, and where a link is left.
#[test]
fn what_comes_back_in_a_directory_is_seen() {
    let ca = Ca::new("CA");
    let (emptied, linked) = (Directory::new(), Directory::new());
    emptied.write("a.pem", &ca.pem);
    let target = linked.beside("target.pem");
    fs::write(&target, &ca.pem).unwrap();
    std::os::unix::fs::symlink(&target, linked.at("a.pem")).unwrap();
    let clients = [&emptied, &linked].map(|d| client(&d.path, Duration::ZERO));
    sleep(NOTICED);
    assert!(clients.iter().all(|client| client.trusts(&ca)));
    emptied.write("a.pem", "");
    fs::remove_file(&target).unwrap();
    sleep(NOTICED);
    for client in &clients {
        let error = client.attempt(&ca.server()).err().unwrap().to_string();
        assert!(error.contains("nobody is trusted any more"), "{error}");
    }
    emptied.write("a.pem", &ca.pem);
    fs::write(&target, &ca.pem).unwrap();
    sleep(NOTICED);
    assert!(clients.iter().all(|client| client.trusts(&ca)));
}
