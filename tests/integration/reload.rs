//! A program that runs for long: it follows its bundle to what takes its place, within a second, and
//! loses none of its trust to a bundle that cannot be used.

use crate::support::alone;
use crate::support::bundle::{Bundle, UNUSABLE, WAYS, Way};
use crate::support::directory::Directory;
use crate::support::handshake::{Client, bundle, of_equal_length};
use crate::support::library::{exhaust_files, fetch_from};
use crate::support::log::{give_up_privileges, keep_warnings, warnings};
use crate::support::openssl::OpensslServer;
use cacerts::Settings;
use rustix::process::{Resource, setrlimit};
use rustls::{CertificateError, Error};
use std::env;
use std::fmt::Debug;
use std::fs;
use std::thread::sleep;
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

#[test]
fn what_cannot_be_used_leaves_the_old_trust_and_is_warned_of() {
    alone(what_cannot_be_used_leaves_the_old_trust_and_is_warned_of, || {
        keep_warnings();
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
            assert_eq!(warnings(&bundle.path), [""; 0], "{what}");
            spoil(&bundle.path);
        }
        for round in 0..4 {
            sleep(NOTICED);
            for (what, _, bundle, client) in &cases {
                assert!(client.trusts(&unused) && client.trusts(&a), "{what}");
                assert!(!client.trusts(&b), "{what}");
                let warnings = warnings(&bundle.path);
                assert!(round > 0 || warnings.len() == 1, "{what}: {warnings:?}");
            }
        }
        for (what, _, bundle, _) in &cases {
            // It is said again, but not every time.
            let warnings = warnings(&bundle.path);
            assert!((2..=3).contains(&warnings.len()), "{what}: {warnings:?}");
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
        let clients = Client::both_with(&Settings::new().ca_certs(&bundle.path).reload(false));
        let other = Client::of(&bundle.path);
        (bundle, clients, other)
    };
    let replaced = WAYS.map(make);
    let spoilt = UNUSABLE.map(|(_, spoil)| (spoil, make(Way::Rename)));
    sleep(NOTICED);
    for (bundle, clients, other) in &replaced {
        assert!(clients.iter().all(|client| client.trusts(&a)), "{:?}", bundle.way);
        assert!(other.trusts(&a), "{:?}", bundle.way);
        bundle.replace(&new);
    }
    for (spoil, (bundle, _, _)) in &spoilt {
        spoil(&bundle.path);
    }
    sleep(NOTICED);
    let holds = |clients: &[Client; 2], case: &dyn Debug| {
        for client in clients {
            assert!(client.trusts(&unused) && client.trusts(&a) && !client.trusts(&b), "{case:?}");
        }
    };
    for (bundle, clients, other) in &replaced {
        let case = bundle.way;
        holds(clients, &case);
        assert!(other.trusts(&b) && !other.trusts(&unused) && !other.trusts(&a), "{case:?}");
    }
    for ((what, _), (_, (_, clients, _))) in UNUSABLE.iter().zip(&spoilt) {
        holds(clients, what);
    }
}

/// What was in it was never read; now nobody knows it any more.
#[test]
fn what_is_overwritten_before_it_was_read_is_told_of_or_read_anew() {
    let [a, b] = of_equal_length(["A", "B"]);
    let length = a.pem.len();
    let end = a.pem.find("-----END").unwrap();
    let texts = [
        ("another bundle", b.pem.clone()),
        ("nothing of the kind", "x".repeat(length)),
        ("zeros", "\0".repeat(length)),
        ("without its end", a.pem[..end].to_owned() + &"x".repeat(length - end)),
        ("without its beginning", "x".repeat(30) + &a.pem[30..]),
        ("damaged", a.pem[..end - 20].to_owned() + &"!".repeat(20) + &a.pem[end..]),
    ];
    let mut cases = Vec::new();
    for (what, text) in &texts {
        for way in [Way::InPlaceWithOldTime, Way::InPlace] {
            for client in [Client::of, Client::with_verifier_of] {
                let file = Bundle::new(way, &a.pem);
                let client = client(&file.path);
                file.replace(text);
                cases.push((format!("{what}, {way:?}"), *text == b.pem, file, client));
            }
        }
    }
    for looked in [false, true] {
        for (case, usable, _, client) in &cases {
            let [to_a, to_b] = [&a, &b].map(|ca| client.attempt(&ca.server()).err());
            assert!(to_a.is_some(), "{case}: A's is verified");
            // Until a second is over, B may be trusted or not.
            let is_right = if *usable { !looked || to_b.is_none() } else { to_b.is_some() };
            assert!(is_right, "{case}, looked: {looked}: {to_b:?}");
            for error in [to_a, to_b].into_iter().flatten() {
                let told = match &error {
                    Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
                    Error::Other(why) => why.to_string().contains("overwritten"),
                    _ => false,
                };
                assert!(told, "{case}: {error}");
            }
        }
        sleep(NOTICED);
    }
    for (_, _, file, _) in &cases {
        fs::write(&file.path, &b.pem).unwrap();
    }
    sleep(NOTICED);
    for (case, _, _, client) in &cases {
        assert!(client.trusts(&b) && !client.trusts(&a), "{case}");
    }
}

/// Nothing about the file says that it can be opened now.
#[test]
fn what_could_not_be_opened_for_a_while_is_used_later() {
    alone(what_could_not_be_opened_for_a_while_is_used_later, || {
        let [a, b] = of_equal_length(["A", "B"]);
        let mut files = Vec::new();
        for way in WAYS {
            let file = Bundle::new(way, &a.pem);
            files.push((Client::both(&file.path), file));
        }
        let mut directories = Vec::new();
        for hashed in [true, false] {
            let directory = Directory::new();
            directory.write("ca.pem", &a.pem);
            if hashed {
                directory.rehash();
            }
            directories.push((Client::both(&directory.path), directory, hashed));
        }
        let clients = || {
            let of_files = files.iter().map(|(clients, _)| clients);
            of_files.chain(directories.iter().map(|(clients, ..)| clients)).flatten().enumerate()
        };
        sleep(NOTICED);
        for (n, client) in clients() {
            assert!(client.trusts(&a) && !client.trusts(&b), "{n}");
        }
        for (_, file) in &files {
            file.replace(&b.pem);
        }
        for (_, directory, hashed) in &directories {
            fs::remove_dir_all(&directory.path).unwrap();
            fs::create_dir(&directory.path).unwrap();
            directory.write("ca.pem", &b.pem);
            if *hashed {
                directory.rehash();
            }
        }
        let before = exhaust_files();
        for _ in 0..2 {
            sleep(NOTICED);
            for (n, client) in clients() {
                assert!(client.trusts(&a), "{n}");
                let why = client.attempt(&b.server()).err().unwrap().to_string();
                let is_told = ["UnknownIssuer", "Too many open files"].map(|e| why.contains(e));
                assert!(is_told.contains(&true), "{n}: {why}");
            }
        }
        setrlimit(Resource::Nofile, before).unwrap();
        sleep(NOTICED);
        for (n, client) in clients() {
            assert!(client.trusts(&b) && !client.trusts(&a), "{n}");
        }
    });
}

#[test]
fn a_relative_path_goes_on_meaning_the_same_file() {
    alone(a_relative_path_goes_on_meaning_the_same_file, || {
        let [a, b, c] = of_equal_length(["A", "B", "C"]);
        let (here, there) = (Bundle::new(Way::Rename, &a.pem), Bundle::new(Way::Rename, &b.pem));
        env::set_current_dir(here.at("")).unwrap();
        let clients = Client::both("ca.pem".as_ref());
        let trust = |expected: [bool; 3]| {
            for (n, client) in clients.iter().enumerate() {
                assert_eq!([&a, &b, &c].map(|ca| client.trusts(ca)), expected, "{n}");
            }
        };
        trust([true, false, false]);
        env::set_current_dir(there.at("")).unwrap();
        sleep(NOTICED);
        trust([true, false, false]);
        here.replace(&c.pem);
        sleep(NOTICED);
        trust([false, false, true]);
    });
}
