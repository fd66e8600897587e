//! Which servers' own certificates are trusted, by what has named the store.

#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]

use super::{authority, hashed, pem, write};
use crate::error::ErrorKind;
use crate::resolve::{Origin, Peers, Source};
use crate::store::snapshot::Pin;
use crate::verify::TrustStore;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair};
use rustls::Error;
use rustls::pki_types::UnixTime;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const ORIGINS: [(Origin, bool); 5] = [
    (Origin::Argument, true),
    (Origin::Environment, true),
    (Origin::Config, true),
    (Origin::BuiltIn, false),
    (Origin::Search, false),
];

/// A self-signed certificate for `localhost`.
fn server(is_ca: IsCa) -> Certificate {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost ".repeat(6));
    params.is_ca = is_ca;
    params.self_signed(&KeyPair::generate().unwrap()).unwrap()
}

fn verify(store: &TrustStore, server: &Certificate) -> Result<(), Error> {
    #[cfg(feature = "ring")]
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[cfg(not(feature = "ring"))]
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (name, at) = ("localhost".try_into().unwrap(), Duration::from_secs(1_700_000_000));
    let at = UnixTime::since_unix_epoch(at);
    let verifier = store.verifier(provider);
    verifier.verify_server_cert(server.der(), &[], &name, &[], at).map(|_| ())
}

fn servers(origin: Origin, path: &Path) -> Source {
    Source::at(origin, path, Peers::Servers)
}

#[test]
fn a_server_is_pinned_only_where_a_person_has_named_the_store() {
    let ca = authority("a CA");
    for kind in [IsCa::Ca(BasicConstraints::Unconstrained), IsCa::ExplicitNoCa] {
        let [server, other] = [(); 2].map(|()| server(kind));
        let both = pem(&ca).0 + &pem(&server).0;
        let directory = TempDir::new().unwrap();
        let file = write(&directory, "both.pem", &both);
        let [hashed_ones, plain] = [(); 2].map(|()| TempDir::new().unwrap());
        write(&plain, "ca.pem", pem(&ca).0);
        write(&plain, "server.pem", pem(&server).0);
        write(&hashed_ones, &hashed(&ca, 0), pem(&ca).0);
        write(&hashed_ones, &hashed(&server, 0), pem(&server).0);
        for path in [&*file, hashed_ones.path(), plain.path()] {
            for (origin, is_pinned) in ORIGINS {
                let store = servers(origin, path).load().unwrap();
                for store in [store.held().unwrap(), store] {
                    let verdict = verify(&store, &server);
                    assert_eq!(
                        verdict.is_ok(),
                        is_pinned,
                        "{kind:?} {origin} {path:?}: {verdict:?}"
                    );
                    assert_eq!(store.is_pinned(server.der()), is_pinned);
                    assert!(!store.is_pinned(other.der()) && verify(&store, &other).is_err());
                    let count = if kind == IsCa::ExplicitNoCa { (1, 1) } else { (2, 0) };
                    assert_eq!((store.len(), store.not_ca().len()), count);
                }
            }
        }
        let store = TrustStore::load(&file).unwrap();
        assert!(store.is_pinned(server.der()) && verify(&store, &server).is_ok());
        // It counts once, in whichever of the two lists it is.
        let twice = write(&directory, "twice.pem", both + &pem(&server).0);
        let twice = TrustStore::load(&twice).unwrap();
        let count = twice.len() + twice.not_ca().len();
        assert_eq!((count, twice.repeated()), (2, 1));
    }
}

/// As strict at opening: what is of no use is an error that says so.
#[test]
fn a_store_without_a_ca_opens_only_where_it_is_named() {
    let server = server(IsCa::ExplicitNoCa);
    let (file, plain, by_hash) =
        (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let file_path = write(&file, "ca.pem", pem(&server).0);
    write(&plain, "server.pem", pem(&server).0);
    write(&by_hash, &hashed(&server, 0), pem(&server).0);
    for path in [&*file_path, plain.path(), by_hash.path()] {
        for (origin, opens) in ORIGINS {
            match servers(origin, path).load() {
                Ok(store) => {
                    assert!(opens, "{origin}");
                    assert_eq!((store.len(), store.not_ca().len()), (0, 1));
                    assert_eq!(store.root_cert_store().len(), 0);
                    assert!(store.held().is_ok());
                }
                Err(error) => {
                    assert!(!opens, "{origin}: {error}");
                    assert_eq!(error.kind(), ErrorKind::StoreInvalid);
                    let text = error.to_string();
                    for words in ["holds no CA", "CA:FALSE", "where somebody names it", "ANOTHER"] {
                        assert!(text.contains(words), "{text}");
                    }
                }
            }
            let clients = Source::at(origin, path, Peers::Clients).load().map(|_| ()).unwrap_err();
            assert!(
                clients.to_string().contains("has issued no client's certificate"),
                "{clients}"
            );
        }
    }
    // Behind it there may be a CA of the same name.
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "localhost ".repeat(6));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let first = |number| hashed(&ca, number);
    assert_ne!(first(0), first(1));
    let both = TempDir::new().unwrap();
    let mut no_ca = params.clone();
    no_ca.is_ca = IsCa::ExplicitNoCa;
    let no_ca = no_ca.self_signed(&KeyPair::generate().unwrap()).unwrap();
    write(&both, &first(0), pem(&no_ca).0);
    write(&both, &first(1), pem(&ca).0);
    for (origin, _) in ORIGINS {
        let store = servers(origin, both.path()).load().unwrap();
        let roots = store.snapshot.roots_for([ca.der()].into_iter()).unwrap();
        assert_eq!((roots.anchors.len(), store.len(), store.not_ca().len()), (1, 1, 1), "{origin}");
        assert_eq!(store.skipped(), []);
    }
}

/// As of an anchor, what was used before is still known when the file is overwritten.
#[test]
fn a_pin_that_was_used_is_kept() {
    let [used, unused] = [(); 2].map(|()| server(IsCa::ExplicitNoCa));
    let directory = TempDir::new().unwrap();
    let text = pem(&authority("a CA")).0 + &pem(&used).0 + &pem(&unused).0;
    let path = write(&directory, "ca.pem", text);
    let store = TrustStore::load(&path).unwrap();
    assert!(matches!(store.snapshot.pins(used.der()), Ok(Pin::Named)));
    fs::write(&path, "something else").unwrap();
    assert!(matches!(store.snapshot.pins(used.der()), Ok(Pin::Named)));
    let Err(error) = store.snapshot.pins(unused.der()) else { panic!("it is lost") };
    assert!(error.to_string().contains("overwritten"));
    assert!(!store.is_pinned(unused.der()));
}

/// A list of CAs cannot say it, and that is told.
#[test]
fn who_takes_a_list_of_cas_hears_of_what_it_cannot_say() {
    let (server, ca) = (server(IsCa::ExplicitNoCa), authority("a CA"));
    let directory = TempDir::new().unwrap();
    let alone = write(&directory, "server.pem", pem(&server).0);
    let both = write(&directory, "both.pem", pem(&server).0 + &pem(&ca).0);
    let error = servers(Origin::Environment, &alone).load().unwrap().only_cas().map(|_| ());
    let text = error.unwrap_err().to_string();
    for words in
        ["A_SETTING names", "server.pem", "a list of CAs cannot carry", "correct the variable"]
    {
        assert!(text.contains(words), "{text}");
    }
    assert!(TrustStore::load(&alone).unwrap().only_cas().is_err());
    let other = write(&directory, "other.pem", pem(&self::server(IsCa::ExplicitNoCa)).0);
    let parts = [&alone, &other]
        .map(|path| servers(Origin::Environment, path).open().map_err(|e| e.to_string()).unwrap());
    let store = TrustStore::of(parts.into(), Vec::new());
    let part = store.part(&other).unwrap();
    assert_eq!((part.not_ca().len(), store.not_ca().len()), (1, 2));
    assert!(store.part(&both).is_none());
    let error = store.only_cas().map(|_| ()).unwrap_err();
    let nor = format!("server.pem, which holds no CA, nor does {}, but a", other.display());
    assert!(error.to_string().contains(&nor), "{error}");
    for origin in [Origin::Environment, Origin::BuiltIn] {
        assert_eq!(servers(origin, &both).load().unwrap().only_cas().unwrap().len(), 1);
    }
}
