//! Apache Libcloud's list of places, its roots from certifi, and its Windows: what a build has of
//! them. What its users see is in tests/integration.

use crate::sandbox::{Sandbox, generated, pristine, stopped, written};
use crate::{FILE, PATH};
use cacerts::TrustStore;
use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::ffi::OsStr;
use std::fs;

/// Its `CA_CERTS_PATH`.
const PLACES: [&str; 8] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/opt/local/share/curl/curl-ca-bundle.crt",
    "/usr/local/etc/openssl/cert.pem",
    "/usr/local/opt/curl-ca-bundle/share/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/certs/YaST-CA.pem",
];

#[test]
fn l1_every_place_is_searched_or_left_out_for_a_reason() {
    let generated = generated(&Sandbox::new("l1"), &[]);
    let list = |line: &&str| line.starts_with("pub const CACERTS_SEARCH_PATHS");
    let list = generated.lines().find(list).expect("the search list");
    let text = pristine();
    for place in PLACES {
        let reason = text.lines().find_map(|line| line.strip_prefix(&format!("#   {place}: ")));
        let searched = list.contains(&format!("{place:?}"));
        assert_ne!(searched, reason.is_some(), "{place}");
    }
}

/// Where a machine has its bundle; it can have none.
fn bundle() -> Option<Vec<u8>> {
    PLACES
        .iter()
        .chain(cacerts::defaults::CACERTS_SEARCH_PATHS)
        .find_map(|path| fs::read(path).ok())
}

/// The public keys of a bundle's certificates, as they stand in them.
fn public_keys(bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(bundle).filter_map(Result::ok);
    roots.add_parsable_certificates(certificates);
    roots.roots.iter().map(|root| root.subject_public_key_info.to_vec()).collect()
}

/// How many certificates there are in the bytes of a program: as PEM, or one with such a key.
fn certificates(program: &[u8], keys: &[Vec<u8>]) -> usize {
    // Two bytes of a key tell most places apart from it; to compare all keys everywhere takes minutes.
    let from_end = 16;
    let mut by_bytes = vec![Vec::new(); 1 << 16];
    for key in keys {
        let at = key.len() - from_end;
        by_bytes[usize::from(u16::from_be_bytes([key[at], key[at + 1]]))].push(key);
    }
    let pem = b"-----BEGIN CERTIFICATE-----";
    let mut found = 0;
    for (i, pair) in program.windows(2).enumerate() {
        for key in &by_bytes[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
            let start = (i + from_end).checked_sub(key.len());
            found += usize::from(start.is_some_and(|start| program[start..].starts_with(key)));
        }
        // The words alone are in every program that reads PEM; what follows them is not.
        if pair == b"--" && program[i..].starts_with(pem) {
            let after =
                program[i + pem.len()..].iter().skip_while(|byte| byte.is_ascii_whitespace());
            found += usize::from(after.take(3).eq(b"MII"));
        }
    }
    found
}

fn certificate() -> rcgen::Certificate {
    let key = KeyPair::generate().expect("a key");
    CertificateParams::new(["a.example".to_owned()]).unwrap().self_signed(&key).unwrap()
}

/// Where Libcloud is not followed: it went by certifi's roots before anything that a system has.
#[test]
fn l3_no_roots_come_with_the_crate() {
    let certificate = certificate();
    let bundle = bundle().unwrap_or_default();
    let keys = public_keys(&[bundle.as_slice(), certificate.pem().as_bytes()].concat());

    // It, and all that it brings in.
    let sandbox = Sandbox::new("l3");
    let run = sandbox.cargo(&["build", "--message-format=json"], &[]);
    assert!(run.status.success(), "{}", run.stderr);
    let libraries: Vec<_> = run.stdout.split('"').filter(|path| path.ends_with(".rlib")).collect();
    let has = |name: &str| libraries.iter().any(|path| path.contains(name));
    assert!(has("/libcacerts-") && has("/librustls-") && has("/libwebpki-"), "{libraries:?}");
    for library in libraries {
        assert_eq!(certificates(&fs::read(library).expect(library), &keys), 0, "{library}");
    }

    // It would be seen.
    for (with, found) in [(certificate.der().to_vec(), 1), (certificate.pem().into_bytes(), 1)] {
        let program = [b"\x7fELF-----BEGIN CERTIFICATE-----\0", with.as_slice(), b"\0"].concat();
        assert_eq!(certificates(&program, &keys), found);
    }
}

#[cfg(feature = "cli")]
#[test]
fn l3_no_roots_are_in_the_command_and_no_variable_asks_for_them() {
    use std::process::Command;
    const COMMAND: &str = env!("CARGO_BIN_EXE_cacerts");
    let keys = public_keys(&bundle().unwrap_or_default());
    assert_eq!(certificates(&fs::read(COMMAND).expect("the command"), &keys), 0);

    let run = |switch: Option<&str>, store: &str| {
        let mut command = Command::new(COMMAND);
        command.arg("list").env_clear().env("SSL_CERT_FILE", store);
        let output = command.envs(switch.map(|value| ("LIBCLOUD_SSL_USE_CERTIFI", value)));
        let output = output.output().expect("the command runs");
        (output.status.code(), output.stdout, output.stderr)
    };
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("ca.pem");
    fs::write(&store, certificate().pem()).unwrap();
    for (store, code) in [(store.to_str().unwrap(), Some(0)), ("/nonexistent/ca.pem", Some(2))] {
        let without = run(None, store);
        assert_eq!(without.0, code, "{without:?}");
        for value in ["true", "1", "false", "0", ""] {
            assert_eq!(run(Some(value), store), without, "{value:?}");
        }
    }
}

const WINDOWS: &str = "--target=x86_64-pc-windows-gnu";

/// A packager can bake in the minimum, and nobody can ask for less.
#[test]
fn l8_lower_tls_version_than_the_baked_one_is_refused() {
    let sandbox = Sandbox::new("l8");
    sandbox.write(
        "src/main.rs",
        "use cacerts::{Settings, TlsVersion};

        fn main() {
            println!(\"{}\", cacerts::defaults::CACERTS_TLS_MIN_VERSION);
            for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
                let settings = Settings::new().min_tls_version(version);
                println!(\"{}\", settings.client_config().unwrap_err());
            }
        }",
    );
    let own = sandbox.write("own.toml", "CACERTS_TLS_MIN_VERSION = '1.3'\n");
    let run = |variables: &[(&str, &OsStr)]| {
        let run = sandbox.cargo(&["run"], variables);
        assert!(run.status.success(), "{}", run.stderr);
        run.stdout
    };
    // It has no crypto provider, which is what it says where nothing is wrong with the version.
    let fine = "there is no crypto provider";
    for (variables, baked, first) in [
        (
            &[(FILE, own.as_os_str())][..],
            "1.3",
            "min_tls_version asks for TLS 1.2, and this program",
        ),
        (&[], "1.2", fine),
    ] {
        let said = run(variables);
        let lines: Vec<_> = said.lines().collect();
        let [minimum, tls12, tls13] = lines[..] else { panic!("{said}") };
        assert_eq!(minimum, baked);
        assert!(tls12.starts_with(first) && tls13.starts_with(fine), "{said}");
    }
}

#[test]
fn l12_path_of_windows_is_baked_for_windows() {
    let sandbox = Sandbox::new("l12");
    // The build script runs here, whether or not this machine can compile for Windows.
    let arguments = ["check", "--message-format=json", "--keep-going", WINDOWS];
    let bake = |path: &'static str| sandbox.cargo(&arguments, &[(PATH, OsStr::new(path))]);
    let run = bake(r"C:\ProgramData\ssl\cacert.pem");
    assert!(written(&run).contains(r#"Some("C:\\ProgramData\\ssl\\cacert.pem")"#));
    let run = bake("/etc/ssl/certs/ca-certificates.crt");
    let said = r"is not an absolute path; allowed is an absolute path without `..` and control characters, such as C:\ssl\ca.pem";
    assert!(!run.status.success() && run.stderr.contains(said), "{}", run.stderr);
    // And for nothing else.
    let said = stopped(&sandbox, &[(PATH, OsStr::new(r"C:\ssl\cacert.pem"))]);
    assert!(said.contains("is not an absolute path"), "{said}");
}

#[test]
fn l12_no_store_of_windows_is_read() {
    let sandbox = Sandbox::new("l12-store");
    // There is nowhere to look: no path of the list is one of Windows.
    let arguments = ["check", "--message-format=json", "--keep-going", WINDOWS];
    let written = written(&sandbox.cargo(&arguments, &[]));
    assert!(written.contains("pub const CACERTS_SEARCH_PATHS: &[&str] = &[];"), "{written}");
    // And nothing to ask Windows with.
    let run = sandbox.cargo(&["tree", "--prefix=none", "--edges=normal", WINDOWS], &[]);
    assert!(run.status.success(), "{}", run.stderr);
    let names: Vec<_> = run.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"cacerts") && names.contains(&"rustls"), "{names:?}");
    for name in names {
        let stores = ["windows", "winapi", "schannel", "native", "platform", "openssl"];
        assert!(!stores.iter().any(|store| name.contains(store)), "{name}");
    }
}

/// What Libcloud's documentation has users of Windows download, with the line ends of either system.
#[test]
fn l12_bundle_as_curl_offers_it_loads_completely() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cacert.pem");
    let names = ["GlobalSign Root CA", "Certum Trusted Network CA 2", "Főtanúsítvány"];
    let certificates: Vec<_> = names.map(|_| certificate()).into();
    let mut bundle = "##\n## Bundle of CA Root Certificates\n##\n## Certificate data from Mozilla \
        last updated on: Tue Nov  4 04:12:02 2025 GMT\n##\n## SHA256: 1903a23d\n##\n\n"
        .to_owned();
    for (name, certificate) in names.iter().zip(&certificates) {
        let line = "=".repeat(name.len());
        bundle += &format!("\n{name}\n{line}\n{}", certificate.pem().replace("\r\n", "\n"));
    }
    for text in [bundle.clone(), bundle.replace('\n', "\r\n")] {
        fs::write(&path, text).unwrap();
        let store = TrustStore::load(&path).unwrap();
        let loaded: Vec<_> = store.certificates().iter().map(|der| der.as_ref()).collect();
        let wanted: Vec<&[u8]> = certificates.iter().map(|one| one.der().as_ref()).collect();
        assert_eq!(loaded, wanted);
        assert_eq!((store.skipped(), store.root_cert_store().len()), (&[][..], names.len()));
    }
}
