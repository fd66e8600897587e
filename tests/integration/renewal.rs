//! A certificate that is renewed on disk is shown within a second, by a client and by a server, and no
//! session is resumed that began with the one before.

use crate::support::bundle::{Bundle, WAYS, Way};
use crate::support::library::get;
use crate::support::renewal::{Issued, Meeting, Pair, Side, VERSIONS};
use crate::support::server::{ClientCertificate, tls_of};
use crate::support::{Identity, Pki, Server, alone};
use cacerts::{Client, ErrorKind, Settings};
use rustls::HandshakeKind::{Full, Resumed};
use rustls::version::TLS13;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// How long a renewal may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

#[test]
fn a_renewed_certificate_is_shown_unless_that_is_not_wanted() {
    let pki = Pki::new();
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let [old, new] = side.issue(&pki);
        for version in VERSIONS {
            for way in WAYS {
                for make in [Pair::in_one_file, Pair::in_two_files] {
                    for reload in [true, false] {
                        let pair = make(way, &old);
                        let settings = pair.named_in(side.settings(&pki)).reload(reload);
                        let meeting = Meeting::new(side, version, &settings, &pki);
                        let files = if pair.key.is_some() { 2 } else { 1 };
                        let case = format!("{side:?} {:?} {way:?} {files}", version.version);
                        // A program may also have been about to make its first connection.
                        assert!(files == 1 || meeting.shown() == old.der(), "{case}");
                        cases.push((case, reload, old.clone(), new.clone(), pair, meeting));
                    }
                }
            }
        }
    }
    cases.iter().for_each(|(_, _, _, new, pair, _)| pair.replace(new));
    sleep(NOTICED);
    for (case, reload, old, new, _, meeting) in &cases {
        let expected = if *reload { new } else { old };
        assert_eq!(meeting.shown(), expected.der(), "{case}, reload: {reload}");
    }
}

/// What an operator of Kubernetes mounts: both files at once, by a link that both lead through.
#[test]
fn a_secret_is_renewed_as_a_whole() {
    let pki = Pki::new();
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let [old, new] = side.issue(&pki);
        let mount = tempfile::tempdir().unwrap();
        let at = |name: &str| mount.path().join(name);
        write_pair(&at("..1"), &old);
        symlink("..1", at("..data")).unwrap();
        symlink("..data/tls.crt", at("tls.crt")).unwrap();
        symlink("..data/tls.key", at("tls.key")).unwrap();
        let settings = side.settings(&pki).client_cert(at("tls.crt")).client_key(at("tls.key"));
        let meeting = Meeting::new(side, &TLS13, &settings, &pki);
        assert_eq!(meeting.shown(), old.der());
        write_pair(&at("..2"), &new);
        symlink("..2", at("..new")).unwrap();
        fs::rename(at("..new"), at("..data")).unwrap();
        fs::remove_dir_all(at("..1")).unwrap();
        cases.push((side, new, mount, meeting));
    }
    sleep(NOTICED);
    for (side, new, _mount, meeting) in &cases {
        assert_eq!(meeting.shown(), new.der(), "{side:?}");
    }
}

fn write_pair(directory: &Path, issued: &Issued) {
    fs::create_dir(directory).unwrap();
    fs::write(directory.join("tls.crt"), &issued.cert).unwrap();
    fs::write(directory.join("tls.key"), &issued.key).unwrap();
}

#[test]
fn sessions_are_resumed_until_the_certificate_is_renewed() {
    let pki = Pki::new();
    let [old, new] = Side::Client.issue(&pki);
    let mut cases = Vec::new();
    for version in VERSIONS {
        for reload in [true, false] {
            for verify in [true, false] {
                let pair = Pair::in_two_files(Way::Rename, &old);
                let settings = pair.named_in(Side::Client.settings(&pki));
                let settings = settings.reload(reload).verify(verify);
                let meeting = Meeting::new(Side::Client, version, &settings, &pki);
                assert_eq!(meeting.visit(), (Some(Full), old.der()));
                assert_eq!(meeting.visit(), (Some(Resumed), old.der()));
                let case = format!("{:?}, reload: {reload}, {verify}", version.version);
                cases.push((case, reload, pair, meeting));
            }
        }
    }
    // The same once more is no renewal.
    cases.iter().for_each(|(_, _, pair, _)| pair.replace(&old));
    sleep(NOTICED);
    for (case, _, _, meeting) in &cases {
        assert_eq!(meeting.visit(), (Some(Resumed), old.der()), "{case}");
    }
    cases.iter().for_each(|(_, _, pair, _)| pair.replace(&new));
    sleep(NOTICED);
    for (case, reload, _, meeting) in &cases {
        let expected = if *reload { (Some(Full), new.der()) } else { (Some(Resumed), old.der()) };
        assert_eq!(meeting.visit(), expected, "{case}");
        // For a minute none is kept: it may be one of before.
        assert_eq!(meeting.visit(), expected, "{case}");
    }
}

/// A server may send its ticket at any time. This one was earned with the old certificate.
#[test]
fn a_ticket_that_comes_late_is_used_only_as_long_as_its_certificate_is_shown() {
    let pki = Pki::new();
    let [old, new] = Side::Client.issue(&pki);
    for renewed in [true, false] {
        for visited in [true, false] {
            let pair = Pair::in_two_files(Way::Rename, &old);
            let settings = pair.named_in(Side::Client.settings(&pki));
            let meeting = Meeting::new(Side::Client, &TLS13, &settings, &pki);
            let mut late = meeting.begin();
            pair.replace(if renewed { &new } else { &old });
            sleep(NOTICED);
            if visited {
                meeting.begin();
            }
            late.finish();
            let expected =
                if renewed { (Some(Full), new.der()) } else { (Some(Resumed), old.der()) };
            assert_eq!(meeting.visit(), expected, "renewed: {renewed}, visited: {visited}");
        }
    }
}

/// The report that is commonest: a certificate of a few hours, renewed in time, and a program that
/// shows the first one until it is restarted.
#[test]
fn a_client_goes_on_after_its_first_certificate_has_expired() {
    alone(a_client_goes_on_after_its_first_certificate_has_expired, || {
        let pki = Pki::new();
        let until = |identity: &Identity, ends_in| {
            Issued::of(&pki.client_again(&identity.key, Duration::from_secs(ends_in)))
        };
        let mut cases = Vec::new();
        for version in VERSIONS {
            let clients = Some((&*pki.client_ca, ClientCertificate::Required));
            for renewed in [true, false] {
                let mut config = tls_of(&[version], &pki.server(), clients);
                config.session_storage = rustls::server::ServerSessionMemoryCache::new(32);
                let server = Server::of(config);
                let first = until(&pki.client(), 4);
                let pair = Pair::in_two_files(Way::Rename, &first);
                let client = Client::new(pair.named_in(Side::Client.settings(&pki)));
                cases.push((renewed, server, first, pair, client));
            }
        }
        for (_, server, first, _, client) in &cases {
            assert_eq!(client.get(&server.url()).unwrap().status(), 200);
            assert_eq!(server.requests()[0].certificate, Some(first.der()));
        }
        let later = until(&pki.client(), 60 * 60);
        for (renewed, _, _, pair, _) in &cases {
            if *renewed {
                pair.replace(&later);
            }
        }
        sleep(Duration::from_secs(6));
        for (renewed, server, _, pair, client) in &cases {
            for n in 1..3 {
                match client.get(&server.url()) {
                    Ok(_) if *renewed => {
                        assert_eq!(server.requests()[n].certificate, Some(later.der()));
                    }
                    // A session of before is resumed, as the server wants it.
                    Ok(_) => assert_ne!(server.requests()[n].certificate, Some(later.der())),
                    Err(e) => {
                        assert!(!renewed, "{e}");
                        assert_eq!(e.kind(), ErrorKind::ClientCertificate, "{e}");
                    }
                }
            }
            // A new one shows what is there.
            let fresh = get(&pair.named_in(Side::Client.settings(&pki)), &server.url());
            assert_eq!(fresh.is_ok(), *renewed, "{fresh:?}");
        }
    });
}

#[test]
fn a_relative_path_goes_on_meaning_the_same_certificate() {
    alone(a_relative_path_goes_on_meaning_the_same_certificate, || {
        let pki = Pki::new();
        let mut cases = Vec::new();
        let away = tempfile::tempdir().unwrap();
        for side in Side::BOTH {
            let [old, new, other] = side.issue(&pki);
            let files = Bundle::new(Way::Rename, &(old.cert.clone() + &old.key));
            env::set_current_dir(files.at("")).unwrap();
            let settings: Settings = side.settings(&pki).client_cert("ca.pem");
            let meeting = Meeting::new(side, &TLS13, &settings, &pki);
            files.replace(&(new.cert.clone() + &new.key));
            fs::write(away.path().join("ca.pem"), other.cert + &other.key).unwrap();
            env::set_current_dir(away.path()).unwrap();
            cases.push((new, files, meeting));
        }
        sleep(NOTICED);
        for (new, _files, meeting) in &cases {
            assert_eq!(meeting.shown(), new.der());
        }
    });
}
