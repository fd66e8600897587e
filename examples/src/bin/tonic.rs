//! A gRPC call with tonic, which takes no rustls configuration: the trust anchors are handed over.

use std::env;
use std::error::Error;
use tonic::transport::{ClientTlsConfig, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: tonic https://HOST[:PORT]")?;

    let settings = cacerts::Settings::new();
    let store = settings.trust_store()?.only_cas()?;
    let tls = ClientTlsConfig::new().trust_anchors(store.root_cert_store().roots);
    let channel = Endpoint::from_shared(address)?.tls_config(tls)?.connect().await;
    let channel = channel
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;

    let request = HealthCheckRequest { service: String::new() };
    let response = HealthClient::new(channel).check(request).await?;
    println!("{:?}", response.into_inner().status());
    Ok(())
}
