//! Token readers, each served by a future of its own.

use core::cell::Cell;

use heapless::Deque;
use ocpp_core::{EvseId, Token, TokenKind};

use super::Timer;
use super::ports::Ports;
use crate::token::{Identifier, IdentifierKind, TokenReader};

/// How long a reader is left alone after an error, in seconds.
const PAUSE: u32 = 5;

pub(super) struct TokenPort {
    news: Cell<Deque<News, 4>>,
}

/// What a reader has to say.
pub(super) struct News {
    /// Where it is; `None` if it serves the whole station.
    pub evse: Option<EvseId>,
    pub what: What,
}

pub(super) enum What {
    Presented(Identifier),
    /// It became faulty (true), or works again.
    Fault(bool),
}

impl TokenPort {
    pub(super) const fn new() -> Self {
        Self {
            news: Cell::new(Deque::new()),
        }
    }

    pub(super) fn take(&self) -> Option<News> {
        self.change(Deque::pop_front)
    }

    /// Whether there was room. Without it, whoever presented something will do so again.
    fn put(&self, evse: Option<EvseId>, what: What) -> bool {
        self.change(|news| news.push_back(News { evse, what }).is_ok())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Deque<News, 4>) -> T) -> T {
        let mut news = self.news.take();
        let result = change(&mut news);
        self.news.set(news);
        result
    }
}

impl Ports<'_> {
    /// Hands on what is presented to a reader, for ever. `evse` is where the reader is, `None` if it serves the whole
    /// station.
    pub async fn serve_reader<R: TokenReader, T: Timer>(&self, evse: Option<EvseId>, mut reader: R, timer: &T) -> ! {
        let mut faulty = false;
        loop {
            let read = reader.read().await;
            if faulty != read.is_err() && self.tokens.put(evse, What::Fault(!faulty)) {
                faulty = !faulty;
            }
            let failed = read.is_err();
            if let Ok(identifier) = read {
                self.tokens.put(evse, What::Presented(identifier));
            }
            self.news.notify();
            if failed {
                timer.wait_until(timer.now().plus_secs(PAUSE)).await;
            }
        }
    }
}

/// An identifier in the station's words.
pub(super) fn token(identifier: &Identifier) -> Option<Token> {
    let kind = match identifier.kind() {
        IdentifierKind::Iso14443 => TokenKind::Iso14443,
        IdentifierKind::Iso15693 => TokenKind::Iso15693,
        IdentifierKind::Issued => TokenKind::Central,
        IdentifierKind::Contract => TokenKind::EMaid,
        IdentifierKind::KeyCode => TokenKind::KeyCode,
        IdentifierKind::Local => TokenKind::Local,
        IdentifierKind::MacAddress => TokenKind::MacAddress,
        IdentifierKind::StartButton => TokenKind::NoAuthorization,
    };
    Token::new(identifier.as_str(), kind)
}
