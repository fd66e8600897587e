//! Keys of clients' certificates, in the formats that OpenSSL writes: R6 of CrateDB, whose clients may
//! have both in one file, and B4 of Bcfg2, which went on without a key that it could not use.

use crate::support::minica::{Minica, last_label};
use crate::support::server::ClientCertificate;
use crate::support::{Identity, Server, Setup, User};
use std::fs;
use std::path::{Path, PathBuf};

const RSA: &str = "RSA -pkeyopt rsa_keygen_bits:2048";
const EC: &str = "EC -pkeyopt ec_paramgen_curve:P-256";

fn joined(minica: &Minica, name: &str, parts: &[&Path]) -> PathBuf {
    let path = minica.at(name);
    let parts = parts.iter().map(|path| fs::read_to_string(path).unwrap());
    fs::write(&path, parts.collect::<String>()).unwrap();
    path
}

#[test]
fn r6_keys_in_every_format_in_one_file_or_two() {
    let (minica, user) = (Minica::new(), User::new());
    let server = minica.issue("server", EC);
    let (rsa, ec) = (minica.issue("rsa", RSA), minica.issue("ec", EC));
    minica.openssl("rsa -traditional -in rsa.key -out rsa-pkcs1.key");
    minica.openssl("ec -in ec.key -out ec-sec1.key");
    // As `openssl ecparam -genkey` writes it, with the curve before the key.
    minica.openssl("ecparam -name prime256v1 -out curve.pem");
    joined(&minica, "ec-curve.key", &[&minica.at("curve.pem"), &minica.at("ec-sec1.key")]);

    let mut clients = Vec::new();
    for (Identity { certificate, .. }, key, format) in [
        (&rsa, "rsa.key", "PRIVATE KEY"),
        (&rsa, "rsa-pkcs1.key", "RSA PRIVATE KEY"),
        (&ec, "ec.key", "PRIVATE KEY"),
        (&ec, "ec-sec1.key", "EC PRIVATE KEY"),
        (&ec, "ec-curve.key", "EC PRIVATE KEY"),
    ] {
        let key = minica.at(key);
        assert_eq!(last_label(&key), format);
        let one = format!("{}.one.pem", key.file_name().unwrap().to_str().unwrap());
        clients.push((joined(&minica, &one, &[certificate, &key]), None));
        clients.push((certificate.clone(), Some(key)));
    }
    let root = minica.root();
    Setup::new(&server).clients(&root, ClientCertificate::Required).with_each(|server| {
        let get = || user.get(&server.url()).option("--ca-certs", &root);
        for (certificate, key) in &clients {
            let get = get().option("--cert", certificate);
            let get = if let Some(key) = key { get.option("--key", key) } else { get };
            get.run().fetched();
        }
        assert_eq!(get().run().code, Some(1), "{} asks for nothing", server.name());
    });
}

#[test]
fn b4_encrypted_key_is_an_error_that_says_how_to_go_on() {
    let (minica, user) = (Minica::new(), User::new());
    let (rsa, ec) = (minica.issue("rsa", RSA), minica.issue("ec", EC));
    let root = minica.root();
    // It would let anybody in.
    let server = Server::https_for(&root, ClientCertificate::Optional, &ec);
    let secret = "-aes128 -passout pass:secret";
    for (client, line, format) in [
        (&rsa, "pkcs8 -topk8 -v2 aes-128-cbc -passout pass:secret -in", "ENCRYPTED PRIVATE KEY"),
        (&rsa, &format!("rsa -traditional {secret} -in"), "RSA PRIVATE KEY"),
        (&ec, &format!("ec {secret} -in"), "EC PRIVATE KEY"),
    ] {
        let before = server.connections();
        minica.openssl(&format!("{line} {} -out encrypted.key", client.key.to_str().unwrap()));
        let encrypted = minica.at("encrypted.key");
        assert_eq!(last_label(&encrypted), format);
        let get = || user.get(&server.url()).option("--ca-certs", &root);
        let next = "decrypt it with `openssl pkey -in FILE -out OTHER`, and name OTHER";
        let get_with =
            |key: &Path| get().option("--cert", &client.certificate).option("--key", key).run();
        get_with(&encrypted).misconfigured(&["--key", encrypted.to_str().unwrap(), next]);
        let one = joined(&minica, "one.pem", &[&client.certificate, &encrypted]);
        let run = get().option("--cert", &one).run();
        run.misconfigured(&["--cert", one.to_str().unwrap(), next]);
        let user = User::with_config(&format!(
            "ca_certs = {root:?}\nclient_cert = {:?}\nclient_key = {encrypted:?}\n",
            client.certificate,
        ));
        let run = user.get(&server.url()).run();
        run.misconfigured(&["client_key", encrypted.to_str().unwrap(), next]);
        assert_eq!(server.connections(), before, "{format}");

        // As advised.
        minica.openssl("pkey -in encrypted.key -out decrypted.key -passin pass:secret");
        get_with(&minica.at("decrypted.key")).fetched();
    }
}

#[test]
fn b4_key_of_another_certificate_is_an_error_whatever_its_kind() {
    let (minica, user) = (Minica::new(), User::new());
    let (rsa, ec) = (minica.issue("rsa", RSA), minica.issue("ec", EC));
    let (other_rsa, other_ec) = (minica.issue("other-rsa", RSA), minica.issue("other-ec", EC));
    let root = minica.root();
    let server = Server::https_for(&root, ClientCertificate::Optional, &ec);
    let get = |certificate: &Identity, key: &Identity| {
        let get = user.get(&server.url()).option("--ca-certs", &root);
        get.option("--cert", &certificate.certificate).option("--key", &key.key).run()
    };
    for (certificate, keys) in [(&rsa, [&other_rsa, &ec]), (&ec, [&other_ec, &rsa])] {
        let before = server.connections();
        for key in keys {
            let said =
                ["--key", key.key.to_str().unwrap(), certificate.certificate.to_str().unwrap()];
            let run = get(certificate, key);
            run.misconfigured(&said);
            run.misconfigured(&["does not belong to the certificate"]);
        }
        assert_eq!(server.connections(), before);
        get(certificate, certificate).fetched();
    }
}

/// What ring has not, which it calls a key that it cannot parse.
#[test]
fn a_key_that_nobody_signs_with_is_told_by_its_kind() {
    let (minica, user) = (Minica::new(), User::new());
    let ec = minica.issue("ec", EC);
    let root = minica.root();
    let server = Server::https_for(&root, ClientCertificate::Optional, &ec);
    let get = |certificate: &Path, key: &Path| {
        let get = user.get(&server.url()).option("--ca-certs", &root);
        get.option("--cert", certificate).option("--key", key).run()
    };
    for (name, key, old, kind) in [
        ("p521", "EC -pkeyopt ec_paramgen_curve:P-521", "ec -in", "ECDSA P-521"),
        (
            "rsa1024",
            "RSA -pkeyopt rsa_keygen_bits:1024",
            "rsa -traditional -in",
            "RSA with 1024 bits",
        ),
        ("ed448", "ED448", "", "Ed448"),
    ] {
        // The other provider signs with it.
        if name == "p521" && !cfg!(feature = "ring") {
            continue;
        }
        let client = minica.issue_signed(name, key, "");
        let kind = format!("holds a key of the kind {kind}, with which this program cannot sign");
        let next =
            "issued for another key: RSA with 2048 to 4096 bits, ECDSA P-256 or P-384, or Ed25519";
        let mut keys = vec![client.key.clone()];
        if !old.is_empty() {
            minica.openssl(&format!("{old} {name}.key -out {name}-old.key"));
            keys.push(minica.at(&format!("{name}-old.key")));
        }
        for key in keys {
            let run = get(&client.certificate, &key);
            run.misconfigured(&["--key names ", key.to_str().unwrap(), &kind, next]);
            assert_eq!(run.stderr.contains("aws-lc-rs"), name == "p521", "{run:#?}");
        }
    }
    assert_eq!(server.connections(), 0);
    get(&ec.certificate, &ec.key).fetched();
}
