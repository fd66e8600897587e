//! A TLS connection with tokio-rustls, and an old-fashioned GET on it.

use std::env;
use std::error::Error;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: tokio-rustls HOST:PORT")?;
    let (host, _) = address.rsplit_once(':').ok_or("there is no port")?;
    let name = ServerName::try_from(host.to_owned())?;
    let socket = TcpStream::connect(&address).await?;

    let settings = cacerts::Settings::new();
    let connector = TlsConnector::from(Arc::new(settings.client_config()?));
    let stream = connector.connect(name, socket).await;
    let mut stream = stream
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;

    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{answer}");
    Ok(())
}
