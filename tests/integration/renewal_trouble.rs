//! What is in the place of a certificate or its key and does not make a pair is waited out: the pair of
//! before is shown, and no other, and a warning says why.

use crate::support::alone;
use crate::support::bundle::{UNUSABLE, Way};
use crate::support::command::run;
use crate::support::log::{give_up_privileges, keep_warnings, warnings};
use crate::support::openssl::command;
use crate::support::renewal::{Issued, Meeting, Pair, Side, VERSIONS};
use crate::support::{Identity, Pki};
use rustls::version::TLS13;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// How long a renewal may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

/// What is done to a pair, and what is said of it then.
struct Trouble {
    what: String,
    said: &'static str,
    make: Box<dyn Fn(&Pair)>,
}

impl Trouble {
    fn new(what: impl Into<String>, said: &'static str, make: impl Fn(&Pair) + 'static) -> Self {
        Self { what: what.into(), said, make: Box::new(make) }
    }
}

fn key(pair: &Pair) -> &Path {
    &pair.key.as_ref().unwrap().path
}

/// A key as it is for who has the password.
fn encrypted(old: &Issued) -> String {
    let directory = tempfile::tempdir().unwrap();
    let (plain, made) = (directory.path().join("plain"), directory.path().join("encrypted"));
    fs::write(&plain, &old.key).unwrap();
    let mut openssl = command();
    openssl.args(["pkcs8", "-topk8", "-passout", "pass:secret", "-in"]).arg(&plain);
    let made_it = run(openssl.arg("-out").arg(&made));
    assert_eq!(made_it.code, Some(0), "{made_it:#?}");
    fs::read_to_string(made).unwrap()
}

/// All that is not a pair: a half of the next one, above all.
fn troubles(old: &Issued, next: &Issued) -> Vec<Trouble> {
    let misfit = "does not belong to the certificate";
    let cut = next.cert[..next.cert.len() / 2].to_owned();
    let (cert_only, key_only) = (next.cert.clone(), next.key.clone());
    let encrypted = encrypted(old);
    let mut troubles = vec![
        Trouble::new("the next certificate only", misfit, move |pair| {
            fs::write(&pair.cert.path, &cert_only).unwrap();
        }),
        Trouble::new("the next key only", misfit, move |pair| {
            fs::write(key(pair), &key_only).unwrap();
        }),
        Trouble::new("a certificate that is cut", "damaged certificate", move |pair| {
            fs::write(&pair.cert.path, &cut).unwrap();
        }),
        Trouble::new("a key with a password", "encrypted", move |pair| {
            fs::write(key(pair), &encrypted).unwrap();
        }),
        Trouble::new("certificate and key exchanged", "", |pair| {
            fs::rename(key(pair), pair.cert.at("other")).unwrap();
            fs::rename(&pair.cert.path, key(pair)).unwrap();
            fs::rename(pair.cert.at("other"), &pair.cert.path).unwrap();
        }),
    ];
    for (what, spoil) in UNUSABLE {
        troubles.push(Trouble::new(format!("certificate: {what}"), "", move |pair| {
            spoil(&pair.cert.path);
        }));
        troubles.push(Trouble::new(format!("key: {what}"), "", move |pair| spoil(key(pair))));
    }
    troubles
}

#[test]
fn what_is_no_pair_is_not_shown_and_is_warned_of() {
    alone(what_is_no_pair_is_not_shown_and_is_warned_of, || {
        keep_warnings();
        give_up_privileges();
        let pki = Pki::new();
        let mut cases = Vec::new();
        for side in Side::BOTH {
            let [old, next] = side.issue(&pki);
            for (trouble, version) in troubles(&old, &next).into_iter().zip(VERSIONS.iter().cycle())
            {
                let pair = Pair::in_two_files(Way::Rename, &old);
                let settings = pair.named_in(side.settings(&pki));
                let meeting = Meeting::new(side, version, &settings, &pki);
                assert_eq!(meeting.shown(), old.der());
                cases.push((side, trouble, old.clone(), next.clone(), pair, meeting));
            }
        }
        cases.iter().for_each(|(_, trouble, _, _, pair, _)| (trouble.make)(pair));
        for round in 0..4 {
            sleep(NOTICED);
            for (side, Trouble { what, said, .. }, old, _, pair, meeting) in &cases {
                let case = format!("{side:?}, {what}");
                assert_eq!(meeting.shown(), old.der(), "{case}");
                let warnings = warnings(&pair.cert.path);
                // It is said again, but not every time.
                let times = if round == 0 { 1..=1 } else { 1..=3 };
                assert!(times.contains(&warnings.len()), "{case}: {warnings:?}");
                assert!(round < 3 || warnings.len() > 1, "{case}: {warnings:?}");
                let tells = warnings.iter().all(|warning| {
                    warning.contains(said)
                        && warning.contains("held before is shown")
                        && (warning.contains("client_cert names")
                            || warning.contains("client_key names"))
                });
                assert!(tells, "{case}: {warnings:?}");
            }
        }
        for (_, _, _, next, pair, _) in &cases {
            let _ = (fs::remove_dir(&pair.cert.path), fs::remove_dir(key(pair)));
            pair.replace(next);
        }
        sleep(NOTICED);
        for (side, trouble, _, next, _, meeting) in &cases {
            assert_eq!(meeting.shown(), next.der(), "{side:?}, {}", trouble.what);
        }
    });
}

/// It does not even look.
#[test]
fn a_program_that_does_not_want_to_notice_shows_what_it_read() {
    let pki = Pki::new();
    let mut cases = Vec::new();
    for side in Side::BOTH {
        let [old, next] = side.issue(&pki);
        for (trouble, version) in troubles(&old, &next).into_iter().zip(VERSIONS.iter().cycle()) {
            let pair = Pair::in_two_files(Way::Rename, &old);
            let settings = pair.named_in(side.settings(&pki)).reload(false);
            let meeting = Meeting::new(side, version, &settings, &pki);
            (trouble.make)(&pair);
            cases.push((trouble.what, old.clone(), pair, meeting));
        }
    }
    sleep(NOTICED);
    for (what, old, _pair, meeting) in &cases {
        assert_eq!(meeting.shown(), old.der(), "{what}");
    }
}

/// A program that was started with more rights than it has now.
#[test]
fn a_program_that_may_not_read_its_key_any_more_goes_on_with_what_it_has() {
    alone(a_program_that_may_not_read_its_key_any_more_goes_on_with_what_it_has, || {
        use std::os::unix::fs::PermissionsExt;
        keep_warnings();
        let pki = Pki::new();
        let mut cases = Vec::new();
        for side in Side::BOTH {
            let [old, next] = side.issue(&pki);
            for close in [true, false] {
                let pair = Pair::in_two_files(Way::Rename, &old);
                let settings = pair.named_in(side.settings(&pki));
                let meeting = Meeting::new(side, &TLS13, &settings, &pki);
                pair.replace(&next);
                if close {
                    fs::set_permissions(key(&pair), fs::Permissions::from_mode(0o000)).unwrap();
                }
                cases.push((close, old.clone(), meeting, pair));
            }
        }
        give_up_privileges();
        sleep(NOTICED);
        for (close, old, meeting, pair) in &cases {
            let warnings = warnings(&pair.cert.path);
            assert_eq!(meeting.shown() == old.der(), *close, "{warnings:?}");
        }
        for (close, _, _, pair) in &cases {
            let warnings = warnings(&pair.cert.path);
            assert_eq!(warnings.len(), usize::from(*close), "{warnings:?}");
            assert!(warnings.iter().all(|w| w.contains("permission denied")), "{warnings:?}");
        }
    });
}

/// What is written in place so far would fit, and lacks the intermediate, without which nobody trusts it.
#[test]
fn a_chain_that_is_being_written_is_waited_for() {
    let pki = Pki::new();
    let [old, new] = Side::Server.issue(&pki);
    let split = new.cert.find("-----END CERTIFICATE-----\n").unwrap() + 26;
    // A busy machine may take too long between writing and shaking hands, and then that shows nothing.
    for _ in 0..20 {
        let pair = Pair::in_one_file(Way::Rename, &old);
        let settings = pair.named_in(Side::Server.settings(&pki));
        let meeting = Meeting::new(Side::Server, &TLS13, &settings, &pki);
        sleep(NOTICED);
        let start = Instant::now();
        let mut file = File::create(&pair.cert.path).unwrap();
        file.write_all((new.key.clone() + &new.cert[..split]).as_bytes()).unwrap();
        let shown = meeting.attempt().map(|connection| connection.server_certificate());
        if start.elapsed() > Duration::from_millis(50) {
            continue;
        }
        assert_eq!(shown, Ok(Some(old.der())));
        file.write_all(&new.cert.as_bytes()[split..]).unwrap();
        sleep(NOTICED);
        assert_eq!(meeting.shown(), new.der());
        return;
    }
    panic!("no handshake within 50 ms of writing");
}

/// Whatever is on disk at the moment, each handshake shows one of the pairs, and from a second after the
/// last renewal on the last one.
#[test]
fn renewals_under_load_show_pairs_only() {
    let pki = Pki::new();
    for side in Side::BOTH {
        let issued: [Issued; 3] = side.issue(&pki);
        for way in [Way::Rename, Way::InPlace] {
            let pair = Pair::in_two_files(way, &issued[0]);
            let settings = pair.named_in(side.settings(&pki));
            let meetings = VERSIONS.map(|version| Meeting::new(side, version, &settings, &pki));
            let done = AtomicBool::new(false);
            thread::scope(|scope| {
                for meeting in &meetings {
                    scope.spawn(|| {
                        while !done.load(Ordering::Relaxed) {
                            let shown = meeting.shown();
                            assert!(issued.iter().any(|one| one.der() == shown));
                        }
                    });
                }
                for n in 0..15 {
                    pair.replace(&issued[n % 3]);
                    sleep(Duration::from_millis(40));
                    let mixed = Identity {
                        certificate: pair.cert.path.clone(),
                        key: key(&pair).to_owned(),
                    };
                    fs::write(&mixed.certificate, &issued[(n + 1) % 3].cert).unwrap();
                    sleep(Duration::from_millis(40));
                }
                pair.replace(&issued[1]);
                sleep(NOTICED);
                done.store(true, Ordering::Relaxed);
            });
            for meeting in &meetings {
                assert_eq!(meeting.shown(), issued[1].der(), "{side:?} {way:?}");
            }
        }
    }
}
