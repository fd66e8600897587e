//! A WebSocket with tokio-tungstenite, on a connection of tokio-rustls.

use futures_util::{SinkExt, StreamExt};
use std::env;
use std::error::Error;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::Uri;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: tokio-tungstenite wss://HOST[:PORT]/")?;
    let uri: Uri = address.parse()?;
    let host = uri.host().ok_or("there is no host")?;
    let name = ServerName::try_from(host.to_owned())?;
    let socket = TcpStream::connect((host, uri.port_u16().unwrap_or(443))).await?;

    let settings = cacerts::Settings::new();
    let connector = TlsConnector::from(Arc::new(settings.client_config()?));
    let stream = connector.connect(name, socket).await;
    let stream = stream
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;
    let (mut messages, _) = tokio_tungstenite::client_async(uri, stream).await?;

    messages.send(Message::text("an echo")).await?;
    println!("{}", messages.next().await.ok_or("there is no answer")??);
    messages.close(None).await?;
    Ok(())
}
