//! Handshakes with a server in the same process.

use crate::process::{Program, median};
use crate::table::Unit::{Calls, Instructions, Nanoseconds};
use crate::table::{Table, Target};
use crate::{Bench, EMBEDDED, HANDSHAKE, Result, at_most, say};
use std::path::Path;

impl Bench {
    /// What a handshake takes beyond one with embedded roots, the opening of the store included.
    pub(crate) fn directories(&self, table: &mut Table) -> Result<()> {
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
    pub(crate) fn noticing(&self, table: &mut Table) -> Result<()> {
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
}

fn handshakes(store: &Path, what: &str, count: u32) -> Result<Program> {
    Ok(Program::ours("handshake")?.with(store).with(what).with(count.to_string()))
}
