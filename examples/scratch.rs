//! Scratch (not kept).
use whodunit::scenario;
use whodunit::world::k8s::kinds::Kind;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pack = scenario::find(&args[1]).unwrap();
    let seed: u64 = args[3].parse().unwrap();
    let t = std::time::Instant::now();
    let (case, mut stage) =
        scenario::cast(&pack, &args[2], seed).unwrap_or_else(|p| panic!("{}", scenario::render(&p)));
    println!("cast in {:?}; now {} refused {:?}", t.elapsed(), stage.world.now, stage.refused);
    for pod in stage.world.k8s.store.list(Kind::Pod, Some("shop")) {
        println!("{} created {} {}", pod.meta.name, pod.meta.created, pod.status["containerStatuses"]);
    }
    println!("{}", case.drill.page);
    println!("{:?}", case.roles);
    println!(
        "ind {:?}",
        whodunit::world::signals::metrics::indicator_at(&stage.world, &case.indicator.name, stage.world.now)
    );
    for line in &args[4..] {
        let line = if let Some(w) = line.strip_prefix("wait ") {
            let s = whodunit::stdx::time::Span::parse(w).unwrap();
            let u = stage.world.now + s;
            stage.advance_to(u);
            continue;
        } else {
            scenario::roles::expand_line(line, &case, &stage.world)
        };
        let out = scenario::check::live::run(&mut stage, &line);
        println!("$ {line}   [{}]", out.code);
        for l in &out.lines {
            println!("{}", l.text);
            if std::env::var("FACTS").is_ok() {
                for m in &l.marks {
                    println!("        {:?}", m.fact);
                }
            }
        }
    }
}
