//! Runs programs and measures them, each time in a fresh process with an empty environment.

use crate::Result;
use std::collections::VecDeque;
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A program with its arguments and variables.
#[derive(Clone)]
pub(crate) struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Program {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), arguments: Vec::new(), variables: Vec::new() }
    }

    /// One of this crate's programs, as it is in a release.
    pub(crate) fn ours(name: &str) -> Result<Self> {
        let path = env::current_exe()?.with_file_name(name);
        if path.exists() { Ok(Self::new(path)) } else { Err(format!("{name} is not built").into()) }
    }

    /// The same, built for debugging.
    pub(crate) fn debug(name: &str) -> Result<Self> {
        let release = env::current_exe()?;
        let target =
            release.parent().and_then(Path::parent).ok_or("there is no target directory")?;
        Ok(Self::new(target.join("debug").join(name)))
    }

    pub(crate) fn into_path(self) -> PathBuf {
        self.path
    }

    pub(crate) fn with(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn command(&self) -> Command {
        self.under(&[])
    }

    /// The command that starts the program through another one.
    fn under(&self, other: &[&str]) -> Command {
        let mut words: VecDeque<OsString> = other.iter().map(OsString::from).collect();
        words.push_back(self.path.clone().into());
        words.extend(self.arguments.iter().cloned());
        let mut command = Command::new(words.pop_front().expect("the program itself"));
        command.args(words).env_clear().envs(self.variables.iter().cloned());
        command.env("PATH", env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        command
    }

    /// What it prints, or an error if it fails.
    pub(crate) fn output(&self) -> Result<String> {
        let (output, _) = finish(self.command())?;
        Ok(output)
    }

    /// Whether it succeeds; what it says is not shown.
    pub(crate) fn succeeds(&self) -> Result<bool> {
        Ok(self.command().output()?.status.success())
    }

    /// The instructions it takes outside the kernel.
    pub(crate) fn instructions(&self) -> Result<f64> {
        let cachegrind =
            ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
        let (_, log) = finish(self.under(&cachegrind))?;
        let count = log.lines().find_map(|line| line.split_once("refs:")).map(|(_, count)| count);
        let count = count.ok_or_else(|| format!("valgrind has counted nothing: {log}"))?;
        Ok(count.trim().replace(',', "").parse()?)
    }

    /// The names of the system calls it makes.
    pub(crate) fn system_calls(&self) -> Result<Vec<String>> {
        let (_, log) = finish(self.under(&["valgrind", "--tool=none", "--trace-syscalls=yes"]))?;
        let name = |line: &str| {
            let (_, rest) = line.strip_prefix("SYSCALL[")?.split_once(" sys_")?;
            Some(rest.split([' ', '(']).next()?.to_owned())
        };
        Ok(log.lines().filter_map(name).collect())
    }

    /// The memory it has at its peak, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        let rss = Self::ours("rss")?.path;
        let (output, _) = finish(self.under(&[rss.to_str().ok_or("the path is not UTF-8")?]))?;
        Ok(output.trim().parse::<f64>()? * 1024.0)
    }

    /// Starts it; it is ended when the value is dropped. Gives the first line it prints.
    pub(crate) fn start(&self) -> Result<(Running, String)> {
        let mut child = self.command().stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().expect("it is piped");
        let running = Running(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok((running, line.trim().to_owned()))
    }
}

/// A program that runs.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn finish(mut command: Command) -> Result<(String, String)> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("{command:?} failed ({}): {errors}", output.status).into());
    }
    Ok((String::from_utf8(output.stdout)?, errors))
}

/// The cargo that is used.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// How long one program took, round by round, in nanoseconds.
#[derive(Default)]
pub(crate) struct Times {
    /// By its own clock, what it is about. Empty for programs that do not say.
    pub(crate) call: Vec<f64>,
    /// From its start to its end.
    pub(crate) process: Vec<f64>,
}

/// Runs programs in turn, in each round the other way about, so that whatever else the machine does
/// meets them alike. Two rounds to warm up do not count.
pub(crate) fn interleave(programs: &[&Program], rounds: usize) -> Result<Vec<Times>> {
    let mut times: Vec<Times> = programs.iter().map(|_| Times::default()).collect();
    for round in 0..rounds + 2 {
        let mut order: Vec<usize> = (0..programs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let command = programs[index].command();
            let start = Instant::now();
            let (output, _) = finish(command)?;
            let process = start.elapsed();
            if round < 2 {
                continue;
            }
            times[index].process.push(process.as_nanos() as f64);
            if let Ok(call) = output.trim().parse() {
                times[index].call.push(call);
            }
        }
    }
    Ok(times)
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// The median of what one took in each round, divided by what the other took.
pub(crate) fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(&ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>())
}
