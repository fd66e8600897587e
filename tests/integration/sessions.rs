//! Sessions are resumed without verifying anything, so only as long as their server would still be
//! trusted.

use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::{Ca, Client, Server, bundle, of_equal_length};
use cacerts::Settings;
use rustls::HandshakeKind::{Full, Resumed};
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, Error};
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
