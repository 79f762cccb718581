//! Measures what the libraries cost and counts what is built, and writes it down in `docs`. Nothing that a user has to run.

mod conformance;
mod image;
mod instructions;
mod journal;
mod size;
mod stack;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const USAGE: &str = "\
usage: cargo xtask <command>

  conformance     compares docs/conformance.csv with what tests cite and writes docs/CONFORMANCE.md;
                  with --check, fails if that page is not up to date
  size [PROBE]    weighs the programs in examples/size and writes docs/SIZE.md;
                  with the name of one of them, lists its largest functions instead
  instructions    counts instructions with valgrind and writes docs/INSTRUCTIONS.md
  journal         prints what records and values take in flash, and how long it lasts
";

/// What went wrong, for people.
type Error = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["conformance"] => conformance::page(false),
        ["conformance", "--check"] => conformance::page(true),
        ["size"] => size::table(),
        ["size", probe] => size::functions(probe),
        ["instructions"] => instructions::table(),
        ["journal"] => journal::table(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or(PathBuf::from("xtask"), PathBuf::from);
    here.parent().map_or(PathBuf::from("."), Path::to_path_buf)
}

/// Builds a program of `examples/size` and says where it is. `place` is the part of the path that follows from
/// target and profile.
fn build(name: &str, place: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<PathBuf, Error> {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => PathBuf::from(directory),
        None => root().join("target"),
    };
    let target = target.join("size");
    let status = Command::new(env!("CARGO"))
        .current_dir(root().join("examples/size"))
        .args(["build", "--quiet", "--bin", name, "--target-dir"])
        .arg(&target)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .status()?;
    if status.success() {
        Ok(target.join(place).join(name))
    } else {
        Err(format!("`{name}` of examples/size does not build").into())
    }
}

/// Prints a page and writes it into `docs`.
fn publish(file: &str, page: &str) -> Result<(), Error> {
    print!("{page}");
    let path = root().join("docs").join(file);
    std::fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A number as people read it: `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
