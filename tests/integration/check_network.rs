//! `cacerts check` of what is not reached, speaks something else, or does not want this client.

use crate::support::chains::{ca_params, identity, root, server_params, store};
use crate::support::check::{check, check_with};
use crate::support::command::text;
use crate::support::dialog::{Dialog, answering, go_over, say, tunnel};
use crate::support::server::{ClientCertificate, tls_of};
use crate::support::{Identity, Pki, Server, Setup, User, Versions};
use rustls::version::{TLS12, TLS13};
use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

#[test]
fn what_is_not_tls_is_told_by_what_it_is() {
    let pki = Pki::new();
    let says = |text: &'static [u8]| {
        Dialog::start(move |socket| {
            socket.write_all(text)?;
            socket.shutdown(std::net::Shutdown::Write)?;
            io::copy(socket, &mut io::sink()).map(drop)
        })
    };
    for (text, reason, words) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "plain-http", "speaks HTTP without TLS"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "other-protocol", "speaks SSH"),
        (b"\x1b[2Jwhat\r\n", "not-tls", "it says \"\\u{1b}[2Jwhat\\"),
    ] {
        check(&pki.root, &says(text).name()).says(3, reason, &[words]);
    }
    let other = says(b"* OK IMAP\r\n");
    let seen = check_with(&pki.root, &["--starttls", "smtp", &other.name()], &[]);
    seen.says(3, "other-protocol", &["speaks another protocol here: IMAP"]);
    let without = Dialog::start(|socket| {
        say(socket, "220 mail.example\r\n")?;
        say(socket, "250 SIZE\r\n").map(drop)
    });
    let seen = check_with(&pki.root, &["--starttls", "smtp", &without.name()], &[]);
    seen.says(3, "no-starttls", &["offers no TLS"]);
    let closing = Dialog::start(|socket| socket.read(&mut [0; 16]).map(drop));
    check(&pki.root, &closing.name()).says(3, "closed", &["breaks off the connection"]);
    let seen = check_with(&pki.root, &["--starttls", "postgres", &closing.name()], &[]);
    seen.says(3, "closed", &["breaks off the connection before TLS", "leave that out"]);
    let server = Server::https(&pki.server());
    let name = server.address().to_string();
    let seen = check_with(&pki.root, &["--starttls", "postgres", &name], &[]);
    seen.says(3, "starttls-not-needed", &["begins with TLS on this port"]);
    check(&pki.root, &name).trusts();
}

/// More than clients take of certificates.
#[test]
fn a_chain_of_more_than_64_kib_is_told() {
    let pki = Pki::new();
    let authority = root(ca_params(&"x".repeat(3000)));
    let params = server_params("localhost");
    let store = store(&pki, &[&authority]);
    for (count, is_taken) in [(5, true), (15, false)] {
        let sent = vec![&authority; count];
        let server = Server::https(&identity(&pki, &authority, &params, &sent));
        let seen = check(&store, &server.url());
        match is_taken {
            true => seen.trusts(),
            false => seen.says(3, "chain-too-large", &["more than 64 KiB"]),
        }
    }
}

#[test]
fn what_is_not_reached_is_told_and_by_whom() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let port = server.address().port();
    let name = format!("localhost:{port}");
    check(&pki.root, "127.0.0.1:1").says(3, "refused", &["127.0.0.1:1 refuses the connection"]);
    // Without a network nobody says that there is no such name. tests/servers has DNS that does, and none.
    let is_silent = "nosuch.invalid:443".to_socket_addrs().is_err_and(|e| {
        let said = e.to_string();
        said.ends_with("Temporary failure in name resolution") || said.ends_with("Try again")
    });
    let [reason, proxy_reason, words] = match is_silent {
        true => ["lookup-failed", "proxy-lookup-failed", "nosuch.invalid:443 cannot be looked up"],
        false => ["unknown-host", "proxy-unknown-host", "nosuch.invalid:443 is not known"],
    };
    check(&pki.root, "nosuch.invalid").says(3, reason, &[words]);
    let through = |proxy: &str| check_with(&pki.root, &[&name], &[("https_proxy", proxy)]);
    let seen = through("http://user:secret@127.0.0.1:1");
    seen.says(
        3,
        "proxy-refused",
        &["was not reached: the proxy http://127.0.0.1:1 (https_proxy) refuses"],
    );
    assert!(!seen.text.contains("secret"), "{}", seen.text);
    assert_eq!(seen.json["proxy"]["setting"], "https_proxy");
    through("http://nosuch.invalid:3128").says(3, proxy_reason, &["nosuch.invalid:3128"]);
    for (status, reason, words) in [
        ("407 Proxy Authentication Required", "proxy-authentication", "USER:PASSWORD@HOST:PORT"),
        ("403 Forbidden", "proxy-forbidden", "does not let this machine go there"),
        ("502 Bad Gateway", "proxy-failed", "(502)"),
    ] {
        let proxy = answering(status);
        through(&format!("http://{}", proxy.address())).says(3, reason, &[words]);
    }
    // The number of a port is no answer.
    let proxy = answering("403 Forbidden");
    let url = format!("http://{}", proxy.address());
    check_with(&pki.root, &["localhost:443"], &[("https_proxy", &url)]).says(
        3,
        "proxy-forbidden",
        &["does not let this machine go there (403)"],
    );
    let proxy = answering("407 Proxy Authentication Required");
    through(&format!("http://user:secret@{}", proxy.address())).says(
        3,
        "proxy-authentication",
        &["does not accept the user and password that are in https_proxy (407)"],
    );
    let proxy = answering("407 No\r\nProxy-Authenticate: Negotiate");
    through(&format!("http://{}", proxy.address())).says(
        3,
        "proxy-authentication",
        &["has to allow Basic"],
    );
    // One that does as it should, and the one that is not asked.
    let proxy = tunnel();
    let seen = through(&format!("http://{}", proxy.address()));
    seen.trusts();
    assert!(seen.words().contains(&format!("through http://{} (https_proxy)", proxy.address())));
    assert_eq!(seen.json["address"], proxy.address().to_string());
    let variables = [("https_proxy", "http://127.0.0.1:1"), ("no_proxy", "localhost")];
    let seen = check_with(&pki.root, &[&name], &variables);
    seen.trusts();
    assert!(seen.json["proxy"].is_null(), "{}", seen.text);
}

/// A proxy that opens TLS connections, and shows certificates of its own.
#[test]
fn an_intercepting_proxy_is_named() {
    let pki = Pki::new();
    let config = Arc::new(tls_of(rustls::ALL_VERSIONS, &pki.server_of_other_root(), None));
    let proxy = Dialog::start(move |socket| {
        while !say(socket, "")?.is_empty() {}
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        go_over(socket, &config)
    });
    let url = format!("http://{}", proxy.address());
    let seen = check_with(&pki.root, &["localhost"], &[("https_proxy", &url)]);
    let whose = format!("if \"Other Root\" is that, whoever runs {url} has its certificate");
    seen.says(
        1,
        "unknown-issuer",
        &[&format!("through {url} (https_proxy)"), "wanted Other Root", &whose],
    );
    check_with(&pki.other, &["localhost"], &[("https_proxy", &url)]).trusts();
}

#[test]
fn a_server_that_wants_a_client_certificate_is_told() {
    let pki = Pki::new();
    let identity = pki.server();
    let with = |client: &Identity, server: &Server| {
        let (cert, key) = (text(&client.certificate), text(&client.key));
        check_with(&pki.root, &["--cert", cert, "--key", key, &server.url()], &[])
    };
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let clients = Some((&*pki.client_ca, ClientCertificate::Required));
        let server = Server::of(tls_of(versions, &identity, clients));
        let seen = check(&pki.root, &server.url());
        seen.says(
            1,
            "client-certificate-required",
            &["--cert FILE and --key FILE", "CN=Client Root"],
        );
        let request = &seen.json["certificate_request"];
        assert_eq!(request["authorities"], serde_json::json!(["CN=Client Root"]));
        assert_eq!(request["shown"], false);
        with(&pki.expired_client(), &server).says(
            1,
            "client-certificate-expired",
            &["because it has expired"],
        );
        let seen = with(&pki.stranger(), &server);
        seen.says(1, "client-certificate-unknown-ca", &["does not know its CA", "CN=Client Root"]);
        let seen = with(&pki.client(), &server);
        seen.trusts();
        assert!(
            seen.words().contains("asked for a certificate, and was shown one"),
            "{}",
            seen.text
        );
    }
    let server = Server::https_for(&pki.client_ca, ClientCertificate::Optional, &identity);
    let seen = check(&pki.root, &server.url());
    seen.trusts();
    assert!(seen.words().contains("was shown none"), "{}", seen.text);
    assert!(
        check(&pki.root, &Server::https(&identity).url()).json["certificate_request"].is_null()
    );
}

/// As other servers say it, each in its way.
#[test]
fn servers_of_other_makes_want_a_client_certificate_too() {
    let pki = Pki::new();
    let (identity, stranger) = (pki.server(), pki.stranger());
    let key = ["--cert", text(&stranger.certificate), "--key", text(&stranger.key)];
    for versions in [Versions::Only12, Versions::Only13] {
        let setup = Setup::new(&identity).versions(versions);
        setup.clients(&pki.client_ca, ClientCertificate::Required).with_each(|server| {
            let url = format!("localhost:{}", server.port());
            let without = check(&pki.root, &url);
            let with = check_with(&pki.root, &[&key[..], &[&url]].concat(), &[]);
            // It goes on with TLS, and refuses in HTTP.
            if server.name() == "nginx" {
                without.trusts();
                assert!(without.words().contains("asked for a certificate"), "{}", without.text);
                return;
            }
            without.says(1, "client-certificate-required", &[]);
            with.says(1, "client-certificate-unknown-ca", &[]);
        });
    }
}

#[test]
fn no_common_version_is_told() {
    let pki = Pki::new();
    let identity = pki.server();
    Setup::new(&identity).versions(Versions::Only11).with_each(|server| {
        let seen = check(&pki.root, &format!("localhost:{}", server.port()));
        seen.says(1, "no-common-version", &["no TLS version in common"]);
    });
    let server = Server::https_of_tls12(&identity);
    let seen = check_with(&pki.root, &["--tls-min", "1.3", &server.url()], &[]);
    seen.says(1, "no-common-version", &["--tls-min"]);
}

#[test]
fn what_is_given_for_a_server_is_taken_or_refused() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let port = server.address().port().to_string();
    check_with(&pki.root, &["localhost", &port], &[]).trusts();
    // An IPv6 address with and without brackets, where there is one.
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        let server = Server::https_on(Ipv6Addr::LOCALHOST.into(), &pki.server());
        let port = server.address().port().to_string();
        for arguments in [&["::1", &port][..], &["[::1]", &port], &[&format!("[::1]:{port}")]] {
            let seen = check_with(&pki.root, arguments, &[]);
            seen.trusts();
            assert_eq!(seen.json["server"], format!("[::1]:{port}"));
            assert!(!seen.text.contains("name "), "{}", seen.text);
        }
    }
    let user = User::new();
    for arguments in [
        &["http://localhost/"][..],
        &["localhost:1", "2"],
        &["smtp://localhost", "--starttls", "imap"],
        &["localhost", "65536"],
        &["localhost", "--server-name", "not a name"],
    ] {
        let run = user.cacerts(&[&["check"], arguments].concat());
        let run = run.option("--ca-certs", &pki.root).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:#?}");
    }
}

#[test]
fn a_port_that_is_none_is_said_to_be_one() {
    let user = User::new();
    let no_proxy: &[(&str, &str)] = &[];
    for (arguments, variables, words) in [
        (&["check", "localhost:99999"][..], no_proxy, "from 1 to 65535"),
        (&["check", "localhost:0"], no_proxy, "from 1 to 65535"),
        (&["check", "https://localhost:99999/"], no_proxy, "from 1 to 65535"),
        (&["check", "smtp://localhost:99999"], no_proxy, "from 1 to 65535"),
        (&["check", "[::1]:https"], no_proxy, "from 1 to 65535"),
        (&["check", "localhost", "--connect", "127.0.0.1:65536"], no_proxy, "from 1 to 65535"),
        (&["check", "localhost", "99999"], no_proxy, "1..=65535"),
        (&["check", "localhost", "0"], no_proxy, "1..=65535"),
        (&["get", "https://localhost:99999/"], no_proxy, "from 1 to 65535"),
        (&["get", "http://localhost:0/"], no_proxy, "from 1 to 65535"),
        (&["get", "https://a.test/"], &[("https_proxy", "localhost:65536")], "from 1 to 65535"),
        (&["get", "http://a.test/"], &[("http_proxy", "http://h:0")], "from 1 to 65535"),
        (&["check", "a.test"], &[("all_proxy", "http://u:p@h:x")], "from 1 to 65535"),
    ] {
        let run = user.cacerts(arguments);
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains(words), "{arguments:?}: {run:#?}");
    }
}

/// HTTP/2 is offered where a browser would, and nowhere else.
#[test]
fn the_application_protocol_is_told() {
    let pki = Pki::new();
    let mut config = tls_of(rustls::ALL_VERSIONS, &pki.server(), None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let server = Server::of(config);
    assert_eq!(check(&pki.root, &server.url()).json["alpn"], "h2");
    let seen = check(&pki.root, &format!("localhost:{}", server.address().port()));
    seen.trusts();
    assert!(seen.json["alpn"].is_null(), "{}", seen.text);
    // The scheme counts also where the port is a word of its own.
    let port = server.address().port().to_string();
    let seen = check_with(&pki.root, &["https://localhost/x", &port], &[]);
    seen.trusts();
    assert_eq!(seen.json["alpn"], "h2");
    let run = User::new().cacerts(&["check", "http://localhost/", &port]).run();
    run.misconfigured(&["has no handshake to check"]);
}
