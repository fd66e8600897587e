//! CAs and servers whose keys and signatures are not what all crypto providers verify, against `openssl
//! s_server`: what is trusted, and what is said of what nobody can verify.

use crate::support::chains::with_wrong_signature;
use crate::support::check::check;
use crate::support::library::fetch_from;
use crate::support::minica::Minica;
use crate::support::openssl::OpensslServer;
use crate::support::server::BODY;
use crate::support::{Identity, Server, User, alone};
use cacerts::{Settings, TrustStore, crypto_provider};
use std::fs;
use std::path::Path;
use std::process::Command;

const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
const P384: &str = "EC -pkeyopt ec_paramgen_curve:P-384";
const P521: &str = "EC -pkeyopt ec_paramgen_curve:P-521";
const RSA: &str = "RSA -pkeyopt rsa_keygen_bits:2048";
const RSA_1024: &str = "RSA -pkeyopt rsa_keygen_bits:1024";
const RSA_PSS: &str = "RSA-PSS -pkeyopt rsa_keygen_bits:2048";
const BRAINPOOL: &str = "EC -pkeyopt ec_paramgen_curve:brainpoolP256r1";
const TLS12: &str = "-tls1_2";
const TLS13: &str = "-tls1_3";

/// Whether the command and the library both trust a server by this store; what the command says.
fn trusted(server: &OpensslServer, store: &Path) -> Result<String, String> {
    let url = format!("https://localhost:{}/", server.address().port());
    let run = User::new().get(&url).option("--ca-certs", store).run();
    let config = Settings::new().ca_certs(store).client_config().unwrap();
    let fetched = fetch_from(config, server.address());
    match run.code {
        Some(0) => {
            assert!(fetched.unwrap().contains("200 ok"));
            Ok(run.stdout)
        }
        _ => {
            assert_eq!(run.code, Some(1), "{run:#?}");
            assert!(fetched.is_err());
            Err(run.stderr)
        }
    }
}

#[test]
fn every_curve_and_hash_of_nist_is_trusted() {
    for (root, signing, leaf, versions) in [
        // As e-Szigno TLS Root CA 2023, which is in Mozilla's list.
        (P521, "-sha512", P256, &[TLS12, TLS13][..]),
        (P521, "-sha256", P256, &[TLS13]),
        (P521, "-sha384", RSA, &[TLS13]),
        (P384, "-sha512", P256, &[TLS13]),
        (P256, "-sha512", P256, &[TLS13]),
        (P384, "-sha384", P521, &[TLS13]),
        (P521, "-sha512", P521, &[TLS13]),
    ] {
        let (ca, other) = (Minica::with_root(root, signing), Minica::with_root(root, signing));
        let identity = ca.issue_signed("server", leaf, signing);
        let certificate = ca.at("broken.pem");
        fs::copy(&identity.certificate, &certificate).unwrap();
        with_wrong_signature(&certificate);
        let broken = Identity { certificate, key: identity.key.clone() };
        for version in versions {
            let server = OpensslServer::start_with(&identity, &[version]);
            let said = trusted(&server, &ca.root());
            assert!(said.is_ok(), "{root} {signing} {leaf} {version}: {said:?}");
            let said = trusted(&server, &other.root()).unwrap_err();
            assert!(said.contains("not right") || said.contains("no CA"), "{said}");
            let server = OpensslServer::start_with(&broken, &[version]);
            let said = trusted(&server, &ca.root()).unwrap_err();
            assert!(said.contains("a signature is not right"), "{said}");
        }
    }
}

/// Which certificate is told of goes by the same algorithms as the verdict.
#[test]
fn the_certificate_that_nobody_verifies_is_blamed_and_no_other() {
    let ca = Minica::with_root(RSA, "-sha256");
    let constraints = "[ca]\nbasicConstraints = critical, CA:TRUE\nsubjectKeyIdentifier = hash\n";
    fs::write(ca.at("ca.cnf"), constraints).unwrap();
    let request = |name: &str, key: &str| {
        ca.openssl(&format!("genpkey -algorithm {key} -out {name}.key"));
        let subject = format!("-subj /CN={name} -key {name}.key");
        ca.openssl(&format!("req -new -config cnf {subject} -out {name}.csr"));
    };
    for (key, signing) in
        [(P521, "-sha512"), (P521, "-sha256"), (P384, "-sha512"), (P256, "-sha512")]
    {
        request("middle", key);
        let by_root = "-CA root.pem -CAkey root.key -extfile ca.cnf -extensions ca -set_serial 7";
        ca.openssl(&format!("x509 -req -in middle.csr {by_root} -days 30 -sha1 -out middle.pem"));
        request("server", P256);
        let by_middle = "-CA middle.pem -CAkey middle.key -extfile cnf -extensions leaf";
        let form = format!("-set_serial 8 -days 30 {signing} -out server.pem");
        ca.openssl(&format!("x509 -req -in server.csr {by_middle} {form}"));
        let chain =
            ["server.pem", "middle.pem"].map(|name| fs::read_to_string(ca.at(name)).unwrap());
        fs::write(ca.at("chain.pem"), chain.concat()).unwrap();
        let identity = Identity { certificate: ca.at("chain.pem"), key: ca.at("server.key") };
        let seen = check(&ca.root(), &Server::https(&identity).url());
        seen.says(1, "weak-algorithm", &["the certificate of \"middle\"", "RSA with SHA-1"]);
        assert_eq!(seen.json["certificate"], 1, "{key} {signing}: {}", seen.text);
    }
    // A signature that is wrong is no key that the server has not.
    for (key, signing) in [(P256, "-sha256"), (P521, "-sha512")] {
        let ca = Minica::with_root(key, signing);
        let Identity { certificate, key } = ca.issue_signed("server", P256, signing);
        with_wrong_signature(&certificate);
        let server = Server::https(&Identity { certificate, key });
        check(&ca.root(), &server.url()).says(1, "bad-signature", &["whose key it names"]);
    }
}

/// Where nobody is verified, a server still shows that it has the key.
#[test]
fn a_server_with_a_p521_key_is_spoken_to_without_verification() {
    let ca = Minica::with_root(P256, "-sha256");
    let server = OpensslServer::start_with(&ca.issue("server", P521), &[TLS13]);
    let config = Settings::new().verify(false).client_config().unwrap();
    assert!(fetch_from(config, server.address()).unwrap().contains("200 ok"));
}

#[test]
fn what_nobody_verifies_is_told_in_a_sentence() {
    let weak = ["-cipher", "ALL:@SECLEVEL=0"];
    let pss = "-sha256 -sigopt rsa_pss_saltlen:32";
    let longest = "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:222";
    let shows = ["kind of key in common", "Ed448 or RSA-PSS"];
    for (root, signing, leaf, said) in [
        (RSA, "-sha1", RSA, &["RSA with SHA-1,", "issued anew"][..]),
        (RSA, "-md5", RSA, &["RSA with MD5,", "issued anew"]),
        (P256, "-sha1", P256, &["ECDSA with SHA-1,", "issued anew"]),
        ("ED448", "", P256, &["Ed448,", "issued anew"]),
        (RSA_PSS, pss, P256, &["by a key that is RSA-PSS,", "issued anew"]),
        (BRAINPOOL, "-sha256", P256, &["by a key that is ECDSA brainpoolP256r1,", "issued anew"]),
        (RSA, longest, P256, &["RSA-PSS with SHA-256 and a salt of 222 bytes,", "rsa_pss_saltlen"]),
        (RSA_1024, "-sha256", P256, &["a signature is not right", "fewer than 2048"]),
        (RSA, "-sha256", RSA_1024, &["a signature is not right", "fewer than 2048"]),
        (P256, "-sha256", "ED448", &shows),
        (P256, "-sha256", RSA_PSS, &shows),
    ] {
        let ca = Minica::with_root(root, signing.split(" -sigopt").next().unwrap());
        let identity = ca.issue_signed("server", leaf, signing);
        let server = OpensslServer::start_with(&identity, &weak);
        let text = trusted(&server, &ca.root()).unwrap_err();
        for words in said {
            assert!(text.contains(words), "{root} {signing} {leaf}: {text}");
        }
        assert!(text.len() < 700 && !text.contains("Context"), "{text}");
    }
    // TLS 1.2 goes by the groups of the key exchange, too, and that one is in neither provider.
    let ca = Minica::with_root(P256, "-sha256");
    let server = OpensslServer::start_with(&ca.issue("server", P521), &[TLS12]);
    let text = trusted(&server, &ca.root()).unwrap_err();
    assert!(text.contains("ECDSA P-521 in TLS 1.3 only"), "{text}");
}

/// Those that are of use, and those that are not, in one store.
#[test]
fn keys_that_verify_nothing_are_shown() {
    let user = User::new();
    let kinds = [P256, P521, RSA_1024, RSA_PSS, "ED448", RSA];
    let signing = |key| if key == "ED448" { "" } else { "-sha256" };
    let roots = kinds.map(|key| Minica::with_root(key, signing(key)).root_text());
    let store = user.home().join("store.pem");
    fs::write(&store, roots.concat()).unwrap();
    let opened = TrustStore::load(&store).unwrap();
    let provider = crypto_provider().unwrap();
    let found: Vec<_> = opened.unusable_keys(&provider);
    let found: Vec<_> = found.iter().map(|(_, key)| key.algorithm()).collect();
    assert_eq!(found, ["RSA with 1024 bits", "RSA-PSS", "Ed448"]);

    let run = |command| user.cacerts(&[command]).option("--ca-certs", &store).run();
    let list = run("list").stdout;
    assert_eq!((list.lines().count(), list.matches("not usable").count()), (6, 3), "{list}");
    let explained = run("explain").stdout;
    assert!(explained.contains("of these, 3 not usable: see `cacerts list /"), "{explained}");
    let listed =
        |option: &str| user.cacerts(&["list", option]).option("--ca-certs", &store).run().stdout;
    let full = listed("--full");
    for words in
        ["its key is RSA with 1024 bits, and by fewer than 2048", "its key is RSA-PSS, which"]
    {
        let full = full.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(full.contains(words), "{full}");
    }
    let json: serde_json::Value = serde_json::from_str(&listed("--json")).unwrap();
    let is_marked =
        |at: usize| json[at]["marks"].as_array().unwrap().contains(&"not usable".into());
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(is_marked),
        [false, false, true, true, true, false],
        "{json}"
    );
}

#[cfg(unix)]
#[test]
fn keys_that_verify_nothing_are_logged_where_a_store_is_read_as_a_whole() {
    use crate::support::log::{keep_warnings, warnings};
    alone(keys_that_verify_nothing_are_logged_where_a_store_is_read_as_a_whole, || {
        keep_warnings();
        let (useless, useful) = (Minica::with_root(RSA_PSS, "-sha256"), Minica::new());
        let configure = |ca: &Minica| {
            Settings::new().ca_certs(ca.root()).reload(false).client_config().unwrap();
            warnings(&ca.root())
        };
        assert!(configure(&useful).is_empty());
        let [told] = &configure(&useless)[..] else { panic!("not told, or more than once") };
        assert!(
            told.contains("certificate 1 of ") && told.contains("its key is RSA-PSS"),
            "{told}"
        );
        // In a directory it is the name that tells which it is.
        let directory = useful.at("certs");
        fs::create_dir(&directory).unwrap();
        fs::copy(useful.root(), directory.join("a.pem")).unwrap();
        fs::copy(useless.root(), directory.join("b.pem")).unwrap();
        Settings::new().ca_certs(&directory).client_config().unwrap();
        let [told] = &warnings(&directory)[..] else { panic!("not told, or more than once") };
        assert!(told.starts_with("\"minica-root-ca-1a2b3c\" (certificate 2 of "), "{told}");
    });
}

/// A client of OpenSSL's, whose key no provider of ours signs with.
fn visits(ca: &Minica, name: &str, server: &Server, version: &str) -> bool {
    let port = server.address().port();
    let request = r"GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let line = format!(
        "printf '{request}' | openssl s_client -quiet -no_ign_eof -ign_eof -connect 127.0.0.1:{port} \
         -cert {name}.pem -key {name}.key {version}"
    );
    let mut command = Command::new("sh");
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    command.args(["-c", &line]).env_clear().env("PATH", path).current_dir(ca.at(""));
    crate::support::command::run(&mut command).stdout.contains(BODY)
}

#[test]
fn clients_with_p521_keys_are_let_in() {
    let (ca, other) = (Minica::with_root(P521, "-sha512"), Minica::with_root(P521, "-sha512"));
    let server = ca.issue("server", P256);
    ca.issue_signed("known", P521, "-sha512");
    other.issue_signed("stranger", P521, "-sha512");
    for reload in [true, false] {
        let settings = Settings::new().ca_certs(ca.root()).reload(reload);
        let settings = settings.client_cert(&server.certificate).client_key(&server.key);
        let server = Server::of(settings.server_config().unwrap());
        let with_sha256 = "-tls1_2 -client_sigalgs ECDSA+SHA256";
        for version in [TLS12, TLS13, with_sha256, &with_sha256.replace("256", "384")] {
            assert!(visits(&ca, "known", &server, version), "{version}, {reload}");
            assert!(!visits(&other, "stranger", &server, version), "{version}, {reload}");
        }
    }
}
