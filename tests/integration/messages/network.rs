//! What is not reached, speaks something else, or does not want this client.

use super::page::{Page, Started};
use crate::support::Server;
use crate::support::chains::{ca_params, identity, root, server_params};
use crate::support::dialog::{Dialog, answering, go_over, say as tell};
use crate::support::handshake::Ca;
use crate::support::openssl::OpensslServer;
use crate::support::server::{ClientCertificate, tls_of};
use rustls::ALL_VERSIONS;
use rustls::version::{TLS12, TLS13};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn say(page: &mut Page, silent: Silent) {
    page.head("## Servers that are not reached");
    page.head("### What answers");
    reached(page);
    page.head("### By a proxy");
    proxies(page);
    page.head("### Who wants a client certificate");
    clients(page);
    page.head("### What `get` does not follow");
    answers(page);
    silent.say(page);
}

fn reached(page: &mut Page) {
    page.case("Nobody listens", 3, "check --ca-certs root.pem 127.0.0.1:1");
    page.case("Nobody listens, for `get`", 3, "get --ca-certs root.pem https://127.0.0.1:1/");
    for (cause, text) in [
        ("HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"),
        ("IMAP", "* OK IMAP4rev1\r\n"),
        ("Something else", "\x1b[2Jwhat\r\n"),
    ] {
        let server = saying(text);
        page.case(cause, 3, &format!("check --ca-certs root.pem {}", server.name()));
    }
    let other = saying("* OK IMAP\r\n");
    let typed = format!("check --ca-certs root.pem --starttls smtp {}", other.name());
    page.case("Another protocol than the one that was named", 3, &typed);
    let without = Dialog::start(|socket| {
        tell(socket, "220 mail.example\r\n")?;
        tell(socket, "250 SIZE\r\n").map(drop)
    });
    let typed = format!("check --ca-certs root.pem --starttls smtp {}", without.name());
    page.case("It offers no TLS", 3, &typed);
    let closing = Dialog::start(|socket| {
        let mut head = [0; 5];
        socket.read_exact(&mut head)?;
        let mut rest = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        socket.read_exact(&mut rest)?;
        socket.shutdown(std::net::Shutdown::Both)
    });
    page.case("It hangs up", 3, &format!("check --ca-certs root.pem {}", closing.name()));
    let authority = root(ca_params(&"x".repeat(3000)));
    let files = identity(&page.pki, &authority, &server_params("localhost"), &[&authority; 15]);
    let large = Server::https(&files);
    let typed = format!("check --ca-certs root.pem localhost:{}", large.address().port());
    page.case("It sends too many certificates", 3, &typed);
    let typed = format!("get --ca-certs root.pem {}", large.url());
    page.case("It sends too many certificates, for `get`", 3, &typed);
    let old = Server::https_of_tls12(&page.pki.server());
    let port = old.address().port();
    let typed = format!("check --ca-certs root.pem --tls-min 1.3 localhost:{port}");
    page.case("No TLS version in common, because of an argument", 1, &typed);
    let typed = format!("get --ca-certs root.pem --tls-min 1.3 https://localhost:{port}/");
    page.case("The same, for `get`", 1, &typed);
    page.configure("min_tls_version = \"1.3\"\n");
    let typed = format!("check --ca-certs root.pem localhost:{port}");
    page.case("No TLS version in common, because of the configuration", 1, &typed);
    page.configure("");
}

fn proxies(page: &mut Page) {
    let mut through = |cause: &str, typed: &str, proxy: &str| {
        page.case_with(cause, 3, typed, &[("https_proxy", proxy)]);
    };
    let typed = "check --ca-certs root.pem localhost:443";
    through("It refuses the connection", typed, "http://me:secret@127.0.0.1:1");
    for (cause, status) in [
        ("It wants a password", "407 Proxy Authentication Required"),
        ("It does not let this machine go there", "403 Forbidden"),
        ("It does not reach the server", "502 Bad Gateway"),
    ] {
        let proxy = answering(status);
        let url = format!("http://{}", proxy.address());
        through(cause, typed, &url);
        through("The same, for `get`", "get --ca-certs root.pem https://localhost/", &url);
        if status.starts_with("407") {
            let url = format!("http://me:secret@{}", proxy.address());
            through("It does not take that password", typed, &url);
        }
    }
    let config = Arc::new(tls_of(ALL_VERSIONS, &page.pki.server_of_other_root(), None));
    let proxy = Dialog::start(move |socket| {
        while !tell(socket, "")?.is_empty() {}
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        go_over(socket, &config)
    });
    let url = format!("http://{}", proxy.address());
    let set = [("https_proxy", &*url)];
    page.case_with("It shows certificates of its own", 1, typed, &set);
    let typed = "get --ca-certs root.pem https://localhost/";
    page.case_with("The same, for `get`", 1, typed, &set);
}

/// Servers and proxies that the system connects to, and nobody is there: it takes fifteen seconds until they
/// are given up on, thirty where the one that is meant says nothing more, in which the rest of the page is written.
pub(super) struct Silent {
    started: Vec<Started>,
    _nobody: TcpListener,
    _busy: Dialog,
}

impl Silent {
    pub(super) fn start(page: &Page) -> Self {
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = nobody.local_addr().unwrap();
        let proxy = format!("http://{address}");
        let check = format!("check --ca-certs root.pem {address}");
        let mail = format!("check --ca-certs root.pem --starttls smtp {address}");
        let get = format!("get --ca-certs root.pem https://{address}/");
        let check_through = "check --ca-certs root.pem localhost:443";
        let get_through = "get --ca-certs root.pem https://localhost/";
        let set = [("https_proxy", &*proxy)];
        let config = Arc::new(tls_of(ALL_VERSIONS, &page.pki.server(), None));
        let busy = Dialog::start(move |socket| {
            socket.set_read_timeout(Some(Duration::from_secs(60)))?;
            go_over(socket, &config)
        });
        let page_of_it = format!("get --ca-certs root.pem https://{}/", busy.name());
        let started = vec![
            page.start("A server", &check, &[]),
            page.start("The same, for `get`", &get, &[]),
            page.start("A server that is asked in another protocol first", &mail, &[]),
            page.start("A proxy", check_through, &set),
            page.start("The same, for `get`", get_through, &set),
            page.start(
                "A server that is trusted, and does not answer what it is asked",
                &page_of_it,
                &[],
            ),
        ];
        Self { started, _nobody: nobody, _busy: busy }
    }

    fn say(self, page: &mut Page) {
        page.head("### Who does not answer in time");
        self.started.into_iter().for_each(|started| page.end(3, started));
    }
}

fn clients(page: &mut Page) {
    let identity = page.pki.server();
    page.pki.expired_client();
    page.pki.stranger();
    for (version, versions) in [("1.2", [&TLS12]), ("1.3", [&TLS13])] {
        let clients = Some((&*page.pki.client_ca, ClientCertificate::Required));
        let server = Server::of(tls_of(&versions, &identity, clients));
        let port = server.address().port();
        for (cause, client) in [
            ("It is shown none", ""),
            (
                "It is shown one that has expired",
                "--cert expired-client.pem --key expired-client.key ",
            ),
            ("It is shown one of another CA", "--cert stranger.pem --key stranger.key "),
        ] {
            let typed = format!("check --ca-certs root.pem {client}localhost:{port}");
            page.case(&format!("{cause} (TLS {version})"), 1, &typed);
        }
    }
    let ca = Ca::new("Example CA");
    page.pki.file("example-ca.pem", &ca.pem);
    let mut later = OpensslServer::start_typed(&ca.identity(page.pki.directory()), &["-tls1_2"]);
    let typed =
        format!("get --ca-certs example-ca.pem https://localhost:{}/", later.address().port());
    let started = page.start("It asks for one when there is a request", &typed, &[]);
    later.await_said("GET / ");
    later.type_in("R\n");
    page.end(1, started);
}

fn answers(page: &mut Page) {
    let identity = page.pki.server();
    let bad = Server::https_without_page(&identity);
    page.case("No success", 1, &format!("get --ca-certs root.pem {}", bad.url()));
    let away = Server::redirecting("http://localhost/", Some(&identity));
    page.case(
        "A redirect that leaves https",
        1,
        &format!("get --ca-certs root.pem {}", away.url()),
    );
}

/// Says something, and hangs up.
fn saying(text: &'static str) -> Dialog {
    Dialog::start(move |socket| {
        socket.write_all(text.as_bytes())?;
        socket.shutdown(std::net::Shutdown::Write)?;
        io::copy(socket, &mut io::sink()).map(drop)
    })
}
