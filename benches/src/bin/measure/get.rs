//! A whole process that makes one verified request.

use crate::plot::{Bar, Panel};
use crate::process::{Program, interleave, median, ratio};
use crate::table::Table;
use crate::table::Unit::{Bytes, Instructions, Nanoseconds};
use crate::{Bench, GET, NATIVE, Result, at_most, say};
use std::path::Path;

impl Bench {
    pub(crate) fn get(&self, table: &mut Table) -> Result<Panel> {
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
}
