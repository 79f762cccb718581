//! The command line: what the station is, where it belongs, and how it is driven.
//!
//! Everything that is wrong with it ends in one line and exit code 2.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Exit code for bad arguments.
pub const BAD_ARGUMENTS: i32 = 2;

/// A complete OCPP charging station: the library, a simulated car and power stage, a real WebSocket.
///
/// Without --csms it starts a small CSMS of its own on a loopback port and charges a simulated car, so that one
/// command shows the whole thing. With --csms it connects there; with --control stdio it is driven by JSON lines on
/// stdin and stdout, which examples/station/README.md describes.
#[derive(Clone, Debug, Parser)]
#[command(name = "station", version, max_term_width = 100, args_override_self = true)]
pub struct Cli {
    /// OCPP version: 1.6, 2.0.1, or `both` to let the server choose, at each connection anew
    #[arg(long, value_enum, default_value_t = Version::V16, hide_possible_values = true, value_name = "VERSION", help_heading = "Connection")]
    pub ocpp: Version,

    /// CSMS to connect to, ws://host:port/path; the identity is appended. wss:// with
    /// security profiles 2 and 3
    #[arg(long, value_name = "URL", value_parser = csms_url, help_heading = "Connection")]
    pub csms: Option<String>,

    /// Identity of the station
    #[arg(long, value_name = "ID", default_value = "CP001", value_parser = text::<48>, help_heading = "Connection")]
    pub id: String,

    /// Security profile: 0 none, 1 HTTP Basic, 2 TLS and HTTP Basic, 3 TLS with a certificate of the station [default: 0
    /// in 1.6, 1 in 2.0.1]
    #[arg(long, value_name = "0-3", value_parser = clap::value_parser!(u8).range(0..=3), help_heading = "Connection")]
    pub security_profile: Option<u8>,

    /// Password for HTTP Basic authentication, as text
    #[arg(long, value_name = "P", help_heading = "Connection")]
    pub password: Option<String>,

    /// Authorities that vouch for the CSMS, PEM; without it, those that this machine trusts
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub ca: Option<PathBuf>,

    /// Certificate of the station, PEM, followed by those between it and an authority
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "Connection")]
    pub cert: Option<PathBuf>,

    /// Private key of the station, PEM
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = "Connection")]
    pub key: Option<PathBuf>,

    /// Number of EVSEs
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=32),
        help_heading = "Station")]
    pub evse: u8,

    /// Number of connectors of each EVSE
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8),
        help_heading = "Station")]
    pub connectors: u8,

    /// `auto`: sockets with a lock for a detachable cable; `none`: a fixed cable
    #[arg(long, value_enum, default_value_t = LockKind::Auto, hide_possible_values = true, value_name = "KIND", help_heading = "Station")]
    pub lock: LockKind,

    /// Phases of the grid connection
    #[arg(long, value_name = "1|3", default_value = "3", help_heading = "Station",
        value_parser = PossibleValuesParser::new(["1", "3"]).map(|text| if text == "1" { 1u8 } else { 3 }))]
    pub phases: u8,

    /// Factory value of a configuration key (1.6) or of Component.Variable[instance] (2.0.1); may be given several
    /// times. Values changed later and stored win
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment, help_heading = "Station")]
    pub set: Vec<(String, String)>,

    /// Who made the station
    #[arg(long, value_name = "V", default_value = "Example", value_parser = text::<20>, help_heading = "Station")]
    pub vendor: String,

    /// Model
    #[arg(long, value_name = "M", default_value = "Linux", value_parser = text::<20>, help_heading = "Station")]
    pub model: String,

    /// Serial number
    #[arg(long, value_name = "S", value_parser = text::<25>, help_heading = "Station")]
    pub serial: Option<String>,

    /// Version of the firmware
    #[arg(long, value_name = "F", default_value = env!("CARGO_PKG_VERSION"), value_parser = text::<50>,
        help_heading = "Station")]
    pub firmware: String,

    /// Keep the state in this directory; without it, in memory
    #[arg(long, value_name = "DIR", help_heading = "Running")]
    pub storage: Option<PathBuf>,

    /// Make the simulation repeatable
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub seed: Option<u64>,

    /// Time: `real`, or `virtual`, which stands still until the command `clock` moves it
    #[arg(long, value_enum, default_value_t = ClockKind::Real, hide_possible_values = true, value_name = "KIND", help_heading = "Running")]
    pub clock: ClockKind,

    /// What a reboot does: `exit` with code 64, or `self`: start again within the process
    #[arg(long, value_enum, default_value_t = OnReboot::SelfRestart, hide_possible_values = true, value_name = "HOW", help_heading = "Running")]
    pub reboot: OnReboot,

    /// `stdio`: take JSON commands on stdin, give replies and events on stdout; `none`: just run
    #[arg(long, value_enum, default_value_t = Control::None, hide_possible_values = true, value_name = "HOW", help_heading = "Running")]
    pub control: Control,

    /// Also give every frame as an event
    #[arg(long, help_heading = "Running")]
    pub frames: bool,
}

/// OCPP versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Version {
    /// OCPP 1.6J.
    #[value(name = "1.6")]
    V16,
    /// OCPP 2.0.1.
    #[value(name = "2.0.1")]
    V201,
    /// What the server picks.
    Both,
}

/// Locks of the connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LockKind {
    /// One for each.
    Auto,
    /// None: a fixed cable.
    None,
}

/// Sources of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClockKind {
    /// The clock of the machine.
    Real,
    /// Moved by command only.
    Virtual,
}

/// What a reboot does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnReboot {
    /// Exit with code 64.
    Exit,
    /// Start again.
    #[value(name = "self")]
    SelfRestart,
}

/// How the station is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Control {
    /// By JSON lines.
    Stdio,
    /// Not at all.
    None,
}

impl Cli {
    /// Reads the arguments of the process, or ends it.
    pub fn from_environment() -> Self {
        let cli = Self::try_parse().unwrap_or_else(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
            _ => refuse(&one_line(&error)),
        });
        if let Err(error) = cli.consistent() {
            refuse(&error);
        }
        cli
    }

    /// Whether the station is to play with a CSMS of its own.
    pub fn is_demo(&self) -> bool {
        self.csms.is_none() && self.control == Control::None
    }

    /// The security profile of the connection to `--csms`.
    pub fn security_profile(&self) -> u8 {
        // 2.0.1 has no profile 0.
        self.security_profile.unwrap_or((self.ocpp != Version::V16).into())
    }

    /// The highest security profile that the station may come to use: network profiles of 2.0.1 may ask for more.
    fn highest_security_profile(&self) -> u8 {
        if self.ocpp == Version::V16 {
            self.security_profile()
        } else {
            3
        }
    }

    /// Whether what is asked for goes together.
    fn consistent(&self) -> Result<(), String> {
        if self.ocpp == Version::V201 && self.is_demo() {
            return Err("--ocpp 2.0.1 needs --csms: the CSMS of the demo speaks 1.6".into());
        }
        let profile = self.security_profile();
        let secure = self.csms.as_ref().map(|url| url.starts_with("wss:"));
        if profile < 2 && secure == Some(true) {
            return Err("--csms wss://… needs --security-profile 2 or 3".into());
        }
        if profile >= 2 && (secure == Some(false) || self.is_demo()) {
            return Err(format!("--security-profile {profile} needs --csms wss://…"));
        }
        if profile == 3 && self.cert.is_none() {
            return Err("--security-profile 3 needs --cert and --key".into());
        }
        if profile == 3 && self.password.is_some() {
            return Err("--password: --security-profile 3 has none".into());
        }
        if self.ca.is_some() && self.highest_security_profile() < 2 {
            return Err("--ca needs --security-profile 2 or 3".into());
        }
        if self.cert.is_some() && self.highest_security_profile() < 3 {
            return Err("--cert and --key need --security-profile 3".into());
        }
        // A00.FR.204
        if self.password.is_some() && self.id.contains(':') {
            return Err(format!("--id {}: with --password it must not have a colon", self.id));
        }
        Ok(())
    }
}

/// Says in one line what is wrong with the arguments, and ends the process.
pub fn refuse(error: &str) -> ! {
    eprintln!("station: {error} (see --help)");
    std::process::exit(BAD_ARGUMENTS)
}

/// Clap's report without usage and hints.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let body = text.split("\nUsage:").next().unwrap_or(&text);
    let body = body.split("\nFor more information").next().unwrap_or(body);
    let words: Vec<&str> = body.split_whitespace().collect();
    words.join(" ").trim_start_matches("error: ").to_string()
}

fn csms_url(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("ws://").or_else(|| url.strip_prefix("wss://"));
    match rest.map(|rest| rest.split('/').next().unwrap_or("")) {
        None => Err("it must begin with ws:// or wss://".into()),
        Some("") => Err("it has no host".into()),
        Some(_) if url.contains(['?', '#']) => Err("it must end with a path".into()),
        Some(_) => Ok(url.trim_end_matches('/').to_string()),
    }
}

fn text<const MAX: usize>(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err("it is empty".into()),
        n if n > MAX => Err(format!("it has more than {MAX} characters")),
        _ => Ok(text.to_string()),
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it is not KEY=VALUE")?;
    Ok((key.to_string(), value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, String> {
        let cli = Cli::try_parse_from([&["station"], arguments].concat()).map_err(|error| one_line(&error))?;
        cli.consistent().map(|()| cli)
    }

    #[test]
    fn the_declaration_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_given_is_the_demo() {
        let cli = parse(&[]).unwrap();
        assert_eq!((cli.evse, cli.connectors, cli.phases), (1, 1, 3));
        assert_eq!((cli.csms, cli.control), (None, Control::None));
    }

    #[test]
    fn errors_are_one_line_and_name_the_culprit() {
        for (arguments, culprit) in [
            (&["--ocpp", "1.5"][..], "1.5"),
            (&["--set", "ConnectionTimeOut"], "ConnectionTimeOut"),
            (&["--csms", "carrier-pigeon://loft"], "carrier-pigeon"),
            (&["--csms", "ws:///x"], "no host"),
            (&["--phases", "2"], "2"),
            (&["--evse", "0"], "0"),
            (&["--vendor", "a name of far too many characters"], "20"),
            (&["--cert", "a.pem"], "--key"),
            (&["--bogus"], "--bogus"),
            (&["--ocpp", "2.0.1"], "--csms"),
            (&["--csms", "wss://h/x"], "--security-profile 2 or 3"),
            (&["--csms", "wss://h/x", "--ocpp", "2.0.1"], "--security-profile 2 or 3"),
            (
                &["--csms", "wss://h/x", "--security-profile", "1"],
                "--security-profile 2 or 3",
            ),
            (&["--csms", "ws://h/x", "--security-profile", "2"], "wss://"),
            (&["--csms", "ws://h/x", "--security-profile", "3"], "wss://"),
            (&["--security-profile", "2"], "wss://"),
            (&["--security-profile", "4"], "4"),
            (&["--csms", "wss://h/x", "--security-profile", "3"], "--cert"),
            (
                &[
                    "--csms",
                    "wss://h/x",
                    "--security-profile",
                    "3",
                    "--cert",
                    "c",
                    "--key",
                    "k",
                    "--password",
                    "p",
                ],
                "--password",
            ),
            (&["--ca", "root.pem"], "--security-profile 2 or 3"),
            (
                &["--csms", "ws://h/x", "--security-profile", "1", "--ca", "root.pem"],
                "--security-profile 2 or 3",
            ),
            (
                &[
                    "--csms",
                    "wss://h/x",
                    "--security-profile",
                    "2",
                    "--cert",
                    "c",
                    "--key",
                    "k",
                ],
                "--security-profile 3",
            ),
            (&["--id", "CP:1", "--password", "p"], "colon"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(
                error.contains(culprit) && !error.contains('\n'),
                "{arguments:?}: {error}"
            );
        }
    }

    #[test]
    fn what_network_profiles_may_need_later_can_be_given() {
        let means = ["--csms", "ws://h/x", "--ca", "root.pem", "--cert", "c", "--key", "k"];
        for version in ["2.0.1", "both"] {
            let cli = parse(&[&means[..], &["--ocpp", version]].concat()).unwrap();
            assert_eq!(cli.security_profile(), 1);
        }
        assert!(parse(&means).is_err());
    }

    #[test]
    fn the_url_loses_its_last_slash() {
        assert_eq!(csms_url("ws://h:1/ocpp/").unwrap(), "ws://h:1/ocpp");
    }
}
