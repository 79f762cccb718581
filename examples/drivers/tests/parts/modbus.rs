//! Whatever is not the right answer is an error, and the next request works.

use crate::clock::Clock;
use crate::line::{Burst, Line, frame};
use drivers::modbus::{Modbus, ModbusError};
use embedded_io_async::ErrorKind;
use proptest::prelude::*;

/// The example of Eastron's manual: 230.2.
const REQUEST: [u8; 8] = [0x01, 0x04, 0x01, 0x56, 0x00, 0x02, 0x90, 0x27];
const ANSWER: [u8; 9] = [0x01, 0x04, 0x04, 0x43, 0x66, 0x33, 0x34, 0x1b, 0x38];
const VALUE: [u8; 4] = [0x43, 0x66, 0x33, 0x34];

struct Bench {
    clock: Clock,
    line: Line,
    bus: Modbus<Line, Clock>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::default();
        let line = Line::new(&clock);
        Self {
            bus: Modbus::new(line.clone(), clock.clone()),
            clock,
            line,
        }
    }

    fn read(&mut self) -> Result<[u8; 4], ModbusError> {
        let mut registers = [0; 4];
        let done = self.clock.run(self.bus.read_input(1, 0x156, &mut registers));
        assert!(done.is_ok() || registers == [0; 4], "untouched after an error");
        done.map(|()| registers)
    }

    /// The request, answered like this.
    fn answered(&mut self, answer: impl IntoIterator<Item = Burst>) -> Result<[u8; 4], ModbusError> {
        self.line.expect(&REQUEST, answer);
        self.read()
    }

    fn works_again(mut self) {
        assert_eq!(self.answered([(20_000, ANSWER.to_vec())]), Ok(VALUE));
        self.line.finish();
    }
}

fn after(answer: &[u8]) -> (Bench, Result<[u8; 4], ModbusError>) {
    let mut bench = Bench::new();
    let result = bench.answered([(20_000, answer.to_vec())]);
    (bench, result)
}

#[test]
fn example_of_the_manual() {
    Bench::new().works_again();
}

#[test]
fn answer_in_pieces() {
    let mut bench = Bench::new();
    bench.line.step(1);
    let bytes = ANSWER.iter().enumerate();
    let pieces = bytes.map(|(index, &byte)| (20_000 + index as u64 * 1_000, vec![byte]));
    assert_eq!(bench.answered(pieces), Ok(VALUE));
}

#[test]
fn wrong_check_sum() {
    let mut answer = ANSWER;
    answer[8] ^= 1;
    let (bench, result) = after(&answer);
    assert_eq!(result, Err(ModbusError::Garbled));
    bench.works_again();
}

#[test]
fn wrong_unit() {
    let (bench, result) = after(&frame(&[2, 4, 4, 0x43, 0x66, 0x33, 0x34]));
    assert_eq!(result, Err(ModbusError::Garbled));
    bench.works_again();
}

#[test]
fn wrong_function() {
    let (bench, result) = after(&frame(&[1, 3, 4, 0x43, 0x66, 0x33, 0x34]));
    assert_eq!(result, Err(ModbusError::Garbled));
    bench.works_again();
}

#[test]
fn wrong_length() {
    let lies = [1, 4, 6, 0x43, 0x66, 0x33, 0x34];
    for body in [
        &[1, 4, 2, 0x43, 0x66][..],
        &[1, 4, 6, 0x43, 0x66, 0x33, 0x34, 0, 0],
        &lies,
    ] {
        let (bench, result) = after(&frame(body));
        assert_eq!(result, Err(ModbusError::Garbled));
        bench.works_again();
    }
}

#[test]
fn truncated() {
    for length in 1..ANSWER.len() {
        let (bench, result) = after(&ANSWER[..length]);
        assert_eq!(result, Err(ModbusError::Garbled), "{length}");
        bench.works_again();
    }
}

#[test]
fn silence() {
    let (bench, result) = after(&[]);
    assert_eq!(result, Err(ModbusError::Silence));
    assert_eq!(bench.clock.now(), 4_100 + 300_000);
    bench.works_again();
}

#[test]
fn exception() {
    let (bench, result) = after(&frame(&[1, 0x84, 2]));
    assert_eq!(result, Err(ModbusError::Exception(2)));
    bench.works_again();
}

#[test]
fn exception_with_a_wrong_check_sum() {
    let (bench, result) = after(&[1, 0x84, 2, 0, 0]);
    assert_eq!(result, Err(ModbusError::Garbled));
    bench.works_again();
}

#[test]
fn noise_before_the_answer_is_skipped() {
    for noise in [&[0x00][..], &[0xff, 0x01], &[1, 4], &[1, 4, 4], &REQUEST] {
        let (bench, result) = after(&[noise, &ANSWER].concat());
        assert_eq!(result, Ok(VALUE), "{noise:?}");
        bench.works_again();
    }
}

#[test]
fn what_came_before_the_request_is_thrown_away() {
    let bench = Bench::new();
    let stale = frame(&[1, 4, 4, 9, 9, 9, 9]);
    bench.line.noise(0, &stale);
    bench.line.noise(4_000, &stale);
    bench.works_again();
}

#[test]
fn late_answer_is_thrown_away() {
    let mut bench = Bench::new();
    let late = frame(&[1, 4, 4, 9, 9, 9, 9]);
    // It arrives when the next request waits for a quiet line.
    assert_eq!(bench.answered([(302_000, late)]), Err(ModbusError::Silence));
    bench.works_again();
}

#[test]
fn line_that_is_never_quiet() {
    let mut bench = Bench::new();
    for millisecond in 0..1_000 {
        bench.line.noise(millisecond * 1_000, &[0x55]);
    }
    assert_eq!(bench.read(), Err(ModbusError::Garbled));
    assert!(bench.clock.now() < 300_000, "given up in time");
}

#[test]
fn endless_answer() {
    let (bench, result) = after(&[0x55; 400]);
    assert_eq!(result, Err(ModbusError::Garbled));
    bench.works_again();
}

#[test]
fn port_fails() {
    let mut bench = Bench::new();
    bench.line.breaks(Some(ErrorKind::Other));
    assert_eq!(bench.read(), Err(ModbusError::Port(ErrorKind::Other)));
    bench.line.breaks(None);
    bench.line.breaks_at_the_next_request(ErrorKind::InvalidData);
    assert_eq!(bench.answered([]), Err(ModbusError::Port(ErrorKind::InvalidData)));
    bench.line.breaks(None);
    bench.works_again();
}

#[test]
fn port_does_not_send() {
    let mut bench = Bench::new();
    bench.line.sticks();
    assert_eq!(bench.read(), Err(ModbusError::Stuck));
}

#[test]
fn request_given_up_half_way() {
    let mut bench = Bench::new();
    bench.line.expect(
        &REQUEST,
        [(20_000, ANSWER[..3].to_vec()), (25_000, ANSWER[3..].to_vec())],
    );
    let mut registers = [0; 4];
    let given_up = bench
        .clock
        .run_until(26_000, bench.bus.read_input(1, 0x156, &mut registers));
    assert_eq!(given_up, None);
    bench.works_again();
}

#[test]
fn what_cannot_be_asked() {
    let mut bench = Bench::new();
    for length in [0, 3, 252, 256] {
        let mut registers = vec![0; length];
        let done = bench.clock.run(bench.bus.read_input(1, 0, &mut registers));
        assert_eq!(done, Err(ModbusError::Request), "{length}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_answer(bytes: Vec<u8>, more in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bench = Bench::new();
        bench.line.noise(0, &bytes);
        prop_assert!(bench.answered([(10_000, more)]).is_err());
        bench.works_again();
    }

    /// A sum of 16 bits finds up to three wrong bits wherever they are.
    #[test]
    fn damaged_answer_is_none(bits in proptest::collection::hash_set(0usize..72, 1..=3)) {
        let mut answer = ANSWER;
        for bit in bits {
            answer[bit / 8] ^= 1 << (bit % 8);
        }
        let (bench, result) = after(&answer);
        prop_assert!(result.is_err());
        bench.works_again();
    }
}
