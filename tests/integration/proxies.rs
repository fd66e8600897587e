//! Proxies: how they are asked, what is reached without them, and who is to blame for what.

use crate::support::command::{Run, run};
use crate::support::proxy::{BASIC, Way, refusal};
use crate::support::{Pki, Proxy, Server, User, alone_with};
use cacerts::{Client, Settings};
use std::env;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

/// The name is known to the proxy alone.
const UNKNOWN: &str = "web.corp.invalid";

/// What a server behind a proxy is asked for, by whom, with which store.
struct World {
    pki: Pki,
    user: User,
    tls: Server,
    plain: Server,
}

impl World {
    fn new() -> Self {
        let pki = Pki::new();
        let tls = Server::https(&pki.server_for("unknown", &[UNKNOWN, "localhost", "127.0.0.1"]));
        Self { user: User::new(), tls, plain: Server::http(), pki }
    }

    fn get(&self, url: &str, variables: &[(&str, &str)]) -> Run {
        let run = self.user.get(url).option("--ca-certs", &self.pki.root);
        variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run()
    }

    fn check(&self, url: &str, variables: &[(&str, &str)]) -> Run {
        let run = self.user.cacerts(&["check", url]).option("--ca-certs", &self.pki.root);
        variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run()
    }
}

#[test]
fn a_tunnel_leads_to_a_server_whose_name_only_the_proxy_knows() {
    let world = World::new();
    let proxy = Proxy::new(Way::To(world.tls.address()));
    let url = world.tls.url_as(UNKNOWN);
    world.get(&url, &[("https_proxy", &proxy.url())]).fetched();
    assert_eq!(world.check(&url, &[("ALL_PROXY", &proxy.url())]).code, Some(0));
    let [get, check] = &proxy.heads()[..] else { panic!("{:?}", proxy.heads()) };
    let server = url.trim_start_matches("https://").trim_end_matches('/');
    for head in [get, check] {
        assert!(head.starts_with(&format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n")));
        assert!(!head.contains("Proxy-Authorization"), "{head}");
    }
    // Without the proxy nobody knows it.
    let run = world.get(&url, &[]);
    run.not_reached(&[&format!("the name of {server} cannot be looked up")]);
    assert!(!run.stderr.contains("proxy"), "{run:?}");
}

#[test]
fn plain_http_is_asked_for_by_its_whole_address() {
    let world = World::new();
    let proxy = Proxy::new(Way::To(world.plain.address()));
    let url = world.plain.url_as(UNKNOWN) + "a/b?c=d";
    world.get(&url, &[("http_proxy", &proxy.url())]).fetched();
    let with_user = url.replace("//", "//user:secret@");
    world.get(&with_user, &[("http_proxy", &proxy.url())]).fetched();
    let [first, second] = &proxy.heads()[..] else { panic!("{:?}", proxy.heads()) };
    for head in [first, second] {
        assert!(head.starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{head}");
        assert!(!head.contains("Proxy-Authorization"), "{head}");
    }
    assert!(second.to_lowercase().contains("\r\nauthorization: basic "), "{second}");
    // It is another scheme's, and in capitals a CGI program's.
    let direct = world.plain.url();
    world.get(&direct, &[("https_proxy", "http://127.0.0.1:1")]).fetched();
    world.get(&direct, &[("HTTP_PROXY", "http://127.0.0.1:1")]).fetched();
    assert_eq!(proxy.heads().len(), 2);
}

/// Each request of a client names the whole address, on whichever connection it goes.
#[test]
fn a_client_asks_a_proxy_again() {
    let proxy = Proxy::new(Way::Keep("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let mut is_alone = false;
    let variables = [("http_proxy", &*proxy.url_for("user:secret")), ("no_proxy", "a.test")];
    alone_with(a_client_asks_a_proxy_again, &variables, || {
        is_alone = true;
        let client = Client::new(Settings::new());
        let shown = client.proxy_for(&format!("http://{UNKNOWN}/")).unwrap().unwrap().to_string();
        assert!(
            shown.starts_with("http://127.0.0.1:") && shown.ends_with(" (http_proxy)"),
            "{shown}"
        );
        assert!(client.proxy_for("http://web.a.test/").unwrap().is_none());
        assert!(client.proxy_for(&format!("https://{UNKNOWN}/")).unwrap().is_none());
        for path in ["a", "b", "c"] {
            let mut response = client.get(&format!("http://{UNKNOWN}/{path}")).unwrap();
            assert_eq!(response.proxy().unwrap().variable(), "http_proxy");
            let mut body = String::new();
            response.read_to_string(&mut body).unwrap();
            assert_eq!(body, "ok");
        }
    });
    // The process that has the test alone was told of this one's proxy.
    if !is_alone {
        let heads = proxy.heads();
        let lines: Vec<_> = heads.iter().map(|head| head.lines().next().unwrap()).collect();
        assert_eq!(
            lines,
            ["a", "b", "c"].map(|path| format!("GET http://{UNKNOWN}/{path} HTTP/1.1"))
        );
    }
}

#[test]
fn user_and_password_are_sent_decoded() {
    let world = World::new();
    // `us@er:pa:ss w%rd` in base64.
    let known = "Basic dXNAZXI6cGE6c3MgdyVyZA==";
    let user = "us%40er:pa:ss%20w%25rd";
    for (variable, server) in [("https_proxy", &world.tls), ("http_proxy", &world.plain)] {
        let proxy = Proxy::new(Way::ToKnown(server.address(), known));
        let url = server.url_as(UNKNOWN);
        world.get(&url, &[(variable, &proxy.url_for(user))]).fetched();
        let run = world.get(&url, &[(variable, &proxy.url())]);
        run.not_reached(&[&format!(
            "the proxy {} ({variable}) wants a user and password (407 Proxy Authentication Required); put \
             them into {variable}: http://USER:PASSWORD@HOST:PORT",
            proxy.url()
        )]);
        let run = world.get(&url, &[(variable, &proxy.url_for("us%40er:secret"))]);
        run.not_reached(&["does not accept the user and password that are in", variable]);
        assert!(!run.stderr.contains("secret"), "{run:?}");
    }
}

/// Somebody who has set a proxy does not want to be connected without.
#[test]
fn a_proxy_that_cannot_be_used_is_an_error() {
    let world = World::new();
    let url = world.tls.url();
    for (variable, value) in [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("https_proxy", "https://127.0.0.1:1"),
        ("HTTPS_PROXY", "::"),
    ] {
        world.get(&url, &[(variable, value)]).misconfigured(&[variable, "names no proxy"]);
    }
    assert_eq!(world.tls.connections(), 0);
    let except = ("no_proxy", "localhost");
    world.get(&url, &[("ALL_PROXY", "socks5://127.0.0.1:1"), except]).fetched();
}

#[test]
fn no_proxy_is_kept_to() {
    let world = World::new();
    let nowhere = ("https_proxy", "http://127.0.0.1:1");
    let url = world.tls.url_as("127.0.0.1");
    let port = world.tls.address().port();
    for (list, is_covered) in [
        ("127.0.0.0/8", true),
        ("10.0.0.0/8", false),
        (&*format!("127.0.0.1:{port}"), true),
        ("127.0.0.1:1", false),
        ("a.test, *", true),
        ("", false),
    ] {
        let run = world.get(&url, &[nowhere, ("no_proxy", list)]);
        match is_covered {
            true => run.fetched(),
            false => run.not_reached(&["(https_proxy) refuses the connection"]),
        }
    }
    world.get(&world.tls.url(), &[nowhere, ("NO_PROXY", "LOCALHOST"), ("no_proxy", "")]).fetched();
}

/// Each server of a row of redirects is reached in its own way.
#[test]
fn a_redirect_may_lead_past_the_proxy() {
    let world = World::new();
    let elsewhere = world.tls.url_as("127.0.0.1");
    let first = Server::redirecting(&elsewhere, Some(&world.pki.server_for("first", &[UNKNOWN])));
    let proxy = Proxy::new(Way::To(first.address()));
    let variables = [("https_proxy", &*proxy.url()), ("no_proxy", "127.0.0.1")];
    world.get(&first.url_as(UNKNOWN), &variables).fetched();
    assert_eq!(proxy.heads().len(), 1, "{:?}", proxy.heads());
}

/// One and the other, with the same environment: whether the proxy is asked. Not here: what curl 7.88 does
/// not take for what is meant, as the table of the unit test has it, or only later versions do.
#[test]
fn a_proxy_is_used_as_by_curl() {
    if Command::new("curl").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "LEFT OUT - a comparison, because there is no curl");
        return;
    }
    let user = User::new();
    let proxy = Proxy::new(Way::Answer(refusal("204 No Content", "")));
    let url = proxy.url();
    let with_user = proxy.url_for("u%40x:p%3Ay%20z%zz");
    let (name, number) = (&*format!("http://{UNKNOWN}:1/a?b"), "http://127.1.2.3:1/");
    let is_asked = |mut command: Command, variables: &[(&str, &str)]| {
        let before = proxy.heads().len();
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        run(command.envs(variables.iter().copied()).env("HOME", user.home()));
        proxy.heads().get(before).map(|head| {
            let mut lines = head.lines();
            let request = lines.next().unwrap().to_owned();
            let mut headers = lines.filter_map(|line| line.split_once(": "));
            let sent = headers.find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
            (request, sent.map(|(_, value)| value.to_owned()))
        })
    };
    let mut asked = 0;
    for (address, variables) in [
        (name, &[("http_proxy", &*url)][..]),
        (name, &[("http_proxy", &with_user)]),
        (name, &[("http_proxy", url.trim_start_matches("http://"))]),
        (name, &[("HTTP_PROXY", &url)]),
        (name, &[("http_proxy", ""), ("ALL_PROXY", &url)]),
        (name, &[("all_proxy", ""), ("ALL_PROXY", &url)]),
        (name, &[("all_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", &url)]),
        (name, &[("http_proxy", &url), ("no_proxy", "")]),
        (name, &[("http_proxy", &url), ("no_proxy", "corp.invalid")]),
        (name, &[("http_proxy", &url), ("no_proxy", ".Corp.invalid.")]),
        (name, &[("http_proxy", &url), ("no_proxy", "orp.invalid")]),
        (name, &[("http_proxy", &url), ("no_proxy", "a.test b.test,invalid")]),
        (name, &[("http_proxy", &url), ("no_proxy", "*")]),
        (name, &[("http_proxy", &url), ("no_proxy", ""), ("NO_PROXY", UNKNOWN)]),
        (name, &[("http_proxy", &url), ("no_proxy", "a.test"), ("NO_PROXY", UNKNOWN)]),
        (number, &[("http_proxy", &url), ("no_proxy", "127.0.0.0/8")]),
        (number, &[("http_proxy", &url), ("no_proxy", "127.128.0.0/9")]),
        (number, &[("http_proxy", &url), ("no_proxy", "127.1.2.3/32")]),
        (number, &[("http_proxy", &url), ("no_proxy", ".2.3")]),
        ("http://[::1]:1/", &[("http_proxy", &url), ("no_proxy", "::1")]),
        ("http://[::1]:1/", &[("http_proxy", &url), ("no_proxy", "::2")]),
    ] {
        let mut curl = Command::new("curl");
        curl.args(["-q", "-sS", "--globoff", "--max-time", "5", address]);
        let mut ours = Command::new(env!("CARGO_BIN_EXE_cacerts"));
        ours.args(["get", address]);
        let curls = is_asked(curl, variables);
        asked += usize::from(curls.is_some());
        assert_eq!(is_asked(ours, variables), curls, "{address} {variables:?}");
    }
    assert!(asked > 5, "curl has asked the proxy only {asked} times");
}

/// A success that so many bytes of headers come with.
fn headers(bytes: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(bytes))
}

#[test]
fn an_error_of_the_proxy_is_no_error_of_the_server() {
    let world = World::new();
    let refused = "403 For\u{1b}[31mbidden\u{202e}\u{7f}";
    let endless = "503 ".to_owned() + &"x".repeat(1000);
    let ntlm = "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n";
    let url = world.tls.url_as(UNKNOWN);
    for (way, said) in [
        (Way::Reset, "broke off the connection without a whole answer"),
        (Way::Answer(String::new()), "broke off the connection without a whole answer"),
        (Way::Answer("SSH-2.0-x\r\n".to_owned()), "gives no answer in HTTP; is http://127.0.0.1:"),
        (
            Way::Answer("HTTP/1.1 200 OK\r\n".to_owned()),
            "broke off the connection without a whole answer",
        ),
        (Way::Answer(headers(70_000)), "answers with more headers than are read (64 KiB)"),
        (Way::Answer("HTTP/1.1 2x0 OK\r\n\r\n".to_owned()), "gives no answer in HTTP"),
        (
            Way::Answer(refusal(refused, "")),
            "(403 For\\u{1b}[31mbidden\\u{202e}\\u{7f}); ask whoever runs it",
        ),
        (Way::Answer(refusal(&endless, "")), "it answers 503 xxx"),
        (
            Way::Answer(refusal("407 No", ntlm)),
            "(407 No), by Negotiate or NTLM; this client has nothing",
        ),
        (Way::Answer(refusal("407 No", BASIC)), "wants a user and password (407 No)"),
        (
            Way::Answer(refusal("302 Found", "Location: https://localhost/\r\n")),
            "it answers 302 Found",
        ),
    ] {
        let proxy = Proxy::new(way);
        let run = world.get(&url, &[("https_proxy", &proxy.url_for("user:secret"))]);
        let said = if said.starts_with("wants") { "does not accept the user" } else { said };
        run.not_reached(&[&format!("the proxy {} (https_proxy) ", proxy.url()), said]);
        assert!(!run.stderr.contains("secret") && run.stderr.len() < 400, "{run:?}");
        assert!(!run.stderr.trim_end().contains(char::is_control), "{run:?}");
    }
    // Nobody is there, and nobody can be.
    for (proxy, said) in [
        (
            "http://u:secret@127.0.0.1:1",
            "the proxy http://127.0.0.1:1 (all_proxy) refuses the connection",
        ),
        (
            "http://u:secret@nosuch.invalid:3128",
            "the name of the proxy http://nosuch.invalid:3128 (all_proxy) cannot be looked up",
        ),
    ] {
        for url in [&url, &world.plain.url_as(UNKNOWN)] {
            let run = world.get(url, &[("all_proxy", proxy)]);
            run.not_reached(&[said]);
            assert!(!run.stderr.contains("secret"), "{run:?}");
        }
    }
    assert_eq!(world.tls.connections(), 0);
    // And the server's own is the server's.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = world.get(&format!("https://{free}/"), &[]);
    run.not_reached(&[&format!("{free} refuses the connection")]);
    assert!(!run.stderr.contains("proxy"), "{run:?}");
}

#[test]
fn what_is_wrong_behind_a_proxy_names_it() {
    let world = World::new();
    let through = |proxy: &Proxy| {
        format!(". The connection goes through the proxy {} (https_proxy)", proxy.url())
    };
    let stranger = Server::https(&world.pki.server_of_other_root());
    let proxy = Proxy::new(Way::To(stranger.address()));
    let variables = [("https_proxy", &*proxy.url())];
    let run = world.get("https://localhost/", &variables);
    run.not_trusted();
    run.refused(&(through(&proxy) + ", which may have put a certificate of its own in the place"));
    // Who is no TLS server is not reached, however much the proxy has said before.
    let answer = headers(60_000) + "HTTP/1.1 400 Bad Request\r\n\r\n";
    let proxy = Proxy::new(Way::Answer(answer));
    let run = world.get("https://localhost/", &[("https_proxy", &proxy.url())]);
    run.not_reached(&["localhost does not speak TLS", &through(&proxy)]);
    // Over plain HTTP it cannot be told whose answer it is, and so both are named.
    let answer = refusal("502 Bad Gateway", "");
    let proxy = Proxy::new(Way::Answer(answer));
    let run = world.get("http://localhost/", &[("http_proxy", &proxy.url())]);
    run.refused(&format!(
        "localhost answers 502 Bad Gateway (through the proxy {} (http_proxy))",
        proxy.url()
    ));
    let proxy = Proxy::new(Way::Answer("HTTP/1.1 200 OK\r\n".to_owned()));
    let run = world.get("http://localhost/", &[("http_proxy", &proxy.url())]);
    run.not_reached(&[&format!(
        "the proxy {} (http_proxy), asked for localhost, broke off the connection",
        proxy.url()
    )]);
}
