//! Measures everything, and writes `results.md` and `docs/instructions.svg`. Started by `run`, which
//! builds the programs first.

mod about;
mod clean;
mod data;
mod get;
mod handshakes;
mod load;
mod plot;
mod process;
mod stacks;
mod table;

use about::{load_average, locked, machine};
use data::Data;
use process::{Program, median};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use table::{Table, Target};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const NATIVE: &str = "rustls-native-certs";
const PLATFORM: &str = "rustls-platform-verifier";
const EMBEDDED: &str = "webpki-roots";
const FLOOR: &str = "reading the file and no more, and webpki-roots";

/// What counts are of.
const LOADING: &str = "loading";
const GET: &str = "a GET";
const HANDSHAKE: &str = "handshakes";
const DROP_IN: &str = "programs with drop-ins and without";

fn say(what: &str) {
    eprintln!("benches/run: {what}");
}

fn main() -> Result<()> {
    let quick = match env::args().nth(1).as_deref() {
        None => false,
        Some("--quick") => true,
        Some(other) => return Err(format!("{other}: not an option").into()),
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let load = load_average();
    let bench = Bench::new(here.join("target/data"), quick)?;
    let mut table = Table::default();
    let mut panels = vec![bench.load(&mut table)?];
    bench.debug(&mut table)?;
    panels.push(bench.get(&mut table)?);
    bench.sizes(&mut table)?;
    bench.directories(&mut table)?;
    bench.noticing(&mut table)?;
    bench.stacks(&mut table)?;
    bench.clean(&mut table)?;

    let about = bench.about(&load)?;
    let text = format!("{about}\n{}", table.markdown());
    let (met, targets) = table.targets_met();
    if quick {
        println!("{text}");
        say(&format!("{met} of {targets} targets met; a quick run writes nothing"));
        return Ok(());
    }
    fs::write(here.join("results.md"), text)?;
    let footer = [
        format!(
            "{} certificates; instructions outside the kernel, by valgrind",
            bench.certificates
        ),
        format!(
            "cacerts {}, {}, rustls {}, curl {}",
            locked("cacerts"),
            [NATIVE, PLATFORM, EMBEDDED].map(|name| format!("{name} {}", locked(name))).join(", "),
            locked("rustls"),
            output("curl", &["--version"])?.split(' ').nth(1).unwrap_or("?")
        ),
        format!("{}, {}", machine()?, output("date", &["-u", "+%F"])?),
    ];
    fs::write(here.join("../docs/instructions.svg"), plot::draw(&panels, &footer))?;
    say(&format!(
        "{met} of {targets} targets met; see benches/results.md and docs/instructions.svg"
    ));
    Ok(())
}

struct Bench {
    quick: bool,
    bundle: PathBuf,
    certificates: usize,
    data: Data,
    /// How far apart counts of the same program were at worst, as a share, for each thing it does.
    spread: RefCell<BTreeMap<&'static str, f64>>,
}

impl Bench {
    fn new(directory: PathBuf, quick: bool) -> Result<Self> {
        let bundle = cacerts::defaults::CACERTS_DEFAULT_PATH.ok_or("no store is baked in")?;
        let certificates = cacerts::TrustStore::load(bundle)?.len();
        let spread = RefCell::default();
        Ok(Self { quick, bundle: bundle.into(), certificates, data: Data::new(directory)?, spread })
    }

    fn rounds(&self, rounds: usize) -> usize {
        if self.quick { rounds.div_ceil(10) } else { rounds }
    }

    /// The median of several counts.
    fn count(&self, program: &Program, doing: &'static str, runs: usize) -> Result<f64> {
        let runs = if self.quick { 1 } else { runs };
        let counts = (0..runs).map(|_| program.instructions()).collect::<Result<Vec<_>>>()?;
        let median = median(&counts);
        let least = counts.iter().copied().fold(f64::INFINITY, f64::min);
        let most = counts.iter().copied().fold(0.0, f64::max);
        let mut spread = self.spread.borrow_mut();
        let worst = spread.entry(doing).or_default();
        *worst = worst.max((most - least) / median);
        Ok(median)
    }

    fn peak(&self, program: &Program) -> Result<f64> {
        let peaks = (0..if self.quick { 1 } else { 5 }).map(|_| program.peak_memory());
        Ok(median(&peaks.collect::<Result<Vec<_>>>()?))
    }
}

fn at_most(ratio: f64) -> Option<Target> {
    Some(Target::Ratio(ratio))
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Program::new(program);
    for argument in arguments {
        command = command.with(argument);
    }
    Ok(command.output()?.trim().to_owned())
}
