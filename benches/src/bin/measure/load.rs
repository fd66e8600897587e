//! Until a `ClientConfig` is ready: the system's store, and bundles of many sizes.

use crate::data::SIZES;
use crate::plot::{Bar, Panel};
use crate::process::{Program, interleave, median, ratio};
use crate::table::Unit::{Bytes, Instructions, Nanoseconds};
use crate::table::{Table, Target};
use crate::{Bench, EMBEDDED, FLOOR, LOADING, NATIVE, PLATFORM, Result, at_most, say};

impl Bench {
    /// Until a `ClientConfig` is ready.
    pub(crate) fn load(&self, table: &mut Table) -> Result<Panel> {
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

    pub(crate) fn debug(&self, table: &mut Table) -> Result<()> {
        say("the same in debug builds");
        let nothing = self.count(&Program::debug("empty")?, LOADING, 3)?;
        let net =
            |name| -> Result<f64> { Ok(self.count(&Program::debug(name)?, LOADING, 3)? - nothing) };
        let (ours, native) = (net("load_cacerts")?, net("load_native_certs")?);
        let what = ("debug build, default store, instructions", Instructions);
        table.compare(what, (NATIVE, native), ours, None, at_most(1.0 / 15.0));
        Ok(())
    }

    /// Bundles of distinct certificates.
    pub(crate) fn sizes(&self, table: &mut Table) -> Result<()> {
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
}
