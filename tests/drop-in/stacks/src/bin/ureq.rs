//! ureq as it comes, with webpki-roots.

fn main() -> std::process::ExitCode {
    stacks::run(|address| Ok(ureq::get(address).call()?.status().as_str().to_owned()))
}
