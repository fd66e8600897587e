//! A program that runs for long: it follows its bundle to what takes its place, within a second, and
//! loses none of its trust to a bundle that cannot be used.

use crate::support::alone;
use crate::support::bundle::{Bundle, UNUSABLE, WAYS, Way, overwrite};
use crate::support::handshake::{Ca, Client, bundle, of_equal_length};
use crate::support::library::fetch_from;
use crate::support::openssl::OpensslServer;
use cacerts::{ErrorKind, Settings};
use log::{LevelFilter, Log, Metadata, Record};
use rustls::HandshakeKind::{Full, Resumed};
use rustls::version::{TLS12, TLS13};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

#[test]
fn a_replaced_bundle_is_noticed() {
    let [a, b] = of_equal_length(["A", "B"]);
    let mut cases = Vec::new();
    for way in WAYS {
        // A program may also have been about to make its first connection.
        for used in [true, false] {
            let bundle = Bundle::new(way, &a.pem);
            let clients = Client::both(&bundle.path);
            assert!(!used || clients.iter().all(|client| client.trusts(&a) && !client.trusts(&b)));
            bundle.replace(&b.pem);
            cases.push((used, bundle, clients));
        }
    }
    sleep(NOTICED);
    for (used, bundle, [configuration, verifier]) in &cases {
        let case = format!("{:?}, used before: {used}", bundle.way);
        // Whichever comes first has to notice.
        assert!(configuration.trusts(&b) && !configuration.trusts(&a), "{case}: configuration");
        assert!(!verifier.trusts(&a) && verifier.trusts(&b), "{case}: verifier");
    }
}

#[test]
fn a_replaced_addition_is_noticed() {
    let [a, b, c] = of_equal_length(["A", "B", "C"]);
    let (bundle, extra) = (Bundle::new(Way::Rename, &a.pem), Bundle::new(Way::Rename, &b.pem));
    let client = Client::new(&Settings::new().ca_certs(&bundle.path).extra_ca_certs(&extra.path));
    assert!(client.trusts(&a) && client.trusts(&b) && !client.trusts(&c));
    extra.replace(&c.pem);
    sleep(NOTICED);
    assert!(client.trusts(&a) && !client.trusts(&b) && client.trusts(&c));
    bundle.replace(&b.pem);
    sleep(NOTICED);
    assert!(!client.trusts(&a) && client.trusts(&b) && client.trusts(&c));
}

/// However busy the program is: the second is counted from one look to the next.
#[test]
fn a_replacement_is_noticed_within_a_second_and_for_good() {
    let [a, b] = of_equal_length(["A", "B"]);
    let bundle = Bundle::new(Way::Rename, &a.pem);
    let clients = Client::both(&bundle.path);
    let mut noticed = [false; 2];
    let start = Instant::now();
    let mut replaced = None;
    while replaced.is_none_or(|time: Instant| time.elapsed() < NOTICED + NOTICED / 2) {
        if replaced.is_none() && start.elapsed() > NOTICED * 3 / 2 {
            bundle.replace(&b.pem);
            replaced = Some(Instant::now());
        }
        for (client, noticed) in clients.iter().zip(&mut noticed) {
            let due = replaced.is_some_and(|time| time.elapsed() >= NOTICED);
            assert!(replaced.is_some() || client.trusts(&a));
            // In this order: between the two the second may end.
            let before = client.trusts(&b);
            let after = client.trusts(&a);
            assert!(before || !due, "not noticed");
            assert!(before || !*noticed, "forgotten");
            assert!(!(before && after), "both");
            *noticed = before;
        }
        sleep(Duration::from_millis(50));
    }
    assert_eq!(noticed, [true; 2]);
}

#[test]
fn a_server_of_openssl_is_trusted_as_the_bundle_says() {
    let [a, b] = of_equal_length(["A", "B"]);
    let bundle = Bundle::new(Way::Rename, &b.pem);
    let server = OpensslServer::start(&a.identity(&bundle.at("")));
    let client = Client::of(&bundle.path);
    let fetch = || fetch_from(client.config(), server.address());
    for (cas, trusted) in [(&b, false), (&a, true), (&b, false)] {
        bundle.replace(&cas.pem);
        sleep(NOTICED);
        match fetch() {
            Ok(page) => assert!(trusted && page.contains("200 ok"), "{page}"),
            Err(error) => {
                assert!(!trusted && error.to_string().contains("UnknownIssuer"), "{error}")
            }
        }
    }
}

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the warnings.
struct Keeper;

impl Log for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        WARNINGS.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

/// How many warnings name a path.
fn warnings(path: &Path) -> usize {
    let warnings = WARNINGS.lock().unwrap();
    warnings.iter().filter(|warning| warning.contains(path.to_str().unwrap())).count()
}

/// Root may read everything: from now on this thread may not.
#[cfg(target_os = "linux")]
fn give_up_privileges() {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, none).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn give_up_privileges() {}

#[test]
fn what_cannot_be_used_leaves_the_old_trust_and_is_warned_of() {
    alone(what_cannot_be_used_leaves_the_old_trust_and_is_warned_of, || {
        log::set_logger(&Keeper).unwrap();
        log::set_max_level(LevelFilter::Warn);
        give_up_privileges();
        let [a, b, unused] = of_equal_length(["A", "B", "C"]);
        let mut cases = Vec::new();
        for (what, spoil) in UNUSABLE {
            for client in [Client::of, Client::with_verifier_of] {
                let bundle = Bundle::new(Way::Rename, &bundle(&[&a, &unused]));
                let client = client(&bundle.path);
                cases.push((what, spoil, bundle, client));
            }
        }
        sleep(NOTICED);
        for (what, spoil, bundle, client) in &cases {
            assert!(client.trusts(&a) && !client.trusts(&b), "{what}");
            assert_eq!(warnings(&bundle.path), 0, "{what}");
            spoil(&bundle.path);
        }
        for round in 0..4 {
            sleep(NOTICED);
            for (what, _, bundle, client) in &cases {
                assert!(client.trusts(&unused) && client.trusts(&a), "{what}");
                assert!(!client.trusts(&b), "{what}");
                assert!(round > 0 || warnings(&bundle.path) == 1, "{what}: {WARNINGS:?}");
            }
        }
        for (what, _, bundle, _) in &cases {
            // It is said again, but not every time.
            assert!((2..=3).contains(&warnings(&bundle.path)), "{what}: {WARNINGS:?}");
        }
        for (_, _, bundle, _) in &cases {
            let _ = fs::remove_dir(&bundle.path);
            bundle.replace(&b.pem);
        }
        sleep(NOTICED);
        for (what, _, _, client) in &cases {
            assert!(client.trusts(&b) && !client.trusts(&a) && !client.trusts(&unused), "{what}");
        }
    });
}

#[test]
fn a_program_that_does_not_want_to_notice_does_not() {
    let [a, b, unused] = of_equal_length(["A", "B", "C"]);
    let old = bundle(&[&a, &unused]);
    let new = bundle(&[&b, &b]);
    let make = |way| {
        let bundle = Bundle::new(way, &old);
        let client = Client::new(&Settings::new().ca_certs(&bundle.path).reload(false));
        let other = Client::of(&bundle.path);
        (bundle, client, other)
    };
    let replaced = WAYS.map(make);
    let spoilt = UNUSABLE.map(|(_, spoil)| (spoil, make(Way::Rename)));
    sleep(NOTICED);
    for (bundle, client, other) in &replaced {
        assert!(client.trusts(&a) && other.trusts(&a), "{:?}", bundle.way);
        bundle.replace(&new);
    }
    for (spoil, (bundle, _, _)) in &spoilt {
        spoil(&bundle.path);
    }
    sleep(NOTICED);
    for (bundle, client, other) in &replaced {
        let case = bundle.way;
        assert!(client.trusts(&unused) && client.trusts(&a) && !client.trusts(&b), "{case:?}");
        assert!(other.trusts(&b) && !other.trusts(&unused) && !other.trusts(&a), "{case:?}");
    }
    for ((what, _), (_, (_, client, _))) in UNUSABLE.iter().zip(&spoilt) {
        assert!(client.trusts(&unused) && client.trusts(&a) && !client.trusts(&b), "{what}");
    }
}

#[test]
fn sessions_are_resumed_until_the_bundle_is_replaced() {
    let [a, b] = of_equal_length(["A", "B"]);
    let mut cases = Vec::new();
    for version in [&TLS12, &TLS13] {
        for reload in [true, false] {
            let bundle = Bundle::new(Way::Rename, &a.pem);
            let settings = Settings::new().ca_certs(&bundle.path).reload(reload);
            let (client, server) = (Client::new(&settings), a.server_of(version));
            assert_eq!(client.visit(&server), Some(Full));
            assert_eq!(client.visit(&server), Some(Resumed));
            cases.push((version.version, reload, bundle, client, server));
        }
    }
    // What a handshake comes to that is made a second after something else.
    let after = |change: &dyn Fn(&Bundle), expected| {
        cases.iter().for_each(|(_, _, bundle, _, _)| change(bundle));
        sleep(NOTICED);
        for (version, reload, _, client, server) in &cases {
            let expected = if *reload { expected } else { Some(Resumed) };
            assert_eq!(client.visit(server), expected, "{version:?}, reload: {reload}");
            let next = if *reload { expected.map(|_| Resumed) } else { Some(Resumed) };
            assert_eq!(client.visit(server), next, "{version:?}, reload: {reload}");
        }
    };
    after(&|_| (), Some(Resumed));
    after(&|file| file.replace(&bundle(&[&a, &b])), Some(Full));
    after(&|file| file.replace(&b.pem), None);
}

/// A server may send its ticket at any time. This one was earned under the old bundle.
#[test]
fn a_ticket_that_comes_after_the_replacement_is_not_used() {
    let a = Ca::new("A");
    let server = a.server_of(&TLS13);
    let (replaced, kept) = (Bundle::new(Way::Rename, &a.pem), Bundle::new(Way::Rename, &a.pem));
    let [client, other] = [&replaced, &kept].map(|bundle| Client::of(&bundle.path));
    let [mut late, mut other_late] = [&client, &other].map(|client| client.begin(&server).unwrap());
    replaced.replace(&Ca::new("B").pem);
    sleep(NOTICED);
    assert_eq!(client.visit(&server), None);
    late.finish();
    assert_eq!(client.visit(&server), None);
    other_late.finish();
    assert_eq!(other.visit(&server), Some(Resumed));
}

/// What is replaced while connections are made: two bundles that have A in common, a thousand times or more.
/// Four threads connect, one of them each time with a configuration of its own, because the others
/// look at the bundle but once a second. A bundle that is not always whole may be unusable to that one.
fn replaced_in_the_midst_of_handshakes(
    texts: [&[usize]; 2],
    always_whole: bool,
    replace: fn(&Bundle, &str),
) {
    const LIMIT: Duration = Duration::from_secs(30);
    let start = Instant::now();
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
        assert!(!client.trusts(&stranger));
        assert!(client.trusts(a));
        connections.fetch_add(3, SeqCst);
    };
    thread::scope(|scope| {
        for client in &shared {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    connect(client);
                }
            });
        }
        scope.spawn(|| {
            while !done.load(SeqCst) {
                let client = match Settings::new().ca_certs(&file.path).client_config() {
                    Ok(config) => Client::with(config),
                    Err(e) if e.kind() == ErrorKind::StoreInvalid && !always_whole => continue,
                    Err(e) => panic!("{e}"),
                };
                match client.attempt(&a.server()) {
                    Ok(_) => connect(&client),
                    // What was in it when it was opened, nobody knows any more.
                    Err(rustls::Error::General(_)) if !always_whole => continue,
                    Err(e) => panic!("{e}"),
                }
                loaded.fetch_add(1, SeqCst);
            }
        });
        // On a busy machine it takes longer.
        let enough = || connections.load(SeqCst) > 1000 && loaded.load(SeqCst) > 30;
        let mut times = 0;
        while times < 1000 || (!enough() && start.elapsed() < LIMIT) {
            for text in [&texts[1], &texts[0]] {
                replace(&file, text);
                sleep(Duration::from_millis(2));
                times += 1;
            }
        }
        done.store(true, SeqCst);
    });
    let (connections, loaded) = (connections.into_inner(), loaded.into_inner());
    assert!(connections > 1000 && loaded > 30, "{connections}, {loaded}");
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
