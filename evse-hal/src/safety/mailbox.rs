//! Where station and guard meet if they run on two cores, or at two priorities of one.
//!
//! A mailbox holds the last message. Who writes never waits and never fails; who reads gets a whole message, or is told
//! that there is nothing new. There are two places: while one is read the next message goes to the other, so that neither
//! side can be stopped by the other one being interrupted. It needs loads and stores of 32 bits, which every processor has,
//! and neither a critical section nor compare-and-swap.

use core::marker::PhantomData;
use core::sync::atomic::{AtomicU32, Ordering, fence};

use super::guard::{Guarded, sealed::Exchange};
use super::message::{Message, Report, Request, WORDS};

/// Tries to read before it is left for the next time.
const TRIES: usize = 4;

/// Holds the last message.
#[derive(Debug)]
struct Mailbox<M> {
    /// Counts the messages. The last one is in the place of the same parity.
    count: AtomicU32,
    places: [[AtomicU32; WORDS]; 2],
    kind: PhantomData<fn(M) -> M>,
}

impl<M: Message> Mailbox<M> {
    const fn new() -> Self {
        Self {
            count: AtomicU32::new(0),
            places: [const { [const { AtomicU32::new(0) }; WORDS] }; 2],
            kind: PhantomData,
        }
    }

    fn place(&self, count: u32) -> &[AtomicU32; WORDS] {
        let [even, odd] = &self.places;
        if count & 1 == 0 { even } else { odd }
    }

    /// Only one side ever calls this.
    fn put(&self, message: M) {
        let count = self.count.load(Ordering::Relaxed).wrapping_add(1);
        // Whoever sees one of the words below also sees that the message before last is gone.
        fence(Ordering::Release);
        for (place, word) in self.place(count).iter().zip(message.to_words()) {
            place.store(word, Ordering::Relaxed);
        }
        self.count.store(count, Ordering::Release);
    }

    /// The last message and its number, if it is another one than that. `interrupt` may happen after each word.
    fn take(&self, known: u32, mut interrupt: impl FnMut()) -> Option<(u32, M)> {
        for _ in 0..TRIES {
            let count = self.count.load(Ordering::Acquire);
            if count == known {
                return None;
            }
            let mut words = [0; WORDS];
            for (word, place) in words.iter_mut().zip(self.place(count)) {
                *word = place.load(Ordering::Relaxed);
                interrupt();
            }
            fence(Ordering::Acquire);
            if self.count.load(Ordering::Relaxed) == count {
                return Some((count, M::from_words(words)));
            }
        }
        None
    }
}

/// Two mailboxes, one for each direction.
///
/// ```
/// use evse_hal::safety::{Channel, Report, Request};
///
/// let mut channel = Channel::new();
/// let (mut station, mut safety) = channel.split();
/// station.send(Request { permit: true, ..Request::NONE });
/// assert!(safety.receive().unwrap().permit);
/// assert_eq!(safety.receive(), None, "nothing new");
/// safety.send(Report { closed: false, ..Report::UNKNOWN });
/// assert!(!station.receive().unwrap().closed);
/// ```
#[derive(Debug)]
pub struct Channel {
    requests: Mailbox<Request>,
    reports: Mailbox<Report>,
}

impl Channel {
    /// Empty; a constant, so that it may be the value of a static.
    pub const fn new() -> Self {
        Self {
            requests: Mailbox::new(),
            reports: Mailbox::new(),
        }
    }

    /// The two ends, one for each core. Messages from before are forgotten.
    pub fn split(&mut self) -> (StationSide<'_>, SafetySide<'_>) {
        *self = Self::new();
        let station = StationSide {
            channel: self,
            known: 0,
            last: None,
        };
        let safety = SafetySide {
            channel: self,
            known: 0,
        };
        (station, safety)
    }
}

impl Default for Channel {
    fn default() -> Self {
        Self::new()
    }
}

/// The station's end of a [`Channel`].
#[derive(Debug)]
pub struct StationSide<'c> {
    channel: &'c Channel,
    known: u32,
    last: Option<Report>,
}

impl StationSide<'_> {
    /// Says what is wanted. Also the heartbeat: send at least once a second, whether or not anything has changed.
    pub fn send(&mut self, request: Request) {
        self.channel.requests.put(request);
    }

    /// The last report, if it is a new one.
    pub fn receive(&mut self) -> Option<Report> {
        let (count, report) = self.channel.reports.take(self.known, || ())?;
        self.known = count;
        self.last = Some(report);
        Some(report)
    }
}

impl Guarded for StationSide<'_> {}

impl Exchange for StationSide<'_> {
    fn exchange(&mut self, _now: u64, request: Request) -> Option<Report> {
        self.send(request);
        self.receive().or(self.last)
    }

    fn has_moved(&self) -> bool {
        false
    }

    fn deadline(&self) -> Option<u64> {
        None
    }
}

/// The guard's end of a [`Channel`].
#[derive(Debug)]
pub struct SafetySide<'c> {
    channel: &'c Channel,
    known: u32,
}

impl SafetySide<'_> {
    /// Says how the connector is.
    pub fn send(&mut self, report: Report) {
        self.channel.reports.put(report);
    }

    /// The last request, if it is a new one.
    pub fn receive(&mut self) -> Option<Request> {
        let (count, request) = self.channel.requests.take(self.known, || ())?;
        self.known = count;
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_counts() {
        let mut channel = Channel::new();
        let (mut station, mut safety) = channel.split();
        assert_eq!(safety.receive(), None);
        for limit in 0..5 {
            station.send(Request {
                limit: Some(limit),
                ..Request::NONE
            });
        }
        assert_eq!(safety.receive().unwrap().limit, Some(4));
        assert_eq!(safety.receive(), None);
    }

    #[test]
    fn a_station_that_reads_nothing_new_has_the_last_report() {
        let mut channel = Channel::new();
        let (mut station, mut safety) = channel.split();
        assert_eq!(station.exchange(0, Request::NONE), None);
        let report = Report {
            departures: 7,
            ..Report::UNKNOWN
        };
        safety.send(report);
        assert_eq!(station.exchange(0, Request::NONE), Some(report));
        assert_eq!(station.exchange(0, Request::NONE), Some(report));
    }

    #[test]
    fn what_was_said_before_a_split_is_forgotten() {
        let mut channel = Channel::new();
        channel.split().0.send(Request::NONE);
        assert_eq!(channel.split().1.receive(), None);
    }

    fn whole(n: u32) -> Request {
        Request {
            permit: n & 1 != 0,
            limit: Some(n),
            lock_number: n as u8,
            acknowledged: (n >> 8) as u8,
            halt: n & 2 != 0,
            ..Request::NONE
        }
    }

    #[test]
    fn whoever_is_interrupted_while_reading_reads_again() {
        for writes in 1..4 {
            let mailbox = Mailbox::new();
            mailbox.put(whole(1));
            let mut n = 1;
            let (_, read) = mailbox
                .take(0, || {
                    // An interrupt, in the middle of the first try only.
                    for _ in 0..if n == 1 { writes } else { 0 } {
                        n += 1;
                        mailbox.put(whole(n));
                    }
                })
                .unwrap();
            assert_eq!(read, whole(1 + writes));
        }
    }

    #[test]
    fn whoever_is_interrupted_all_the_time_reads_nothing_rather_than_something_torn() {
        let mailbox = Mailbox::new();
        mailbox.put(whole(1));
        let mut n = 1;
        let read = mailbox.take(0, || {
            n += 1;
            mailbox.put(whole(n));
        });
        assert_eq!(read, None);
        assert_eq!(mailbox.take(0, || ()).unwrap().1, whole(n));
    }

    /// Two threads: whatever is read was written as one, and numbers only grow.
    #[test]
    fn no_message_is_torn() {
        const LAST: u32 = 200_000;
        let mut channel = Channel::new();
        let (mut station, mut safety) = channel.split();
        std::thread::scope(|threads| {
            threads.spawn(move || (0..=LAST).for_each(|n| station.send(whole(n))));
            let mut before = None;
            while before != Some(LAST) {
                if let Some(request) = safety.receive() {
                    assert_eq!(request, whole(request.limit.unwrap()));
                    assert!(request.limit > before);
                    before = request.limit;
                }
            }
        });
    }
}
