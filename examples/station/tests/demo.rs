//! The command without arguments: one session, from the first frame to the summary.

use std::process::Command;

fn demo(arguments: &[&str]) -> String {
    let ended = Command::new(env!("CARGO_BIN_EXE_station"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(
        ended.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    text
}

/// The number that stands behind `name` in the text.
fn number(text: &str, name: &str) -> i64 {
    let (_, rest) = text.split_once(name).unwrap_or_else(|| panic!("no {name} in {text}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn the_summary_is_what_was_told_to_the_central_system() {
    let text = demo(&[]);
    let energy = number(&text, "\"meterStop\":") - number(&text, "\"meterStart\":");
    assert!(energy > 10_000, "{energy} Wh");
    let summary = format!("energy      {}.{:03} kWh", energy / 1000, energy % 1000);
    assert!(text.contains(&summary), "{summary} is not in {text}");
}

#[test]
fn the_session_is_told_in_order() {
    let text = demo(&["--evse", "2", "--connectors", "2", "--lock", "none", "--phases", "1"]);
    let mut rest = text.as_str();
    for step in [
        "→ BootNotification {",
        "registration: Accepted",
        "connector 1 is Preparing",
        "→ Authorize {",
        "→ StartTransaction {",
        "charging: 3.68 kW",
        "→ MeterValues {",
        "→ StopTransaction {",
        "connector 1 is Available",
        "Summary",
    ] {
        let (_, behind) = rest
            .split_once(step)
            .unwrap_or_else(|| panic!("{step} is missing or too early in {text}"));
        rest = behind;
    }
}
