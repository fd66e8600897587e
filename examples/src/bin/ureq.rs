//! A GET with ureq, which takes no rustls configuration: the certificates are handed over.

use rustls::crypto::ring;
use std::env;
use std::error::Error;
use ureq::Agent;
use ureq::tls::{Certificate, TlsConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: ureq https://HOST[:PORT]/")?;

    // Not about trust: ureq's feature that brings a crypto provider brings roots, too.
    let _ = ring::default_provider().install_default();

    let settings = cacerts::Settings::new();
    let store = settings.trust_store()?.only_cas()?;
    let roots = store.certificates().iter().map(|der| Certificate::from_der(der).to_owned());
    let tls = TlsConfig::builder().root_certs(roots.into()).build();
    let agent = Agent::new_with_config(Agent::config_builder().tls_config(tls).build());

    let answer = agent.get(&address).call().map_err(ureq::Error::into_io);
    let mut response = answer
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;
    println!("{:?}: {}", response.version(), response.body_mut().read_to_string()?);
    Ok(())
}
