//! Valid chains of unusual shapes, made by OpenSSL and served by it: what `cacerts check` says of each,
//! held against rustls' own verifier with the same store. Where they differ, the shape says why.

mod make;
mod table;

use crate::support::openssl::OpensslServer;
use crate::support::{User, library};
use make::{Made, Maker};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, alg_id};
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use table::{SHAPES, Shape, Verdict};

#[test]
fn shapes_get_the_verdicts_of_rustls_but_for_those_that_say_why() {
    let (maker, next) = (Maker::new(), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(shape) = SHAPES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = judge(shape, &maker.make(shape)) {
                        wrong.lock().unwrap().push(format!("{}: {why}", shape.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: BTreeSet<_> = SHAPES.iter().map(|shape| shape.name).collect();
    assert_eq!(names.len(), SHAPES.len(), "two shapes have one name");
}

/// Whether all say of a chain what they should.
fn judge(shape: &Shape, made: &Made) -> Result<(), String> {
    let server = OpensslServer::start_with(&made.identity, &made.arguments());
    let address = server.address();
    let plain = plain(made).and_then(|config| {
        library::fetch_as(config, address, shape.asked).map_err(|e| e.to_string())
    });
    let ours = cacerts::Settings::new().ca_certs(&made.store).client_config();
    let ours = ours.map_err(|e| e.to_string()).and_then(|config| {
        library::fetch_as(config, address, shape.asked).map_err(|e| e.to_string())
    });
    let is_said = |expected: bool, who: &str, what: &Result<String, String>| {
        let said = what.as_ref().err();
        (said.is_none() == expected)
            .then_some(())
            .ok_or_else(|| format!("{who} should say {expected}, and says {said:?}"))
    };
    let expected = match shape.verdict {
        Verdict::Accepted => (true, true),
        Verdict::Refused => (false, false),
        Verdict::AcceptedAsPinned => (false, true),
        Verdict::AsTheProvider(ring) => {
            (ring == cfg!(feature = "ring"), ring == cfg!(feature = "ring"))
        }
        Verdict::AcceptedByMore => (!cfg!(feature = "ring"), true),
        Verdict::AcceptedBySha512(key) => {
            let provider = library::provider();
            let algorithms = provider.signature_verification_algorithms.all;
            let is_it = |algorithm: &&dyn SignatureVerificationAlgorithm| {
                algorithm.signature_alg_id() == alg_id::ECDSA_SHA512
                    && algorithm.public_key_alg_id() == key
            };
            (algorithms.iter().any(is_it), true)
        }
    };
    is_said(expected.0, "plain rustls", &plain)?;
    is_said(expected.1, "the library", &ours)?;
    if matches!(shape.asked, "localhost" | "127.0.0.1") {
        let asked = format!("{}:{}", shape.asked, address.port());
        let run = User::new().cacerts(&["check", &asked]).option("--ca-certs", &made.store).run();
        let get =
            User::new().get(&format!("https://{asked}/")).option("--ca-certs", &made.store).run();
        let is_dumped =
            |text: &str| ["OtherError", "Context", "0x06"].iter().any(|s| text.contains(s));
        if is_dumped(&get.stderr) || is_dumped(&run.stdout) || is_dumped(&run.stderr) {
            return Err(format!("what is said is no words: {get:#?}, {run:#?}"));
        }
        let code = run.code.ok_or("check does not end")?;
        if !matches!(code, 0 | 1) || (code == 0) != expected.1 {
            return Err(format!("check should say {}: {run:#?}", expected.1));
        }
    }
    Ok(())
}

/// rustls by itself, which takes each certificate of a store for an anchor.
fn plain(made: &Made) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_file_iter(&made.store).unwrap() {
        roots.add(der.unwrap()).map_err(|e| e.to_string())?;
    }
    let config = ClientConfig::builder_with_provider(library::provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
