//! Nothing that files and peers say is obeyed by a terminal, forges a line, or is without end.

use crate::support::command::{Run, text};
use crate::support::{Pki, Server, User};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

/// Clears the screen, ends the line and writes another one, turns red by C1, turns the direction of
/// writing, and hides something.
const HOSTILE: &str = "evil\x1b[2J\r\nFORGED \u{9b}31m\u{202e}moc\u{200b}\u{e0041}";

/// Whether a terminal or a reader could be deceived: by the list of the Unicode standard's general
/// categories, and not by the one in the program.
fn acts(c: char) -> bool {
    let is_ours = matches!(c, '\n' | '\u{fffd}');
    !is_ours && (c.is_control() || c != ' ' && format!("{c:?}").contains(r"\u{"))
}

#[track_caller]
fn is_calm(run: &Run) {
    for output in [&run.stdout, &run.stderr] {
        assert!(!output.contains(acts), "{run:#?}");
        assert!(!output.lines().any(|line| line.starts_with("FORGED")), "{run:#?}");
        assert!(output.lines().all(|line| line.len() < 20_000), "{run:#?}");
    }
    assert!(run.stdout.contains("evil") || run.stderr.contains("evil"), "{run:#?}");
}

#[test]
fn names_of_files_are_not_obeyed() {
    let (pki, user) = (Pki::new(), User::new());
    let directory = pki.directory().join(HOSTILE);
    fs::create_dir(&directory).unwrap();
    let bundle = directory.join(format!("{HOSTILE}.pem"));
    fs::copy(&pki.root, &bundle).unwrap();
    fs::copy(pki.garbage(), directory.join("damaged.pem")).unwrap();
    let (bundle, directory) = (text(&bundle), text(&directory));
    // The one place where a line may be forged: by who gives the arguments.
    let one_line = HOSTILE.replace('\n', "");
    let bogus = format!("--{one_line}");
    for arguments in [
        &["explain", "--ca-certs", directory][..],
        &["explain", "--json", "--ca-certs", directory],
        &["list", "--ca-certs", directory],
        &["inspect", directory, bundle],
        &["inspect", "--json", bundle],
        &["get", "https://localhost:1/", "--ca-certs", bundle, "--cert", directory],
        &["get", "https://localhost:1/", "--verbose", "--ca-certs", bundle],
        &["check", "localhost:1", "--ca-certs", directory, "--extra-ca-certs", HOSTILE],
        &["path", "--config", HOSTILE],
        &["config", "set", "ca_certs", HOSTILE],
        &["config", "get", HOSTILE],
        &["check", "--json", HOSTILE],
        &["list", &bogus],
        &["list", "--tls-min", &one_line],
    ] {
        is_calm(&user.cacerts(arguments).run());
    }
    let server = Server::https(&pki.server());
    let other = directory.to_owned() + "/other.pem";
    fs::copy(&pki.other, &other).unwrap();
    is_calm(&user.get(&server.url()).option("--ca-certs", &other).run());
    is_calm(&user.cacerts(&["check", &server.url(), "--json", "--ca-certs", &other]).run());
    // A program gets what it can open.
    let run = user.cacerts(&["path", "--ca-certs", bundle]).run();
    assert_eq!((run.code, run.stdout), (Some(0), format!("{bundle}\n")));
}

#[test]
fn a_blank_in_a_path_can_be_seen() {
    let (pki, user) = (Pki::new(), User::new());
    for end in [" ", "\r", "\u{a0}"] {
        let path = PathBuf::from(text(&pki.root).to_owned() + end);
        let run = user.cacerts(&["list"]).env("SSL_CERT_FILE", &path).run();
        run.misconfigured(&[&format!("SSL_CERT_FILE names {path:?}, which does not exist")]);
        let config = format!("ca_certs = {:?}\n", text(&pki.root).to_owned() + "*");
        let configured = User::with_config(
            &config.replace('*', &end.escape_default().to_string().replace("\\u{a0}", "\\u00a0")),
        );
        configured.cacerts(&["list"]).run().misconfigured(&[&format!("names {path:?}, which")]);
    }
}

#[test]
fn names_in_certificates_are_not_obeyed() {
    let (pki, user) = (Pki::new(), User::new());
    let root = pki.root_named(HOSTILE);
    for arguments in [&["list"][..], &["list", "--json"]] {
        let run = user.cacerts(arguments).option("--ca-certs", &root).run();
        is_calm(&run);
        assert_eq!(run.code, Some(0), "{run:#?}");
    }
    let names: Vec<_> =
        (0..3000).map(|n| format!("evil{n}.\x1b[31m\r\nFORGED\x07.example")).collect();
    let server = Server::https(&pki.server_with_any_names(&names[..200]));
    let get = |arguments: &[&str]| {
        user.cacerts(arguments).arg(server.url()).option("--ca-certs", &pki.root).run()
    };
    for arguments in [&["get"][..], &["check"], &["check", "--json"]] {
        let run = get(arguments);
        is_calm(&run);
        assert_eq!(run.code, Some(1), "{run:#?}");
    }
    let names: Vec<_> = (0..1500).map(|n| format!("evil{n}.example")).collect();
    let server = Server::https(&pki.server_with_any_names(&names));
    let run = user.get(&server.url()).option("--ca-certs", &pki.root).run();
    is_calm(&run);
    assert!(run.stderr.len() < 8000, "{run:#?}");
}

#[test]
fn what_servers_and_proxies_answer_is_not_obeyed() {
    let (pki, user) = (Pki::new(), User::new());
    // A header has no control characters but those of C1.
    let hostile = "evil\u{9b}31m\u{202e}\u{200b}";
    for to in
        [format!("https://a.example/{hostile}"), format!("{hostile}://x"), hostile.repeat(1500)]
    {
        let plain = Server::redirecting(&to, None);
        is_calm(&user.get(&plain.url()).run());
        let tls = Server::redirecting(&format!("http://a.example/{to}"), Some(&pki.server()));
        is_calm(&user.get(&tls.url()).option("--ca-certs", &pki.root).run());
    }
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    let answer = format!("HTTP/1.1 403 {hostile}\r\nVia: {hostile}\r\n\r\n");
    let answering = thread::spawn(move || {
        let (mut socket, _) = proxy.accept().unwrap();
        let _ = socket.read(&mut [0; 4096]);
        socket.write_all(answer.as_bytes()).unwrap();
    });
    let get = user.get("https://evil.example/").option("--ca-certs", &pki.root);
    let run = get.env("https_proxy", format!("http://{address}")).run();
    answering.join().unwrap();
    is_calm(&run);
}
