//! The cluster's behaviour as a client sees it: scheduling, rollouts, endpoints, configuration errors, deletion and
//! garbage, the decay of events. Texts are those of the recorded control plane.

use serde_json::{Value, json};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::k8s;
use whodunit::world::k8s::api::{Accept, Body, PatchKind, Query, Request, Verb, handle};
use whodunit::world::k8s::kinds::{Kind, by_kind};
use whodunit::world::k8s::kubelet::image::Image;
use whodunit::world::k8s::object::Object;

/// Three nodes of 4 cores and 8Gi in three zones, and the namespace `shop`, half a minute old.
pub fn cluster(seed: u64) -> World {
    let mut world = World::new(seed, Time::parse("2026-03-02T01:00:00Z").unwrap());
    for n in 1..=3 {
        let labels =
            json!({"topology.kubernetes.io/zone": format!("zone-{n}"), "topology.kubernetes.io/region": "sim"});
        create(
            &mut world,
            &json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{n}"), "labels": labels}}),
        );
    }
    create(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    run(&mut world, 30);
    world
}

pub fn run(world: &mut World, seconds: i64) {
    let until = world.now + Span::secs(seconds);
    world.advance_to(until);
}

fn request(verb: Verb, kind: &Value, name: Option<&str>, body: Option<Value>) -> Request {
    let row = by_kind(kind["apiVersion"].as_str().unwrap(), kind["kind"].as_str().unwrap()).unwrap();
    let namespace = kind["metadata"]["namespace"].as_str().unwrap_or("shop");
    Request {
        verb,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: row.namespaced.then(|| namespace.to_string()),
        name: name.map(str::to_string),
        subresource: None,
        query: Query::default(),
        accept: Accept::Json,
        body,
        user: "author".into(),
        agent: "test".into(),
    }
}

pub fn create(world: &mut World, value: &Value) {
    let response = handle(world, &request(Verb::Create, value, None, Some(value.clone())));
    assert!(response.code < 300, "{:?} for {value}", response.body);
}

fn patch(world: &mut World, kind: &Value, name: &str, body: Value) {
    let response = handle(world, &request(Verb::Patch(PatchKind::Strategic), kind, Some(name), Some(body)));
    assert!(response.code < 300, "{:?}", response.body);
}

pub fn delete(world: &mut World, kind: &Value, name: &str, body: Value) {
    let response = handle(world, &request(Verb::Delete, kind, Some(name), Some(body)));
    assert!(response.code < 300, "{:?}", response.body);
}

fn deployment_kind() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment"})
}

fn pod_kind() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod"})
}

/// A Deployment of nginx with its label `app`.
pub fn deployment(name: &str, replicas: i64) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": {
        "replicas": replicas, "minReadySeconds": 2, "progressDeadlineSeconds": 20,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [
            {"name": "app", "image": "nginx:1.27", "ports": [{"name": "http", "containerPort": 80}]}]}}}})
}

fn pod(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    if spec.get("containers").is_none() {
        spec["containers"] = json!([{"name": "app", "image": "nginx:1.27"}]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
}

fn get<'a>(world: &'a World, kind: Kind, name: &str) -> &'a Object {
    world.k8s.store.get(kind, "shop", name).unwrap_or_else(|| panic!("no {kind:?} {name}"))
}

fn pods(world: &World) -> Vec<&Object> {
    world.k8s.store.list(Kind::Pod, Some("shop")).map(|pod| &**pod).collect()
}

/// Messages of the events about an object, in the order of their first time.
fn events(world: &World, about: &str) -> Vec<String> {
    let all = world.k8s.store.list(Kind::Event, Some("shop"));
    let mut found: Vec<(String, String)> = all
        .filter(|event| event.field("involvedObject")["name"] == about)
        .map(|event| (event.meta.name.clone(), event.field("message").as_str().unwrap().to_string()))
        .collect();
    found.sort();
    found.into_iter().map(|(_, message)| message).collect()
}

fn condition<'a>(object: &'a Object, kind: &str) -> &'a Value {
    object.status["conditions"].as_array().unwrap().iter().find(|c| c["type"] == kind).unwrap()
}

#[test]
fn rolling_update_moves_one_by_one() {
    let mut world = cluster(1);
    create(&mut world, &deployment("web", 4));
    run(&mut world, 20);
    let web = get(&world, Kind::Deployment, "web");
    assert_eq!(web.status["availableReplicas"], 4, "{}", web.status);
    assert_eq!(condition(web, "Progressing")["reason"], "NewReplicaSetAvailable");
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "nginx:1.28"}]}}}});
    patch(&mut world, &deployment_kind(), "web", image);
    for _ in 0..60 {
        run(&mut world, 1);
        let available = get(&world, Kind::Deployment, "web").status["availableReplicas"].as_i64().unwrap_or(0);
        let living = pods(&world).iter().filter(|pod| pod.meta.deleted.is_none()).count();
        assert!(available >= 3 && living <= 5, "a quarter of four may be missing, and one may be too many");
    }
    let web = get(&world, Kind::Deployment, "web");
    assert_eq!(web.meta.annotations["deployment.kubernetes.io/revision"], "2");
    assert_eq!(web.status["updatedReplicas"], 4);
    assert_eq!(web.status["replicas"], 4, "{}", web.status);
    let told = events(&world, "web");
    let steps: Vec<String> = told
        .iter()
        .map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            format!("{} {} {}", words[1], words[words.len() - 3], words[words.len() - 1])
        })
        .collect();
    // As recorded for four replicas with 25 % surge and 25 % unavailable; later steps depend on which pods become
    // available together.
    assert_eq!(steps[0..4], ["up 0 4", "up 0 1", "down 4 3", "up 1 2"], "{told:?}");
    assert!(steps.iter().any(|step| step.starts_with("down") && step.ends_with(" 0")), "{told:?}");
    let sets: Vec<i64> =
        world.k8s.store.list(Kind::ReplicaSet, Some("shop")).map(|s| s.spec["replicas"].as_i64().unwrap()).collect();
    assert_eq!(sets.iter().sum::<i64>(), 4);
}

#[test]
fn a_bad_image_stops_a_rollout_at_its_deadline() {
    let mut world = cluster(2);
    world.k8s.registry().set("nginx:typo", Image::Missing);
    create(&mut world, &deployment("web", 4));
    run(&mut world, 20);
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "nginx:typo"}]}}}});
    patch(&mut world, &deployment_kind(), "web", image);
    run(&mut world, 60);
    let web = get(&world, Kind::Deployment, "web");
    let progress = condition(web, "Progressing");
    assert_eq!(progress["reason"], "ProgressDeadlineExceeded", "{}", web.status);
    assert!(progress["message"].as_str().unwrap().ends_with("has timed out progressing."));
    // As recorded: two of the new, three of the old.
    assert_eq!((&web.status["updatedReplicas"], &web.status["availableReplicas"]), (&json!(2), &json!(3)));
    // Going back to the old template is revision 3, with the old ReplicaSet.
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "nginx:1.27"}]}}}});
    patch(&mut world, &deployment_kind(), "web", image);
    run(&mut world, 60);
    let web = get(&world, Kind::Deployment, "web");
    assert_eq!(web.meta.annotations["deployment.kubernetes.io/revision"], "3");
    assert_eq!(web.status["availableReplicas"], 4);
    assert_eq!(condition(web, "Progressing")["reason"], "NewReplicaSetAvailable");
    assert_eq!(world.k8s.store.list(Kind::ReplicaSet, Some("shop")).count(), 2);
}

#[test]
fn what_does_not_fit_is_told_why() {
    let mut world = cluster(3);
    let ask = |cpu: &str| json!({"containers": [{"name": "app", "image": "nginx:1.27", "resources": {"requests": {"cpu": cpu}}}]});
    create(&mut world, &pod("huge", ask("64")));
    create(&mut world, &pod("picky", json!({"nodeSelector": {"disk": "ssd"}})));
    run(&mut world, 5);
    let tail =
        "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    for (name, why) in
        [("huge", "3 Insufficient cpu"), ("picky", "3 node(s) didn't match Pod's node affinity/selector")]
    {
        let want = format!("0/3 nodes are available: {why}. {tail}");
        let scheduled = condition(get(&world, Kind::Pod, name), "PodScheduled");
        assert_eq!(scheduled["message"], want);
        assert_eq!(scheduled["reason"], "Unschedulable");
        assert_eq!(events(&world, name), [want]);
    }
    // Full nodes: it would fit an empty one, but equals are not evicted.
    for n in 0..3 {
        create(&mut world, &pod(&format!("full-{n}"), ask("3")));
    }
    run(&mut world, 5);
    create(&mut world, &pod("late", ask("2")));
    run(&mut world, 5);
    let why = condition(get(&world, Kind::Pod, "late"), "PodScheduled")["message"].as_str().unwrap().to_string();
    let want = "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are \
                available: 3 No preemption victims found for incoming pod.";
    assert_eq!(why, want);
    delete(&mut world, &pod_kind(), "full-1", json!({}));
    run(&mut world, 60);
    assert_eq!(get(&world, Kind::Pod, "late").status["phase"], "Running");
}

#[test]
fn a_missing_key_keeps_a_container_from_being_made() {
    let mut world = cluster(4);
    let env = json!([{"name": "POOL", "valueFrom": {"configMapKeyRef": {"name": "cart", "key": "POOL_MAX"}}}]);
    let spec = json!({"containers": [{"name": "app", "image": "nginx:1.27", "env": env}]});
    create(&mut world, &pod("cart", spec));
    run(&mut world, 30);
    let waiting =
        |world: &World| get(world, Kind::Pod, "cart").status["containerStatuses"][0]["state"]["waiting"].clone();
    assert_eq!(
        waiting(&world),
        json!({"reason": "CreateContainerConfigError", "message": "configmap \"cart\" not found"})
    );
    assert!(events(&world, "cart").contains(&"Error: configmap \"cart\" not found".to_string()));
    create(
        &mut world,
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cart", "namespace": "shop"}, "data": {"A": "1"}}),
    );
    run(&mut world, 40);
    assert_eq!(waiting(&world)["message"], "couldn't find key POOL_MAX in ConfigMap shop/cart");
    patch(&mut world, &json!({"apiVersion": "v1", "kind": "ConfigMap"}), "cart", json!({"data": {"POOL_MAX": "5"}}));
    run(&mut world, 40);
    let cart = get(&world, Kind::Pod, "cart");
    assert_eq!(cart.status["phase"], "Running", "{}", cart.status);
    let (_, instance) = *k8s::instances(&world, "shop", "cart", "app").last().unwrap();
    assert_eq!(world.apps.instance(instance).unwrap().launch.env["POOL"], "5");
}

#[test]
fn a_missing_volume_source_holds_the_pod() {
    let mut world = cluster(5);
    let spec = json!({"volumes": [{"name": "v", "configMap": {"name": "nope"}}], "containers": [
        {"name": "app", "image": "nginx:1.27", "volumeMounts": [{"name": "v", "mountPath": "/etc/app"}]}]});
    create(&mut world, &pod("held", spec));
    run(&mut world, 60);
    let held = get(&world, Kind::Pod, "held");
    assert_eq!(held.status["containerStatuses"][0]["state"]["waiting"]["reason"], "ContainerCreating");
    let text = "MountVolume.SetUp failed for volume \"v\" : configmap \"nope\" not found";
    assert!(events(&world, "held").contains(&text.to_string()), "{:?}", events(&world, "held"));
    create(
        &mut world,
        &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nope", "namespace": "shop"}, "data": {"a.conf": "x"}}),
    );
    run(&mut world, 130);
    let (_, instance) = *k8s::instances(&world, "shop", "held", "app").last().unwrap();
    assert_eq!(world.apps.instance(instance).unwrap().launch.files["/etc/app/a.conf"], "x");
}

#[test]
fn mounted_files_follow_their_source_after_a_while() {
    let mut world = cluster(14);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}, "data": {"a": "1"}});
    create(&mut world, &map);
    let spec = json!({"volumes": [{"name": "v", "configMap": {"name": "c"}}], "containers": [
        {"name": "app", "image": "nginx:1.27", "volumeMounts": [{"name": "v", "mountPath": "/etc/app"}]}]});
    create(&mut world, &pod("reader", spec));
    run(&mut world, 20);
    patch(&mut world, &json!({"apiVersion": "v1", "kind": "ConfigMap"}), "c", json!({"data": {"a": "2"}}));
    let file = |world: &World| {
        let (_, instance) = *k8s::instances(world, "shop", "reader", "app").last().unwrap();
        world.apps.instance(instance).unwrap().files_at(world.now)["/etc/app/a"].clone()
    };
    run(&mut world, 50);
    assert_eq!(file(&world), "1");
    run(&mut world, 50);
    assert_eq!(file(&world), "2");
}

#[test]
fn a_new_image_restarts_a_pod_in_place() {
    let mut world = cluster(15);
    create(&mut world, &pod("one", json!({})));
    run(&mut world, 20);
    let image = json!({"spec": {"containers": [{"name": "app", "image": "nginx:1.28"}]}});
    patch(&mut world, &pod_kind(), "one", image);
    run(&mut world, 20);
    assert!(events(&world, "one").contains(&"Container app definition changed, will be restarted".to_string()));
    let one = get(&world, Kind::Pod, "one");
    assert_eq!(one.status["containerStatuses"][0]["restartCount"], 1);
    assert_eq!(one.status["containerStatuses"][0]["image"], "docker.io/library/nginx:1.28");
}

#[test]
fn a_program_nobody_described_answers_its_own_probes() {
    let mut world = cluster(16);
    let probe = json!({"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 2});
    let spec = json!({"containers": [{"name": "app", "image": "registry.k8s.io/coredns/coredns:v1.13.1",
        "livenessProbe": probe, "readinessProbe": probe}]});
    create(&mut world, &pod("dns", spec));
    run(&mut world, 120);
    let dns = get(&world, Kind::Pod, "dns");
    assert_eq!(condition(dns, "Ready")["status"], "True");
    assert_eq!(dns.status["containerStatuses"][0]["restartCount"], 0);
}

#[test]
fn endpoints_follow_readiness_and_deletion() {
    let mut world = cluster(6);
    create(&mut world, &deployment("web", 2));
    create(
        &mut world,
        &json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}),
    );
    run(&mut world, 20);
    let addresses = |world: &World| {
        get(world, Kind::Endpoints, "web").field("subsets")[0]["addresses"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(addresses(&world), 2);
    let slice = world.k8s.store.list(Kind::EndpointSlice, Some("shop")).next().unwrap().clone();
    assert_eq!(slice.field("endpoints").as_array().unwrap().len(), 2);
    assert_eq!(slice.field("ports")[0]["port"], 80);
    assert_eq!(slice.meta.labels["kubernetes.io/service-name"], "web");
    patch(&mut world, &deployment_kind(), "web", json!({"spec": {"replicas": 0}}));
    run(&mut world, 1);
    assert_eq!(addresses(&world), 0, "a pod that leaves gets no traffic");
    run(&mut world, 40);
    assert!(pods(&world).is_empty());
    delete(&mut world, &json!({"apiVersion": "v1", "kind": "Service"}), "web", json!({}));
    run(&mut world, 5);
    assert_eq!(world.k8s.store.list(Kind::EndpointSlice, Some("shop")).count(), 0);
    assert!(world.k8s.store.get(Kind::Endpoints, "shop", "web").is_none());
}

#[test]
fn a_deployment_takes_its_own_with_it() {
    let mut world = cluster(7);
    create(&mut world, &deployment("web", 3));
    create(&mut world, &deployment("kept", 1));
    run(&mut world, 20);
    let uid = get(&world, Kind::Deployment, "web").meta.uid.clone();
    delete(&mut world, &deployment_kind(), "web", json!({"propagationPolicy": "Foreground"}));
    run(&mut world, 60);
    assert!(world.k8s.store.get(Kind::Deployment, "shop", "web").is_none());
    let sets: Vec<_> = world.k8s.store.list(Kind::ReplicaSet, Some("shop")).map(|s| s.meta.name.clone()).collect();
    assert_eq!(sets.len(), 1, "{sets:?}");
    assert_eq!(pods(&world).len(), 1);
    assert!(!uid.is_empty());
    delete(&mut world, &deployment_kind(), "kept", json!({"propagationPolicy": "Orphan"}));
    run(&mut world, 60);
    assert_eq!(world.k8s.store.list(Kind::ReplicaSet, Some("shop")).count(), 1);
    assert_eq!(pods(&world).len(), 1);
}

#[test]
fn a_lost_pod_is_replaced_and_a_loose_one_adopted() {
    let mut world = cluster(8);
    create(&mut world, &deployment("web", 2));
    run(&mut world, 20);
    let first = pods(&world)[0].meta.name.clone();
    delete(&mut world, &pod_kind(), &first, json!({"gracePeriodSeconds": 0}));
    run(&mut world, 20);
    assert_eq!(pods(&world).len(), 2);
    assert!(pods(&world).iter().all(|pod| pod.meta.name != first));
    let name = pods(&world)[0].meta.name.clone();
    patch(&mut world, &pod_kind(), &name, json!({"metadata": {"labels": {"app": "aside"}}}));
    run(&mut world, 20);
    assert_eq!(pods(&world).len(), 3, "the pod set aside lives on, a new one takes its place");
    assert!(get(&world, Kind::Pod, &name).controller().is_none());
}

#[test]
fn a_namespace_empties_before_it_goes() {
    let mut world = cluster(9);
    create(&mut world, &deployment("web", 2));
    run(&mut world, 20);
    assert!(world.k8s.store.get(Kind::ServiceAccount, "shop", "default").is_some());
    assert!(world.k8s.store.get(Kind::ConfigMap, "shop", "kube-root-ca.crt").is_some());
    delete(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace"}), "shop", json!({}));
    run(&mut world, 60);
    assert!(world.k8s.store.get(Kind::Namespace, "", "shop").is_none());
    for row in whodunit::world::k8s::kinds::KINDS {
        assert_eq!(world.k8s.store.list(row.id, Some("shop")).count(), 0, "{}", row.kind);
    }
}

#[test]
fn a_pod_that_leaves_keeps_its_grace_and_then_its_node_forgets_it() {
    let mut world = cluster(10);
    let spec = json!({"terminationGracePeriodSeconds": 6, "containers": [
        {"name": "app", "image": "busybox:1.36", "command": ["sleep", "3600"]}]});
    create(&mut world, &pod("slow", spec));
    run(&mut world, 10);
    delete(&mut world, &pod_kind(), "slow", json!({}));
    let slow = get(&world, Kind::Pod, "slow");
    assert_eq!(slow.meta.grace_s, Some(6));
    assert!(slow.meta.deleted.is_some());
    run(&mut world, 1);
    assert!(events(&world, "slow").contains(&"Stopping container app".to_string()));
    run(&mut world, 9);
    assert!(world.k8s.store.get(Kind::Pod, "shop", "slow").is_none());
    assert!(k8s::instances(&world, "shop", "slow", "app").is_empty());
}

#[test]
fn events_decay_after_an_hour() {
    let mut world = cluster(11);
    create(&mut world, &deployment("web", 2));
    run(&mut world, 20);
    assert!(world.k8s.store.list(Kind::Event, Some("shop")).count() >= 10);
    run(&mut world, 3_590);
    let left = world.k8s.store.list(Kind::Event, Some("shop")).count();
    assert_eq!(left, 0, "nothing happened for an hour");
}

#[test]
fn a_cordoned_and_a_tainted_node_take_nothing_new() {
    let mut world = cluster(12);
    let node = json!({"apiVersion": "v1", "kind": "Node"});
    patch(&mut world, &node, "node-1", json!({"spec": {"unschedulable": true}}));
    let taint = json!({"spec": {"taints": [{"key": "team", "value": "data", "effect": "NoSchedule"}]}});
    patch(&mut world, &node, "node-2", taint);
    create(&mut world, &deployment("web", 4));
    run(&mut world, 20);
    assert!(pods(&world).iter().all(|pod| pod.spec["nodeName"] == "node-3"));
    patch(&mut world, &node, "node-3", json!({"spec": {"unschedulable": true}}));
    create(&mut world, &pod("late", json!({})));
    run(&mut world, 5);
    let why = condition(get(&world, Kind::Pod, "late"), "PodScheduled")["message"].as_str().unwrap().to_string();
    assert!(
        why.starts_with("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) were unschedulable. "),
        "{why}"
    );
    let toleration = json!({"tolerations": [{"key": "team", "operator": "Exists"}]});
    create(&mut world, &pod("data", toleration));
    run(&mut world, 20);
    assert_eq!(get(&world, Kind::Pod, "data").spec["nodeName"], "node-2");
}

#[test]
fn logs_and_lists_answer_through_the_api() {
    let mut world = cluster(13);
    create(&mut world, &deployment("web", 1));
    run(&mut world, 20);
    let response = handle(&mut world, &request(Verb::List, &pod_kind(), None, None));
    let Body::Json(list) = response.body else { panic!("a list") };
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["status"]["phase"], "Running");
    assert_eq!(list["items"][0]["metadata"]["labels"]["app"], "web");
}

#[test]
fn a_large_cluster_stays_quick() {
    let mut world = World::new(1, Time::parse("2026-03-02T01:00:00Z").unwrap());
    for n in 0..6 {
        create(&mut world, &json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{n}")}}));
    }
    create(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
    run(&mut world, 1);
    for n in 0..6 {
        create(&mut world, &deployment(&format!("web-{n}"), 100));
    }
    run(&mut world, 120);
    let running = pods(&world).iter().filter(|pod| pod.status["phase"] == "Running").count();
    assert_eq!(running, 600);
}

#[test]
fn a_million_replicas_stop_at_the_quota_and_do_not_hang() {
    let mut world = cluster(3);
    create(&mut world, &deployment("many", 1_000_000));
    run(&mut world, 60);
    let pods = world.k8s.store.count(whodunit::world::k8s::kinds::Kind::Pod);
    let nodes = world.k8s.store.count(whodunit::world::k8s::kinds::Kind::Node);
    assert_eq!(pods, (nodes + 1) * 110);
    let refused = world.k8s.store.list(whodunit::world::k8s::kinds::Kind::Event, None).any(|event| {
        let message = event.to_json()["message"].as_str().unwrap_or("").to_string();
        message.contains("is forbidden: exceeded quota: pods, requested: pods=1, used: pods=")
    });
    assert!(refused, "the refusal is an event");
}
