//! A GET with hyper-rustls and the client of hyper-util, by HTTP/2 where the server speaks it.

use http_body_util::BodyExt;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::env;
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: hyper-rustls https://HOST[:PORT]/")?;

    let settings = cacerts::Settings::new();
    let https = HttpsConnectorBuilder::new().with_tls_config(settings.client_config()?);
    let connector = https.https_only().enable_all_versions().build();
    let client: Client<_, String> = Client::builder(TokioExecutor::new()).build(connector);

    let answer = client.get(address.parse()?).await;
    let response = answer
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;
    let version = response.version();
    let body = response.into_body().collect().await?.to_bytes();
    println!("{version:?}: {}", std::str::from_utf8(&body)?);
    Ok(())
}
