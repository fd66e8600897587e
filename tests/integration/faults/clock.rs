//! A clock that is wrong, and one that jumps while a program runs.

use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::{Ca, Client, Server, bundle};
use crate::support::{Pki, Server as WebServer, User, alone_with};
use cacerts::Settings;
use rustls::CertificateError::{ExpiredContext, NotValidYetContext, UnknownIssuer};
use rustls::Error::InvalidCertificate;
use rustls::HandshakeKind::{Full, Resumed};
use rustls::version::TLS13;
use rustls::{Error, HandshakeKind};
use std::env;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// The library that is put before the C library's clock, where it is there.
fn library() -> Option<String> {
    let found = ["x86_64", "aarch64"]
        .map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1"))
        .into_iter()
        .find(|path| Path::new(path).exists());
    if found.is_none() {
        assert!(env::var_os(super::WANTED).is_none(), "libfaketime is not there");
        eprintln!("left out: libfaketime is not there");
    }
    found
}

#[test]
fn a_wrong_clock_is_told_and_trusts_nobody() {
    let Some(library) = library() else { return };
    let pki = Pki::new();
    let server = WebServer::https(&pki.server());
    let get = |when: &str| {
        let user = User::new();
        let get = user.get(&server.url()).option("--ca-certs", &pki.root);
        get.env("LD_PRELOAD", &library).env("FAKETIME", when).run()
    };
    get("@2030-01-01 00:00:00").fetched();
    let early = get("@1972-01-01 00:00:00");
    assert!(
        early.code == Some(1) && early.stderr.contains("by this machine's clock"),
        "{early:#?}"
    );
    let late = get("@5000-01-01 00:00:00");
    assert!(late.code == Some(1) && late.stderr.contains("expired"), "{late:#?}");
}

/// Longer than a replacement may go unnoticed.
const NOTICED: Duration = Duration::from_millis(1300);
const KEPT: Duration = Duration::from_secs(2);
/// Where the distance to the right time stands.
const CLOCK: &str = "FAKETIME_TIMESTAMP_FILE";

fn visit(client: &Client, server: &Server) -> Result<HandshakeKind, Error> {
    client.attempt(server).map(|mut connection| {
        connection.finish();
        connection.kind().unwrap()
    })
}

/// What has been there for how long is asked of the clock that does not jump, and what is valid of the other.
#[test]
fn a_clock_that_jumps_makes_no_difference_but_to_what_is_valid() {
    let Some(library) = library() else { return };
    let clock = NamedTempFile::new().unwrap();
    fs::write(clock.path(), "+0").unwrap();
    let variables = [
        ("LD_PRELOAD", library.as_str()),
        (CLOCK, clock.path().to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
        ("NO_FAKE_STAT", "1"),
    ];
    let test = a_clock_that_jumps_makes_no_difference_but_to_what_is_valid;
    alone_with(test, &variables, || {
        let jump = |to: &str| fs::write(env::var_os(CLOCK).unwrap(), to).unwrap();
        let [a, b] = ["A", "B"].map(Ca::new);
        let servers = [&a, &b].map(|ca| ca.server_of(&TLS13));
        let file = Bundle::new(Way::Rename, &bundle(&[&a, &b]));
        let client = Client::of(&file.path);
        let both = || servers.each_ref().map(|server| visit(&client, server));
        let is_refused = |verdict: &Result<_, Error>, since: &str| match verdict {
            Err(InvalidCertificate(UnknownIssuer)) => since == "replaced",
            Err(InvalidCertificate(NotValidYetContext { .. })) => since == "early",
            Err(InvalidCertificate(ExpiredContext { .. })) => since == "late",
            _ => false,
        };
        assert_eq!(visit(&client, &servers[0]), Ok(Full));
        assert_eq!(visit(&client, &servers[0]), Ok(Resumed));
        // Before anything was valid, and when nothing is any more. No session is so old.
        jump("-53y");
        let early = visit(&client, &b.another("localhost", &TLS13));
        jump("+3000y");
        let late = both();
        assert!(is_refused(&early, "early"), "{early:?}");
        assert!(late.iter().all(|verdict| is_refused(verdict, "late")), "{late:?}");
        // A store that is replaced while the clock is wrong, either way.
        for (time, text, gone, left) in [("-53y", &b.pem, 0, 1), ("+3000y", &a.pem, 1, 0)] {
            jump("+0");
            visit(&client, &servers[gone]).unwrap();
            jump(time);
            file.replace(text);
            sleep(NOTICED);
            let wrong = both();
            jump("+0");
            let right = both();
            assert!(wrong.iter().all(Result::is_err), "{time}: {wrong:?}");
            assert!(is_refused(&right[gone], "replaced"), "{time}: {right:?}");
            assert_eq!(right[left], Ok(Full), "{time}");
        }
        // What is removed is trusted as long as it is to be, by no clock that jumps.
        let settings = Settings::new().ca_certs(&file.path);
        let [short, long] = [KEPT, Duration::from_secs(600)]
            .map(|kept| Client::new(&settings.clone().keep_removed(kept)));
        assert!(short.trusts(&a) && long.trusts(&a));
        fs::remove_file(&file.path).unwrap();
        sleep(NOTICED);
        assert!(short.trusts(&a) && long.trusts(&a));
        jump("-1d");
        sleep(KEPT + NOTICED);
        assert!(visit(&short, &servers[0]).is_err(), "a day more");
        assert!(long.trusts(&a));
        jump("+1d");
        sleep(NOTICED);
        assert!(long.trusts(&a), "a day less");
        fs::write(&file.path, &a.pem).unwrap();
        sleep(NOTICED);
        assert!(short.trusts(&a) && long.trusts(&a));
    });
}

/// MiB that a process has, and its descriptors.
fn held() -> (usize, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory = line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() >> 10;
    (memory, fs::read_dir("/proc/self/fd").unwrap().count())
}

/// One in which the store is replaced, spoilt or removed each ten minutes, and nobody stops connecting.
#[test]
fn at_the_end_of_a_day_nothing_is_held_that_was_not_after_two_hours() {
    const HOUR: u64 = 3600;
    let Some(library) = library() else { return };
    // All clocks are ten thousand times as fast, and so are waits.
    let variables =
        [("LD_PRELOAD", library.as_str()), ("FAKETIME", "+0 x10000"), ("NO_FAKE_STAT", "1")];
    let test = at_the_end_of_a_day_nothing_is_held_that_was_not_after_two_hours;
    alone_with(test, &variables, || {
        let [a, b] = ["A", "B"].map(Ca::new);
        let servers = [&a, &b].map(|ca| ca.server_of(&TLS13));
        let stores = [bundle(&[&a, &b]), b.pem.clone(), "nothing".to_owned(), a.pem.clone()];
        let file = Bundle::new(Way::Rename, &stores[0]);
        let client = Client::of(&file.path);
        let start = Instant::now();
        let (mut changes, mut visits, mut trusted, mut before) = (0, 0, 0, None);
        loop {
            let time = start.elapsed().as_secs();
            if time / 600 > changes {
                changes = time / 600;
                match stores.get(changes as usize % (stores.len() + 1)) {
                    Some(store) => file.replace(store),
                    None => fs::remove_file(&file.path).unwrap(),
                }
            }
            visits += 1;
            trusted += usize::from(visit(&client, &servers[visits % 2]).is_ok());
            if time > 2 * HOUR {
                before.get_or_insert_with(held);
            }
            if time > 24 * HOUR {
                break;
            }
        }
        let (before, after) = (before.unwrap(), held());
        println!("{visits} handshakes, {trusted} trusted, {before:?}, {after:?}");
        // Measured: 563 handshakes, 325 of them trusted, and 14 MiB after 13.
        assert!(trusted > 3 && visits - trusted > 3, "{trusted} of {visits}");
        assert!(after.0 < before.0 + 16 && after.1 == before.1, "{before:?}, {after:?}");
    });
}
