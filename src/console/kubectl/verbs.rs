//! The verbs: a row each, sorted by name. Parsing, help, completion and costs come from the rows. Does not know how a verb
//! does its work.

use super::call::{Call, Failure};
use super::{
    about, apply, change, create, create_job, delete, events, exec, explain, get, logs, rollout, set, show, top, wait,
};
use crate::console::flag::Flag;
use crate::stdx::time::Span;

/// One verb.
pub struct VerbRow {
    /// One word or two: `get`, `rollout undo`.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub doc: &'static str,
    pub usage: &'static str,
    pub examples: &'static [&'static str],
    pub flags: &'static [Flag],
    /// Turn-clock cost.
    pub cost: Span,
    /// What its operands are, for completion.
    pub takes: Takes,
    pub run: Work,
}

/// What a verb does; a failure is printed and gives the exit code.
pub type Work = fn(&mut Call) -> Result<(), Failure>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// `KIND [NAME…]` or `KIND/NAME`.
    Objects,
    /// A pod, or a workload as `KIND/NAME`.
    Pod,
    /// A node.
    Node,
    /// A deployment as `deployment/NAME`.
    Workload,
    /// A kind only.
    Kind,
    /// Another verb.
    Verb,
}

const READ: Span = Span::secs(15);
const LOGS: Span = Span::secs(20);
const METRICS: Span = Span::secs(30);
const CHANGE: Span = Span::secs(30);
const ROLLOUT: Span = Span::secs(20);
const FREE: Span = Span::ZERO;

const ALL_NAMESPACES: Flag = Flag::switch('A', "all-namespaces", "Objects of all namespaces");
const CONTAINER: Flag = Flag::value('c', "container", "NAME", "Container name; the default container if omitted");
const CONTAINERS: Flag = Flag::value('c', "containers", "PATTERN", "Names of containers to change; * for all");
const DRY_RUN: Flag = Flag::value('\0', "dry-run", "[none|server|client]", "Only try the change");
const EVERY: Flag = Flag::switch('\0', "all", "All objects of the kind in the namespace");
const FIELDS: Flag = Flag::value('\0', "field-selector", "QUERY", "Fields to select by: key=value, key!=value");
const FILE: Flag = Flag::value('f', "filename", "FILE", "A manifest, or - for standard input");
const HEADERS: Flag = Flag::switch('\0', "no-headers", "Do not print headings");
const IGNORE: Flag = Flag::switch('\0', "ignore-not-found", "Exit 0 if the object does not exist");
const MANAGED: Flag = Flag::switch('\0', "show-managed-fields", "Keep managedFields in JSON and YAML");
const OUTPUT: Flag = Flag::value('o', "output", "FORMAT", "json, yaml, name, wide, jsonpath=…, custom-columns=…");
const OVERWRITE: Flag = Flag::switch('\0', "overwrite", "Allow an existing value to be replaced");
const SELECTOR: Flag = Flag::value('l', "selector", "QUERY", "Labels to select by: key=value, key in (a,b), !key");
const SORT: Flag = Flag::value('\0', "sort-by", "FIELD", "Order by a field, for example .metadata.creationTimestamp");
const TIMEOUT: Flag = Flag::value('\0', "timeout", "TIME", "How long to wait before giving up");
const VALIDATE: Flag = Flag::value('\0', "validate", "[strict|warn|ignore]", "What to do about unknown fields");
const WATCH: Flag = Flag::switch('w', "watch", "Go on and print changes");

static NONE: &[Flag] = &[];
static JOB_FLAGS: &[Flag] = &[
    DRY_RUN,
    Flag::value('\0', "from", "cronjob/NAME", "create job: the cron job to make it from"),
    Flag::value('\0', "image", "IMAGE", "The image to run"),
    OUTPUT,
    Flag::value('\0', "restart", "POLICY", "OnFailure or Never"),
    Flag::value('\0', "schedule", "SCHEDULE", "create cronjob: when, in cron format"),
];
static CHANGE_FLAGS: &[Flag] = &[EVERY, DRY_RUN, OUTPUT, OVERWRITE, SELECTOR];
static DATA_FLAGS: &[Flag] = &[
    DRY_RUN,
    Flag::value('\0', "from-env-file", "FILE", "Lines of key=value"),
    Flag::value('\0', "from-file", "[KEY=]FILE", "A file's content under its name or KEY"),
    Flag::value('\0', "from-literal", "KEY=VALUE", "A key and its value"),
    OUTPUT,
];
static DESCRIBE_FLAGS: &[Flag] =
    &[ALL_NAMESPACES, FILE, SELECTOR, Flag::switch('\0', "show-events", "Show events (on unless =false)")];
static DRAIN_FLAGS: &[Flag] = &[
    Flag::switch('\0', "delete-emptydir-data", "Go on though pods use emptyDir"),
    DRY_RUN,
    Flag::switch('\0', "force", "Go on though pods have no controller"),
    Flag::switch('\0', "ignore-daemonsets", "Ignore pods of DaemonSets"),
    TIMEOUT,
];
static EVENTS_FLAGS: &[Flag] = &[
    ALL_NAMESPACES,
    Flag::value('\0', "for", "KIND/NAME", "Only events about this object"),
    HEADERS,
    OUTPUT,
    Flag::value('\0', "types", "LIST", "Only these types: Normal, Warning"),
    WATCH,
];
static GET_FLAGS: &[Flag] = &[
    ALL_NAMESPACES,
    FIELDS,
    FILE,
    IGNORE,
    Flag::value('L', "label-columns", "LIST", "Labels to show as columns"),
    HEADERS,
    OUTPUT,
    SELECTOR,
    Flag::switch('\0', "show-kind", "Show the kind before each name"),
    Flag::switch('\0', "show-labels", "Show all labels as the last column"),
    MANAGED,
    SORT,
    WATCH,
    Flag::switch('\0', "watch-only", "Print changes only, not what is there"),
];
static LOGS_FLAGS: &[Flag] = &[
    Flag::switch('\0', "all-containers", "All containers of the pod"),
    Flag::switch('\0', "all-pods", "All pods of the workload, with --prefix"),
    CONTAINER,
    Flag::switch('f', "follow", "Go on and print new lines"),
    Flag::value('\0', "max-log-requests", "N", "How many logs may be followed at once"),
    Flag::switch('\0', "prefix", "Put pod and container before each line"),
    Flag::switch('p', "previous", "The log of the container before its last restart"),
    SELECTOR,
    Flag::value('\0', "since", "TIME", "Only lines newer than 5s, 2m, 3h"),
    Flag::value('\0', "since-time", "TIME", "Only lines after an RFC 3339 time"),
    Flag::value('\0', "tail", "N", "Only the last lines; -1 for all"),
    Flag::switch('\0', "timestamps", "Put the time before each line"),
];
static SET_FLAGS: &[Flag] = &[
    EVERY,
    CONTAINERS,
    DRY_RUN,
    Flag::value('e', "env", "KEY=VALUE", "A variable (as an operand)"),
    Flag::value('\0', "from", "KIND/NAME", "Take variables from a configmap or secret"),
    Flag::value('\0', "keys", "LIST", "Only these keys of --from"),
    Flag::value('\0', "limits", "LIST", "cpu=200m,memory=512Mi"),
    Flag::switch('\0', "list", "List the variables"),
    OUTPUT,
    OVERWRITE,
    Flag::value('\0', "prefix", "TEXT", "Put before the names of --from"),
    Flag::value('\0', "requests", "LIST", "cpu=100m,memory=256Mi"),
    Flag::switch('\0', "resolve", "With --list: show the values behind references"),
    SELECTOR,
];
static TOP_FLAGS: &[Flag] = &[
    ALL_NAMESPACES,
    Flag::switch('\0', "containers", "A row for each container"),
    HEADERS,
    SELECTOR,
    Flag::value('\0', "sort-by", "cpu|memory", "Order by usage"),
];
static APPLY_FLAGS: &[Flag] = &[
    DRY_RUN,
    Flag::value('\0', "field-manager", "NAME", "Who owns the fields"),
    FILE,
    Flag::switch('\0', "force-conflicts", "Take fields over from their owners (with --server-side)"),
    Flag::value('k', "kustomize", "DIRECTORY", "Not simulated: a kustomization"),
    OUTPUT,
    Flag::switch('\0', "prune", "Not simulated: delete what the files no longer have"),
    Flag::switch('\0', "server-side", "Merge in the server"),
    VALIDATE,
];
static CREATE_FLAGS: &[Flag] = &[DRY_RUN, FILE, OUTPUT, VALIDATE];
static DELETE_FLAGS: &[Flag] = &[
    EVERY,
    ALL_NAMESPACES,
    Flag::value('\0', "cascade", "[background|foreground|orphan]", "What becomes of what the object owns"),
    DRY_RUN,
    FIELDS,
    FILE,
    Flag::switch('\0', "force", "Delete at once, with --grace-period=0"),
    Flag::value('\0', "grace-period", "SECONDS", "Time to end in; -1 for the object's own"),
    IGNORE,
    Flag::switch('\0', "now", "A grace period of one second"),
    OUTPUT,
    SELECTOR,
    TIMEOUT,
    Flag::switch('\0', "wait", "Wait until the objects are gone (on unless =false)"),
];
static STATUS_FLAGS: &[Flag] = &[
    Flag::value('\0', "revision", "N", "A particular revision"),
    SELECTOR,
    TIMEOUT,
    Flag::switch('w', "watch", "Wait until it is done (on unless =false)"),
];
static NAMED_FLAGS: &[Flag] = &[
    Flag::switch('\0', "command", "What follows -- is the command, not its arguments"),
    DRY_RUN,
    Flag::value('\0', "env", "KEY=VALUE", "A variable"),
    Flag::value('\0', "image", "IMAGE", "The image"),
    Flag::value('\0', "name", "NAME", "The new object's name"),
    OUTPUT,
    Flag::value('\0', "port", "PORT", "The port"),
    Flag::value('r', "replicas", "N", "How many"),
    Flag::value('\0', "restart", "POLICY", "Always, OnFailure, Never"),
    SELECTOR,
    Flag::value('\0', "target-port", "PORT", "The port of the container"),
    Flag::value('\0', "tcp", "PORT[:TARGET]", "A port pair"),
    Flag::value('\0', "type", "TYPE", "ClusterIP, NodePort, LoadBalancer"),
];

static RUN_FLAGS: &[Flag] = &[
    Flag::switch('\0', "command", "What follows -- is the command, not its arguments"),
    DRY_RUN,
    Flag::value('\0', "env", "KEY=VALUE", "A variable"),
    Flag::value('\0', "image", "IMAGE", "The image"),
    Flag::value('l', "labels", "LIST", "The pod's labels: key=value,…"),
    OUTPUT,
    Flag::value('\0', "port", "PORT", "The port"),
    Flag::value('\0', "restart", "POLICY", "Always, OnFailure, Never"),
    Flag::switch('\0', "rm", "Not simulated: delete the pod when the attached program ends"),
    Flag::switch('i', "stdin", "Not simulated: attach to the program"),
    Flag::switch('t', "tty", "Not simulated: a terminal"),
];

/// A row without aliases; the others are written out.
const fn verb(
    name: &'static str,
    doc: &'static str,
    usage: &'static str,
    examples: &'static [&'static str],
    flags: &'static [Flag],
    more: (Span, Takes, Work),
) -> VerbRow {
    VerbRow { name, aliases: &[], doc, usage, examples, flags, cost: more.0, takes: more.1, run: more.2 }
}

/// Every verb, sorted by name.
#[rustfmt::skip]
pub static VERBS: &[VerbRow] = &[
    verb("annotate", "Update the annotations on a resource", "annotate KIND NAME KEY=VALUE… KEY-…", &["kubectl annotate deploy/web kubernetes.io/change-cause=v2"], CHANGE_FLAGS, (CHANGE, Takes::Objects, change::run_annotate)),
    verb("api-resources", "Print the supported API resources on the server", "api-resources", &["kubectl api-resources -o wide"], &[Flag::value('\0', "api-group", "GROUP", "Only this group"), Flag::switch('\0', "namespaced", "Only namespaced kinds, or =false"), HEADERS, OUTPUT], (READ, Takes::Nothing, about::api_resources)),
    verb("api-versions", "Print the supported API versions on the server", "api-versions", &["kubectl api-versions"], NONE, (READ, Takes::Nothing, about::api_versions)),
    verb("apply", "Apply a configuration to a resource by file name or stdin", "apply -f FILE", &["kubectl apply -f cart.yaml", "kubectl apply --server-side -f cart.yaml"], APPLY_FLAGS, (CHANGE, Takes::Nothing, apply::run)),
    verb("auth can-i", "Check whether an action is allowed", "auth can-i VERB KIND", &["kubectl auth can-i delete pods"], &[ALL_NAMESPACES, Flag::switch('\0', "list", "List what is allowed")], (READ, Takes::Nothing, about::can_i)),
    verb("auth whoami", "Show who you are to the cluster", "auth whoami", &["kubectl auth whoami"], &[OUTPUT], (READ, Takes::Nothing, about::whoami)),
    verb("cluster-info", "Display cluster information", "cluster-info", &["kubectl cluster-info"], NONE, (READ, Takes::Nothing, about::cluster_info)),
    verb("config current-context", "Display the current-context", "config current-context", &["kubectl config current-context"], NONE, (FREE, Takes::Nothing, about::current_context)),
    verb("config get-contexts", "Describe the contexts", "config get-contexts", &["kubectl config get-contexts"], &[HEADERS, OUTPUT], (FREE, Takes::Nothing, about::get_contexts)),
    verb("config set-context", "Set the namespace of the context", "config set-context --current --namespace=NAME", &["kubectl config set-context --current --namespace=shop"], &[Flag::switch('\0', "current", "The current context")], (FREE, Takes::Nothing, about::set_context)),
    verb("config use-context", "Set the current-context", "config use-context NAME", &["kubectl config use-context scoop-prod"], NONE, (FREE, Takes::Nothing, about::use_context)),
    verb("config view", "Display the kubeconfig", "config view", &["kubectl config view"], &[Flag::switch('\0', "minify", "Only the current context"), OUTPUT], (FREE, Takes::Nothing, about::view_config)),
    verb("cordon", "Mark a node as unschedulable", "cordon NODE", &["kubectl cordon node-1"], &[DRY_RUN], (CHANGE, Takes::Node, change::run_cordon)),
    verb("create", "Create a resource from a file or from stdin", "create -f FILE", &["kubectl create -f cart.yaml"], CREATE_FLAGS, (CHANGE, Takes::Nothing, create::run)),
    VerbRow { name: "create configmap", aliases: &["create cm"], doc: "Create a config map", usage: "create configmap NAME --from-literal=KEY=VALUE", examples: &["kubectl create configmap prices --from-literal=RATE=12"], flags: DATA_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create::config_map },
    VerbRow { name: "create cronjob", aliases: &["create cj"], doc: "Create a cron job", usage: "create cronjob NAME --image=IMAGE --schedule='0/5 * * * ?' [-- COMMAND]", examples: &["kubectl create cronjob tidy --image=busybox --schedule='*/5 * * * *' -- date"], flags: JOB_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create_job::cron_job },
    VerbRow { name: "create deployment", aliases: &["create deploy"], doc: "Create a deployment", usage: "create deployment NAME --image=IMAGE [-- COMMAND]", examples: &["kubectl create deployment web --image=nginx --replicas=2"], flags: NAMED_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create::deployment },
    verb("create job", "Create a job", "create job NAME --image=IMAGE [--from=cronjob/NAME] [-- COMMAND]", &["kubectl create job tidy-now --from=cronjob/tidy"], JOB_FLAGS, (CHANGE, Takes::Nothing, create_job::job)),
    VerbRow { name: "create namespace", aliases: &["create ns"], doc: "Create a namespace", usage: "create namespace NAME", examples: &["kubectl create namespace lab"], flags: CREATE_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create::namespace },
    verb("create secret generic", "Create a secret", "create secret generic NAME --from-literal=KEY=VALUE", &["kubectl create secret generic key --from-literal=token=x"], DATA_FLAGS, (CHANGE, Takes::Nothing, create::secret)),
    VerbRow { name: "create service", aliases: &["create svc"], doc: "Create a service", usage: "create service clusterip NAME --tcp=PORT[:TARGET]", examples: &["kubectl create service clusterip web --tcp=80:8080"], flags: NAMED_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create::service },
    VerbRow { name: "create serviceaccount", aliases: &["create sa"], doc: "Create a service account", usage: "create serviceaccount NAME", examples: &["kubectl create serviceaccount bot"], flags: CREATE_FLAGS, cost: CHANGE, takes: Takes::Nothing, run: create::service_account },
    verb("delete", "Delete resources by name, label selector or file", "delete KIND NAME…", &["kubectl delete pod web-1", "kubectl delete pod web-1 --grace-period=0 --force"], DELETE_FLAGS, (CHANGE, Takes::Objects, delete::run)),
    verb("describe", "Show details of a specific resource or group of resources", "describe KIND [NAME]", &["kubectl describe pod web-1", "kubectl describe deploy/web"], DESCRIBE_FLAGS, (READ, Takes::Objects, show::run)),
    verb("diff", "Compare the live object with what would be applied", "diff -f FILE", &["kubectl diff -f cart.yaml"], &[FILE], (READ, Takes::Nothing, apply::run_diff)),
    verb("drain", "Drain a node in preparation for maintenance", "drain NODE", &["kubectl drain node-1 --ignore-daemonsets"], DRAIN_FLAGS, (CHANGE, Takes::Node, delete::run_drain)),
    verb("edit", "Edit a resource (no editor is available here)", "edit KIND/NAME", &["kubectl edit deploy/web"], &[OUTPUT], (FREE, Takes::Objects, about::edit)),
    verb("events", "List events, the newest last", "events [--for KIND/NAME]", &["kubectl events --for pod/web-1 --types=Warning"], EVENTS_FLAGS, (READ, Takes::Nothing, events::run)),
    verb("exec", "Execute a command in a container", "exec POD [-c CONTAINER] -- COMMAND", &["kubectl exec web-1 -- env", "kubectl exec deploy/web -c app -- cat /etc/app/app.yaml"], &[CONTAINER, Flag::switch('i', "stdin", "Pass stdin to the container"), Flag::switch('t', "tty", "Stdin is a terminal")], (READ, Takes::Pod, exec::run)),
    verb("explain", "Get documentation for a resource", "explain KIND[.FIELD…]", &["kubectl explain pods", "kubectl explain pod.spec.containers.resources"], &[Flag::switch('\0', "recursive", "All fields")], (FREE, Takes::Kind, explain::run)),
    verb("expose", "Expose a deployment as a new service", "expose KIND/NAME --port=PORT", &["kubectl expose deploy/web --port=80 --target-port=8080"], NAMED_FLAGS, (CHANGE, Takes::Objects, create::expose)),
    verb("get", "Display one or many resources", "get KIND [NAME…]", &["kubectl get pods -o wide", "kubectl get deploy,svc -n shop", "kubectl get pods -o jsonpath='{.items[*].metadata.name}'"], GET_FLAGS, (READ, Takes::Objects, get::run)),
    verb("help", "Help about any command", "help [COMMAND]", &["kubectl help get"], NONE, (FREE, Takes::Verb, about::help)),
    verb("label", "Update the labels on a resource", "label KIND NAME KEY=VALUE… KEY-…", &["kubectl label pod web-1 debug=yes"], CHANGE_FLAGS, (CHANGE, Takes::Objects, change::run_label)),
    VerbRow { name: "logs", aliases: &["log"], doc: "Print the logs of a container in a pod", usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]", examples: &["kubectl logs web-1 --previous", "kubectl logs -f deploy/web --since=5m", "kubectl logs -l app=web --prefix"], flags: LOGS_FLAGS, cost: LOGS, takes: Takes::Pod, run: logs::run },
    verb("patch", "Update fields of a resource", "patch KIND NAME -p PATCH", &["kubectl patch deploy/web -p '{\"spec\":{\"replicas\":2}}'"], &[DRY_RUN, OUTPUT, Flag::value('p', "patch", "PATCH", "The patch, JSON or YAML"), Flag::value('\0', "patch-file", "FILE", "A file with the patch"), Flag::value('\0', "subresource", "NAME", "status or scale"), Flag::value('\0', "type", "strategic|merge|json", "How to read it")], (CHANGE, Takes::Objects, change::run_patch)),
    verb("replace", "Replace a resource by file name or stdin", "replace -f FILE", &["kubectl replace -f cart.yaml"], CREATE_FLAGS, (CHANGE, Takes::Nothing, apply::run_replace)),
    verb("rollout history", "View rollout history", "rollout history deployment/NAME [--revision=N]", &["kubectl rollout history deploy/web --revision=3"], STATUS_FLAGS, (ROLLOUT, Takes::Workload, rollout::history)),
    verb("rollout pause", "Mark the resource as paused", "rollout pause deployment/NAME", &["kubectl rollout pause deploy/web"], CHANGE_FLAGS, (CHANGE, Takes::Workload, rollout::pause)),
    verb("rollout restart", "Restart a resource", "rollout restart deployment/NAME", &["kubectl rollout restart deploy/web"], CHANGE_FLAGS, (CHANGE, Takes::Workload, rollout::restart)),
    verb("rollout resume", "Resume a paused resource", "rollout resume deployment/NAME", &["kubectl rollout resume deploy/web"], CHANGE_FLAGS, (CHANGE, Takes::Workload, rollout::resume)),
    verb("rollout status", "Show the status of the rollout", "rollout status deployment/NAME", &["kubectl rollout status deploy/web --timeout=2m"], STATUS_FLAGS, (ROLLOUT, Takes::Workload, rollout::status)),
    verb("rollout undo", "Undo a previous rollout", "rollout undo deployment/NAME [--to-revision=N]", &["kubectl rollout undo deploy/web"], &[DRY_RUN, SELECTOR, Flag::value('\0', "to-revision", "N", "The revision to go back to")], (CHANGE, Takes::Workload, rollout::undo)),
    verb("run", "Run an image in a pod", "run NAME --image=IMAGE [-- ARGS]", &["kubectl run probe --image=busybox -- sleep 600"], RUN_FLAGS, (CHANGE, Takes::Nothing, create::run_pod)),
    verb("scale", "Set a new size for a deployment or replica set", "scale KIND/NAME --replicas=N", &["kubectl scale deploy/web --replicas=3"], &[EVERY, Flag::value('\0', "current-replicas", "N", "Only if it has this size now"), DRY_RUN, OUTPUT, Flag::value('\0', "replicas", "N", "The new size"), SELECTOR, TIMEOUT], (CHANGE, Takes::Objects, change::run_scale)),
    verb("set env", "Update environment variables on a pod template", "set env KIND/NAME KEY=VALUE… KEY-…", &["kubectl set env deploy/web POOL_MAX=20", "kubectl set env deploy/web --list"], SET_FLAGS, (CHANGE, Takes::Objects, set::env)),
    verb("set image", "Update the image of a pod template", "set image KIND/NAME CONTAINER=IMAGE…", &["kubectl set image deploy/web app=registry.example/web:1.4"], SET_FLAGS, (CHANGE, Takes::Objects, set::image)),
    verb("set resources", "Update requests and limits on a pod template", "set resources KIND/NAME --limits=… --requests=…", &["kubectl set resources deploy/web -c app --limits=memory=512Mi"], SET_FLAGS, (CHANGE, Takes::Objects, set::resources)),
    verb("taint", "Update the taints on a node", "taint node NAME KEY=VALUE:EFFECT… KEY-…", &["kubectl taint node node-1 dedicated=db:NoSchedule"], &[OVERWRITE], (CHANGE, Takes::Node, change::run_taint)),
    VerbRow { name: "top node", aliases: &["top nodes", "top no"], doc: "Display resource (CPU/memory) usage of nodes", usage: "top node [NAME]", examples: &["kubectl top nodes"], flags: TOP_FLAGS, cost: METRICS, takes: Takes::Node, run: top::nodes },
    VerbRow { name: "top pod", aliases: &["top pods", "top po"], doc: "Display resource (CPU/memory) usage of pods", usage: "top pod [NAME]", examples: &["kubectl top pods --containers --sort-by=memory"], flags: TOP_FLAGS, cost: METRICS, takes: Takes::Pod, run: top::pods },
    verb("uncordon", "Mark a node as schedulable", "uncordon NODE", &["kubectl uncordon node-1"], &[DRY_RUN], (CHANGE, Takes::Node, change::run_uncordon)),
    verb("version", "Print the client and server version information", "version", &["kubectl version"], &[Flag::switch('\0', "client", "Client version only"), OUTPUT], (FREE, Takes::Nothing, about::version)),
    verb("wait", "Wait for a condition on one or many resources", "wait KIND/NAME --for=condition=NAME", &["kubectl wait --for=condition=Ready pod/web-1 --timeout=60s"], &[EVERY, Flag::value('\0', "for", "CONDITION", "condition=…, jsonpath=…, delete"), SELECTOR, TIMEOUT], (ROLLOUT, Takes::Objects, wait::run)),
];

/// The row that the words begin with, and how many words name it; the longest name wins.
pub fn find(words: &[String]) -> Option<(&'static VerbRow, usize)> {
    (1..=3).rev().filter(|n| words.len() >= *n).find_map(|n| {
        let name = words[..n].join(" ");
        VERBS.iter().find(|row| row.name == name || row.aliases.contains(&name.as_str())).map(|row| (row, n))
    })
}
