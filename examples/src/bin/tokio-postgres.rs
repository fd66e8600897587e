//! A query with tokio-postgres, through tokio-postgres-rustls.

use std::env;
use std::error::Error;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: tokio-postgres postgres://USER@HOST/NAME")?;

    let mut config: Config = address.parse()?;
    config.ssl_mode(SslMode::Require); // or it goes on without TLS where the server has none
    let settings = cacerts::Settings::new();
    let tls = MakeRustlsConnect::new(settings.client_config()?);
    let connected = config.connect(tls).await;
    let (client, connection) = connected
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;

    tokio::spawn(connection);
    let query = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    println!("{}", client.query_one(query, &[]).await?.get::<_, &str>(0));
    Ok(())
}
