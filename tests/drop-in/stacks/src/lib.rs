//! What the programs have in common: an address as the argument, the answer on standard output, the
//! log and the error with its causes on standard error.

use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        eprintln!("log: {}: {}", record.level(), record.args());
    }

    fn flush(&self) {}
}

/// Has a program make its request, and tells what came of it.
pub fn run(request: impl FnOnce(&str) -> Result<String, Box<dyn Error>>) -> ExitCode {
    log::set_logger(&Log).expect("there is no other");
    log::set_max_level(log::LevelFilter::Warn);
    let address = env::args().nth(1).expect("usage: PROGRAM ADDRESS");
    match request(&address) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let mut next = Some(&*error);
            while let Some(error) = next {
                eprintln!("error: {error}");
                next = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// The same for what is asynchronous.
pub fn block_on<T>(request: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(request)
}

/// The host of a URL, and its host and port.
pub fn socket(address: &str) -> (&str, &str) {
    let address = address.trim_start_matches("https://").trim_end_matches('/');
    (address.split(':').next().unwrap_or_default(), address)
}

/// A GET on a connection that stands, or will when it is used; the status.
pub fn get(mut stream: impl Read + Write) -> Result<String, Box<dyn Error>> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status[9..]).into_owned())
}
