//! Proxies that take their time: no request takes longer than it may.

use crate::support::proxy::Way;
use crate::support::{Pki, Proxy, alone_with};
use cacerts::{Client, Error, ErrorKind, Settings};
use std::io::Read;
use std::time::{Duration, Instant};

/// The name is known to the proxy alone.
const UNKNOWN: &str = "web.corp.invalid";

/// The limit of a request counts from its beginning, whoever takes the time.
fn gives_up<T: Fn()>(test: T, way: Way, kind: ErrorKind) {
    const LIMIT: Duration = Duration::from_millis(700);
    let proxy = Proxy::new(way);
    let pki = Pki::new();
    alone_with(test, &[("all_proxy", &proxy.url())], || {
        let settings = Settings::new().ca_certs(&pki.root);
        let client = Client::with_time_limit(settings, LIMIT);
        let get = |scheme: &str| {
            let mut response = client.get(&format!("{scheme}://{UNKNOWN}/"))?;
            let read = response.read_to_end(&mut Vec::new());
            read.map(drop).map_err(|e| e.downcast::<Error>().unwrap())
        };
        let asked: [(&dyn Fn() -> Result<(), Error>, _); 3] = [
            (&|| get("https"), kind),
            (
                &|| {
                    let seen = client.check(UNKNOWN);
                    assert_eq!(seen.failure, Some(std::io::ErrorKind::TimedOut));
                    seen.verdict
                },
                kind,
            ),
            // Here its answer is the server's, too.
            (&|| get("http"), ErrorKind::Connection),
        ];
        for (ask, kind) in asked {
            let start = Instant::now();
            let error = ask().unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains("(all_proxy)"), "{error}");
            assert!(start.elapsed() < 5 * LIMIT, "{:?}: {error}", start.elapsed());
            assert!(start.elapsed() >= LIMIT / 2, "{:?}: {error}", start.elapsed());
        }
    });
}

#[test]
fn a_silent_proxy_is_given_up_on() {
    gives_up(a_silent_proxy_is_given_up_on, Way::Drip("", ""), ErrorKind::Proxy);
}

#[test]
fn a_proxy_that_drips_is_given_up_on() {
    let way = Way::Drip("HTTP/1.1 200 O", "K");
    gives_up(a_proxy_that_drips_is_given_up_on, way, ErrorKind::Proxy);
}

#[test]
fn a_proxy_with_endless_headers_is_given_up_on() {
    let way = Way::Drip("HTTP/1.1 200 OK\r\n", "X-Y: z\r\n");
    gives_up(a_proxy_with_endless_headers_is_given_up_on, way, ErrorKind::Proxy);
}

#[test]
fn a_proxy_that_only_promises_answers_is_given_up_on() {
    let way = Way::Drip("HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n");
    gives_up(a_proxy_that_only_promises_answers_is_given_up_on, way, ErrorKind::Proxy);
}

/// The handshake behind it has what the proxy has left of the limit, and no more.
#[test]
fn a_server_that_drips_behind_a_proxy_is_given_up_on() {
    let way = Way::Drip("HTTP/1.1 200 OK\r\n\r\n\u{16}\u{3}\u{3}\u{40}", "\0");
    gives_up(a_server_that_drips_behind_a_proxy_is_given_up_on, way, ErrorKind::Connection);
}

/// What the proxy takes is taken from the handshake: each of them alone is within the limit.
#[test]
fn a_late_proxy_leaves_less_time_to_the_server() {
    const LIMIT: Duration = Duration::from_secs(2);
    let first = "HTTP/1.1 200 OK\r\n\r\n\u{16}\u{3}\u{3}\u{40}";
    let proxy = Proxy::new(Way::Late(LIMIT * 3 / 4, first, "\0"));
    let pki = Pki::new();
    let variables = [("https_proxy", &*proxy.url())];
    alone_with(a_late_proxy_leaves_less_time_to_the_server, &variables, || {
        let settings = Settings::new().ca_certs(&pki.root);
        let start = Instant::now();
        let error = Client::with_time_limit(settings, LIMIT).check(UNKNOWN).verdict.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(start.elapsed() < LIMIT * 6 / 4, "{:?}: {error}", start.elapsed());
    });
}
