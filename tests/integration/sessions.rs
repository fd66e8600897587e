//! Sessions are resumed without verifying anything, so only as long as their server would still be
//! trusted.

use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::{Ca, Client, Server, bundle, of_equal_length};
use cacerts::Settings;
use rustls::HandshakeKind::{Full, Resumed};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, Error, HandshakeKind, SupportedProtocolVersion};
use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

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
fn a_ticket_that_comes_late_is_used_only_where_its_server_is_still_trusted() {
    type Between = fn(&Client, &Server, &Ca);
    let between: [(&str, Between); 4] = [
        ("its server is visited", |client, server, _| {
            client.visit(server);
        }),
        // The name is the same.
        ("another server is verified", |client, _, b| assert!(client.trusts(b))),
        ("its server is visited, and another is verified", |client, server, b| {
            client.visit(server);
            assert!(client.trusts(b));
        }),
        (
            "its server is visited, and another's chain is shown by somebody else",
            |client, server, b| {
                client.visit(server);
                let bad = Error::InvalidCertificate(CertificateError::BadSignature);
                assert_eq!(client.attempt(&b.impostor()).err(), Some(bad));
            },
        ),
    ];
    let [a, b] = of_equal_length(["A", "B"]);
    let server = a.server_of(&TLS13);
    let mut cases = Vec::new();
    for (what, visit) in between {
        for stays in [false, true] {
            let file = Bundle::new(Way::Rename, &bundle(&[&a, &b]));
            let client = Client::of(&file.path);
            let late = client.begin(&server).unwrap();
            let text = if stays { bundle(&[&b, &a, &a]) } else { b.pem.clone() };
            file.replace(&text);
            cases.push((format!("{what}, stays: {stays}"), visit, stays, file, client, late));
        }
    }
    sleep(NOTICED);
    for (what, visit, stays, _file, client, mut late) in cases {
        visit(&client, &server, &b);
        late.finish();
        assert_eq!(client.visit(&server), stays.then_some(Resumed), "{what}");
    }
}

/// A server that changed its CA before the old one went.
#[test]
fn a_server_that_is_trusted_by_all_its_chains_is_resumed_after_one_handshake() {
    let [a, b] = of_equal_length(["A", "B"]);
    let file = Bundle::new(Way::Rename, &bundle(&[&a, &b]));
    let client = Client::of(&file.path);
    let servers = [&a, &b].map(|ca| ca.server_of(&TLS13));
    for server in &servers {
        // A ticket of the other one's is of no use, but is taken first.
        assert!(client.visit(server).is_some());
    }
    file.replace(&bundle(&[&b, &a, &b]));
    sleep(NOTICED);
    assert_eq!(client.visit(&servers[1]), Some(Full));
    assert_eq!(client.visit(&servers[1]), Some(Resumed));
}

/// Servers, each with the name by which it is visited.
type Servers = Vec<(String, Server)>;

/// Two visits to each.
fn visit(client: &Client, servers: &Servers) -> Vec<[HandshakeKind; 2]> {
    let twice = |(name, server): &(String, _)| [(); 2].map(|()| client.visit_by_name(name, server));
    servers.iter().map(twice).collect()
}

/// One name whose certificate is renewed, moves from CA to CA, or both, and many names. With which
/// servers' sessions are resumed again after a replacement.
fn many(
    cas: &[Ca],
    version: &'static SupportedProtocolVersion,
) -> [(&'static str, Servers, bool); 5] {
    let localhost = |ca: &Ca| ("localhost".to_owned(), ca.another("localhost", version));
    let any = cas[0].another("*.many.example", version);
    let name = |n| (format!("host{n}.many.example"), any.clone());
    [
        ("20 renewals", (0..20).map(|_| localhost(&cas[0])).collect(), true),
        ("20 renewals by two", (0..20).map(|n| localhost(&cas[n / 3 % 2])).collect(), true),
        ("6 CAs", cas[..6].iter().map(localhost).collect(), true),
        ("20 CAs", cas.iter().map(localhost).collect(), false),
        ("300 names", (0..300).map(name).collect(), true),
    ]
}

#[test]
fn as_long_as_nothing_is_replaced_sessions_are_resumed_as_by_rustls_alone() {
    let cas: [_; 20] = array::from_fn(|n| Ca::new(&format!("CA {n}")));
    let all = cas.each_ref();
    let mut cases = Vec::new();
    for version in [&TLS12, &TLS13] {
        for (what, servers, is_resumed_later) in many(&cas, version) {
            let what = format!("{what}, {:?}", version.version);
            let file = Bundle::new(Way::Rename, &bundle(&all));
            let client = Client::of(&file.path);
            let found = visit(&client, &servers);
            assert_eq!(found, visit(&Client::of_rustls(&all), &servers), "{what}");
            assert!(found.iter().all(|kinds| *kinds == [Full, Resumed]), "{what}");
            file.replace(&bundle(&[&all[..], &all[..1]].concat()));
            cases.push((what, servers, is_resumed_later, file, client));
        }
    }
    sleep(NOTICED);
    for (what, servers, is_resumed_later, _file, client) in &mut cases {
        let kinds = if *is_resumed_later { [Full, Resumed] } else { [Full; 2] };
        assert!(visit(client, servers).iter().all(|found| *found == kinds), "{what}");
        let never_seen = vec![("new.example".to_owned(), cas[0].another("new.example", &TLS13))];
        assert_eq!(visit(client, &never_seen), [[Full, Resumed]], "{what}");
    }
}

/// Neither all certificates of one CA for a name are remembered, nor those of 20 CAs.
#[test]
fn a_ticket_of_one_of_many_chains_that_comes_late_is_used_only_where_that_is_trusted() {
    let cas: [_; 20] = array::from_fn(|n| Ca::new(&format!("CA {n}")));
    let (twin, other) = (Ca::new("CA 0"), Ca::new("other"));
    let of_one: Vec<_> = (0..20).map(|_| cas[0].another("localhost", &TLS13)).collect();
    let of_all: Vec<_> = cas.iter().map(|ca| ca.another("localhost", &TLS13)).collect();
    let all = [&cas.each_ref()[..], &[&other]].concat();
    // The servers, what is trusted later, who is visited then, and whether the ticket is used.
    let table = [
        ("renewals, the CA stays", &of_one, vec![&other, &cas[0]], &other, true),
        ("renewals, the CA goes", &of_one, vec![&other], &other, false),
        ("renewals, the CA has another key", &of_one, vec![&twin], &twin, false),
        ("many CAs, they go", &of_all, vec![&other], &other, false),
    ];
    let mut cases = Vec::new();
    for (what, servers, later, visited, is_used) in table {
        for place in [0, 9, 19] {
            let file = Bundle::new(Way::Rename, &bundle(&all));
            let client = Client::of(&file.path);
            let mut connections: Vec<_> =
                servers.iter().map(|server| client.begin(server).unwrap()).collect();
            let late = connections.swap_remove(place);
            file.replace(&bundle(&later));
            let what = format!("{what}, {place}");
            cases.push((what, file, client, late, visited, &servers[place], is_used));
        }
    }
    sleep(NOTICED);
    for (what, _file, client, mut late, visited, server, is_used) in cases {
        assert!(client.trusts(visited), "{what}");
        late.finish();
        assert_eq!(client.visit(server), is_used.then_some(Resumed), "{what}");
    }
}

/// The old CA's certificate is over when the bundle is replaced, and the CA is still trusted.
#[test]
fn a_chain_that_is_over_is_judged_by_when_it_was_valid() {
    #[derive(Debug, Default)]
    struct Clock(AtomicU64);
    impl TimeProvider for Clock {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0.load(Ordering::Relaxed))))
        }
    }
    let year = |year: u64| (year - 1970) * 365 * 24 * 60 * 60 + 30 * 24 * 60 * 60;
    let [a, b] = of_equal_length(["A", "B"]);
    let file = Bundle::new(Way::Rename, &bundle(&[&a, &b]));
    let clock = Arc::new(Clock::default());
    let mut config = Client::of(&file.path).config();
    config.time_provider = Arc::<Clock>::clone(&clock);
    let client = Client::with(config);
    clock.0.store(year(2029), Ordering::Relaxed);
    assert_eq!(client.visit(&a.another_until(2030)), Some(Full));
    clock.0.store(year(2031), Ordering::Relaxed);
    let expired = client.attempt(&a.another_until(2030)).err();
    assert!(matches!(expired, Some(Error::InvalidCertificate(_))), "{expired:?}");
    let server = b.server_of(&TLS13);
    assert!(client.visit(&server).is_some());
    file.replace(&bundle(&[&b, &a, &b]));
    sleep(NOTICED);
    assert_eq!(client.visit(&server), Some(Full));
    assert_eq!(client.visit(&server), Some(Resumed));
}
