//! Times `ruff_python_parser` for tools/parsebench.
//!
//! The argument names a file with one path a line. All files are read first; then each line of standard input is a
//! number of threads, and the answer is one line: wall time and processor time in nanoseconds of parsing every file
//! once, and the number of files that have a syntax error. Each tree is dropped as soon as it is built.

use mimalloc::MiMalloc;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The allocator of the system is slower here; Ruff itself does not use it either.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    let list = std::env::args().nth(1).expect("usage: parsebench-ruff LIST");
    let list = std::fs::read_to_string(&list).expect("read the list of files");
    let sources: Vec<String> = list
        .lines()
        .map(|path| std::fs::read_to_string(path).expect("read a source"))
        .collect();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let threads: usize = line.expect("read a line").trim().parse().expect("a number of threads");
        let cpu = processor_nanoseconds();
        let wall = Instant::now();
        let errors = parse_all(&sources, threads);
        let wall = wall.elapsed().as_nanos();
        println!("{} {} {}", wall, processor_nanoseconds() - cpu, errors);
        std::io::stdout().flush().expect("flush");
    }
}

/// Parses every source once and returns how many have a syntax error.
fn parse_all(sources: &[String], threads: usize) -> usize {
    let next = AtomicUsize::new(0);
    let errors = AtomicUsize::new(0);
    let work = || {
        loop {
            let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            if std::hint::black_box(ruff_python_parser::parse_module(source)).is_err() {
                errors.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    errors.into_inner()
}

/// Processor time of all threads of this process.
fn processor_nanoseconds() -> u128 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec that lives over the call.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as u128 * 1_000_000_000 + time.tv_nsec as u128
}
