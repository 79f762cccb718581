//! The requirements that tests cite: `E01.FR.01`, `E01.FR.01, FR.03`, `E01.FR.01–FR.06`.

use crate::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// Where tests are. Of other sources only their `mod tests` counts.
const PLACES: &[&str] = &[
    "evse-hal/src",
    "evse-hal/tests",
    "examples/station/tests",
    "ocpp-core/src",
    "ocpp-core/tests",
    "ocpp16/src",
    "ocpp16/tests",
    "ocpp201/src",
    "ocpp201/tests",
];
/// What tools leave beside the tests.
const FOREIGN: &[&str] = &["node_modules", "__pycache__", ".pytest_cache", ".venv"];

/// A requirement: use case and number, as `E01.FR.01` or `General.FR.01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    text: String,
    dot: usize,
}

impl Id {
    pub fn parse(text: &str) -> Option<Self> {
        let (use_case, number) = text.split_once(".FR.")?;
        let letter = use_case
            .as_bytes()
            .first()
            .is_some_and(|letter| (b'A'..=b'P').contains(letter));
        let coded = use_case.len() == 3 && letter && use_case[1..].bytes().all(|byte| byte.is_ascii_digit());
        let numbered = (2..=3).contains(&number.len()) && digits(number) == number.len();
        (numbered && (coded || use_case == "General")).then(|| Self {
            text: text.to_string(),
            dot: use_case.len(),
        })
    }

    pub fn use_case(&self) -> &str {
        &self.text[..self.dot]
    }

    /// `FR.01`
    pub fn number(&self) -> &str {
        &self.text[self.dot + 1..]
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Which files cite what.
#[derive(Debug, Default)]
pub struct Citations {
    by_id: BTreeMap<Id, BTreeSet<String>>,
}

impl Citations {
    /// Reads all tests below `root`.
    pub fn read(root: &Path, known: &BTreeSet<Id>, faults: &mut Vec<String>) -> Result<Self, Error> {
        let mut citations = Self::default();
        for place in PLACES {
            citations.walk(root, &root.join(place), known, faults)?;
        }
        Ok(citations)
    }

    fn walk(&mut self, root: &Path, place: &Path, known: &BTreeSet<Id>, faults: &mut Vec<String>) -> Result<(), Error> {
        let Ok(entries) = std::fs::read_dir(place) else {
            return Ok(());
        };
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            if path.is_dir() && !FOREIGN.contains(&name) {
                self.walk(root, &path, known, faults)?;
            } else if ["rs", "py", "js", "mjs"].contains(&kind) {
                let text = std::fs::read_to_string(&path)?;
                let file = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                let tests = match file.contains("/tests/") || file.ends_with("/tests.rs") {
                    true => &text,
                    false => text
                        .split_once("#[cfg(test)]\nmod tests {")
                        .map_or("", |(_, tests)| tests),
                };
                self.add(&file, tests, known, faults);
            }
        }
        Ok(())
    }

    /// Adds what one file cites. Of a range it is what there is between two requirements that there are.
    pub fn add(&mut self, file: &str, text: &str, known: &BTreeSet<Id>, faults: &mut Vec<String>) {
        for (first, last) in cited(text) {
            for id in [&first, &last] {
                if !known.contains(id) {
                    faults.push(format!("{file} cites {id}, which is not in the table"));
                }
                if first == last {
                    break;
                }
            }
            if first.use_case() != last.use_case() || first > last {
                faults.push(format!("{file} cites {first} to {last}, which is no range"));
                continue;
            }
            for id in known.range(first..=last) {
                self.by_id.entry(id.clone()).or_default().insert(file.to_string());
            }
        }
    }

    pub fn files(&self, id: &Id) -> impl Iterator<Item = &str> {
        self.by_id.get(id).into_iter().flatten().map(String::as_str)
    }
}

/// Every requirement that a text names, and every range.
fn cited(text: &str) -> Vec<(Id, Id)> {
    // A list may go on in the next line of a comment.
    let lines = text
        .lines()
        .map(|line| line.trim().trim_start_matches(['/', '!', '#']).trim());
    let text = lines.collect::<Vec<_>>().join(" ");
    let (mut found, mut rest) = (Vec::new(), text.as_str());
    while let Some((first, after)) = next(rest) {
        let use_case = first.use_case().to_string();
        let (mut last, mut after) = range(&use_case, after).unwrap_or((first.clone(), after));
        found.push((first, last.clone()));
        // What follows in the list without its use case.
        while let Some((own, behind)) = [", ", " and "].iter().find_map(|between| {
            let own = after.strip_prefix(between)?;
            number(&use_case, own)
        }) {
            (last, after) = range(&use_case, behind).unwrap_or((own.clone(), behind));
            found.push((own, last));
        }
        rest = after;
    }
    found
}

/// The next requirement with its use case, and what follows it.
fn next(text: &str) -> Option<(Id, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(".FR.")?;
        let end = at + 4 + digits(&text[at + 4..]);
        for length in [3, 7] {
            let own = at.checked_sub(length).and_then(|begin| text.get(begin..end));
            if let Some(id) = own.and_then(Id::parse) {
                return Some((id, &text[end..]));
            }
        }
        from = at + 4;
    }
}

/// `FR.07` at the beginning of the text, and what follows it.
fn number<'t>(use_case: &str, text: &'t str) -> Option<(Id, &'t str)> {
    let end = 3 + digits(text.strip_prefix("FR.")?);
    let id = Id::parse(&format!("{use_case}.{}", &text[..end]))?;
    Some((id, &text[end..]))
}

/// `–FR.06` or `–E01.FR.06` at the beginning of the text.
fn range<'t>(use_case: &str, text: &'t str) -> Option<(Id, &'t str)> {
    let text = text.strip_prefix(['–', '-'])?;
    let full = || next(text).filter(|(id, rest)| id.text.len() + rest.len() == text.len());
    number(use_case, text).or_else(full)
}

/// How many digits the text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> String {
        let each = cited(text).into_iter().map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        });
        each.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn lists_and_ranges() {
        for (text, expected) in [
            ("/// E01.FR.01: why", "E01.FR.01"),
            ("E01.FR.01, FR.03", "E01.FR.01; E01.FR.03"),
            ("E01.FR.01, FR.03 and FR.04.", "E01.FR.01; E01.FR.03; E01.FR.04"),
            ("E01.FR.01–FR.06, FR.08", "E01.FR.01 to E01.FR.06; E01.FR.08"),
            ("E01.FR.01–E01.FR.06, G02.FR.01", "E01.FR.01 to E01.FR.06; G02.FR.01"),
            ("E01.FR.01-FR.06", "E01.FR.01 to E01.FR.06"),
            ("/// (E01.FR.01,\n    /// FR.02)", "E01.FR.01; E01.FR.02"),
            ("General.FR.01, FR.02", "General.FR.01; General.FR.02"),
            (
                "A00.FR.308, FR.310–FR.316 and FR.430.",
                "A00.FR.308; A00.FR.310 to A00.FR.316; A00.FR.430",
            ),
            ("A00.FR.0308", ""),
            ("é.FR.01 FR.02 E1.FR.03 Q01.FR.01 E01.FR.1", ""),
        ] {
            assert_eq!(all(text), expected, "{text}");
        }
    }

    #[test]
    fn a_range_is_what_there_is_between_its_ends() {
        let known = ["E01.FR.01", "E01.FR.02", "E01.FR.04", "E02.FR.03"].map(|id| Id::parse(id).unwrap());
        let (mut citations, mut faults) = (Citations::default(), Vec::new());
        citations.add("t", "E01.FR.01–FR.04", &known.iter().cloned().collect(), &mut faults);
        let cited: Vec<bool> = known.iter().map(|id| citations.files(id).next().is_some()).collect();
        assert_eq!(
            (cited.as_slice(), faults.len()),
            ([true, true, true, false].as_slice(), 0)
        );
        citations.add("t", "E02.FR.03–E01.FR.01", &known.into_iter().collect(), &mut faults);
        assert_eq!(faults, ["t cites E02.FR.03 to E01.FR.01, which is no range"]);
    }
}
