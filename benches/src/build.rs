//! Makes the certificates of the local server, and its root in the form in which webpki-roots has
//! roots, so that a peer can hold it as static data.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let write = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).unwrap();

    let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let root_params = authority("Benchmark Root");
    let root = root_params.self_signed(&root_key).unwrap();
    let root_issuer = Issuer::new(root_params, root_key);
    let intermediate_params = authority("Benchmark Intermediate");
    let intermediate = intermediate_params.signed_by(&key, &root_issuer).unwrap();
    let intermediate_issuer = Issuer::new(intermediate_params, key);
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut server_params = CertificateParams::new(names).unwrap();
    server_params.distinguished_name.push(DnType::CommonName, "Benchmark Server");
    server_params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server_params.not_before = date_time_ymd(2020, 1, 1);
    server_params.not_after = date_time_ymd(2100, 1, 1);
    let server_key = KeyPair::generate().unwrap();
    let server = server_params.signed_by(&server_key, &intermediate_issuer).unwrap();

    write("root.pem", root.pem().as_bytes());
    write("intermediate.der", intermediate.der());
    write("server.der", server.der());
    write("server.key", &server_key.serialize_der());
    let anchor = webpki::anchor_from_trusted_cert(root.der()).unwrap();
    write("root.subject", &anchor.subject);
    write("root.key", &anchor.subject_public_key_info);

    let rustc = Command::new(env::var_os("RUSTC").unwrap()).arg("--version").output().unwrap();
    println!("cargo::rustc-env=RUSTC_VERSION={}", String::from_utf8_lossy(&rustc.stdout).trim());
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}
