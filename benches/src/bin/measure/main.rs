//! Measures everything, and writes `results.md` and `instructions.svg`. Started by `run`, which
//! builds the programs first.

mod clean;
mod data;
mod plot;
mod process;
mod table;

use data::{Data, SIZES};
use plot::{Bar, Panel};
use process::{Program, interleave, median, ratio};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};
use table::Unit::{Bytes, Calls, Instructions, Nanoseconds};
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
            "{} certificates; instructions outside the kernel, by valgrind; logarithmic scale",
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
    fs::write(here.join("instructions.svg"), plot::draw(&panels, &footer))?;
    say(&format!(
        "{met} of {targets} targets met; see benches/results.md and benches/instructions.svg"
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

    /// Until a `ClientConfig` is ready.
    fn load(&self, table: &mut Table) -> Result<Panel> {
        say("loading the system's store");
        let empty = Program::ours("empty")?;
        let ours = Program::ours("load_cacerts")?;
        let ours_file = ours.clone().with(&self.bundle);
        let native = Program::ours("load_native_certs")?;
        let native_file = native.clone().variable("SSL_CERT_FILE", &self.bundle);
        let platform = Program::ours("load_platform_verifier")?;
        let embedded = Program::ours("load_webpki_roots")?;
        let floor = Program::ours("load_floor")?.with(&self.bundle);
        // No program behind itself: it would find its code in the processor's caches.
        let programs = [&ours, &native, &ours_file, &native_file, &platform, &embedded, &floor];
        let [ours_at, native_at, ours_file_at, native_file_at, platform_at, embedded_at, floor_at] =
            std::array::from_fn(|place| place);

        let nothing = self.count(&empty, LOADING, 3)?;
        let counts = programs
            .iter()
            .map(|program| Ok(self.count(program, LOADING, 3)? - nothing))
            .collect::<Result<Vec<_>>>()?;
        let what = ("default store, instructions", Instructions);
        let our_count = counts[ours_at];
        table.compare(what, (NATIVE, counts[native_at]), our_count, None, at_most(1.0 / 60.0));
        table.compare(what, (PLATFORM, counts[platform_at]), our_count, None, None);
        table.compare(what, (EMBEDDED, counts[embedded_at]), our_count, None, None);
        let what = ("file only, instructions", Instructions);
        let theirs = (NATIVE, counts[native_file_at]);
        table.compare(what, theirs, counts[ours_file_at], None, None);

        let list = Program::ours("list_cacerts")?;
        let count = self.count(&list, LOADING, 3)? - nothing;
        let what = ("all certificates of the bundle, instructions", Instructions);
        table.compare(what, theirs, count, None, Some(Target::Value(2.5e6)));

        let times = interleave(&programs, self.rounds(200))?;
        let mut compare = |what, peer, ours: &[f64], theirs: &[f64], target| {
            let (value, theirs_value) = (median(ours), median(theirs));
            let ratio = Some(ratio(ours, theirs));
            table.compare((what, Nanoseconds), (peer, theirs_value), value, ratio, target);
        };
        let call = |at: usize| times[at].call.as_slice();
        let what = "default store, wall time of the call";
        compare(what, NATIVE, call(ours_at), call(native_at), at_most(1.0 / 40.0));
        compare(what, PLATFORM, call(ours_at), call(platform_at), None);
        compare(what, EMBEDDED, call(ours_at), call(embedded_at), None);
        let what = "file only, wall time of the call";
        compare(what, NATIVE, call(ours_file_at), call(native_file_at), at_most(1.0 / 10.0));
        compare(what, FLOOR, call(ours_file_at), call(floor_at), None);
        let what = "default store, wall time of the process";
        compare(what, NATIVE, &times[ours_at].process, &times[native_at].process, None);

        let ours_peak = self.peak(&ours)?;
        let what = ("default store, peak memory", Bytes);
        table.compare(what, (NATIVE, self.peak(&native)?), ours_peak, None, None);
        table.compare(what, (EMBEDDED, self.peak(&embedded)?), ours_peak, None, None);

        let bar = |label, instructions| Bar { label, instructions, ours: false };
        Ok(Panel {
            title: "Instructions until a rustls ClientConfig is ready, net of an empty process",
            bars: vec![
                bar("rustls-native-certs", counts[native_at]),
                bar("rustls-platform-verifier", counts[platform_at]),
                bar("rustls-native-certs, file only", counts[native_file_at]),
                Bar { label: "cacerts", instructions: our_count, ours: true },
                bar("webpki-roots (embedded)", counts[embedded_at]),
            ],
        })
    }

    fn peak(&self, program: &Program) -> Result<f64> {
        let peaks = (0..if self.quick { 1 } else { 5 }).map(|_| program.peak_memory());
        Ok(median(&peaks.collect::<Result<Vec<_>>>()?))
    }

    fn debug(&self, table: &mut Table) -> Result<()> {
        say("the same in debug builds");
        let nothing = self.count(&Program::debug("empty")?, LOADING, 3)?;
        let net =
            |name| -> Result<f64> { Ok(self.count(&Program::debug(name)?, LOADING, 3)? - nothing) };
        let (ours, native) = (net("load_cacerts")?, net("load_native_certs")?);
        let what = ("debug build, default store, instructions", Instructions);
        table.compare(what, (NATIVE, native), ours, None, at_most(1.0 / 15.0));
        Ok(())
    }

    /// A whole process that makes one verified request.
    fn get(&self, table: &mut Table) -> Result<Panel> {
        say("a verified GET from a local server");
        let (_server, port) = Program::ours("serve")?.start()?;
        let bundle = self.data.bundle_with_ours(&self.bundle)?;
        let url = format!("https://127.0.0.1:{port}/");
        let get = |name| -> Result<Program> { Ok(Program::ours(name)?.with(&port)) };
        let curl = |bundle: &Path| {
            Program::new("curl").with("-q").with("-sS").with("--cacert").with(bundle).with(&url)
        };
        let (client, plain) = (get("get_client_cacerts")?, get("get_plain_cacerts")?);
        let native = get("get_plain_native_certs")?;
        let file = "SSL_CERT_FILE";
        for (name, program) in [
            ("the client", client.clone().with(&self.bundle)),
            ("plain rustls", plain.clone().with(&self.bundle)),
            (NATIVE, native.clone().variable(file, &self.bundle)),
            ("curl", curl(&self.bundle)),
        ] {
            if program.succeeds()? {
                return Err(format!("{name} trusts a server that it must not trust").into());
            }
        }
        let (client, plain) = (client.with(&bundle), plain.with(&bundle));
        let native = native.variable(file, &bundle);
        let curl = curl(&bundle);
        let client_embedded = get("get_client_embedded")?;
        let plain_embedded = get("get_plain_embedded")?;
        let programs = [&client, &client_embedded, &plain, &plain_embedded, &native, &curl];

        let counts = programs
            .iter()
            .map(|program| self.count(program, GET, 7))
            .collect::<Result<Vec<_>>>()?;
        let times = interleave(&programs, self.rounds(60))?;
        let process = |index: usize| &times[index].process;
        let mut compare = |what: &str, peer, (ours, theirs): (usize, usize), target| {
            let figure = (format!("{what}, instructions"), Instructions);
            let (count, theirs_count) = (counts[ours], counts[theirs]);
            table.compare((&figure.0, figure.1), (peer, theirs_count), count, None, target);
            let figure = (format!("{what}, wall time of the process"), Nanoseconds);
            let ratio = Some(ratio(process(ours), process(theirs)));
            let (time, theirs_time) = (median(process(ours)), median(process(theirs)));
            table.compare((&figure.0, figure.1), (peer, theirs_time), time, ratio, None);
        };
        let same = "the same client on webpki-roots with that root";
        compare("one GET by the client", same, (0, 1), at_most(1.02));
        compare("one GET by the client", "curl", (0, 5), at_most(1.0 / 40.0));
        let same = "plain rustls on webpki-roots with that root";
        compare("one GET by plain rustls", same, (2, 3), at_most(1.02));
        let same = "plain rustls on rustls-native-certs, file only";
        compare("one GET by plain rustls", same, (2, 4), None);
        let what = ("one GET by the client, peak memory", Bytes);
        let peak = self.peak(&client)?;
        table.compare(what, ("curl", self.peak(&curl)?), peak, None, None);

        let bar = |label, instructions| Bar { label, instructions, ours: false };
        Ok(Panel {
            title: "Instructions of a whole process that makes one verified GET",
            bars: vec![
                bar("curl", counts[5]),
                bar("rustls, rustls-native-certs (file)", counts[4]),
                Bar { label: "rustls, cacerts", instructions: counts[2], ours: true },
                bar("rustls, webpki-roots", counts[3]),
                Bar { label: "ureq, cacerts (its client)", instructions: counts[0], ours: true },
                bar("ureq, webpki-roots", counts[1]),
            ],
        })
    }

    /// Bundles of distinct certificates.
    fn sizes(&self, table: &mut Table) -> Result<()> {
        let nothing = self.count(&Program::ours("empty")?, LOADING, 3)?;
        for (size, bundle) in SIZES.into_iter().zip(self.data.distinct()?) {
            say(&format!("a bundle of {size} certificates"));
            let ours = Program::ours("load_cacerts")?.with(&bundle);
            let native = Program::ours("load_native_certs")?.variable("SSL_CERT_FILE", &bundle);
            let largest = size == 100_000;
            let what = format!("{size} certificates");
            // The largest takes valgrind minutes, and shows nothing that the others do not.
            if !largest {
                let count = |program| -> Result<f64> {
                    let count = self.count(program, LOADING, if size > 1_000 { 1 } else { 3 })?;
                    Ok(count - nothing)
                };
                let (ours, native) = (count(&ours)?, count(&native)?);
                let what = format!("{what}, instructions");
                table.compare((&what, Instructions), (NATIVE, native), ours, None, None);
            }
            let rounds = if largest { 8 } else { 40 };
            let times = interleave(&[&ours, &native], self.rounds(rounds))?;
            let (our, their) = (&times[0].call, &times[1].call);
            let target = if largest { at_most(1.0 / 10.0) } else { None };
            table.compare(
                (&format!("{what}, wall time of the call"), Nanoseconds),
                (NATIVE, median(their)),
                median(our),
                Some(ratio(our, their)),
                target,
            );
            let target = if largest { at_most(1.0) } else { None };
            table.compare(
                (&format!("{what}, peak memory"), Bytes),
                (NATIVE, self.peak(&native)?),
                self.peak(&ours)?,
                None,
                target,
            );
        }
        Ok(())
    }

    /// What a handshake takes beyond one with embedded roots, the opening of the store included.
    fn directories(&self, table: &mut Table) -> Result<()> {
        let embedded = self.count(&handshakes(Path::new("embedded"), "count", 1)?, HANDSHAKE, 7)?;
        let net = |count: usize| -> Result<f64> {
            let directory = self.data.hashed(count)?;
            say(&format!("a handshake from a hashed directory of {count} files"));
            let count = self.count(&handshakes(&directory, "count", 1)?, HANDSHAKE, 5)?;
            Ok(count - embedded)
        };
        let (few, many) = (net(150)?, net(10_000)?);
        let most = Some(Target::Value(150_000.0));
        let what =
            |count| format!("a handshake from a hashed directory of {count} files, instructions");
        table.alone((&what(150), Instructions), few, most);
        table.alone((&what(10_000), Instructions), many, most);
        let peer = ("itself, 150 files", few);
        table.compare((&what(10_000), Instructions), peer, many, None, at_most(1.05));
        Ok(())
    }

    /// What a later handshake takes beyond one with embedded roots, while the bundle stays as it is.
    fn noticing(&self, table: &mut Table) -> Result<()> {
        say("handshakes with an unchanged bundle");
        let bundle = self.data.bundle_with_ours(&self.bundle)?;
        let each = |store: &Path| -> Result<f64> {
            let count = |n| self.count(&handshakes(store, "count", n)?, HANDSHAKE, 3);
            Ok((count(201)? - count(1)?) / 200.0)
        };
        let what = ("each handshake with an unchanged bundle, instructions", Instructions);
        let (ours, theirs) = (each(&bundle)?, each(Path::new("embedded"))?);
        table.compare(what, (EMBEDDED, theirs), ours, None, None);

        let compared = (0..self.rounds(20)).map(|_| -> Result<f64> {
            let output = handshakes(&bundle, "compare", 3_000)?.output()?;
            let (ours, theirs) = output.trim().split_once(' ').ok_or("it says two numbers")?;
            Ok(ours.parse::<f64>()? - theirs.parse::<f64>()?)
        });
        let cost = median(&compared.collect::<Result<Vec<_>>>()?);
        let what = ("the same, wall time beyond webpki-roots", Nanoseconds);
        table.alone(what, cost, Some(Target::Value(3_000.0)));

        let seconds = 3;
        let before = handshakes(&bundle, "last", 0)?.system_calls()?;
        let after = handshakes(&bundle, "last", seconds)?.system_calls()?;
        let more = |part: &str| {
            let calls = |all: &[String]| all.iter().filter(|name| name.contains(part)).count();
            calls(&after) as f64 - calls(&before) as f64
        };
        let what = |calls| format!("handshakes for 3 s with an unchanged bundle, {calls}");
        table.alone((&what("open calls"), Calls), more("open"), Some(Target::Value(0.0)));
        // One when the first anchor is read, and then one a second.
        let most = Some(Target::Value(f64::from(seconds) + 1.0));
        table.alone((&what("stat calls"), Calls), more("stat"), most);
        Ok(())
    }

    /// A minimal client, beside the same on rustls-native-certs.
    fn clean(&self, table: &mut Table) -> Result<()> {
        say("building a minimal client");
        let directory = self.data.directory().join("clean");
        let (mut times, mut their_times, mut size) = (Vec::new(), Vec::new(), 0.0);
        for _ in 0..if self.quick { 1 } else { 3 } {
            let theirs = clean::build(clean::THEIRS, &directory)?;
            let ours = clean::build(clean::OURS, &directory)?;
            times.push(ours.time);
            their_times.push(theirs.time);
            size = ours.size - theirs.size;
        }
        let what = ("a minimal client, stripped, beyond one on rustls-native-certs", Bytes);
        table.alone(what, size, Some(Target::Value(150e3)));
        let what = ("its clean build, time of the processors", Nanoseconds);
        let ratio = Some(ratio(&times, &their_times));
        let peer = (NATIVE, median(&their_times));
        table.compare(what, peer, median(&times), ratio, at_most(1.25));
        Ok(())
    }

    fn about(&self, load: &str) -> Result<String> {
        let mut text = String::from(
            "# What cacerts costs, and its peers\n\nWritten by `benches/run`; do not edit.\n\n\
             ![Instructions](instructions.svg)\n\n",
        );
        let now = output("date", &["-u", "+%F"])?;
        let curl = output("curl", &["--version"])?;
        let curl: Vec<&str> = curl.split_whitespace().collect();
        let has = |start: &str| curl.iter().find(|word| word.starts_with(start)).copied();
        let crates = ["rustls", "rustls-webpki", NATIVE, PLATFORM, EMBEDDED, "ureq", "ring"]
            .map(|name| format!("{name} {}", locked(name)));
        let revision = output("git", &["rev-parse", "--short", "HEAD"]);
        let revision = revision.map_or_else(|_| String::new(), |r| format!(" (revision {r})"));
        let _ = writeln!(text, "- {now}; {}", machine()?);
        let _ =
            writeln!(text, "- cacerts {}{revision}, {}", locked("cacerts"), env!("RUSTC_VERSION"));
        let _ = writeln!(text, "- {}", crates.join(", "));
        let _ = writeln!(
            text,
            "- curl {} with {}; {}; load average {load} before, {} after",
            curl.get(1).unwrap_or(&"?"),
            has("OpenSSL/").or_else(|| has("GnuTLS/")).unwrap_or("an unknown TLS library"),
            output("valgrind", &["--version"])?,
            load_average()
        );
        let _ = writeln!(
            text,
            "- The store is the system's bundle: {} certificates. \"Default\" is what each takes by \
             default (for {NATIVE} the bundle and the directory it is in), \"file only\" is the \
             bundle on both sides. The bundle that a GET is verified by is a copy with the local \
             server's root; webpki-roots holds Mozilla's roots, and that root, as static data.",
            self.certificates
        );
        let spread = self.spread.borrow();
        let spread =
            spread.iter().map(|(doing, share)| format!("{:.2} % ({doing})", share * 100.0));
        let spread = spread.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "- Instructions are those outside the kernel, counted by valgrind, the median of \
             several runs, the largest and the smallest of which differ by {spread} at most. Those \
             of loading are net of an empty process, those of a handshake from a directory net of \
             one with embedded roots."
        );
        let _ = writeln!(
            text,
            "- Wall times are medians over fresh processes that run in turn; the ratio is the \
             median of the ratios of each round. The call is timed by the process itself, from \
             the start of its main function. Times vary with the machine and with what else it \
             does; ratios less so. What a handshake takes beyond webpki-roots is measured with a \
             certificate that has expired, so that the signatures do not hide it. Peak memory is the resident set, and about 2 MiB of it is what \
             an empty process has."
        );
        let _ = writeln!(
            text,
            "- Release builds with thin link-time optimisation, unless it says debug. A ratio is \
             ours to the peer's; a target is the most that is allowed."
        );
        Ok(text)
    }
}

fn handshakes(store: &Path, what: &str, count: u32) -> Result<Program> {
    Ok(Program::ours("handshake")?.with(store).with(what).with(count.to_string()))
}

fn at_most(ratio: f64) -> Option<Target> {
    Some(Target::Ratio(ratio))
}

/// The version of a crate that was built.
fn locked(name: &str) -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).map(|(_, rest)| rest);
    entry.and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Program::new(program);
    for argument in arguments {
        command = command.with(argument);
    }
    Ok(command.output()?.trim().to_owned())
}

/// The processor, how many there are, and the system.
fn machine() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(env::consts::ARCH, |(_, model)| model.trim());
    let count = std::thread::available_parallelism()?;
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let system = system.unwrap_or("an unknown system").trim_matches('"');
    let kernel = output("uname", &["-r"])?;
    // Only the version: the rest may be the name of somebody's machine.
    let kernel: String = kernel.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Ok(format!("{count} × {model}, {system}, Linux {kernel}"))
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
