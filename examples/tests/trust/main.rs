//! Runs every example against a real server, once with a bundle that holds the server's CA, and once
//! with a bundle that holds another.

mod postgres;
mod protocols;
mod support;

use protocols::BODY;
use support::pki::Pki;
use support::run::Program;
use support::server::{Outcome, Server};

const HTTP: &[&str] = &["h2", "http/1.1"];

#[test]
fn ureq() {
    let pki = Pki::new();
    let server = Server::start(&pki, HTTP, protocols::http);
    let program = Program::new(env!("CARGO_BIN_EXE_ureq"), server.url("https"));
    trusts_what_cacerts_trusts(&pki, &server, &program, &format!("HTTP/1.1: {BODY}\n"));
}

#[test]
fn reqwest() {
    let pki = Pki::new();
    let server = Server::start(&pki, HTTP, protocols::http);
    let program = Program::new(env!("CARGO_BIN_EXE_reqwest"), server.url("https"));
    trusts_what_cacerts_trusts(&pki, &server, &program, &format!("HTTP/2.0: {BODY}\n"));
}

#[test]
fn hyper_rustls() {
    let pki = Pki::new();
    let server = Server::start(&pki, HTTP, protocols::http);
    let program = Program::new(env!("CARGO_BIN_EXE_hyper-rustls"), server.url("https"));
    trusts_what_cacerts_trusts(&pki, &server, &program, &format!("HTTP/2.0: {BODY}\n"));
}

#[test]
fn tokio_rustls() {
    let pki = Pki::new();
    let server = Server::start(&pki, HTTP, protocols::http);
    let program = Program::new(env!("CARGO_BIN_EXE_tokio-rustls"), server.address());
    trusts_what_cacerts_trusts(&pki, &server, &program, &format!("\r\n\r\n{BODY}\n"));
}

#[test]
fn tonic() {
    let pki = Pki::new();
    let server = Server::start(&pki, &["h2"], protocols::grpc_health);
    let program = Program::new(env!("CARGO_BIN_EXE_tonic"), server.url("https"));
    trusts_what_cacerts_trusts(&pki, &server, &program, "Serving\n");
}

#[test]
fn tokio_tungstenite() {
    let pki = Pki::new();
    let server = Server::start(&pki, &[], protocols::websocket_echo);
    let program = Program::new(env!("CARGO_BIN_EXE_tokio-tungstenite"), server.url("wss"));
    trusts_what_cacerts_trusts(&pki, &server, &program, "an echo\n");
}

#[test]
fn lettre() {
    let pki = Pki::new();
    let server = Server::start(&pki, &[], protocols::smtp);
    let program = Program::new(env!("CARGO_BIN_EXE_lettre"), server.address());
    trusts_what_cacerts_trusts(&pki, &server, &program, "2.0.0 queued as 1\n");
}

/// This one has a server of its own, which keeps a log.
#[test]
fn tokio_postgres() {
    let pki = Pki::new();
    let server = postgres::Server::start(&pki);
    let program = Program::new(env!("CARGO_BIN_EXE_tokio-postgres"), server.url());

    program.run(&pki.other).refused();
    server.wait_for("tlsv1 alert unknown ca");
    program.run_with_directory(&pki.other, &pki.decoy).refused();
    program.run(&pki.missing()).misconfigured();
    assert!(!server.log().contains("connection authorized"), "{}", server.log());

    program.run(&pki.bundle).printed("TLSv1.3\n");
    server.wait_for("connection authorized");
}

/// A server that would have gone on without TLS is left alone.
#[test]
fn tokio_postgres_asks_nothing_without_tls() {
    let pki = Pki::new();
    let server = postgres::Server::start_without_tls(&pki);
    let program = Program::new(env!("CARGO_BIN_EXE_tokio-postgres"), server.url());
    program.run(&pki.bundle).failed("server does not support TLS");
    assert!(!server.log().contains("connection authorized"), "{}", server.log());
}

/// The whole of it: another CA, one that only others would find, no bundle at all, and the right one.
#[track_caller]
fn trusts_what_cacerts_trusts(pki: &Pki, server: &Server, program: &Program, printed: &str) {
    program.run(&pki.other).refused();
    assert_eq!(server.next(), Outcome::BrokenOff);
    program.run_with_directory(&pki.other, &pki.decoy).refused();
    program.run(&pki.missing()).misconfigured();
    assert!(server.has_heard_no_request());

    program.run(&pki.bundle).printed(printed);
    assert!(!server.has_heard_no_request());
}
