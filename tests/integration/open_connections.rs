//! What a server may do to a connection that is open, and to sessions that it has given out: of OpenSSL, by
//! the letters that `openssl s_server` takes.

use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::Ca;
use crate::support::openssl::OpensslServer;
use crate::support::{alone, library};
use cacerts::{Client, ErrorKind, Settings};
use rustls::HandshakeKind::{Full, Resumed};
use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const TLS12: &str = "-tls1_2";
const TLS13: &str = "-tls1_3";

/// The rest of a page, in whose middle a letter is typed in, and then the rest, if it is to come. To be called
/// [`alone`].
fn rest_after(letter: &str, version: &str, rest: &str) -> Result<String, cacerts::Error> {
    let ca = Ca::new("CA");
    let store = Bundle::new(Way::Rename, &ca.pem);
    let mut server = OpensslServer::start_typed(&ca.identity(&store.at("")), &[version]);
    let settings = Settings::new().ca_certs(&store.path);
    let client = Client::with_time_limit(settings, Duration::from_secs(30));
    let url = format!("https://localhost:{}/", server.address().port());
    thread::scope(|scope| {
        let response = scope.spawn(|| client.get(&url));
        server.await_said("GET / ");
        server.type_in("HTTP/1.1 200 OK\nContent-Length: 13\n\nbefore\n");
        let mut response = response.join().unwrap().unwrap();
        let mut begin = [0; 7];
        response.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"before\n");
        if !letter.is_empty() {
            // In one piece: what comes later is part of the page.
            server.type_in(&format!("{letter}\n"));
            server.await_said("SSL_do_handshake -> 1");
        }
        server.type_in(rest);
        let mut read = String::new();
        match response.read_to_string(&mut read) {
            Ok(_) => Ok(read),
            Err(error) => Err(*error.into_inner().unwrap().downcast().unwrap()),
        }
    })
}

#[test]
fn a_server_may_change_its_keys_on_an_open_connection() {
    alone(a_server_may_change_its_keys_on_an_open_connection, || {
        // Its own, and its own and the client's.
        for (letter, version) in [("", TLS12), ("", TLS13), ("k", TLS13), ("K", TLS13)] {
            let rest = rest_after(letter, version, "after\n").unwrap();
            assert_eq!(rest, "after\n", "{letter}, {version}");
        }
    });
}

#[test]
fn a_server_that_wants_a_second_handshake_is_told_of() {
    alone(a_server_that_wants_a_second_handshake_is_told_of, || {
        // With a client's certificate, and without. What comes before the server knows that there will be no
        // handshake is read as if it had asked for none.
        for letter in ["R", "r"] {
            let error = rest_after(letter, TLS12, "").unwrap_err();
            let said = "wants a second handshake on an open connection (renegotiation; ";
            assert!(error.to_string().contains(said), "{letter}: {error}");
            assert_eq!(error.kind(), ErrorKind::Connection);
        }
    });
}

/// As after a restart, or where the keys are changed every day.
#[test]
fn a_session_whose_key_is_gone_is_none() {
    let [ca, other] = ["CA", "Other CA"].map(Ca::new);
    let [store, place] = [&ca, &other].map(|ca| Bundle::new(Way::Rename, &ca.pem));
    let identity = ca.identity(&store.at(""));
    for version in [TLS12, TLS13] {
        let server = OpensslServer::start_with(&identity, &[version]);
        let address = server.address();
        let config = Arc::new(Settings::new().ca_certs(&store.path).client_config().unwrap());
        let visit = || library::visit(&config, address).unwrap();
        assert_eq!([visit(), visit()], [Full, Resumed], "{version}");
        drop(server);
        let server = OpensslServer::start_at(address.port(), &identity, &[version]);
        assert_eq!([visit(), visit()], [Full, Resumed], "{version}, with another key");
        drop(server);
        // The session is offered to it, and of no use where it is somebody else.
        let other = other.identity(&place.at(""));
        let _server = OpensslServer::start_at(address.port(), &other, &[version]);
        let error = library::visit(&config, address).unwrap_err();
        assert!(error.to_string().contains("UnknownIssuer"), "{version}: {error}");
    }
}
