//! A mail sent with lettre, which takes no rustls configuration: the certificates are handed over.

use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: lettre HOST:PORT")?;
    let (host, port) = address.rsplit_once(':').ok_or("there is no port")?;

    let settings = cacerts::Settings::new();
    let store = settings.trust_store()?.only_cas()?;
    let mut tls = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    for der in store.certificates() {
        tls = tls.add_root_certificate(Certificate::from_der(der.to_vec())?);
    }
    let mailer = SmtpTransport::relay(host)?.tls(Tls::Wrapper(tls.build()?));

    let (from, to) = ("from@example.com".parse()?, "to@example.com".parse()?);
    let mail = Message::builder().from(from).to(to).subject("A test").body(String::new())?;
    let answer = mailer.port(port.parse()?).build().send(&mail);
    let answer = answer
        .map_err(|e| settings.explain(&e).map_or_else(|| e.into(), Box::<dyn Error>::from))?;
    println!("{}", answer.message().collect::<Vec<_>>().join("\n"));
    Ok(())
}
