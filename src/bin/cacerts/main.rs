//! The `cacerts` command: which CA store is trusted, why, and does it work. It uses the library's
//! public API only.
//!
//! Data goes to standard output, messages to standard error. Exit status: 0 yes or done, 1 the
//! answer is no, 2 wrong usage or configuration, 3 no answer.

mod args;
mod certificates;
mod check;
mod config;
mod constants;
mod count;
mod diff;
mod explain;
mod failure;
mod fetch;
mod full;
mod habits;
mod help;
mod inspect;
mod list;
mod names;
mod open;
mod output;
mod place;
mod proxy;
#[path = "../../shown.rs"]
mod shown;
mod store;
mod table;

use clap::Parser;
use failure::Failure;
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            return match habits::hint(&error, env::args_os()) {
                Some(hint) => end(&Failure::usage(hint)),
                None => tell(&error),
            };
        }
    };
    output::log_messages(args.options.verbose);
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure),
    }
}

/// Says what there is to say.
fn end(failure: &Failure) -> ExitCode {
    if let Some(message) = failure.message() {
        output::message(message);
    }
    ExitCode::from(failure.status())
}

/// What is wrong with the arguments, or the help that was asked for.
fn tell(error: &clap::Error) -> ExitCode {
    let text = help::wrapped(&error.to_string());
    // If it cannot be written, there is nobody to be told.
    if error.use_stderr() {
        // It repeats what was given, which a script may have from a directory.
        let _ = write!(io::stderr(), "{}", shown::lines(&text));
        return ExitCode::from(2);
    }
    let _ = write!(io::stdout(), "{text}");
    ExitCode::SUCCESS
}

fn run(args: &args::Args) -> Result<(), Failure> {
    use args::Command;
    let options = &args.options;
    match &args.command {
        Command::Path => store::path(&config::settings(options)?),
        Command::Defaults { json } => constants::defaults(*json),
        Command::Explain { json } => explain::explain(options, *json),
        Command::List(list) => list::list(list, options),
        Command::Diff(diff) => diff::diff(diff, options),
        Command::Get { url, output } => {
            fetch::get(config::settings(options)?, url, output.as_deref())
        }
        Command::Check(check) => check::check(config::settings(options)?, check, options.verbose),
        Command::Inspect(inspect) => inspect::inspect(inspect, options),
        Command::Config(command) => config::run(command, options),
    }
}
