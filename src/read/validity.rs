//! From when to when a certificate is valid (RFC 5280, section 4.1.2.5). It may use `der`.
//!
//! webpki says the same of what it verifies; this is for what it does not. It is as strict, and what it
//! does not understand is not valid.

use super::der::{SEQUENCE, element, elements, names_in};
use rustls::pki_types::UnixTime;
use std::time::Duration;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The first and the last second.
pub(crate) fn validity(der: &[u8]) -> Option<[UnixTime; 2]> {
    let behind_issuer = der.get(names_in(der)?.issuer.end..)?;
    let validity = element(behind_issuer)?.content_of(SEQUENCE)?;
    let times =
        elements(validity).map(|time| time.and_then(|time| unix_time(time.tag, time.content)));
    times.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// `YYMMDDHHMMSSZ`, from 1950 to 2049, or `YYYYMMDDHHMMSSZ`; none before 1970.
fn unix_time(tag: u8, text: &[u8]) -> Option<UnixTime> {
    let digits = text.strip_suffix(b"Z")?;
    let (century, digits) = match tag {
        UTC_TIME => (None, digits),
        GENERALIZED_TIME => (Some(two_digits(digits.get(..2)?)?), &digits[2..]),
        _ => return None,
    };
    let fields = digits.chunks(2).map(two_digits).collect::<Option<Vec<_>>>()?;
    let [year, month, day, hour, minute, second] = *fields else { return None };
    let century = century.unwrap_or(if year < 50 { 20 } else { 19 });
    let year = century * 100 + year;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = months.get(..usize::try_from(month).ok()?.checked_sub(1)?)?;
    let is_one = year >= 1970
        && (1..=*months.get(before.len())?).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    is_one.then_some(())?;
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let days = 365 * (year - 1970) + leap_days(year - 1) - leap_days(1969)
        + before.iter().sum::<u64>()
        + day
        - 1;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}

/// The second as people read it, `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn in_words(time: UnixTime) -> String {
    let (days, second) = (time.as_secs() / 86400, time.as_secs() % 86400);
    // Counted from the first of a March, so that a leap day is the last of its year, and in the
    // 400 years after which the calendar repeats itself.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..10 => (400 * era + year, month + 3),
        _ => (400 * era + year + 1, month - 9),
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn two_digits(digits: &[u8]) -> Option<u64> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = *digits else { return None };
    Some(u64::from(tens - b'0') * 10 + u64::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::{GENERALIZED_TIME, SEQUENCE, UTC_TIME, in_words, unix_time, validity};
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use rustls::pki_types::UnixTime;
    use std::time::Duration;

    #[test]
    fn times_are_read_as_der_has_them() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "991231235959Z", Some(946_684_799)),
            (UTC_TIME, "000229120000Z", Some(951_825_600)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", None),
            (UTC_TIME, "691231235959Z", None),
            (UTC_TIME, "240229000000Z", Some(1_709_164_800)),
            (UTC_TIME, "230229000000Z", None),
            (UTC_TIME, "230431000000Z", None),
            (UTC_TIME, "230001000000Z", None),
            (UTC_TIME, "231301000000Z", None),
            (UTC_TIME, "230100000000Z", None),
            (UTC_TIME, "230101240000Z", None),
            (UTC_TIME, "230101006000Z", None),
            (UTC_TIME, "230101000060Z", None),
            (UTC_TIME, "230101000000", None),
            (UTC_TIME, "2301010000Z", None),
            (UTC_TIME, "230101000000+0000", None),
            (UTC_TIME, "230101000000z", None),
            (UTC_TIME, "2301010000 0Z", None),
            (UTC_TIME, "230101000000ZZ", None),
            (UTC_TIME, "23010100000Z", None),
            (UTC_TIME, "20230101000000Z", None),
            (UTC_TIME, "", None),
            (UTC_TIME, "Z", None),
            (GENERALIZED_TIME, "19491231235959Z", None),
            (GENERALIZED_TIME, "19500101000000Z", None),
            (GENERALIZED_TIME, "19700101000000Z", Some(0)),
            (GENERALIZED_TIME, "20000229000000Z", Some(951_782_400)),
            (GENERALIZED_TIME, "20491231235959Z", Some(2_524_607_999)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "21000228235959Z", Some(4_107_542_399)),
            (GENERALIZED_TIME, "21000301000000Z", Some(4_107_542_400)),
            (GENERALIZED_TIME, "21000229000000Z", None),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            (GENERALIZED_TIME, "20300101000000.5Z", None),
            (GENERALIZED_TIME, "20300101000000.0Z", None),
            (GENERALIZED_TIME, "20300101000000", None),
            (GENERALIZED_TIME, "203001010000Z", None),
            (GENERALIZED_TIME, "230101000000Z", None),
            (GENERALIZED_TIME, "Z", None),
            (0x04, "230101000000Z", None),
        ] {
            let seconds = unix_time(tag, text.as_bytes()).map(|time| time.as_secs());
            assert_eq!(seconds, expected, "{tag:x} {text}");
        }
    }

    #[test]
    fn a_time_is_told_as_it_was_read() {
        for day in (0..3 * 146_097).chain([2_932_896]) {
            let time = UnixTime::since_unix_epoch(Duration::from_secs(day * 86400 + day % 86400));
            let words = in_words(time);
            let digits: String = words.chars().filter(|c| !"-T:".contains(*c)).collect();
            assert_eq!(unix_time(GENERALIZED_TIME, digits.as_bytes()), Some(time), "{words}");
        }
        let time = UnixTime::since_unix_epoch(Duration::from_secs(1_709_210_096));
        assert_eq!(in_words(time), "2024-02-29T12:34:56Z");
    }

    #[test]
    fn a_certificate_is_valid_from_and_until() {
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) =
            (date_time_ymd(2001, 2, 3), date_time_ymd(2050, 1, 1));
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
        let seconds = |der: &[u8]| validity(der).map(|times| times.map(|time| time.as_secs()));
        assert_eq!(seconds(&der), Some([981_158_400, 2_524_608_000]));
        for end in 0..der.len() {
            assert_eq!(seconds(&der[..end]), None, "cut off at {end}");
        }
        // The length of the two, and the tag of the first.
        let at = der.windows(3).position(|bytes| bytes == [SEQUENCE, 32, UTC_TIME]).unwrap();
        for changed in [at + 1, at + 2, at + 3] {
            let mut odd = der.clone();
            odd[changed] ^= 1;
            assert_eq!(seconds(&odd), None, "{changed}");
        }
    }
}
