//! The servers of OpenStack: with CAs in two tiers, wildcards, addresses and old certificates, and behind
//! proxies.

use crate::support::library::fetch_as;
use crate::support::server::BODY;
use crate::support::{Identity, Pki, Setup, User};
use cacerts::Settings;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;

/// Somebody has to have the intermediate: the server sends it, or it is in the store.
#[test]
fn o9_two_tiers() {
    let (pki, user) = (Pki::new(), User::new());
    let both = pki.joined("both.pem", &[&pki.root, &pki.intermediate]);
    let check = |identity: &Identity, stores: &[(&Path, bool)]| {
        Setup::new(identity).with_each(|server| {
            for (store, trusted) in stores {
                let run = user.get(&server.url()).option("--os-cacert", store).run();
                if *trusted { run.fetched() } else { run.not_trusted() }
            }
        });
    };
    let (root, intermediate, other) = (&*pki.root, &*pki.intermediate, &*pki.other);
    let sends = pki.server();
    check(&sends, &[(root, true), (&both, true), (intermediate, true), (other, false)]);
    // An intermediate in a store is trusted for itself, as in rustls.
    let omits = pki.server_without_intermediate();
    check(&omits, &[(root, false), (&both, true), (intermediate, true)]);
}

/// A wildcard is a whole label, the first of at least three. Where glance is not followed: it knew none.
#[test]
fn o10_wildcards() {
    check_names(
        &["*.example.test", "example.org"],
        &["www.example.test", "WWW.Example.Test", "evil-example.example.test", "example.org"],
        &[
            "example.test",
            "a.b.example.test",
            "www.example.org",
            "www.evil-example.test",
            "www.example.test.evil.test",
            "wwwXexample.test",
        ],
    );
    // What is no wildcard fits nothing, and makes nothing else fit less.
    check_names(
        &[
            "f*.example.test",
            "*o.example.test",
            "w*w.example.test",
            "*.test",
            "*",
            "ok.example.test",
        ],
        &["ok.example.test"],
        &["foo.example.test", "www.example.test", "example.test", "test"],
    );
    check_names(
        &["www.*.test", "*.*.example.test", "ok.example.test"],
        &["ok.example.test"],
        &["www.example.test", "a.b.example.test"],
    );
}

/// Libcloud looked for a name with a regular expression that had no ends: CVE-2012-3446.
#[test]
fn o10_name_that_looks_alike_is_another() {
    check_names(
        &["example.com"],
        &["example.com", "EXAMPLE.com"],
        &[
            "evil-example.com",
            "evilexample.com",
            "www.example.com",
            "example.com.evil.test",
            "example.comm",
            "example.co",
            "exampleXcom",
            "com",
        ],
    );
}

/// Which names a server with these in its certificate may go by. They need not be looked up.
fn check_names(certified: &[&str], right: &[&str], wrong: &[&str]) {
    let pki = Pki::new();
    let identity = pki.server_for("named", certified);
    let config = Settings::new().ca_certs(&pki.root).client_config().unwrap();
    Setup::new(&identity).with_each(|server| {
        let fetch = |name| fetch_as(config.clone(), server.address(), name);
        for name in right {
            let answer = fetch(name).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(answer.ends_with(BODY), "{name}: {answer}");
        }
        for name in wrong {
            let error = fetch(name).unwrap_err();
            let said = error.to_string();
            assert!(said.contains("not valid for name"), "{certified:?}, {name}: {said}");
        }
    });
}

#[test]
fn o11_address_has_to_be_in_the_certificate_as_one() {
    let (pki, user) = (Pki::new(), User::new());
    // The name is always right, so that it is the address that is refused.
    let check = |identity: &Identity, ip: IpAddr, valid: bool| {
        let host = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
        Setup::new(identity).on(ip).with_each(|server| {
            let get = user.get(&server.url_as(&host)).option("--os-cacert", &pki.root);
            let run = get.run();
            if valid {
                run.fetched()
            } else {
                run.not_trusted()
            }
            let config = Settings::new().ca_certs(&pki.root).client_config().unwrap();
            let answer = fetch_as(config, server.address(), "localhost");
            assert!(answer.unwrap().ends_with(BODY));
        });
    };
    let v4 = IpAddr::from(Ipv4Addr::LOCALHOST);
    check(&pki.server(), v4, true);
    check(&pki.server_for("other", &["localhost", "127.0.0.2"]), v4, false);
    check(&pki.server_for("name", &["localhost"]), v4, false);
    check(&pki.server_with_addresses_as_dns_names(&["localhost", "127.0.0.1"]), v4, false);

    // Not every machine that runs tests has IPv6.
    let v6 = IpAddr::from(Ipv6Addr::LOCALHOST);
    if TcpListener::bind((v6, 0)).is_ok() {
        check(&pki.server(), v6, true);
        check(&pki.server_for("other", &["localhost", "::2"]), v6, false);
        check(&pki.server_with_addresses_as_dns_names(&["localhost", "::1"]), v6, false);
    }
}

#[test]
fn o12_common_name_is_no_host_name() {
    let (pki, user) = (Pki::new(), User::new());
    let only = pki.server_with_common_name_only("localhost");
    Setup::new(&only).with_each(|server| {
        let get = |store: &Path| user.get(&server.url()).option("--os-cacert", store);
        get(&pki.root).run().not_trusted();
        // Nothing else is wrong with the server.
        get(&pki.root).arg("--insecure").run().fetched_unverified();
    });
    Setup::new(&pki.server_for("named", &["localhost"])).with_each(|server| {
        user.get(&server.url()).option("--os-cacert", &pki.root).run().fetched();
    });
}

/// As stud stood in front of each service of a cloud: the service hears nothing of those that its proxy
/// was not trusted by.
#[test]
fn o13_tls_proxy_before_a_service() {
    let (pki, user) = (Pki::new(), User::new());
    Setup::new(&pki.server()).with_each(|server| {
        let get = |url: &str, store: &Path| user.get(url).option("--os-cacert", store).run();
        get(&server.url(), &pki.other).not_trusted();
        let Some(service) = server.behind() else { return };
        assert_eq!(service.connections(), 0);
        get(&server.url(), &pki.root).fetched();
        get(&server.url_as("127.0.0.1"), &pki.root).fetched();
        assert_eq!(service.connections(), 2);
        get(&service.url(), &pki.missing()).fetched();
    });
}
