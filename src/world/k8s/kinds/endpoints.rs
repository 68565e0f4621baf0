//! Endpoints (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, first_three, items, or_none, text};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Endpoints,
    group: "",
    version: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    singular: "endpoints",
    short: &["ep"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "The addresses behind a Service (legacy form)",
    print: Some(&PRINT),
};

static PRINT: Print = Print { columns: &[column("Name"), column("Endpoints"), column("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in items(object.field("subsets")) {
        let addresses = || items(&subset["addresses"]).map(|address| text(&address["ip"]));
        if items(&subset["ports"]).len() == 0 {
            all.extend(addresses().map(str::to_string));
        }
        for port in items(&subset["ports"]) {
            all.extend(addresses().map(|ip| joined(ip, &port["port"])));
        }
    }
    let shown = first_three(&all);
    vec![object.meta.name.as_str().into(), or_none(&shown).into(), age(object.meta.created, now).into()]
}

/// Address and port, an IPv6 address in brackets.
fn joined(ip: &str, port: &Value) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}
