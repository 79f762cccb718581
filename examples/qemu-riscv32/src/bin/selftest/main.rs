//! Tries the board out: commands over the serial line, one answer each. `README.md` lists them.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod net;
mod store;

use core::fmt;

use board::flash::Flash;
use board::{Board, println, stack};
use embassy_executor::Spawner;
use embassy_time::{Duration, Instant, Timer};
use evse_hal::{WallClock, Watchdog as _};
use net::Connection;
use store::Store;

/// How long the watchdog waits once `hang` has started it.
const PATIENCE: Duration = Duration::from_millis(200);

#[riscv_rt::entry]
fn main() -> ! {
    let board = Board::take();
    board::run(|spawner| spawner.spawn(control(spawner, board).expect("spawned once")))
}

/// Why a command has no answer.
enum Wrong {
    /// There is no such command, or its arguments are not understood.
    Command,
    Line(board::uart::BadLine),
    /// The stack has no end.
    Overflow(u32),
    Flash(board::flash::Error),
    Store(evse_hal::flash::FlashError<board::flash::Error>),
    Net(net::Error),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("unknown command or arguments"),
            Self::Line(bad) => bad.fmt(f),
            Self::Overflow(depth) => write!(f, "no overflow in {depth} calls"),
            Self::Flash(error) => write!(f, "flash: {error:?}"),
            Self::Store(error) => error.fmt(f),
            Self::Net(error) => error.fmt(f),
        }
    }
}

#[embassy_executor::task]
async fn control(spawner: Spawner, mut board: Board) -> ! {
    let (flash, mut chip) = board.flash.split_at(store::SIZE).expect("a border of pages");
    let mut store = Store::open(flash).await.expect("the flash holds nothing else");
    let starts = store.count_start().await.expect("room for a number");
    let mut seed = [0; 8];
    board.random.fill(&mut seed);
    let config = match board.options.text("address") {
        Some("dhcp") => embassy_net::Config::dhcpv4(Default::default()),
        _ => board::net::user_network(),
    };
    let mut connection = Connection::start(spawner, board.network, config, u64::from_le_bytes(seed));
    println!("ready starts={starts} ms={}", Instant::now().as_millis());
    loop {
        let line = match board.lines.next().await {
            Ok(line) => line,
            Err(bad) => {
                println!("error {}", Wrong::Line(bad));
                continue;
            }
        };
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let result = match command {
            "info" => info(),
            "option" => option(&board.options, rest),
            "time" => time(&mut board.rtc, rest),
            "entropy" => entropy(&mut board.random),
            "idle" => idle(rest).await,
            "hang" => hang(&mut board.watchdog),
            "panic" => panic!("as asked"),
            "overflow" => Err(Wrong::Overflow(overflow(0))),
            "reboot" => board::reset(),
            "exit" => rest.parse().map(|code| board::exit(code)).map_err(|_| Wrong::Command),
            "put" | "after" | "discard" | "set" | "value" => store.command(command, rest).await,
            "word" => word(&mut chip, rest).await,
            "erase" => erase(&mut chip, rest).await,
            "connect" | "echo" | "close" => connection.command(command, rest).await,
            _ => Err(Wrong::Command),
        };
        if let Err(wrong) = result {
            println!("error {wrong}");
        }
    }
}

fn info() -> Result<(), Wrong> {
    let map = stack::Map::new();
    println!(
        "info image={} data={} bss={} stack={} stack_used={} operations={}",
        map.image,
        map.data,
        map.bss,
        map.stack,
        stack::high_water(),
        board::flash::operations(),
    );
    Ok(())
}

fn option(options: &board::Options, name: &str) -> Result<(), Wrong> {
    println!("option {:?}", options.text(name));
    Ok(())
}

fn time(rtc: &mut board::Rtc, to: &str) -> Result<(), Wrong> {
    if !to.is_empty() {
        let Ok(()) = rtc.set(to.parse().map_err(|_| Wrong::Command)?);
    }
    let Ok(now) = rtc.now();
    println!("time {}", now.unwrap_or(-1));
    Ok(())
}

fn entropy(random: &mut board::Random) -> Result<(), Wrong> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    println!("entropy {:032x}", u128::from_be_bytes(bytes));
    Ok(())
}

/// What the processor does in so many milliseconds in which there is nothing to do.
async fn idle(millis: &str) -> Result<(), Wrong> {
    let time = Duration::from_millis(millis.parse().map_err(|_| Wrong::Command)?);
    let before = board::load();
    let since = Instant::now();
    Timer::after(time).await;
    let after = board::load();
    println!(
        "idle us={} asleep_us={} wake_ups={}",
        since.elapsed().as_micros(),
        (after.asleep - before.asleep).as_micros(),
        after.wake_ups.wrapping_sub(before.wake_ups),
    );
    Ok(())
}

/// Feeds the watchdog for a while, and then no more.
fn hang(watchdog: &mut board::Watchdog) -> Result<(), Wrong> {
    watchdog.start(PATIENCE);
    let since = Instant::now();
    while since.elapsed() < 2 * PATIENCE {
        watchdog.feed();
    }
    println!("hang after_ms={}", since.elapsed().as_millis());
    loop {
        core::hint::spin_loop();
    }
}

/// Needs more stack than there is.
#[allow(unconditional_recursion)]
fn overflow(depth: u32) -> u32 {
    let frame = core::hint::black_box([depth; 64]);
    overflow(depth.wrapping_add(1)).wrapping_add(frame[0])
}

async fn word(chip: &mut Flash, arguments: &str) -> Result<(), Wrong> {
    use embedded_storage_async::nor_flash::{NorFlash, ReadNorFlash};
    let (offset, value) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let offset = offset.parse().map_err(|_| Wrong::Command)?;
    if !value.is_empty() {
        let value = u32::from_str_radix(value, 16).map_err(|_| Wrong::Command)?;
        chip.write(offset, &value.to_le_bytes()).await.map_err(Wrong::Flash)?;
    }
    let mut bytes = [0; 4];
    chip.read(offset, &mut bytes).await.map_err(Wrong::Flash)?;
    println!("word {:08x}", u32::from_le_bytes(bytes));
    Ok(())
}

async fn erase(chip: &mut Flash, offset: &str) -> Result<(), Wrong> {
    use embedded_storage_async::nor_flash::NorFlash;
    let offset: u32 = offset.parse().map_err(|_| Wrong::Command)?;
    let before = board::flash::operations();
    let since = Instant::now();
    let end = offset.saturating_add(board::flash::PAGE);
    chip.erase(offset, end).await.map_err(Wrong::Flash)?;
    println!(
        "erase us={} operations={}",
        since.elapsed().as_micros(),
        board::flash::operations().wrapping_sub(before)
    );
    Ok(())
}
