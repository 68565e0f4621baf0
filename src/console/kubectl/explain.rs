//! `kubectl explain`: a kind's fields and their types, from the schema that the server publishes. Descriptions are our own,
//! short, and only for the fields that an investigation meets. Does not know objects.

use super::call::{Call, Failure};
use super::sheet::Sheet;
use super::targets;
use crate::world::k8s::api::{self, Fields, Type};

/// What a field is for, by its Go struct and name; sorted. In our own words.
#[rustfmt::skip]
static ABOUT: &[(&str, &str, &str)] = &[
    ("Container", "args", "Arguments of the program; the image's own if not given."),
    ("Container", "command", "The program instead of the image's entrypoint; no shell is involved."),
    ("Container", "env", "Variables of the container's environment. They are read once, when it starts."),
    ("Container", "envFrom", "ConfigMaps and Secrets whose keys all become variables."),
    ("Container", "image", "The image to run."),
    ("Container", "imagePullPolicy", "Always, IfNotPresent or Never."),
    ("Container", "livenessProbe", "Asked again and again; a container that fails it is killed and started anew."),
    ("Container", "ports", "Ports that the program listens on, for information and for names."),
    ("Container", "readinessProbe", "Asked again and again; while it fails, Services send no requests here."),
    ("Container", "resources", "What the container asks for and what it may use at most."),
    ("Container", "startupProbe", "Holds the other probes back until it has succeeded once."),
    ("Container", "volumeMounts", "Where volumes of the pod appear in the file system."),
    ("DeploymentSpec", "minReadySeconds", "How long a new pod must be ready before it counts as available."),
    ("DeploymentSpec", "paused", "Whether changes of the template are held back."),
    ("DeploymentSpec", "progressDeadlineSeconds", "How long a rollout may make no progress before it counts as failed."),
    ("DeploymentSpec", "replicas", "How many pods there should be."),
    ("DeploymentSpec", "revisionHistoryLimit", "How many old ReplicaSets are kept to roll back to."),
    ("DeploymentSpec", "selector", "Which pods are its own."),
    ("DeploymentSpec", "strategy", "How pods of the old template give way to those of the new one."),
    ("DeploymentSpec", "template", "What its pods look like."),
    ("EnvVar", "name", "The variable's name."),
    ("EnvVar", "value", "Its value; $(NAME) stands for an earlier variable."),
    ("EnvVar", "valueFrom", "Where its value comes from, instead of being written here."),
    ("PodSpec", "affinity", "Which nodes and neighbours the pod wants or avoids."),
    ("PodSpec", "containers", "The containers of the pod, at least one."),
    ("PodSpec", "initContainers", "Containers that end, one after the other, before the others start."),
    ("PodSpec", "nodeName", "The node that was chosen; set by the scheduler."),
    ("PodSpec", "nodeSelector", "Labels that a node must have."),
    ("PodSpec", "restartPolicy", "Always, OnFailure or Never."),
    ("PodSpec", "terminationGracePeriodSeconds", "How long the pod may take to end before it is killed."),
    ("PodSpec", "tolerations", "Taints of nodes that the pod puts up with."),
    ("PodSpec", "volumes", "Volumes that containers may mount."),
    ("Probe", "failureThreshold", "How many failures in a row count."),
    ("Probe", "initialDelaySeconds", "How long after the start the first question is asked."),
    ("Probe", "periodSeconds", "How often it is asked."),
    ("Probe", "successThreshold", "How many successes in a row count after a failure."),
    ("Probe", "timeoutSeconds", "How long an answer may take."),
    ("ResourceRequirements", "limits", "The most it may use: memory beyond it ends the container, CPU is throttled."),
    ("ResourceRequirements", "requests", "What the scheduler sets aside for it on a node."),
    ("RollingUpdateDeployment", "maxSurge", "How many pods there may be beyond the wanted number."),
    ("RollingUpdateDeployment", "maxUnavailable", "How many of the wanted pods may be missing."),
    ("ServiceSpec", "ports", "Ports of the Service and where they lead."),
    ("ServiceSpec", "selector", "Labels of the pods that requests go to."),
    ("ServiceSpec", "type", "ClusterIP, NodePort, LoadBalancer or ExternalName."),
];

/// No schema is nested deeper; the real tool says `-recursive` where one is.
const DEPTH_MAX: usize = 24;

fn about(of: &str, field: &str) -> Option<&'static str> {
    let at = ABOUT.binary_search_by(|(a, b, _)| (*a, *b).cmp(&(of, field))).ok()?;
    ABOUT.get(at).map(|(.., text)| *text)
}

/// A type as `explain` shows it: `string`, `[]Container`, `map[string]Quantity`.
fn shown(kind: Type) -> String {
    match kind {
        Type::Text | Type::Uid | Type::Time | Type::MicroTime | Type::Bytes => "string".into(),
        Type::Bool => "boolean".into(),
        Type::Int32 | Type::Int64 => "integer".into(),
        Type::Quantity => "Quantity".into(),
        Type::IntOrText => "IntOrString".into(),
        Type::Any => "Object".into(),
        Type::Struct(fields) | Type::Atomic(fields) => fields.go.into(),
        Type::Map(value) | Type::AtomicMap(value) => format!("map[string]{}", shown(*value)),
        Type::List(element) | Type::Set(element) | Type::Keyed(element, _) => format!("[]{}", shown(*element)),
    }
}

/// The fields behind a type, through lists and maps.
fn inner(kind: Type) -> Option<&'static Fields> {
    match kind {
        Type::Struct(fields) | Type::Atomic(fields) => Some(fields),
        Type::Map(value) | Type::AtomicMap(value) => inner(*value),
        other => other.element().and_then(inner),
    }
}

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let Some(word) = call.given.operands.first().cloned() else {
        return Err(Failure::error(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    };
    let mut steps = word.split('.').filter(|step| !step.is_empty());
    let row = targets::kind(steps.next().unwrap_or(""))?;
    let Some(root) = api::schema(row) else {
        return Err(Failure::error(format!("couldn't find resource for \"{}, Kind={}\"", row.api_version(), row.kind))
            .hint("this kind is computed when asked for; its fields are not published"));
    };
    let (mut fields, mut last) = (Some(root), None);
    for step in steps {
        let known = fields.and_then(|fields| Some((fields.go, step, fields.field(step)?)));
        let Some(found) = known else { return Err(Failure::error(format!("field {step:?} does not exist"))) };
        fields = inner(found.2);
        last = Some(found);
    }
    let mut sheet = Sheet::default();
    if !row.group.is_empty() {
        sheet.put(&format!("GROUP:      {}\n", row.group));
    }
    sheet.put(&format!("KIND:       {}\nVERSION:    {}\n\n", row.kind, row.version));
    let described = match last {
        None => Some(row.doc),
        Some((of, name, kind)) => {
            sheet.put(&format!("FIELD: {name} <{}>\n\n\n", shown(kind)));
            about(of, name)
        }
    };
    let described = described.unwrap_or("(not described here)");
    sheet.put(&format!("DESCRIPTION:\n    {}.\n\n", described.trim_end_matches('.')));
    if let Some(fields) = fields {
        sheet.put("FIELDS:\n");
        list(&mut sheet, fields, call.given.on("recursive"), 1);
    }
    // The real page is not laid out in columns: a tab stands between name and type.
    call.print_lines(sheet.lines());
    Ok(())
}

/// The fields of a struct: with a word about each, or with all that is inside them and no words.
fn list(sheet: &mut Sheet, fields: &Fields, recursive: bool, depth: usize) {
    for (name, kind) in fields.fields {
        sheet.put(&format!("{}{name}\t<{}>\n", "  ".repeat(depth), shown(*kind)));
        match inner(*kind).filter(|_| recursive && depth < DEPTH_MAX) {
            Some(inside) => list(sheet, inside, recursive, depth + 1),
            None if recursive => {}
            None => {
                let words = about(fields.go, name).map(|text| format!("    {text}\n")).unwrap_or_default();
                sheet.put(&format!("{words}\n"));
            }
        }
    }
}
