//! The server's own certificate, named as what to trust.

use crate::support::bundle::{Bundle, Way};
use crate::support::directory::Directory;
use crate::support::handshake::{Ca, Client, bundle};
use crate::support::openssl::{OpensslServer, openssl};
use crate::support::own::{KINDS, Kind, Own, directory};
use crate::support::pki::Identity;
use crate::support::{Pki, Server, User, alone, get};
use cacerts::{ErrorKind, Settings, TrustStore};
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::HandshakeKind::{Full, Resumed};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{CertificateError, Error};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than a replacement may go unnoticed.
const NOTICED: Duration = Duration::from_millis(1300);

fn refusal(client: &Client, own: &Own) -> Option<Error> {
    client.attempt(&own.server()).err()
}

/// Whoever issued it and whatever it says, and however it is named; another certificate of the same
/// server is not it.
#[test]
fn a_server_is_trusted_where_a_person_has_named_its_certificate() {
    let (pki, place) = (Pki::new(), TempDir::new().unwrap());
    for kind in KINDS {
        let (own, twin) = Own::new(kind).twin();
        let server = Server::https(&own.identity(&place));
        let url = server.url();
        for (pem, is_trusted) in [(&own.pem, true), (&twin.pem, false)] {
            // Which of the two has signed itself cannot be told from its name, key and signature.
            let is_own_issuer = matches!(kind, Kind::SelfSignedWithoutConstraints) && !is_trusted;
            if is_own_issuer {
                continue;
            }
            let file = pki.file("named.pem", pem);
            let (plain, hashed) = (directory(pem, false), directory(pem, true));
            let more = pki.joined("more.pem", &[&pki.root, &pki.other, &file]);
            let config = format!("ca_certs = {:?}\n", file.to_str().unwrap());
            let user = User::new();
            let configured = User::with_config(&config);
            for (how, run) in [
                ("an argument", user.get(&url).option("--ca-certs", &file).run()),
                ("one of several", user.get(&url).option("--ca-certs", &more).run()),
                ("a file variable", user.get(&url).env("SSL_CERT_FILE", &file).run()),
                ("a directory", user.get(&url).env("SSL_CERT_DIR", &plain.path).run()),
                ("a hashed one", user.get(&url).env("SSL_CERT_DIR", &hashed.path).run()),
                (
                    "a directory as argument",
                    user.get(&url).option("--ca-certs", &hashed.path).run(),
                ),
                ("configuration", configured.get(&url).run()),
                (
                    "in addition",
                    user.get(&url)
                        .option("--ca-certs", &pki.other)
                        .option("--extra-ca-certs", &file)
                        .run(),
                ),
            ] {
                println!("{kind:?} {how} {is_trusted}");
                if is_trusted {
                    run.fetched();
                } else {
                    run.not_trusted();
                }
            }
            for settings in [
                Settings::new().ca_certs(&file),
                Settings::new().ca_certs(&file).reload(false),
                Settings::new().ca_certs(&pki.root).extra_ca_certs(&plain.path),
                Settings::new().ca_certs(&hashed.path).reload(false),
            ] {
                for client in Client::both_with(&settings) {
                    let verdict = client.attempt(&own.server()).is_ok();
                    assert_eq!(verdict, is_trusted, "{kind:?}: {settings:?}");
                }
            }
            let store = TrustStore::load(&file).unwrap();
            assert!(
                store.is_pinned(&twin.der) != is_trusted && store.is_pinned(&own.der) == is_trusted
            );
        }
    }
}

#[test]
fn the_librarys_client_fetches_from_it() {
    alone(the_librarys_client_fetches_from_it, || {
        let place = TempDir::new().unwrap();
        let own = Own::new(Kind::SelfSignedCa);
        let identity = own.identity(&place);
        let server = Server::https(&identity);
        let settings = Settings::new().ca_certs(&identity.certificate);
        assert!(get(&settings, &server.url()).is_ok());
        let error = get(&settings, &server.url_as("127.0.0.1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerNotTrusted);
    });
}

/// As CrateDB's documents have it made, shown by another TLS library.
#[test]
fn what_openssl_makes_is_trusted_and_told() {
    let place = TempDir::new().unwrap();
    let (certificate, key) = (place.path().join("own.pem"), place.path().join("own.key"));
    openssl(&[
        &"req",
        &"-x509",
        &"-newkey",
        &"rsa:2048",
        &"-nodes",
        &"-days",
        &"9",
        &"-subj",
        &"/CN=localhost",
        &"-addext",
        &"subjectAltName=DNS:localhost",
        &"-keyout",
        &key,
        &"-out",
        &certificate,
    ]);
    let identity = Identity { certificate, key };
    let server = OpensslServer::start(&identity);
    let (user, pki) = (User::new(), Pki::new());
    let address = format!("localhost:{}", server.address().port());
    let check = |json: &[&str], store: &Path| {
        user.cacerts(&[&["check", &address], json].concat()).option("--ca-certs", store).run()
    };
    let run = check(&[], &identity.certificate);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(
        run.stdout.contains("is trusted\n") && run.stdout.contains("    pinned    localhost "),
        "{run:#?}"
    );
    let run = check(&["--json"], &identity.certificate);
    assert!(run.stdout.contains("\"pinned\": true"), "{run:#?}");
    let run =
        user.get(&format!("https://{address}/")).option("--ca-certs", &identity.certificate).run();
    assert_eq!(run.code, Some(0), "{run:#?}");
    let run = check(&[], &pki.other);
    assert!(run.code == Some(1) && run.stdout.contains("--ca-certs FILE"), "{run:#?}");
    let get = user.get(&format!("https://{address}/")).option("--ca-certs", &pki.other);
    let run = get.run();
    run.refused("or name that certificate as what to trust");
    run.refused("; that certificate is named with --extra-ca-certs");

    let server = Server::https(&pki.server());
    let run = user.cacerts(&["check", &server.url()]).option("--ca-certs", &pki.root).run();
    assert!(run.code == Some(0) && !run.stdout.contains("pinned"), "{run:#?}");
}

struct Clock(u64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(time(self.0))
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// At its first and last second, and beside them; the error is the one that stands in the way.
#[test]
fn dates_names_and_usage_count() {
    // 2020-01-01 and 2030-01-01.
    let (from, until) = (1_577_836_800, 1_893_456_000);
    for kind in KINDS {
        let own = Own::with(kind, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2030, 1, 1);
        });
        let bundle = Bundle::new(Way::Rename, &own.pem);
        let client = Client::of(&bundle.path).without_resumption();
        let at = |seconds| {
            let mut config = client.config();
            config.time_provider = Arc::new(Clock(seconds));
            refusal(&Client::with(config), &own)
        };
        let refused = |error: CertificateError| Some(Error::InvalidCertificate(error));
        for good in [from, from + 1, until] {
            assert_eq!(at(good), None, "{kind:?} at {good}");
        }
        let (now, not_before, not_after) = (from - 1, time(from), time(until));
        let early = CertificateError::NotValidYetContext { time: time(now), not_before };
        assert_eq!(at(now), refused(early), "{kind:?}");
        let late = CertificateError::ExpiredContext { time: time(until + 1), not_after };
        assert_eq!(at(until + 1), refused(late), "{kind:?}");

        let visit = |name: &str| {
            let place = TempDir::new().unwrap();
            let server = Server::https(&own.identity(&place));
            User::new().get(&server.url_as(name)).option("--ca-certs", &bundle.path).run()
        };
        visit("localhost").fetched();
        visit("127.0.0.1").refused("certificate is not valid for name \"127.0.0.1\"");
    }
    for kind in [Kind::SelfSignedCa, Kind::SelfSigned, Kind::Issued, Kind::IssuedWithoutConstraints]
    {
        for (usages, is_trusted) in [
            (vec![ExtendedKeyUsagePurpose::ServerAuth], true),
            (vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::Any], true),
            (vec![ExtendedKeyUsagePurpose::ClientAuth], false),
        ] {
            let own = Own::with(kind, |params| params.extended_key_usages.clone_from(&usages));
            let bundle = Bundle::new(Way::Rename, &own.pem);
            let refusal = refusal(&Client::of(&bundle.path), &own);
            let is_refused = matches!(
                refusal,
                Some(Error::InvalidCertificate(
                    CertificateError::InvalidPurpose
                        | CertificateError::InvalidPurposeContext { .. }
                ))
            );
            assert_eq!((refusal.is_none(), is_refused), (is_trusted, !is_trusted), "{refusal:?}");
        }
    }
}

/// The signature of the handshake is verified as ever.
#[test]
fn who_has_not_the_key_is_refused() {
    let ca = Ca::new("CA");
    let place = TempDir::new().unwrap();
    let identity = ca.identity(place.path());
    for client in Client::both(&identity.certificate) {
        assert!(client.trusts(&ca));
        let bad = Error::InvalidCertificate(CertificateError::BadSignature);
        assert_eq!(client.attempt(&ca.impostor()).err(), Some(bad));
    }
}

/// No session outlives what it was verified by.
#[test]
fn a_pin_that_is_removed_is_over() {
    let [ca, other] = ["CA", "other"].map(Ca::new);
    for kind in [Kind::SelfSignedCa, Kind::SelfSigned, Kind::Issued] {
        let own = Own::new(kind);
        let file = Bundle::new(Way::Rename, &(bundle(&[&ca]) + &own.pem));
        let hashed = Directory::of(&[&ca]);
        hashed.write("own.pem", &own.pem);
        hashed.rehash();
        let clients = [&file.path, &hashed.path].map(|path| Client::of(path));
        let server = own.server();
        for client in &clients {
            assert_eq!(client.visit(&server), Some(Full), "{kind:?}");
            assert_eq!(client.visit(&server), Some(Resumed), "{kind:?}");
            assert!(client.trusts(&ca) && !client.trusts(&other));
        }
        // Something else changes.
        file.replace(&(bundle(&[&other, &ca]) + &own.pem));
        hashed.write("other.pem", &other.pem);
        hashed.rehash();
        sleep(NOTICED);
        for client in &clients {
            assert_eq!(client.visit(&server), Some(Full), "{kind:?}");
            assert_eq!(client.visit(&server), Some(Resumed), "{kind:?}");
        }
        let mut late = clients.each_ref().map(|client| client.begin(&server).unwrap());
        file.replace(&bundle(&[&ca, &other]));
        fs::remove_file(hashed.at("own.pem")).unwrap();
        hashed.rehash();
        sleep(NOTICED);
        for (client, late) in clients.iter().zip(&mut late) {
            late.finish();
            assert!(client.attempt(&server).is_err(), "{kind:?}");
            assert!(client.trusts(&ca), "{kind:?}");
        }
    }
}

/// Of nine certificates of one CA two are remembered, one of which stands for the others. When both are
/// named and the CA goes, that says nothing of the rest.
#[test]
fn a_pin_keeps_no_session_of_another_certificate() {
    for ca_stays in [false, true] {
        let ca = Ca::new("CA");
        // The same CA, with another certificate for the same server.
        let same = ca.spelt("CA");
        let place = TempDir::new().unwrap();
        let own = |ca: &Ca| fs::read_to_string(ca.identity(place.path()).certificate).unwrap();
        let named = own(&ca) + &own(&same);
        let file = Bundle::new(Way::Rename, &ca.pem);
        let client = Client::of(&file.path);
        let earlier = ca.another("localhost", &TLS13);
        let mut late = client.begin(&earlier).unwrap();
        for _ in 0..6 {
            assert!(client.visit(&ca.another("localhost", &TLS13)).is_some());
        }
        let server = ca.server_of(&TLS13);
        assert!(client.visit(&server).is_some() && client.trusts(&same));
        file.replace(&if ca_stays { ca.pem.clone() + &named } else { named });
        sleep(NOTICED);
        assert_eq!(client.visit(&server), Some(Full));
        late.finish();
        assert_eq!(client.visit(&earlier), ca_stays.then_some(Resumed));
        assert!(client.visit(&server).is_some(), "its own certificate is named");
    }
}
