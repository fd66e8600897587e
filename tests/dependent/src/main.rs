//! `dependent HOST:PORT` fetches a page by TLS; `dependent --store` prints what the build script was
//! told. Nothing here says which store is trusted.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1).ok_or("usage: dependent HOST:PORT | --store")?;
    if argument == "--store" {
        println!("{}", env!("STORE"));
        return Ok(());
    }
    let (host, _) = argument.split_once(':').ok_or("the argument is HOST:PORT")?;

    let config = cacerts::client_config()?;
    let connection = rustls::ClientConnection::new(config.into(), host.to_owned().try_into()?)?;
    let mut tls = rustls::StreamOwned::new(connection, TcpStream::connect(&argument)?);

    write!(tls, "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    tls.read_to_string(&mut answer)?;
    print!("{}", answer.split_once("\r\n\r\n").ok_or("no answer")?.1);
    Ok(())
}
