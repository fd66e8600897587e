//! Servers and proxies that send garbage, stop, drip, or know no end: no request takes longer than it may,
//! whatever was sent, nor more memory than that is worth.

use crate::support::chains::{ca_params, server_params};
use crate::support::command::{Run, peak};
use crate::support::hostile::{Hostile, Way};
use crate::support::server::{ClientCertificate, tls_of};
use crate::support::{Identity, Pki, Server, User, alone, alone_with};
use cacerts::{Client, Endpoint, Error, Settings, StartTls};
use rcgen::{CustomExtension, Issuer, KeyPair};
use rustls::version::{TLS12, TLS13};
use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// That of a request.
const LIMIT: Duration = Duration::from_secs(2);
/// What it may take where everything is slow. Measured: a hundredth more than the limit, and half as much again
/// on two cores with twenty processes.
const AT_MOST: Duration = Duration::from_secs(10);
/// MiB that a process may take in all, with the servers and what they send. Measured: 50.
const MEMORY: u64 = 150;

/// What is asked of a server.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Check,
    StartTls(StartTls),
    Get,
    Plain,
}

/// One request, to the end of what is answered.
fn ask(client: &Client, ask: Ask, server: &str) -> Result<(), Error> {
    let get = |scheme: &str| {
        let mut response = client.get(&format!("{scheme}://{server}/"))?;
        let read = std::io::copy(&mut response, &mut std::io::sink());
        read.map(drop).map_err(|e| *e.into_inner().unwrap().downcast::<Error>().unwrap())
    };
    match ask {
        Ask::Check => client.check(server).verdict,
        Ask::StartTls(protocol) => client.check(Endpoint::new(server).start_tls(protocol)).verdict,
        Ask::Get => get("https"),
        Ask::Plain => get("http"),
    }
}

/// All at once, each with a client of its own: none is answered, and none takes longer than it may.
fn none_is_answered(settings: &Settings, cases: &[(&str, Ask, String)]) {
    thread::scope(|scope| {
        let asked: Vec<_> = cases
            .iter()
            .map(|(name, what, server)| {
                let client = Client::with_time_limit(settings.clone(), LIMIT);
                let one = move || {
                    let start = Instant::now();
                    let error = ask(&client, *what, server).unwrap_err();
                    let took = start.elapsed();
                    assert!(took < AT_MOST, "{name}, {what:?}: {took:?}, {error}");
                };
                scope.spawn(one)
            })
            .collect();
        let failed = asked.into_iter().filter_map(|one| one.join().err()).count();
        assert_eq!(failed, 0);
    });
    let peak = peak("self").unwrap() >> 20;
    assert!(peak < MEMORY, "{peak} MiB");
}

/// Bytes that mean nothing, the same each time.
fn garbage() -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..16 << 10).map(next).collect()
}

/// A part of a handshake message of 16 MiB.
const LONG_MESSAGE: &[u8] = b"\x16\x03\x03\x00\x08\x0b\xff\xff\xff\x00\x00\x00\x00";
const PROTOCOLS: [StartTls; 5] =
    [StartTls::Imap, StartTls::Ldap, StartTls::Pop3, StartTls::Postgres, StartTls::Smtp];

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// What is no TLS, or none that comes to an end.
fn no_tls() -> Vec<(&'static str, Way)> {
    let record = LONG_MESSAGE.to_vec();
    vec![
        ("silence", Way::Stop(Vec::new())),
        ("garbage", Way::Flood(Vec::new(), garbage())),
        ("garbage that drips", Way::Drip(Vec::new(), b"\x16\x03\x03".to_vec())),
        ("a record without end", Way::Drip(b"\x16\x03\x03\x40\x00".to_vec(), vec![0])),
        ("a message of 16 MiB", Way::Flood(Vec::new(), record.clone())),
        ("alerts", Way::Flood(Vec::new(), b"\x15\x03\x03\x00\x02\x01\x5a".to_vec())),
        ("alerts that drip", Way::Drip(Vec::new(), b"\x15\x03\x03\x00\x02\x01\x5a".to_vec())),
        ("changes of cipher", Way::Flood(Vec::new(), b"\x14\x03\x03\x00\x01\x01".to_vec())),
        ("empty records", Way::Flood(Vec::new(), b"\x16\x03\x03\x00\x00".to_vec())),
        ("empty records that drip", Way::Drip(Vec::new(), b"\x16\x03\x03\x00\x00".to_vec())),
    ]
}

/// What is no HTTP, or none that comes to an end.
fn no_http() -> Vec<(&'static str, Way)> {
    let flood = |first: &str, then: &str| Way::Flood(bytes(first), bytes(then));
    let drip = |first: &str, then: &str| Way::Drip(bytes(first), bytes(then));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n";
    let moved = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 9999999\r\n\r\n";
    vec![
        ("silence", Way::Stop(Vec::new())),
        ("half an answer", Way::Stop(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))),
        ("garbage", Way::Flood(Vec::new(), garbage())),
        ("a status without end", flood("HTTP/1.1 200 O", "O")),
        ("a status that drips", drip("HTTP/1.1 200 O", "O")),
        ("a header without end", flood("HTTP/1.1 200 OK\r\nX: ", "x")),
        ("headers without end", flood("HTTP/1.1 200 OK\r\n", "X-Y: z\r\n")),
        ("headers that drip", drip("HTTP/1.1 200 OK\r\n", "X-Y: z\r\n")),
        ("promises", flood("", "HTTP/1.1 102 Processing\r\n\r\n")),
        ("promises that drip", drip("", "HTTP/1.1 100 Continue\r\n\r\n")),
        ("a body without end", flood(body, "x")),
        ("a body that drips", drip(body, "x")),
        ("a body of no length", flood("HTTP/1.1 200 OK\r\n\r\n", "x")),
        ("a body of no length that drips", drip("HTTP/1.1 200 OK\r\n\r\n", "x")),
        ("chunks without end", flood(chunked, "1\r\nx\r\n")),
        ("a chunk's length without end", flood(chunked, "0")),
        ("a chunk's extension without end", flood(&format!("{chunked}1;"), "x")),
        ("a chunk's length that drips", drip(chunked, "0")),
        ("trailers without end", flood(&format!("{chunked}0\r\n"), "X-Y: z\r\n")),
        ("a trailer without end", flood(&format!("{chunked}0\r\nX: "), "x")),
        ("trailers that drip", drip(&format!("{chunked}0\r\n"), "X-Y: z\r\n")),
        ("a redirect that drips", drip(moved, "x")),
        ("a redirect without end", flood(moved, "x")),
    ]
}

#[test]
fn no_server_keeps_a_client_before_tls() {
    alone(no_server_keeps_a_client_before_tls, || {
        let pki = Pki::new();
        let config = Arc::new(tls_of(&[&TLS13], &pki.server(), None));
        let old = Arc::new(tls_of(&[&TLS12], &pki.server(), None));
        let mut ways = no_tls();
        for length in [1, 5, 100, 400] {
            ways.push(("a handshake that stops", Way::Cut(Arc::clone(&config), length)));
            ways.push(("an old handshake that stops", Way::Cut(Arc::clone(&old), length)));
        }
        let servers: Vec<_> =
            ways.into_iter().map(|(name, way)| (name, Hostile::new(way))).collect();
        let at = |server: &Hostile| format!("localhost:{}", server.address().port());
        let asked = |(name, server): &(&'static str, Hostile)| {
            [(*name, Ask::Check, at(server)), (*name, Ask::Get, at(server))]
        };
        let cases: Vec<_> = servers.iter().flat_map(asked).collect();
        let settings = Settings::new().ca_certs(&pki.root);
        none_is_answered(&settings, &cases);
    });
}

#[test]
fn no_server_keeps_a_client_in_its_own_words() {
    alone(no_server_keeps_a_client_in_its_own_words, || {
        let pki = Pki::new();
        let greet = |greeting: &str, then: &str| Way::Flood(bytes(greeting), bytes(then));
        let ways = [
            ("silence", Way::Stop(Vec::new())),
            ("garbage", Way::Flood(Vec::new(), garbage())),
            ("lines of SMTP", greet("", "220-more\r\n")),
            ("lines of SMTP that drip", Way::Drip(Vec::new(), bytes("220-more\r\n"))),
            ("a line without end", greet("220 ", "x")),
            ("lines of IMAP", greet("", "* OK more\r\n")),
            ("lines of IMAP that drip", Way::Drip(Vec::new(), bytes("* OK more\r\n"))),
            ("a line of POP3 that drips", Way::Drip(bytes("+OK"), bytes("x"))),
            ("a message of LDAP without end", Way::Flood(b"\x30\x82\x0f\xff".to_vec(), vec![0])),
            ("a message of LDAP that drips", Way::Drip(b"\x30\x82\x0f\xff".to_vec(), vec![0])),
            ("notices of PostgreSQL", greet("", "N")),
            ("TLS that drips", Way::Then(bytes("S"), Box::new(no_tls().swap_remove(3).1))),
        ];
        let servers = ways.map(|(name, way)| (name, Hostile::new(way)));
        let at = |server: &Hostile| format!("localhost:{}", server.address().port());
        let asked = |(name, server): &(&'static str, Hostile)| {
            PROTOCOLS.map(|protocol| (*name, Ask::StartTls(protocol), at(server)))
        };
        let cases: Vec<_> = servers.iter().flat_map(asked).collect();
        none_is_answered(&Settings::new().ca_certs(&pki.root), &cases);
    });
}

#[test]
fn no_server_keeps_a_client_behind_tls() {
    alone(no_server_keeps_a_client_behind_tls, || {
        let pki = Pki::new();
        let configs =
            [&TLS12, &TLS13].map(|version| Arc::new(tls_of(&[version], &pki.server(), None)));
        let mut cases = Vec::new();
        let mut servers = Vec::new();
        for (name, way) in no_http() {
            // Nothing is read of a redirect that is not followed.
            if !name.contains("redirect") {
                servers.push((name, Ask::Plain, Hostile::new(way.clone())));
            }
            for config in &configs {
                let way = Way::Within(Arc::clone(config), Box::new(way.clone()));
                servers.push((name, Ask::Get, Hostile::new(way)));
            }
        }
        for (name, what, server) in &servers {
            cases.push((*name, *what, format!("localhost:{}", server.address().port())));
        }
        none_is_answered(&Settings::new().ca_certs(&pki.root), &cases);
        // The same client, and a server that does as it should.
        let server = Server::https(&pki.server());
        let client = Client::with_time_limit(Settings::new().ca_certs(&pki.root), LIMIT);
        let mut page = String::new();
        client.get(&server.url()).unwrap().read_to_string(&mut page).unwrap();
        assert!(!page.is_empty());
    });
}

/// What a proxy says is read before anybody knows to whom it leads.
#[test]
fn no_proxy_keeps_a_client() {
    let mut ways = no_http();
    ways.retain(|(name, _)| !name.contains("redirect") && !name.contains("of no length"));
    for (name, way) in no_tls() {
        // A message with the length of a message is none in HTTP, and is behind a proxy that connects.
        let way = match way {
            Way::Stop(said) => Way::Stop([CONNECTED, &said].concat()),
            Way::Drip(first, then) => Way::Drip([CONNECTED, &first].concat(), then),
            Way::Flood(first, then) => Way::Flood([CONNECTED, &first].concat(), then),
            _ => panic!("{name} is another"),
        };
        ways.push((name, way));
    }
    let refused = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    ways.push(("a refusal without end", Way::Flood(bytes(refused), bytes("x"))));
    let host = |number: usize| format!("peer{number}.invalid");
    let by_name = ways.iter().enumerate().map(|(number, (_, way))| (host(number), way.clone()));
    let proxy = Hostile::new(Way::ByName(by_name.collect()));
    let url = format!("http://{}", proxy.address());
    alone_with(no_proxy_keeps_a_client, &[("all_proxy", &*url)], || {
        let pki = Pki::new();
        let asked = |(number, (name, _)): (usize, &(&'static str, Way))| {
            [Ask::Check, Ask::Get, Ask::Plain].map(|what| (*name, what, host(number)))
        };
        let cases: Vec<_> = ways.iter().enumerate().flat_map(asked).collect();
        none_is_answered(&Settings::new().ca_certs(&pki.root), &cases);
    });
}

const CONNECTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// After a handshake of TLS 1.3 a server that has asked for a certificate is waited for, within the limit.
#[test]
fn who_asks_for_a_certificate_and_says_no_more_is_waited_for_within_the_limit() {
    alone(who_asks_for_a_certificate_and_says_no_more_is_waited_for_within_the_limit, || {
        let pki = Pki::new();
        let clients = Some((&*pki.client_ca, ClientCertificate::Optional));
        let config = Arc::new(tls_of(&[&TLS13], &pki.server(), clients));
        let settings = Settings::new().ca_certs(&pki.root);
        let limit = Duration::from_secs(1);
        for way in [Way::Stop(Vec::new()), Way::Drip(Vec::new(), bytes("x"))] {
            let server = Hostile::new(Way::Within(Arc::clone(&config), Box::new(way)));
            let name = format!("localhost:{}", server.address().port());
            let start = Instant::now();
            let seen = Client::with_time_limit(settings.clone(), limit).check(&name);
            let took = start.elapsed();
            seen.verdict.unwrap();
            assert!(seen.certificate_request.is_some());
            assert!(took < AT_MOST, "{took:?}");
        }
    });
}

/// The command on what a server sends: there is an answer, in time, and in no more memory than that takes.
fn answers(pki: &Pki, identity: &Identity, ask: &str) -> Run {
    let server = Server::https(identity);
    let start = Instant::now();
    let run = User::new().cacerts(&[ask, &server.url()]).option("--ca-certs", &pki.root).run();
    let (took, peak) = (start.elapsed(), run.peak >> 20);
    assert!(took < Duration::from_secs(10), "{took:?}: {run:?}");
    assert!(peak < MEMORY && peak > 0, "{peak} MiB: {run:?}");
    run
}

#[test]
fn more_certificates_than_anybody_sends_are_refused() {
    let pki = Pki::new();
    let server = pki.server();
    let many = pki.joined("many.pem", &vec![&*server.certificate; 10_000]);
    let large = pki.server_with("large", &["localhost"], |params| {
        let extension = CustomExtension::from_oid_content(&[1, 2, 3], vec![0; 10 << 20]);
        params.custom_extensions.push(extension);
    });
    for identity in [Identity { certificate: many, key: server.key.clone() }, large] {
        let run = answers(&pki, &identity, "check");
        assert!(run.stdout.contains("more than 64 KiB"), "{run:#?}");
        let run = answers(&pki, &identity, "get");
        run.not_reached(&["more than 64 KiB"]);
        assert!(!run.stderr.contains("does not speak TLS"), "{run:#?}");
    }
    answers(&pki, &server, "get").fetched();
}

/// Each has issued the one before, and those of one name are told apart by their keys alone. A server can send
/// 180 of them, in 64 KiB.
#[test]
fn cross_signed_certificates_are_judged_in_time() {
    const COUNT: usize = 90;
    let pki = Pki::new();
    let keys: Vec<_> = (0..=COUNT).map(|_| KeyPair::generate().unwrap()).collect();
    let names = ["One", "Other"].map(ca_params);
    let params = |number: usize| &names[number % 2];
    let own = KeyPair::generate().unwrap();
    let issuer = |number: usize| Issuer::from_params(params(number), &keys[number]);
    let leaf = server_params("localhost").signed_by(&own, &issuer(0)).unwrap();
    let mut chain: Vec<_> = (0..COUNT)
        .map(|number| params(number).signed_by(&keys[number], &issuer(number + 1)).unwrap())
        .collect();
    let length: usize = chain.iter().map(|certificate| certificate.der().len() + 5).sum();
    assert!(length < 63 << 10, "{length}");
    let key = pki.file("own.key", &own.serialize_pem());
    let near = params(3).self_signed(&keys[3]).unwrap().pem();
    let far = params(COUNT).self_signed(&keys[COUNT]).unwrap().pem();
    for (is_turned, store, code) in [(false, &near, 0), (true, &far, 1)] {
        if is_turned {
            chain.reverse();
        }
        let pem: String = [&leaf].into_iter().chain(&chain).map(|one| one.pem()).collect();
        let identity = Identity { certificate: pki.file("chain.pem", &pem), key: key.clone() };
        std::fs::write(&pki.root, store).unwrap();
        for ask in ["check", "get"] {
            let run = answers(&pki, &identity, ask);
            assert_eq!(run.code, Some(code), "{run:#?}");
        }
    }
}
