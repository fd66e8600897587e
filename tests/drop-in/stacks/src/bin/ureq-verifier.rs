//! ureq with rustls-platform-verifier.

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

fn main() -> std::process::ExitCode {
    stacks::run(|address| {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::new_with_config(Agent::config_builder().tls_config(tls).build());
        Ok(agent.get(address).call()?.status().as_str().to_owned())
    })
}
