//! How many instructions things take.

use crate::{Error, build, grouped, publish};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "\
# What it costs to run

Made by `cargo xtask instructions`: instructions of x86-64 at `opt-level = 3`, counted by callgrind. The cases are in
[examples/size/src/instructions.rs](../examples/size/src/instructions.rs).

| what | instructions | at most |
|---|---:|---:|
";

/// Times that a case is run once and twice, so that what comes before and after it drops out of the difference.
const TIMES: u64 = 100;

/// Counts all cases and writes the page.
pub fn table() -> Result<(), Error> {
    let program = build("instructions", "speed", &["--profile", "speed"], &[])?;
    let list = String::from_utf8(Command::new(&program).output()?.stdout)?;
    let mut page = String::from(HEAD);
    let mut over = Vec::new();
    for (index, line) in list.lines().enumerate() {
        let (limit, name) = line.split_once('\t').unwrap_or(("-", line));
        let counted = (count(&program, index, 2 * TIMES)? - count(&program, index, TIMES)?) / TIMES;
        let limit = limit.parse::<u64>().ok();
        let at_most = limit.map_or(String::new(), grouped);
        writeln!(page, "| {name} | {} | {at_most} |", grouped(counted))?;
        if limit.is_some_and(|limit| counted > limit) {
            over.push(format!(
                "{name}: {} instructions, at most {at_most} are wanted",
                grouped(counted)
            ));
        }
    }
    publish("INSTRUCTIONS.md", &page)?;
    if over.is_empty() {
        Ok(())
    } else {
        Err(over.join("; ").into())
    }
}

fn count(program: &Path, case: usize, times: u64) -> Result<u64, Error> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case.to_string(), times.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text
        .lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match counted {
        Some(counted) if output.status.success() => Ok(counted),
        _ => Err(format!("valgrind did not count case {case}:\n{text}").into()),
    }
}
