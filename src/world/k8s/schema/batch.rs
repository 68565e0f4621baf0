//! The fields of Job and CronJob (Kubernetes 1.36), sorted. Data only. Pod failure and success policies are not simulated,
//! and so not known.

use super::Fields;
use super::Type::{Atomic, Bool, Int32, Int64, List, Struct, Text, Time};
use super::meta::{LABEL_SELECTOR, OBJECT_META};
use super::pod::POD_TEMPLATE_SPEC;

pub static JOB: Fields = Fields {
    go: "Job",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&JOB_SPEC)),
        ("status", Struct(&JOB_STATUS)),
    ],
};

pub static JOB_SPEC: Fields = Fields {
    go: "JobSpec",
    fields: &[
        ("activeDeadlineSeconds", Int64),
        ("backoffLimit", Int32),
        ("completionMode", Text),
        ("completions", Int32),
        ("manualSelector", Bool),
        ("parallelism", Int32),
        ("podReplacementPolicy", Text),
        ("selector", Atomic(&LABEL_SELECTOR)),
        ("suspend", Bool),
        ("template", Struct(&POD_TEMPLATE_SPEC)),
        ("ttlSecondsAfterFinished", Int32),
    ],
};

pub static JOB_STATUS: Fields = Fields {
    go: "JobStatus",
    fields: &[
        ("active", Int32),
        ("completedIndexes", Text),
        ("completionTime", Time),
        ("conditions", List(&Struct(&JOB_CONDITION))),
        ("failed", Int32),
        ("ready", Int32),
        ("startTime", Time),
        ("succeeded", Int32),
        ("terminating", Int32),
        ("uncountedTerminatedPods", Struct(&UNCOUNTED)),
    ],
};

pub static JOB_CONDITION: Fields = Fields {
    go: "JobCondition",
    fields: &[
        ("lastProbeTime", Time),
        ("lastTransitionTime", Time),
        ("message", Text),
        ("reason", Text),
        ("status", Text),
        ("type", Text),
    ],
};

static UNCOUNTED: Fields =
    Fields { go: "UncountedTerminatedPods", fields: &[("failed", List(&Text)), ("succeeded", List(&Text))] };

pub static CRON_JOB: Fields = Fields {
    go: "CronJob",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&CRON_JOB_SPEC)),
        ("status", Struct(&CRON_JOB_STATUS)),
    ],
};

pub static CRON_JOB_SPEC: Fields = Fields {
    go: "CronJobSpec",
    fields: &[
        ("concurrencyPolicy", Text),
        ("failedJobsHistoryLimit", Int32),
        ("jobTemplate", Struct(&JOB_TEMPLATE)),
        ("schedule", Text),
        ("startingDeadlineSeconds", Int64),
        ("successfulJobsHistoryLimit", Int32),
        ("suspend", Bool),
        ("timeZone", Text),
    ],
};

static JOB_TEMPLATE: Fields =
    Fields { go: "JobTemplateSpec", fields: &[("metadata", Struct(&OBJECT_META)), ("spec", Struct(&JOB_SPEC))] };

pub static CRON_JOB_STATUS: Fields = Fields {
    go: "CronJobStatus",
    fields: &[("active", List(&Atomic(&REFERENCE))), ("lastScheduleTime", Time), ("lastSuccessfulTime", Time)],
};

static REFERENCE: Fields = Fields {
    go: "ObjectReference",
    fields: &[
        ("apiVersion", Text),
        ("fieldPath", Text),
        ("kind", Text),
        ("name", Text),
        ("namespace", Text),
        ("resourceVersion", Text),
        ("uid", Text),
    ],
};
