//! What else goes on while a handshake looks at the store: replacements, other handshakes, a logger
//! that does what it likes, and somebody who writes on and on.

use crate::support::alone;
use crate::support::bundle::{Bundle, Way, overwrite};
use crate::support::handshake::{Ca, Client, Server, bundle, of_equal_length, within};
use cacerts::{ErrorKind, Settings};
use log::{LevelFilter, Log, Metadata, Record};
use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, sleep};
use std::time::Duration;

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

/// How long these replacements may take where everything is slow: only a handshake that hangs
/// takes longer.
const LIMIT: Duration = Duration::from_secs(120);

/// What is replaced while connections are made: two bundles that have A in common, some hundred times.
/// Four threads connect, one of them each time with a configuration of its own, because the others
/// look at the bundle but once a second. A bundle that is not always whole may be unusable to that one.
fn replaced_in_the_midst_of_handshakes(
    texts: [&'static [usize]; 2],
    always_whole: bool,
    replace: fn(&Bundle, &str),
) {
    within(LIMIT, move || replaced_again_and_again(texts, always_whole, replace));
}

fn replaced_again_and_again(texts: [&[usize]; 2], always_whole: bool, replace: fn(&Bundle, &str)) {
    let cas = of_equal_length(["A", "B", "C"]);
    let [a, b, c] = &cas;
    let stranger = Ca::new("stranger");
    let texts = texts.map(|cas_of| bundle(&cas_of.iter().map(|&n| &cas[n]).collect::<Vec<_>>()));
    let file = Bundle::new(Way::Rename, &texts[1]);
    let [resuming, verifier] = Client::both(&file.path);
    let shared = [resuming.clone(), resuming.without_resumption(), verifier];
    assert!(shared.iter().all(|client| client.trusts(a)));
    let (done, loaded) = (AtomicBool::new(false), AtomicUsize::new(0));
    let connections = AtomicUsize::new(0);
    let connect = |client: &Client| {
        assert!(client.trusts(a));
        match client.attempt(&stranger.server()) {
            Err(rustls::Error::InvalidCertificate(_)) => {}
            // Who else was in it when it was opened, nobody knows any more.
            Err(rustls::Error::Other(_)) if !always_whole => {}
            Err(e) => panic!("{e}"),
            Ok(_) => panic!("a stranger is trusted"),
        }
        assert!(client.trusts(a));
        connections.fetch_add(3, SeqCst);
    };
    thread::scope(|scope| {
        let connect_again_and_again = |client| {
            while !done.load(SeqCst) {
                connect(client);
            }
        };
        let mut threads: Vec<_> = shared
            .iter()
            .map(|client| scope.spawn(move || connect_again_and_again(client)))
            .collect();
        threads.push(scope.spawn(|| {
            while !done.load(SeqCst) {
                let client = match Settings::new().ca_certs(&file.path).client_config() {
                    Ok(config) => Client::with(config),
                    Err(e) if e.kind() == ErrorKind::StoreInvalid && !always_whole => continue,
                    Err(e) => panic!("{e}"),
                };
                match client.attempt(&a.server()) {
                    Ok(_) => connect(&client),
                    // What was in it when it was opened, nobody knows any more.
                    Err(rustls::Error::Other(_)) if !always_whole => continue,
                    Err(e) => panic!("{e}"),
                }
                loaded.fetch_add(1, SeqCst);
            }
        }));
        // On a busy machine it takes longer.
        let enough = || connections.load(SeqCst) >= 30 && loaded.load(SeqCst) >= 3;
        let mut times = 0;
        let has_failed = || threads.iter().any(|thread| thread.is_finished());
        while (times < 300 || !enough()) && !has_failed() {
            for text in [&texts[1], &texts[0]] {
                replace(&file, text);
                sleep(Duration::from_millis(2));
                times += 1;
            }
        }
        done.store(true, SeqCst);
    });
    sleep(NOTICED);
    for client in &shared {
        assert!(client.trusts(a) && client.trusts(b) && !client.trusts(c));
    }
}

#[test]
fn handshakes_while_the_bundle_is_replaced_by_renaming() {
    let texts: [&[usize]; 2] = [&[1, 0], &[0, 2]];
    replaced_in_the_midst_of_handshakes(texts, true, |file, text| file.replace(text));
}

/// For a moment there is nothing in it.
#[test]
fn handshakes_while_the_bundle_is_written_anew() {
    let texts: [&[usize]; 2] = [&[0, 1], &[0, 2]];
    replaced_in_the_midst_of_handshakes(texts, false, |file, text| {
        fs::write(&file.path, text).unwrap();
    });
}

/// It is always as long as it was.
#[test]
fn handshakes_while_the_bundle_is_written_over() {
    let texts: [&[usize]; 2] = [&[0, 1], &[0, 2]];
    replaced_in_the_midst_of_handshakes(texts, false, |file, text| {
        overwrite(&file.path, text);
    });
}

/// What makes a handshake with a client log something: a change to its bundle, in which A is before
/// and after, or nothing but the handshake.
type Change = (&'static str, fn(&Bundle, &[Ca; 2]));

const LOGGED: [Change; 4] = [
    ("replaced", |file, [a, b]| file.replace(&bundle(&[a, b]))),
    ("damaged in part", |file, [a, b]| file.replace(&(a.pem.clone() + &damaged(b)))),
    ("of no use", |file, _| file.replace("no certificate")),
    // One that has not been read from beginning to end, because it looks ordinary.
    ("not replaced, and with a damaged block", |_, _| ()),
];

/// A CA's certificate, of which only its subject can still be read: behind a sound one that is as long
/// it is not found out when the bundle is opened.
fn damaged(ca: &Ca) -> String {
    let mut lines: Vec<_> = ca.pem.lines().collect();
    let last = lines.len() - 3;
    let damage = "!".repeat(lines[last].len());
    lines[last] = &damage;
    lines.join("\n") + "\n"
}

/// A client of a bundle in which there is something to be logged, for each change.
fn clients_before(cas: &[Ca; 2]) -> Vec<(&'static str, Bundle, Client)> {
    let [a, b] = cas;
    let mut clients = Vec::new();
    for (what, change) in LOGGED {
        for client in [Client::of, Client::with_verifier_of] {
            let file = Bundle::new(Way::Rename, &(a.pem.clone() + &damaged(b)));
            let client = client(&file.path);
            change(&file, cas);
            clients.push((what, file, client));
        }
    }
    clients
}

static SHIPPED: Mutex<Option<(Client, Server, usize)>> = Mutex::new(None);

/// Sends what is logged to a server, with the client for which it is logged.
struct Shipper;

impl Log for Shipper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cacerts")
    }

    fn log(&self, record: &Record<'_>) {
        thread_local!(static SHIPS: Cell<bool> = const { Cell::new(false) });
        if !self.enabled(record.metadata()) || SHIPS.replace(true) {
            return;
        }
        let taken = SHIPPED.lock().unwrap().take();
        if let Some((client, server, count)) = taken {
            assert!(client.visit(&server).is_some());
            *SHIPPED.lock().unwrap() = Some((client, server, count + 1));
        }
        SHIPS.set(false);
    }

    fn flush(&self) {}
}

#[test]
fn a_logger_may_make_handshakes() {
    alone(a_logger_may_make_handshakes, || {
        log::set_logger(&Shipper).unwrap();
        log::set_max_level(LevelFilter::Info);
        let cas = of_equal_length(["A", "B"]);
        let clients = clients_before(&cas);
        sleep(NOTICED);
        for (what, _file, client) in clients {
            *SHIPPED.lock().unwrap() = Some((client.clone(), cas[0].server(), 0));
            let (a, b) = (cas[0].server(), cas[1].server());
            let trusted = within(Duration::from_secs(5), move || {
                [client.visit(&a), client.visit(&b)].map(|visit| visit.is_some())
            });
            assert_eq!(trusted, [true, what == "replaced"], "{what}");
            let (.., count) = SHIPPED.lock().unwrap().take().unwrap();
            assert!(count > 0, "{what}: nothing was logged");
        }
    });
}

static PANICS: AtomicUsize = AtomicUsize::new(0);
static IS_TO_PANIC: AtomicBool = AtomicBool::new(false);

/// Panics when it is to, as `println!` does when nobody reads any more.
struct Panicker;

impl Log for Panicker {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cacerts")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) && IS_TO_PANIC.swap(false, SeqCst) {
            PANICS.fetch_add(1, SeqCst);
            panic!("cannot log");
        }
    }

    fn flush(&self) {}
}

#[test]
fn a_logger_that_panics_does_so_in_one_handshake_only() {
    alone(a_logger_that_panics_does_so_in_one_handshake_only, || {
        log::set_logger(&Panicker).unwrap();
        log::set_max_level(LevelFilter::Info);
        let cas = of_equal_length(["A", "B"]);
        let clients = clients_before(&cas);
        sleep(NOTICED);
        for (n, (what, _, client)) in clients.iter().enumerate() {
            IS_TO_PANIC.store(true, SeqCst);
            for ca in &cas {
                let _ = catch_unwind(AssertUnwindSafe(|| client.trusts(ca)));
            }
            assert_eq!(PANICS.load(SeqCst), n + 1, "{what}: nothing was logged");
        }
        for time in ["at once", "when it has looked again"] {
            for (what, _, client) in &clients {
                let trusted = [&cas[0], &cas[1]].map(|ca| client.trusts(ca));
                assert_eq!(trusted, [true, *what == "replaced"], "{what}, {time}");
            }
            sleep(NOTICED);
        }
        // Where nothing could be trusted instead, it still can be.
        clients.iter().for_each(|(_, file, _)| file.replace(&cas[1].pem));
        sleep(NOTICED);
        for (what, _, client) in &clients {
            assert!(client.trusts(&cas[1]) && !client.trusts(&cas[0]), "{what}");
        }
    });
}

/// Whenever some of it is read, it gets longer: whoever reads on to its end reads until the writer
/// stops. Whoever reads what there was at first, three times at most, is done before.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_grows_is_not_waited_for() {
    let a = Ca::new("A");
    // Where the writer is too slow, there is nothing to see.
    for _ in 0..8 {
        load_while_it_grows(&a);
    }
}

#[cfg(target_os = "linux")]
fn load_while_it_grows(a: &Ca) {
    use crate::support::directory::watch::Watch;
    use cacerts::TrustStore;
    use std::fs::OpenOptions;
    use std::io::Write;
    const MOST: usize = 192 << 20;
    let few = a.pem.repeat((48 << 10) / a.pem.len());
    let file = Bundle::new(Way::Rename, &few.repeat(20));
    let (written, is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let error = thread::scope(|scope| {
        let watch = Watch::of_reads(&file.path);
        scope.spawn(|| {
            let watch = watch;
            let mut file = OpenOptions::new().append(true).open(&file.path).unwrap();
            while !is_done.load(SeqCst) && written.load(SeqCst) < MOST {
                if watch.was_read() {
                    file.write_all(few.as_bytes()).unwrap();
                    written.fetch_add(few.len(), SeqCst);
                } else {
                    thread::yield_now();
                }
            }
        });
        // The writer may be too slow for that, too.
        let error = loop {
            match TrustStore::load(&file.path) {
                Err(error) => break Some(error),
                Ok(_) if written.load(SeqCst) >= MOST => break None,
                Ok(_) => {}
            }
        };
        is_done.store(true, SeqCst);
        error
    });
    let (error, written) = (error.expect("an error while it grows"), written.into_inner());
    assert!(written < MOST, "only when nobody wrote any more: {error}");
    assert_eq!(error.kind(), ErrorKind::StoreInvalid);
    assert!(error.to_string().contains("has changed each time while it was being read"), "{error}");
    // It grows no more.
    file.replace(&few);
    assert_eq!(TrustStore::load(&file.path).unwrap().len(), 1);
}
