//! `cacerts check` of servers that go over to TLS after some words, or do not.

use crate::support::Pki;
use crate::support::check::{check, check_with};
use crate::support::dialog::{Dialog, go_over, say};
use crate::support::server::tls_of;
use std::io::{self, Read, Write};
use std::sync::Arc;

#[test]
fn starttls_goes_over_to_tls() {
    let pki = Pki::new();
    let config = Arc::new(tls_of(rustls::ALL_VERSIONS, &pki.server(), None));
    let tls = || Arc::clone(&config);
    let smtp = {
        let tls = tls();
        Dialog::start(move |socket| {
            let ehlo = say(socket, "220-mail.example\r\n220 ESMTP\r\n")?;
            heard(ehlo.starts_with("EHLO "))?;
            let starttls = say(socket, "250-mail.example\r\n250-STARTTLS\r\n250 SIZE\r\n")?;
            heard(starttls == "STARTTLS")?;
            socket.write_all(b"220 go on\r\n")?;
            go_over(socket, &tls)
        })
    };
    let imap = {
        let tls = tls();
        Dialog::start(move |socket| {
            let asked = say(socket, "* OK IMAP4rev1\r\n")?;
            heard(asked == "a STARTTLS")?;
            socket.write_all(b"a OK go on\r\n")?;
            go_over(socket, &tls)
        })
    };
    let pop3 = {
        let tls = tls();
        Dialog::start(move |socket| {
            heard(say(socket, "+OK POP3\r\n")? == "STLS")?;
            socket.write_all(b"+OK go on\r\n")?;
            go_over(socket, &tls)
        })
    };
    let postgres = {
        let tls = tls();
        Dialog::start(move |socket| {
            let mut request = [0; 8];
            socket.read_exact(&mut request)?;
            heard(request == [0, 0, 0, 8, 4, 210, 22, 47])?;
            socket.write_all(b"S")?;
            go_over(socket, &tls)
        })
    };
    let ldap = {
        let tls = tls();
        Dialog::start(move |socket| {
            let mut request = [0; 31];
            socket.read_exact(&mut request)?;
            heard(request[..7] == [0x30, 29, 2, 1, 1, 0x77, 24])?;
            heard(&request[9..] == b"1.3.6.1.4.1.1466.20037")?;
            socket.write_all(&[0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0])?;
            go_over(socket, &tls)
        })
    };
    for (protocol, server) in [
        ("smtp", &smtp),
        ("imap", &imap),
        ("pop3", &pop3),
        ("postgres", &postgres),
        ("ldap", &ldap),
    ] {
        let name = server.name();
        let seen = check_with(&pki.root, &["--starttls", protocol, &name], &[]);
        seen.trusts();
        assert_eq!(seen.json["server"], name.as_str());
        let url = format!("{protocol}://user:secret@{name}/x");
        let seen = check_with(&pki.other, &[&url], &[]);
        seen.says(1, "unknown-issuer", &[]);
        assert!(!seen.text.contains("secret"), "{}", seen.text);
    }
    // Whoever asks without it is told.
    let asked = |server: &Dialog| check(&pki.root, &server.name());
    asked(&smtp).says(
        3,
        "starttls-needed",
        &[&format!("cacerts check --starttls smtp {}", smtp.name())],
    );
    asked(&imap).says(3, "starttls-needed", &["speaks IMAP", "--starttls imap"]);
    asked(&pop3).says(3, "starttls-needed", &["speaks POP3", "--starttls pop3"]);
}

#[test]
fn who_is_turned_away_before_tls_is_told_in_the_servers_words() {
    let pki = Pki::new();
    for (protocol, says, words) in [
        ("smtp", "554 5.7.1 no \x1b[2J\r\n", "it says \"554 5.7.1 no \\u{1b}[2J\""),
        ("imap", "* BYE too many\r\n", "it says \"* BYE too many\""),
        ("pop3", "-ERR busy\r\n", "it says \"-ERR busy\""),
    ] {
        let server = Dialog::start(move |socket| say(socket, says).map(drop));
        let seen = check_with(&pki.root, &["--starttls", protocol, &server.name()], &[]);
        seen.says(3, "starttls-refused", &["turns this client away before TLS", words]);
    }
    // Whatever it had said before.
    let busy = Dialog::start(|socket| {
        say(socket, &format!("220 {}\r\n", "x".repeat(300)))?;
        say(socket, "250 STARTTLS\r\n")?;
        say(socket, "454 4.7.0 not now\r\n").map(drop)
    });
    let seen = check_with(&pki.root, &["--starttls", "smtp", &busy.name()], &[]);
    seen.says(3, "starttls-refused", &["it says \"454 4.7.0 not now\""]);
    let config = Arc::new(tls_of(rustls::ALL_VERSIONS, &pki.server(), None));
    let open = Dialog::start(move |socket| {
        heard(say(socket, "+OK POP3\r\n")? == "STLS")?;
        socket.write_all(b"+OK go on\r\n")?;
        go_over(socket, &config)
    });
    check_with(&pki.root, &["--starttls", "pop3", &open.name()], &[]).trusts();
}

/// Whoever says something else is hung up on.
fn heard(it: bool) -> io::Result<()> {
    if it { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}
