//! What is built of OCPP 2.0.1, requirement by requirement: `docs/conformance.csv` says how each stands, the tests say
//! which of them are proved, and `docs/CONFORMANCE.md` shows both. Whatever does not agree is a fault.

mod citations;

use crate::{Error, root};
use citations::{Citations, Id};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const TABLE: &str = "docs/conformance.csv";
const PAGE: &str = "docs/CONFORMANCE.md";

/// Blocks by the letter of their use cases, in the order of the page.
const BLOCKS: &[(&str, &str)] = &[
    ("General", "General"),
    ("A", "Security"),
    ("B", "Provisioning"),
    ("C", "Authorization"),
    ("D", "Local authorization list"),
    ("E", "Transactions"),
    ("F", "Remote control"),
    ("G", "Availability"),
    ("H", "Reservation"),
    ("I", "Tariff and cost"),
    ("J", "Meter values"),
    ("K", "Smart charging"),
    ("L", "Firmware management"),
    ("M", "Certificate management"),
    ("N", "Diagnostics"),
    ("O", "Display messages"),
    ("P", "Data transfer"),
];

const HEAD: &str = "\
# Conformance to OCPP 2.0.1

Which requirements of OCPP 2.0.1 (part 2) for a charging station hold, by use case and requirement id. Made by
`cargo xtask conformance` of [conformance.csv](conformance.csv) and of the ids that tests cite; do not edit. The texts
are in the Open Charge Alliance's document.

* done: a test proves it; the files that cite it are named.
* partial: something is missing, or it is built and no test proves it.
* not: not built.
* elsewhere: not for this library to do (the application, the board, the CSMS), a case that cannot come up here, or a
  freedom that the station does not take.

A requirement that another one repeats is shown with `=` and stands and falls with it. A use case without a requirement
below it is not built at all.

";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Done,
    Partial,
    Not,
    Elsewhere,
}

impl Status {
    const ALL: [Self; 4] = [Self::Done, Self::Partial, Self::Not, Self::Elsewhere];

    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Not => "not",
            Self::Elsewhere => "elsewhere",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

#[derive(Clone, Debug)]
enum Standing {
    Own(Status),
    SameAs(Id),
}

#[derive(Clone, Debug)]
struct Requirement {
    standing: Standing,
    note: String,
}

#[derive(Debug, Default)]
struct Table {
    /// Names of use cases that are built, at least in part.
    names: BTreeMap<String, String>,
    /// Use cases that are not built, and why.
    unbuilt: BTreeMap<String, String>,
    requirements: BTreeMap<Id, Requirement>,
}

/// Makes the page, or with `check` looks whether it is the one that would be made.
pub fn page(check: bool) -> Result<(), Error> {
    let path = root().join(TABLE);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{TABLE}: {error}"))?;
    let (table, mut faults) = Table::read(&text);
    let citations = Citations::read(&root(), &table.requirements.keys().cloned().collect(), &mut faults)?;
    table.compare(&citations, &mut faults);
    if !faults.is_empty() {
        return Err(format!("{TABLE} and the tests do not agree:\n  {}", faults.join("\n  ")).into());
    }
    let page = table.page(&citations);
    let path = root().join(PAGE);
    if !check {
        std::fs::write(&path, page)?;
    } else if std::fs::read_to_string(&path).unwrap_or_default() != page {
        return Err(format!("{PAGE} is not up to date: run `cargo xtask conformance`").into());
    }
    println!("{}", counts(&table.count(|_| true)));
    Ok(())
}

impl Table {
    /// Reads the table, and what is wrong with it.
    fn read(text: &str) -> (Self, Vec<String>) {
        let (mut table, mut faults) = (Self::default(), Vec::new());
        for (line, number) in text.lines().zip(1..).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let fault = match cells.as_slice() {
                [id, status, note] => table.add(id, status, note).err(),
                _ => Some("three cells are wanted, without commas in them".to_string()),
            };
            faults.extend(fault.map(|fault| format!("line {number}: {fault}")));
        }
        for (id, own) in &table.requirements {
            match &own.standing {
                Standing::SameAs(other) if !matches!(table.standing(other), Some(Standing::Own(_))) => {
                    faults.push(format!("{id} is the same as {other}, which has no standing of its own"));
                }
                Standing::Own(Status::Partial | Status::Not | Status::Elsewhere) if own.note.is_empty() => {
                    faults.push(format!("{id} has no note that says why"));
                }
                _ => {}
            }
            if !table.names.contains_key(id.use_case()) {
                faults.push(format!("{id} belongs to a use case without a name"));
            }
        }
        (table, faults)
    }

    fn add(&mut self, id: &str, status: &str, note: &str) -> Result<(), String> {
        let note = note.to_string();
        let Some(own) = Id::parse(id) else {
            let rows = match status {
                "name" => &mut self.names,
                "not" => &mut self.unbuilt,
                _ => {
                    return Err(format!(
                        "{id} is no requirement, and `{status}` says nothing of a use case"
                    ));
                }
            };
            return match rows.insert(id.to_string(), note) {
                Some(_) => Err(format!("{id} is there twice")),
                None => Ok(()),
            };
        };
        let standing = match (Status::of(status), status.strip_prefix("same as ").and_then(Id::parse)) {
            (Some(status), _) => Standing::Own(status),
            (None, Some(other)) => Standing::SameAs(other),
            (None, None) => return Err(format!("`{status}` is no status")),
        };
        match self.requirements.insert(own, Requirement { standing, note }) {
            Some(_) => Err(format!("{id} is there twice")),
            None => Ok(()),
        }
    }

    fn standing(&self, id: &Id) -> Option<&Standing> {
        self.requirements.get(id).map(|own| &own.standing)
    }

    fn status(&self, id: &Id) -> Status {
        match self.standing(id) {
            Some(Standing::Own(status)) => *status,
            Some(Standing::SameAs(other)) => self.status(other),
            None => Status::Not,
        }
    }

    /// The files that prove a requirement, under its own id or under one that says the same.
    fn proofs<'c>(&self, id: &Id, citations: &'c Citations) -> BTreeSet<&'c str> {
        let root = match self.standing(id) {
            Some(Standing::SameAs(other)) => other,
            _ => id,
        };
        let mut all = BTreeSet::new();
        for (own, requirement) in &self.requirements {
            if own == root || matches!(&requirement.standing, Standing::SameAs(other) if other == root) {
                all.extend(citations.files(own));
            }
        }
        all
    }

    /// Where the table says more, or less, than the tests.
    fn compare(&self, citations: &Citations, faults: &mut Vec<String>) {
        for id in self.requirements.keys() {
            let proofs = self.proofs(id, citations);
            match self.standing(id) {
                Some(Standing::Own(Status::Done)) if proofs.is_empty() => {
                    faults.push(format!("{id} is done, but no test cites it"));
                }
                Some(Standing::Own(Status::Not)) if !proofs.is_empty() => {
                    let files: Vec<&str> = proofs.into_iter().collect();
                    faults.push(format!("{id} is not built, but cited by {}", files.join(", ")));
                }
                _ => {}
            }
        }
    }

    fn count(&self, which: impl Fn(&str) -> bool) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for id in self.requirements.keys().filter(|id| which(id.use_case())) {
            *counts.entry(self.status(id)).or_default() += 1;
        }
        counts
    }

    fn page(&self, citations: &Citations) -> String {
        let mut page = HEAD.to_string();
        page.push_str(
            "| block | done | partial | not | elsewhere | use cases not built |\n|---|--:|--:|--:|--:|--:|\n",
        );
        let mut row = |name: &str, which: &dyn Fn(&str) -> bool| {
            let counts = self.count(which);
            let unbuilt = self.unbuilt.keys().filter(|use_case| which(use_case)).count();
            let cell = |number: usize| if number == 0 { String::new() } else { number.to_string() };
            let _ = write!(page, "| {name} |");
            for status in Status::ALL {
                let _ = write!(page, " {} |", cell(counts.get(&status).copied().unwrap_or(0)));
            }
            let _ = writeln!(page, " {} |", cell(unbuilt));
        };
        for (letter, name) in BLOCKS {
            row(&title(letter, name), &|use_case| is_in(use_case, letter));
        }
        row("all", &|_| true);
        for (letter, name) in BLOCKS {
            let _ = writeln!(page, "\n## {}", title(letter, name));
            for (use_case, name) in self.names.iter().filter(|(use_case, _)| is_in(use_case, letter)) {
                self.use_case(use_case, name, citations, &mut page);
            }
            let mut unbuilt = self
                .unbuilt
                .iter()
                .filter(|(use_case, _)| is_in(use_case, letter))
                .peekable();
            if unbuilt.peek().is_some() {
                page.push_str("\n### Not built\n\n");
            }
            for (use_case, note) in unbuilt {
                let _ = writeln!(page, "* {use_case}: {note}");
            }
        }
        page
    }

    fn use_case(&self, use_case: &str, name: &str, citations: &Citations, page: &mut String) {
        let heading = if use_case == name {
            String::new()
        } else {
            format!("\n### {use_case} {name}\n")
        };
        let _ = writeln!(page, "{heading}");
        let own = |status: Status| {
            let all = self
                .requirements
                .iter()
                .filter(move |(id, _)| id.use_case() == use_case);
            all.filter(move |(_, own)| matches!(own.standing, Standing::Own(own) if own == status))
        };
        // Proved by the same files, or with the same note: together.
        let mut proved: Vec<(BTreeSet<&str>, Vec<&str>)> = Vec::new();
        for (id, _) in own(Status::Done) {
            let files = self.proofs(id, citations);
            match proved.iter_mut().find(|(known, _)| *known == files) {
                Some((_, ids)) => ids.push(id.number()),
                None => proved.push((files, vec![id.number()])),
            }
        }
        for (files, ids) in proved {
            let links: Vec<String> = files.into_iter().map(link).collect();
            let _ = writeln!(page, "* done: {} ({})", ids.join(", "), links.join(", "));
        }
        for status in [Status::Partial, Status::Not, Status::Elsewhere] {
            let mut noted: Vec<(&str, Vec<&str>)> = Vec::new();
            for (id, requirement) in own(status) {
                match noted.iter_mut().find(|(note, _)| *note == requirement.note) {
                    Some((_, ids)) => ids.push(id.number()),
                    None => noted.push((&requirement.note, vec![id.number()])),
                }
            }
            for (note, ids) in noted {
                let _ = writeln!(page, "* {}: {}: {note}", status.name(), ids.join(", "));
            }
        }
        let same: Vec<String> = self
            .requirements
            .iter()
            .filter(|(id, _)| id.use_case() == use_case)
            .filter_map(|(id, own)| match &own.standing {
                Standing::SameAs(other) => Some(format!("{} = {other} ({})", id.number(), self.status(other).name())),
                Standing::Own(_) => None,
            })
            .collect();
        if !same.is_empty() {
            let _ = writeln!(page, "* as elsewhere: {}", same.join(", "));
        }
    }
}

fn title(letter: &str, name: &str) -> String {
    if letter == name {
        name.to_string()
    } else {
        format!("{letter} {name}")
    }
}

fn is_in(use_case: &str, block: &str) -> bool {
    use_case == block || block.len() == 1 && use_case.len() > 1 && use_case.starts_with(block) && use_case != "General"
}

fn link(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    format!("[{}](../{file})", name.split('.').next().unwrap_or(name))
}

fn counts(counts: &BTreeMap<Status, usize>) -> String {
    let each = counts
        .iter()
        .map(|(status, count)| format!("{} {count}", status.name()));
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rows: &str, cited: &[(&str, &str)]) -> Vec<String> {
        let (table, mut faults) = Table::read(&format!("id,status,note\nE01,name,Start\n{rows}"));
        let known = table.requirements.keys().cloned().collect();
        let mut citations = Citations::default();
        for (file, text) in cited {
            citations.add(file, text, &known, &mut faults);
        }
        table.compare(&citations, &mut faults);
        faults
    }

    #[test]
    fn what_is_done_is_cited() {
        assert_eq!(faults("E01.FR.01,done,", &[("t", "E01.FR.01")]), [""; 0]);
        assert_eq!(
            faults("E01.FR.01,done,", &[]),
            ["E01.FR.01 is done, but no test cites it"]
        );
        // Under the id of either of two that say the same.
        let rows = "E01.FR.01,done,\nE01.FR.02,same as E01.FR.01,";
        assert_eq!(faults(rows, &[("t", "E01.FR.02")]), [""; 0]);
    }

    #[test]
    fn what_is_cited_is_in_the_table_and_built() {
        let cited = [("t", "E01.FR.01, FR.07")];
        assert_eq!(
            faults("E01.FR.01,done,", &cited),
            ["t cites E01.FR.07, which is not in the table"]
        );
        let rows = "E01.FR.01,not,why";
        assert_eq!(
            faults(rows, &[("t", "E01.FR.01")]),
            ["E01.FR.01 is not built, but cited by t"]
        );
    }

    #[test]
    fn a_table_that_says_too_little() {
        for (row, fault) in [
            ("E01.FR.01,partial,", "E01.FR.01 has no note that says why"),
            ("E01.FR.01,later,x", "line 3: `later` is no status"),
            (
                "E01.FR.01,not,a,b",
                "line 3: three cells are wanted, without commas in them",
            ),
            ("E02.FR.01,not,a", "E02.FR.01 belongs to a use case without a name"),
            (
                "E01.FR.01,same as E01.FR.02,",
                "E01.FR.01 is the same as E01.FR.02, which has no standing of its own",
            ),
        ] {
            assert_eq!(faults(row, &[]), [fault], "{row}");
        }
    }
}
