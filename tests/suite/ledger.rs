//! The shop's books: programs that publish, poll and write.

use std::sync::Arc;
use whodunit::scenario::cast::{self, Telling};
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, Pack};
use whodunit::stdx::time::{Span, Time};

/// The queues and the topic of the estate, as its code would make them.
const ACCOUNT: &str = r#"
account = "123456789012"
region = "ap-northeast-2"
[resources."aws_sqs_queue.shipping_orders"]
name = "shipping-orders"
visibility_timeout_seconds = 30
[resources."aws_sqs_queue.accounting_orders"]
name = "accounting-orders"
visibility_timeout_seconds = 30
[resources."aws_sqs_queue.receipts"]
name = "receipts"
[resources."aws_sqs_queue.stock_moves"]
name = "stock-moves.fifo"
fifo_queue = true
"#;

/// A quiet day in the cloud estate: the template's case without its fault, with skin entries of our own.
pub fn stage(seed: u64, skin: &str, account: Option<&str>) -> Stage {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/template/scenario.toml");
    let text = std::fs::read_to_string(root).expect("the template");
    let text = text.replace("estate = \"scoopline\"", "estate = \"scoopline-cloud\"");
    let text = text.replace("[skin]", &format!("[skin]\n{skin}"));
    let mut pack = Pack::new("a-day", "a-day", [("scenario.toml".to_string(), text.into_bytes())]);
    if let Some(account) = account {
        let files = Arc::make_mut(pack.estates.get_mut("scoopline-cloud").expect("the estate"));
        files.insert("account.toml".into(), Arc::from(account.as_bytes()));
    }
    let file = scenario::file::read(&pack).expect("a readable case");
    let drawn = scenario::file::draw(&pack, &file, &file.variants[0], seed);
    let drawn = drawn.unwrap_or_else(|problems| panic!("{problems:#?}"));
    cast::stage(&drawn, seed, Telling::Healthy).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn told_directly_every_order_is_shipped_and_booked_once() {
    let stage = stage(1, "notify_mode = { pick = [\"http\"] }", Some(ACCOUNT));
    let world = &stage.world;
    let from = world.now - Span::hours(1);
    let orders: Vec<_> = world.ledger.orders(from, world.now - Span::mins(2)).collect();
    assert!(orders.len() > 100, "{}", orders.len());
    for order in &orders {
        for table in ["shipments", "bookings", "captures", "moves", "receipts"] {
            assert_eq!(world.ledger.slot(table, order.number).rows, 1, "{} in {table}", order.name());
        }
    }
    let _ = Time(0);
}
