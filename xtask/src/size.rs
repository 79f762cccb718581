//! What the programs in `examples/size` weigh.

use crate::image::Image;
use crate::stack::Stack;
use crate::{Error, build, grouped, publish, root};
use std::fmt::Write;

const TARGET: &str = "riscv32imac-unknown-none-elf";

const HEAD: &str = "\
# What it weighs

Made by `cargo xtask size`. For riscv32imac, with `opt-level = \"z\"`, fat LTO and `panic = \"abort\"`: code, constants and
initialised data of a program, less those of a program that does nothing. The programs are in
[examples/size](../examples/size); each makes everything reachable that it names.

| program | bytes | at most | what it is |
|---|---:|---:|---|
";

const STACK: &str = "
The stack below the codec and below a look of the guard, by the frames that the compiler reports and the calls that are in the code; an upper bound.

| function | bytes on the stack |
|---|---:|
";

/// A program to weigh.
struct Probe {
    name: String,
    what: String,
    limit: Option<u64>,
}

/// Weighs all programs and writes the page.
pub fn table() -> Result<(), Error> {
    let empty = image("empty")?.size();
    let mut page = String::from(HEAD);
    let mut stack = String::from(STACK);
    let mut over = Vec::new();
    for Probe { name, what, limit } in probes()? {
        let image = image(&name)?;
        let size = image.size() - empty;
        let at_most = limit.map_or(String::new(), grouped);
        writeln!(page, "| `{name}` | {} | {at_most} | {what} |", grouped(size))?;
        if limit.is_some_and(|limit| size > limit) {
            over.push(format!(
                "{name} weighs {} bytes, at most {at_most} are wanted",
                grouped(size)
            ));
        }
        let mut ways = Stack::new(&image);
        for (&address, function) in &image.functions {
            if function.name.starts_with(&format!("{name}::")) {
                let depth = ways.deepest(address).bytes;
                writeln!(stack, "| `{}` | {} |", function.name, grouped(depth.into()))?;
            }
        }
    }
    publish("SIZE.md", &(page + &stack))?;
    if over.is_empty() {
        Ok(())
    } else {
        Err(over.join("; ").into())
    }
}

/// Lists the largest functions of one program, and the deepest way down its stack.
pub fn functions(probe: &str) -> Result<(), Error> {
    let image = image(probe)?;
    for (name, size) in &image.sections {
        println!("{size:>8}  {name}");
    }
    println!("\n   bytes   frame");
    let mut functions: Vec<_> = image.functions.values().collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.size));
    for function in functions.iter().take(40) {
        println!("{:>8} {:>7}  {}", function.size, function.frame, function.name);
    }
    let mut ways = Stack::new(&image);
    let own = format!("{probe}::");
    for (&address, function) in image
        .functions
        .iter()
        .filter(|(_, function)| function.name.starts_with(&own))
    {
        let way = ways.deepest(address);
        println!("\nstack below {}: {} bytes", function.name, way.bytes);
        for function in way.functions.iter().filter_map(|address| image.functions.get(address)) {
            println!("{:>8}  {}", function.frame, function.name);
        }
    }
    Ok(())
}

/// All programs but the empty one, with what their heads say of them.
fn probes() -> Result<Vec<Probe>, Error> {
    let mut probes = Vec::new();
    for entry in std::fs::read_dir(root().join("examples/size/src/bin"))? {
        let path = entry?.path();
        let source = std::fs::read_to_string(&path)?;
        let head = || source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let limit = head().find_map(|line| line.strip_prefix("Limit: ")?.strip_suffix(" bytes"));
        probes.push(Probe {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            what: head().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
            limit: limit.map(str::parse).transpose()?,
        });
    }
    probes.retain(|probe| probe.name != "empty");
    probes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(probes)
}

fn image(probe: &str) -> Result<Image, Error> {
    // A stable compiler tells frame sizes only if it is asked like this.
    let environment = [("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-Zemit-stack-sizes")];
    let place = format!("{TARGET}/release");
    Image::read(&build(probe, &place, &["--release", "--target", TARGET], &environment)?)
}
