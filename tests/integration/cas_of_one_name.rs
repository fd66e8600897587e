//! Many CAs of one name, as in a mesh whose clusters all call theirs `O=cluster.local`. rustls by itself
//! gives up after 100 signatures, wherever the right one stands.

use crate::support::directory::Directory;
use crate::support::handshake::{Ca, Client, bundle};
use cacerts::{Settings, TrustStore};

#[test]
fn the_right_one_of_a_thousand_is_found() {
    let cas: Vec<_> = (0..1000).map(|_| Ca::new("cluster.local")).collect();
    let all: Vec<_> = cas.iter().collect();
    let directory = Directory::new();
    let file = directory.beside("mesh.pem");
    std::fs::write(&file, bundle(&all)).unwrap();
    let hash = directory.hash(&cas[0]);
    for (number, ca) in cas.iter().enumerate() {
        directory.write(&format!("{hash}.{number}"), &ca.pem);
    }
    let stranger = Ca::new("cluster.local");
    for store in [&file, &directory.path] {
        assert_eq!(TrustStore::load(store).unwrap().len(), cas.len());
        let held = Client::new(&Settings::new().ca_certs(store).reload(false));
        let [one, other] = Client::both(store);
        for client in [one, other, held] {
            for ca in [&cas[999], &cas[500], &cas[0]] {
                assert!(client.trusts(ca), "{}", store.display());
            }
            assert!(client.attempt(&stranger.server()).is_err(), "{}", store.display());
        }
    }
}
