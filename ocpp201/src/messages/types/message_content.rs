//! Messages for drivers.

use ocpp_core::wire::{Open, Text};
use ocpp_core::{message, wire_enum};

message! {
    /// A message for drivers.
    ///
    /// ```
    /// use ocpp_core::wire::{Text, Wire, Writer};
    /// use ocpp201::messages::{MessageContent, MessageFormat};
    ///
    /// let message = MessageContent {
    ///     format: MessageFormat::Utf8.into(),
    ///     language: Text::new("en"),
    ///     content: Text::new("0.40 €/kWh").unwrap(),
    /// };
    /// let mut buffer = [0; 80];
    /// let mut w = Writer::new(&mut buffer);
    /// message.write(&mut w);
    /// assert_eq!(w.finish(), Ok(r#"{"format":"UTF8","language":"en","content":"0.40 €/kWh"}"#));
    /// ```
    pub struct MessageContent<'a> {
        /// How to read the content. Unknown ones are let through: in a response the rest still counts, in a request
        /// there is a status for it.
        format: Open<'a, MessageFormat> = "format",
        /// Language of the content (RFC 5646).
        language: Option<Text<'a, 8>> = "language",
        /// The text, or where it is.
        content: Text<'a, 512> = "content",
    }
}

wire_enum! {
    /// How to read a message.
    pub enum MessageFormat {
        /// ASCII text.
        Ascii = "ASCII",
        /// HTML.
        Html = "HTML",
        /// A URI from which to load it.
        Uri = "URI",
        /// UTF-8 text.
        Utf8 = "UTF8",
    }
}
