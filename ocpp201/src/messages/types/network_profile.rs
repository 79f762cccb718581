//! How to reach a CSMS.

use ocpp_core::wire::{Reader, SecretText, Text, Wire, WireError, Writer};
use ocpp_core::{message, wire_enum};

message! {
    /// How to reach a CSMS (B09).
    ///
    /// ```
    /// use ocpp_core::wire::{Reader, Wire};
    /// use ocpp201::messages::{NetworkConnectionProfile, OcppInterface};
    ///
    /// let json = r#"{"ocppVersion":"OCPP20","ocppTransport":"JSON","ocppCsmsUrl":"wss://csms.example.org/ocpp",
    ///     "messageTimeout":30,"securityProfile":2,"ocppInterface":"Wireless0"}"#;
    /// let profile = NetworkConnectionProfile::read(&mut Reader::new(json))?;
    /// assert_eq!(profile.ocpp_interface, OcppInterface::Wireless0);
    /// # Ok::<(), ocpp_core::wire::WireError>(())
    /// ```
    pub struct NetworkConnectionProfile<'a> {
        /// Version to speak; OCPP 2.0.1 is `OCPP20`.
        ocpp_version: OcppVersion = "ocppVersion",
        /// Encoding; 2.0.1 knows `JSON` only.
        ocpp_transport: OcppTransport = "ocppTransport",
        /// URL without the station's identity.
        ocpp_csms_url: Text<'a, 512> = "ocppCsmsUrl",
        /// Seconds to wait for a response; 30 suits most networks.
        message_timeout: i32 = "messageTimeout",
        /// 1 password, 2 password over TLS, 3 client certificate over TLS.
        security_profile: i32 = "securityProfile",
        /// Network interface to use.
        ocpp_interface: OcppInterface = "ocppInterface",
        /// Mobile access, if the interface needs it.
        apn: Option<Apn<'a>> = "apn",
        /// Virtual private network, if one is needed.
        vpn: Option<Vpn<'a>> = "vpn",
    }
}

wire_enum! {
    /// Versions of OCPP.
    pub enum OcppVersion {
        /// 1.2.
        Ocpp12 = "OCPP12",
        /// 1.5.
        Ocpp15 = "OCPP15",
        /// 1.6.
        Ocpp16 = "OCPP16",
        /// 2.0 and 2.0.1.
        Ocpp20 = "OCPP20",
    }
}

wire_enum! {
    /// Encodings of OCPP.
    pub enum OcppTransport {
        /// JSON over WebSocket.
        Json = "JSON",
        /// SOAP; not in 2.0.1.
        Soap = "SOAP",
    }
}

wire_enum! {
    /// Network interfaces of a station.
    pub enum OcppInterface {
        /// First wired one.
        Wired0 = "Wired0",
        /// Second wired one.
        Wired1 = "Wired1",
        /// Third wired one.
        Wired2 = "Wired2",
        /// Fourth wired one.
        Wired3 = "Wired3",
        /// First wireless one.
        Wireless0 = "Wireless0",
        /// Second wireless one.
        Wireless1 = "Wireless1",
        /// Third wireless one.
        Wireless2 = "Wireless2",
        /// Fourth wireless one.
        Wireless3 = "Wireless3",
    }
}

message! {
    /// Access to a mobile network.
    pub struct Apn<'a> {
        /// Name of the access point.
        apn: Text<'a, 512> = "apn",
        /// How to log in.
        apn_authentication: ApnAuthentication = "apnAuthentication",
        /// User to log in as.
        apn_user_name: Option<Text<'a, 20>> = "apnUserName",
        /// Password to log in with. Not shown in logs.
        apn_password: Option<SecretText<'a, 20>> = "apnPassword",
        /// PIN of the SIM card. Not shown in logs.
        sim_pin: Option<SimPin> = "simPin",
        /// Operator to prefer: country code and network code in one.
        preferred_network: Option<Text<'a, 6>> = "preferredNetwork",
        /// Whether to stay offline rather than use another operator; left out, no.
        use_only_preferred_network: Option<bool> = "useOnlyPreferredNetwork",
    }
}

wire_enum! {
    /// How to log in to a mobile network.
    pub enum ApnAuthentication {
        /// CHAP.
        Chap = "CHAP",
        /// Not at all.
        None = "NONE",
        /// PAP.
        Pap = "PAP",
        /// CHAP or PAP, whichever works.
        Auto = "AUTO",
    }
}

message! {
    /// Access to a virtual private network.
    pub struct Vpn<'a> {
        /// Its server.
        server: Text<'a, 512> = "server",
        /// User to log in as.
        user: Text<'a, 20> = "user",
        /// Group to log in as.
        group: Option<Text<'a, 20>> = "group",
        /// Password to log in with. Not shown in logs.
        password: SecretText<'a, 20> = "password",
        /// Shared secret. Not shown in logs.
        key: SecretText<'a, 255> = "key",
        /// Protocol.
        kind: VpnType = "type",
    }
}

wire_enum! {
    /// Protocols of virtual private networks.
    pub enum VpnType {
        /// IKEv2.
        IkeV2 = "IKEv2",
        /// IPsec.
        IpSec = "IPSec",
        /// L2TP.
        L2tp = "L2TP",
        /// PPTP.
        Pptp = "PPTP",
    }
}

/// PIN of a SIM card: a number that must not reach a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SimPin(pub i32);

impl<'f> Wire<'f> for SimPin {
    const EMPTY: Self = Self(0);

    fn fill(&mut self, r: &mut Reader<'f>) -> Result<(), WireError> {
        self.0.fill(r)
    }

    fn write(&self, w: &mut Writer<'_>) {
        self.0.write(w);
    }
}

impl core::fmt::Debug for SimPin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("…")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SimPin {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "…");
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SimPin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.0)
    }
}
