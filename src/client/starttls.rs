//! The few words in the clear after which a server of another protocol than HTTP begins with TLS. It
//! uses nothing else of this crate.
//!
//! What the server says is read no further than it takes, because the bytes after that belong to TLS: a
//! server, or whoever is in between, that has sent more by then is not gone on with.

use std::fmt;
use std::io::{self, Read, Write};

/// A protocol in which TLS begins after some words in the clear.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StartTls {
    /// Mail being fetched (RFC 9051), port 143.
    Imap,
    /// A directory (RFC 4511), port 389.
    Ldap,
    /// Mail being fetched (RFC 2595), port 110.
    Pop3,
    /// The database, port 5432.
    Postgres,
    /// Mail being sent (RFC 3207), port 25; 587 where it is handed in.
    Smtp,
}

/// How long a line may be: that of no protocol here is longer than 1,000.
const LINE: usize = 4096;
/// How many lines are read for one answer.
const LINES: usize = 100;

impl StartTls {
    /// The port where none is named.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Imap => 143,
            Self::Ldap => 389,
            Self::Pop3 => 110,
            Self::Postgres => 5432,
            Self::Smtp => 25,
        }
    }

    /// Goes as far as the first byte of TLS. An error is of the kind `Unsupported` where the server
    /// has no TLS to offer, of the kind `PermissionDenied` where it turns this client away in its
    /// protocol, and of the kind `InvalidData` where it speaks another.
    pub(super) fn begin(self, socket: &mut (impl Read + Write)) -> io::Result<()> {
        match self {
            Self::Smtp => {
                smtp_answer(socket, "220", turned_away)?;
                // A name that says nothing of this machine, and is none.
                say(socket, "EHLO [127.0.0.1]\r\n")?;
                let offered = smtp_answer(socket, "250", no_tls)?;
                offers(offered.iter().filter_map(|line| line.get(4..)).any(is_starttls))?;
                say(socket, "STARTTLS\r\n")?;
                smtp_answer(socket, "220", turned_away).map(drop)
            }
            Self::Imap => {
                let greeting = line(socket)?;
                expect(greeting.starts_with("* "), &greeting)?;
                stays(&greeting)?;
                say(socket, "a STARTTLS\r\n")?;
                tagged(socket)
            }
            Self::Pop3 => {
                let greeting = line(socket)?;
                let is_refusal = greeting.starts_with("-ERR");
                expect(is_refusal || greeting.starts_with("+OK"), &greeting)?;
                if is_refusal {
                    return Err(turned_away());
                }
                say(socket, "STLS\r\n")?;
                let answer = line(socket)?;
                expect(answer.starts_with(['+', '-']), &answer)?;
                offers(answer.starts_with("+OK"))
            }
            Self::Postgres => {
                // An SSLRequest: its length, and 1234 and 5679 in place of a version.
                socket.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])?;
                socket.flush()?;
                match byte(socket)? {
                    b'S' => Ok(()),
                    b'N' => offers(false),
                    other => expect(false, &char::from(other).to_string()),
                }
            }
            Self::Ldap => ldap(socket),
        }
    }
}

impl fmt::Display for StartTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Imap => "IMAP",
            Self::Ldap => "LDAP",
            Self::Pop3 => "POP3",
            Self::Postgres => "PostgreSQL",
            Self::Smtp => "SMTP",
        })
    }
}

fn is_starttls(word: &str) -> bool {
    word.trim().eq_ignore_ascii_case("STARTTLS")
}

/// The lines of an answer, the last of which has a blank behind its number.
fn smtp_answer(
    socket: &mut impl Read,
    number: &str,
    otherwise: fn() -> io::Error,
) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    while lines.len() < LINES {
        let line = line(socket)?;
        let rest = line.strip_prefix(number);
        let is_answer = line.len() >= 3 && line.bytes().take(3).all(|b| b.is_ascii_digit());
        expect(is_answer, &line)?;
        // Whoever answers with another number speaks the protocol, and will not.
        if rest.is_none() {
            return Err(otherwise());
        }
        let is_last = !rest.is_some_and(|rest| rest.starts_with('-'));
        lines.push(line);
        if is_last {
            return Ok(lines);
        }
    }
    expect(false, "an answer without end").map(|()| lines)
}

/// The answer to IMAP's command `a`, before which there may be others.
fn tagged(socket: &mut impl Read) -> io::Result<()> {
    for _ in 0..LINES {
        let line = line(socket)?;
        if let Some(answer) = line.strip_prefix("a ") {
            return offers(answer.to_ascii_uppercase().starts_with("OK"));
        }
        expect(line.starts_with("* "), &line)?;
        stays(&line)?;
    }
    expect(false, "an answer without end")
}

/// IMAP's way to hang up.
fn stays(line: &str) -> io::Result<()> {
    match line.to_ascii_uppercase().starts_with("* BYE") {
        true => Err(turned_away()),
        false => Ok(()),
    }
}

/// An extended request (RFC 4511, section 4.14), and the result code of its answer.
fn ldap(socket: &mut (impl Read + Write)) -> io::Result<()> {
    const OID: &[u8] = b"1.3.6.1.4.1.1466.20037";
    let name_length = OID.len() as u8;
    // A message of the number 1; [APPLICATION 23] is the request, and [0] in it the name.
    let mut request =
        vec![0x30, name_length + 7, 2, 1, 1, 0x77, name_length + 2, 0x80, name_length];
    request.extend_from_slice(OID);
    socket.write_all(&request)?;
    socket.flush()?;
    let is_message = byte(socket)? == 0x30;
    expect(is_message, "what is no message of LDAP")?;
    let length = match byte(socket)? {
        length @ 0..=0x7f => usize::from(length),
        // Microsoft's servers write four bytes for any length.
        long @ 0x81..=0x84 => {
            let mut length = 0;
            for _ in 0x80..long {
                length = length << 8 | usize::from(byte(socket)?);
            }
            length
        }
        _ => usize::MAX,
    };
    expect(length <= LINE, "a message of LDAP that is too long")?;
    let mut message = vec![0; length];
    socket.read_exact(&mut message)?;
    // [APPLICATION 24], its length, and an ENUMERATED of one byte, whatever comes behind it.
    let answer = message.strip_prefix(&[2, 1, 1, 0x78]);
    let code = answer.and_then(|rest| rest.windows(3).take(6).find(|w| w[..2] == [0x0a, 1]));
    match code {
        Some([.., code]) => offers(*code == 0),
        _ => expect(false, "another message of LDAP"),
    }
}

fn say(socket: &mut impl Write, text: &str) -> io::Result<()> {
    socket.write_all(text.as_bytes())?;
    socket.flush()
}

fn byte(socket: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    socket.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// A line without its end; what is no UTF-8 in it is replaced.
fn line(socket: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    loop {
        match byte(socket)? {
            b'\n' => break,
            byte => line.push(byte),
        }
        expect(line.len() < LINE, "a line without end")?;
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn expect(holds: bool, said: &str) -> io::Result<()> {
    let said: String = said.chars().take(80).flat_map(char::escape_debug).collect();
    match holds {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, format!("it says {said:?}"))),
    }
}

fn offers(holds: bool) -> io::Result<()> {
    match holds {
        true => Ok(()),
        false => Err(no_tls()),
    }
}

fn no_tls() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "it offers no TLS")
}

fn turned_away() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "it turns this client away")
}

#[cfg(test)]
mod tests {
    use super::StartTls;
    use std::io::{self, Cursor, ErrorKind, Read, Write};

    /// A server that says this, whatever it hears.
    struct Server(Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Server {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Server {
        fn write(&mut self, from: &[u8]) -> io::Result<usize> {
            self.1.write(from)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What came of it, and what has not been read.
    fn begin(protocol: StartTls, says: &[u8]) -> (Result<(), ErrorKind>, Vec<u8>) {
        let mut server = Server(Cursor::new(says.to_vec()), Vec::new());
        let result = protocol.begin(&mut server).map_err(|e| e.kind());
        let mut rest = Vec::new();
        server.0.read_to_end(&mut rest).unwrap();
        (result, rest)
    }

    #[test]
    fn each_protocol_comes_to_tls() {
        let ldap =
            |code| [&[0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, code, 4, 0, 4, 0][..], b"TLS"].concat();
        let long = [
            &[0x30, 0x84, 0, 0, 0, 16, 2, 1, 1, 0x78, 0x84, 0, 0, 0, 7][..],
            &[10, 1, 0, 4, 0, 4, 0],
            b"TLS",
        ]
        .concat();
        for (protocol, says) in [
            (
                StartTls::Smtp,
                b"220-a\r\n220 b\r\n250-a\r\n250-STARTTLS\r\n250 SIZE\r\n220 go\r\nTLS".to_vec(),
            ),
            (StartTls::Imap, b"* OK hello\r\n* CAPABILITY\r\na OK go\r\nTLS".to_vec()),
            (StartTls::Pop3, b"+OK hello\r\n+OK go\r\nTLS".to_vec()),
            (StartTls::Postgres, b"STLS".to_vec()),
            (StartTls::Ldap, ldap(0)),
            (StartTls::Ldap, long),
        ] {
            assert_eq!(begin(protocol, &says), (Ok(()), b"TLS".to_vec()), "{protocol}");
        }
        assert_eq!(begin(StartTls::Ldap, &ldap(2)).0, Err(ErrorKind::Unsupported));
    }

    #[test]
    fn who_has_no_tls_and_who_speaks_something_else_are_told_apart() {
        for (protocol, says, expected) in [
            (StartTls::Smtp, &b"220 a\r\n250 SIZE\r\n"[..], ErrorKind::Unsupported),
            (StartTls::Smtp, b"554 no\r\n", ErrorKind::PermissionDenied),
            (
                StartTls::Smtp,
                b"220 a\r\n250 STARTTLS\r\n454 not now\r\n",
                ErrorKind::PermissionDenied,
            ),
            (StartTls::Smtp, b"220 a\r\n502 what\r\n", ErrorKind::Unsupported),
            (StartTls::Imap, b"* BYE too many\r\n", ErrorKind::PermissionDenied),
            (StartTls::Imap, b"* OK hello\r\n* BYE now\r\n", ErrorKind::PermissionDenied),
            (StartTls::Pop3, b"-ERR busy\r\n", ErrorKind::PermissionDenied),
            (StartTls::Smtp, b"* OK hello\r\n", ErrorKind::InvalidData),
            (StartTls::Imap, b"* OK hello\r\na BAD what\r\n", ErrorKind::Unsupported),
            (StartTls::Imap, b"220 hello\r\n", ErrorKind::InvalidData),
            (StartTls::Pop3, b"+OK hello\r\n-ERR what\r\n", ErrorKind::Unsupported),
            (StartTls::Pop3, b"SSH-2.0-x\r\n", ErrorKind::InvalidData),
            (StartTls::Postgres, b"N", ErrorKind::Unsupported),
            (StartTls::Postgres, b"E", ErrorKind::InvalidData),
            (StartTls::Ldap, b"HTTP/1.1", ErrorKind::InvalidData),
            (StartTls::Ldap, &[0x30, 0x84, 1, 0, 0, 0], ErrorKind::InvalidData),
            (StartTls::Imap, b"", ErrorKind::UnexpectedEof),
        ] {
            assert_eq!(begin(protocol, says).0, Err(expected), "{protocol} {says:?}");
        }
        for endless in [vec![b'a'; 10_000], b"220-a\r\n".repeat(1000)] {
            let (result, rest) = begin(StartTls::Smtp, &endless);
            assert_eq!(result, Err(ErrorKind::InvalidData));
            assert!(!rest.is_empty());
        }
    }
}
