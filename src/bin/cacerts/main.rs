//! The `cacerts` command: which CA store is trusted, why, and does it work. It uses the library's
//! public API only.
//!
//! Data goes to standard output, messages to standard error. Exit status: 0 yes or done, 1 the
//! answer is no, 2 wrong usage or configuration, 3 no answer.

mod args;
mod certificates;
mod check;
mod config;
mod explain;
mod failure;
mod fetch;
mod inspect;
mod output;
mod shown;
mod store;

use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    output::log_messages(args.options.verbose);
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(args: &args::Args) -> Result<(), Failure> {
    use args::Command;
    let options = &args.options;
    match &args.command {
        Command::Path => store::path(&config::settings(options)?),
        Command::Defaults { json } => explain::defaults(*json),
        Command::Explain { json } => explain::explain(&config::settings(options)?, *json),
        Command::List { json } => store::list(&config::settings(options)?, *json),
        Command::Get { url, output } => {
            fetch::get(config::settings(options)?, url, output.as_deref())
        }
        Command::Check(check) => check::check(config::settings(options)?, check, options.verbose),
        Command::Inspect(inspect) => inspect::inspect(inspect, options),
        Command::Config(command) => config::run(command, options),
    }
}
