//! Scratch (not kept).
use whodunit::scenario::{self, Depth};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let seed: u64 = args[2].parse().unwrap();
    let pack = if args[1] == "template" {
        let f = scenario::new("a-case").unwrap();
        scenario::Pack::new("a-case", "a-case", f.into_iter().map(|(p, t)| (p, t.into_bytes())))
    } else {
        scenario::find(&args[1]).unwrap()
    };
    let t = std::time::Instant::now();
    let r = scenario::check(&pack, seed, Depth::Live);
    println!("{}\n{:?} in {:?}", scenario::render(&r.problems), r.proven, t.elapsed());
}
