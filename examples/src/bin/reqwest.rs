//! A GET with reqwest, by HTTP/2 where the server speaks it.

use std::env;
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: reqwest https://HOST[:PORT]/")?;

    let settings = cacerts::Settings::new();
    let mut config = settings.client_config()?;
    config.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()]; // for the feature http2
    let client = reqwest::Client::builder().tls_backend_preconfigured(config).build()?;

    let answer = client.get(address).send().await;
    let response = answer
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;
    println!("{:?}: {}", response.version(), response.text().await?);
    Ok(())
}
