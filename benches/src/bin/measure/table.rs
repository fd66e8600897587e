//! The table, and how figures are written.

use std::fmt::Write;

/// What is measured, and what it is counted in.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Instructions,
    Nanoseconds,
    Bytes,
    Calls,
}

impl Unit {
    pub(crate) fn write(self, value: f64) -> String {
        let (value, unit) = match (self, value.abs()) {
            (Self::Calls, _) => return format!("{value:.0}"),
            (Self::Instructions, size) if size >= 999.5e3 => (value / 1e6, "M"),
            (Self::Instructions, _) => (value / 1e3, "k"),
            (Self::Nanoseconds, size) if size >= 999.5e6 => (value / 1e9, "s"),
            (Self::Nanoseconds, size) if size >= 999.5e3 => (value / 1e6, "ms"),
            (Self::Nanoseconds, size) if size >= 999.5 => (value / 1e3, "µs"),
            (Self::Nanoseconds, _) => return format!("{value:.0} ns"),
            (Self::Bytes, size) if size < 999.5e3 => (value / 1e3, "kB"),
            (Self::Bytes, _) => (value / f64::from(1 << 20), "MiB"),
        };
        format!("{} {unit}", digits(value))
    }
}

/// Three digits, more or less.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// At most so much.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    Ratio(f64),
    Value(f64),
}

struct Row {
    what: String,
    peer: String,
    ours: String,
    theirs: String,
    ratio: String,
    target: String,
    met: Option<bool>,
}

#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Compares two figures; where the ratio was not measured by itself it is that of the two.
    pub(crate) fn compare(
        &mut self,
        (what, unit): (&str, Unit),
        (peer, theirs): (&str, f64),
        ours: f64,
        ratio: Option<f64>,
        target: Option<Target>,
    ) {
        let ratio = ratio.unwrap_or(ours / theirs);
        self.rows.push(Row {
            what: what.to_owned(),
            peer: peer.to_owned(),
            ours: unit.write(ours),
            theirs: unit.write(theirs),
            ratio: write_ratio(ratio),
            target: target.map_or_else(String::new, |target| target.write(unit)),
            met: target.map(|target| target.is_met(ours, ratio)),
        });
    }

    /// A figure that no peer has.
    pub(crate) fn alone(&mut self, (what, unit): (&str, Unit), ours: f64, target: Option<Target>) {
        self.rows.push(Row {
            what: what.to_owned(),
            peer: String::new(),
            ours: unit.write(ours),
            theirs: String::new(),
            ratio: String::new(),
            target: target.map_or_else(String::new, |target| target.write(unit)),
            met: target.map(|target| target.is_met(ours, f64::NAN)),
        });
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(
            "| what | peer | ours | peer's | ratio | target | met? |\n|---|---|---|---|---|---|---|\n",
        );
        for Row { what, peer, ours, theirs, ratio, target, met } in &self.rows {
            let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
            let _ = writeln!(
                text,
                "| {what} | {peer} | {ours} | {theirs} | {ratio} | {target} | {met} |"
            );
        }
        text
    }

    pub(crate) fn targets_met(&self) -> (usize, usize) {
        let met: Vec<bool> = self.rows.iter().filter_map(|row| row.met).collect();
        (met.iter().filter(|met| **met).count(), met.len())
    }
}

impl Target {
    fn is_met(self, ours: f64, ratio: f64) -> bool {
        match self {
            Self::Ratio(most) => ratio <= most,
            Self::Value(most) => ours <= most,
        }
    }

    fn write(self, unit: Unit) -> String {
        match self {
            Self::Ratio(most) => write_ratio(most),
            Self::Value(most) => unit.write(most),
        }
    }
}

/// `1/60` below one, so that it reads as the targets do.
fn write_ratio(ratio: f64) -> String {
    let inverse = 1.0 / ratio;
    if !ratio.is_finite() || ratio <= 0.0 {
        String::new()
    } else if ratio > 0.8 {
        digits(ratio)
    } else if (inverse - inverse.round()).abs() < 0.005 {
        format!("1/{inverse:.0}")
    } else {
        format!("1/{}", digits(inverse))
    }
}
