//! The law of additivity and determinism, as properties over synthetic worlds: however a run is cut into advances, and
//! however often the world is cloned on the way, the same world comes out.

use crate::physics::{cluster, create, deployment, run};
use proptest::prelude::*;
use serde_json::json;
use whodunit::stdx::time::Span;
use whodunit::world::World;
use whodunit::world::k8s::kinds::KINDS;
use whodunit::world::k8s::kubelet::image::Image;

/// A world where much goes on: a crash loop, a missing image, a rollout that is stuck, a Service.
fn busy(seed: u64) -> World {
    let mut world = cluster(seed);
    world.apps.scripted = true;
    world.k8s.registry().set("nginx:typo", Image::Missing);
    create(&mut world, &deployment("web", 3));
    let mut typo = deployment("typo", 2);
    typo["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:typo".into();
    create(&mut world, &typo);
    for (name, rule) in [("crash", "after=2s;exit=1"), ("live", "probe.liveness=okuntil:10s")] {
        let probe = json!({"httpGet": {"path": "/", "port": 80}, "periodSeconds": 3});
        create(
            &mut world,
            &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop",
            "annotations": {"oracle/app": rule}},
            "spec": {"containers": [{"name": "app", "image": "busybox:1.36", "livenessProbe": probe}]}}),
        );
    }
    create(
        &mut world,
        &json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    );
    world
}

/// Everything the store holds, versions included.
fn dump(world: &World) -> String {
    let mut out = format!("{} {}\n", world.now, world.k8s.store.version());
    for row in KINDS {
        for object in world.k8s.store.list(row.id, None) {
            out.push_str(&object.to_json().to_string());
            out.push('\n');
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn advances_add_up(seed in 0_u64..1_000, cuts in prop::collection::vec(0_i64..400_000, 0..12)) {
        let start = busy(seed);
        let end = start.now + Span::secs(400);
        let mut whole = start.clone();
        whole.advance_to(end);
        let mut parts = start.clone();
        let mut cuts = cuts;
        cuts.sort_unstable();
        for cut in cuts {
            parts.advance_to(start.now + Span::millis(cut));
            // A clone goes on exactly as its original would.
            parts = parts.clone();
        }
        parts.advance_to(end);
        prop_assert_eq!(dump(&whole), dump(&parts));
    }
}

#[test]
fn the_same_seed_is_the_same_world_and_another_is_not() {
    let play = |seed| {
        let mut world = busy(seed);
        run(&mut world, 300);
        dump(&world)
    };
    assert_eq!(play(5), play(5));
    assert_ne!(play(5), play(6));
}

#[test]
fn a_clone_does_not_disturb_its_original() {
    let mut world = busy(9);
    run(&mut world, 20);
    let before = dump(&world);
    let mut other = world.clone();
    run(&mut other, 200);
    assert_eq!(dump(&world), before);
    assert_ne!(dump(&other), before);
}
