//! A running program learns of what its store comes to reject.

use crate::support::alone;
use crate::support::bundle::{Bundle, Way};
use crate::support::directory::Directory;
use crate::support::handshake::Client;
use crate::support::library::exhaust_files;
use crate::support::rejection::{
    Ca, SERVER, distrusted, put, rejected, rejected_for, shown, verdict,
};
use cacerts::Settings;
use rcgen::ExtendedKeyUsagePurpose;
use rustix::process::{Resource, setrlimit};
use rustls::HandshakeKind::{Full, Resumed};
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

/// It takes effect at once, also where it is all that is left; so it does for sessions.
#[test]
fn a_running_program_learns_of_it() {
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let issuing = ca.intermediate("Its issuing CA");
    let (server, twin) = (issuing.server(&[issuing.der()]), other.server(&[]));
    let both = ca.pem() + &other.pem();
    let mut cases = Vec::new();
    for (what, before, after) in [
        ("beside others", &both, both.clone() + &rejected(&ca)),
        ("instead of it", &both, other.pem() + &rejected(&ca)),
        ("alone", &ca.pem(), rejected(&ca)),
        ("alone, by p11-kit", &ca.pem(), distrusted(&ca)),
        ("the intermediate", &both, both.clone() + &distrusted(&issuing)),
    ] {
        let bundle = Bundle::new(Way::Rename, before);
        let client = Client::of(&bundle.path);
        assert_eq!(client.visit(&server), Some(Full), "{what}");
        assert_eq!(client.visit(&server), Some(Resumed), "{what}");
        cases.push((what, bundle, client, after));
    }
    let directories = [[&ca], [&issuing]].map(|[what]| {
        let directory = Directory::new();
        put(&directory, 0, &ca.pem());
        put(&directory, 0, &other.pem());
        let client = Client::of(&directory.path);
        assert_eq!(client.visit(&server), Some(Full));
        assert_eq!(client.visit(&server), Some(Resumed));
        (what, directory, client)
    });
    sleep(NOTICED);
    for (what, bundle, client, after) in &cases {
        assert_eq!(client.visit(&server), Some(Resumed), "{what}");
        bundle.replace(after);
    }
    for (what, directory, client) in &directories {
        assert_eq!(client.visit(&server), Some(Resumed));
        put(directory, usize::from(what.der() == ca.der()), &rejected(what));
    }
    sleep(NOTICED);
    for (what, bundle, client, _) in &cases {
        assert!(!verdict(client, &server, &bundle.path), "{what}");
        if !what.starts_with("alone") {
            assert!(client.visit(&twin).is_some(), "{what}");
        }
        bundle.replace(&both);
    }
    for (_, directory, client) in &directories {
        assert!(!verdict(client, &server, &directory.path));
        assert!(client.visit(&twin).is_some());
    }
    sleep(NOTICED);
    for (what, _, client, _) in &cases {
        assert_eq!(client.visit(&server), Some(Full), "{what}: no session is left");
    }
}

/// Of many certificates of a server one stands for all, unless one of them may be rejected.
#[test]
fn sessions_of_a_certificate_that_was_renewed_since_are_lost_with_it() {
    let ca = Ca::root("The CA");
    let leaves: Vec<_> = (0..12).map(|_| ca.leaf(ExtendedKeyUsagePurpose::ServerAuth)).collect();
    let servers: Vec<_> = leaves.iter().map(|(leaf, key)| shown(leaf, key, &[])).collect();
    let another = Ca::root("A name that no server has");
    let cases = [
        (rejected_for(SERVER, &leaves[0].0), Full),
        (rejected_for(SERVER, &another.certificate), Resumed),
        (another.pem(), Resumed),
    ];
    let cases = cases.map(|(more, expected)| {
        let bundle = Bundle::new(Way::Rename, &ca.pem());
        let client = Client::of(&bundle.path);
        servers.iter().for_each(|server| assert_eq!(client.visit(server), Some(Full)));
        bundle.replace(&(ca.pem() + &more));
        (client, bundle, expected)
    });
    sleep(NOTICED);
    let last = &servers[11];
    for (client, _, expected) in &cases {
        assert_eq!(client.visit(last), Some(Full));
        assert_eq!(client.visit(last), Some(*expected));
    }
}

/// Nothing is trusted because a file went away.
#[test]
fn what_a_file_rejected_that_is_removed_stays_rejected() {
    let [ca, other, third] = ["A CA that is rejected", "Another CA", "A third CA"].map(Ca::root);
    let bundle = Bundle::new(Way::Rename, &(ca.pem() + &other.pem()));
    let extra = Bundle::new(Way::Rename, &(third.pem() + &rejected(&ca)));
    let settings = Settings::new().ca_certs(&bundle.path).extra_ca_certs(&extra.path);
    let client = Client::new(&settings.keep_removed(Duration::from_secs(1)));
    let [server, twin, gone] = [&ca, &other, &third].map(|ca| ca.server(&[]));
    assert!(!verdict(&client, &server, &extra.path));
    assert!(client.visit(&gone).is_some() && client.visit(&twin).is_some());
    fs::remove_file(&extra.path).unwrap();
    for _ in 0..3 {
        sleep(NOTICED);
        assert!(!verdict(&client, &server, &extra.path));
    }
    assert!(client.visit(&gone).is_none() && client.visit(&twin).is_some());
}

/// Whoever can bring that about may bring a certificate that nobody was asked about before.
#[test]
fn what_cannot_be_read_for_a_while_is_not_taken_for_nothing() {
    alone(what_cannot_be_read_for_a_while_is_not_taken_for_nothing, || {
        let ca = Ca::root("The CA");
        let issuing = ca.intermediate("Its issuing CA");
        let (directory, server, twin) =
            (Directory::new(), issuing.server(&[issuing.der()]), ca.server(&[]));
        put(&directory, 0, &ca.pem());
        put(&directory, 0, &rejected(&issuing));
        let client = Client::of(&directory.path);
        assert_eq!(client.visit(&twin), Some(Full));
        let before = exhaust_files();
        let refused = client.attempt(&server).err();
        assert_eq!(client.visit(&twin), Some(Resumed));
        setrlimit(Resource::Nofile, before).unwrap();
        let why = refused.expect("it is trusted").to_string();
        assert!(why.contains("cannot look for an issuer in"), "{why}");
        assert!(why.contains("Too many open files"), "{why}");
        assert!(!verdict(&client, &server, &directory.path));
    });
}

/// An emptied directory is what an update looks like half way; what it held is trusted meanwhile.
#[test]
fn what_a_directory_rejected_that_is_emptied_stays_rejected() {
    let [ca, added] = ["The CA", "A CA that is added"].map(Ca::root);
    let [issuing, beside] = [&ca, &added].map(|ca| ca.intermediate("An issuing CA"));
    let directory = Directory::new();
    put(&directory, 0, &ca.pem());
    for (number, issuing) in [&issuing, &beside].into_iter().enumerate() {
        put(&directory, number, &rejected(issuing));
    }
    let extra = Bundle::new(Way::Rename, &added.pem());
    let settings = Settings::new().ca_certs(&directory.path).extra_ca_certs(&extra.path);
    let client = Client::new(&settings.keep_removed(Duration::from_secs(3)));
    let servers = [&issuing, &beside].map(|issuing| issuing.server(&[issuing.der()]));
    let [twin, gone] = [&added, &ca].map(|ca| ca.server(&[]));
    let are_rejected = || servers.iter().all(|server| !verdict(&client, server, &directory.path));
    assert!(are_rejected());
    assert!(client.visit(&gone).is_some() && client.visit(&twin).is_some());
    for entry in fs::read_dir(&directory.path).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert!(are_rejected(), "before anybody looks");
    sleep(NOTICED);
    assert!(client.visit(&gone).is_some() && are_rejected(), "as long as it counts");
    // What is added is read anew.
    extra.replace(&(added.pem() + "# the same\n"));
    sleep(NOTICED);
    assert!(client.visit(&twin).is_some() && are_rejected(), "beside what is new");
    sleep(Duration::from_secs(2));
    assert!(client.visit(&twin).is_some());
    let verdict = client.attempt(&servers[1]).err();
    assert!(verdict.is_some_and(|e| e.to_string().contains("is rejected by")), "when it is gone");
    assert!(client.visit(&gone).is_none());
}
