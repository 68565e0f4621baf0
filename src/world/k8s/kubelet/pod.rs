//! What a kubelet remembers of one pod: its containers' starts and ends, the reasons they wait, back-offs, probes, and
//! where its worker stands. Does not decide anything.

use super::backoff::Backoff;
use super::probe::ProbeRun;
use super::status::Told;
use crate::stdx::time::{Span, Time};
use crate::world::apps::InstanceId;
use crate::world::k8s::Name;
use crate::world::k8s::recorder::About;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// Names one pod on one kubelet, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodKey(pub u64);

#[derive(Clone, Debug)]
pub struct PodRun {
    pub about: About,
    pub node: Name,
    pub spec: Arc<Value>,
    pub policy: Policy,
    pub containers: Vec<ContainerRun>,
    pub sandbox: Option<Sandbox>,
    pub worker: Worker,
    /// When the kubelet first saw it: `status.startTime`.
    pub started: Time,
    pub ending: Ending,
    /// Volumes that could not be set up, with the pause before the next try.
    pub mount_retry: Option<Span>,
    /// From what its last status was computed.
    pub told: Option<Arc<Told>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Always,
    OnFailure,
    Never,
}

/// How far the pod's end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    No,
    /// Everything that must end has ended or is being ended; the final status follows.
    Terminal,
    /// Deletion was asked: containers are leaving.
    Deleting,
    /// The final status is written.
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    pub ip: Name,
    pub ready: bool,
}

/// The pod's worker: it does one sync at a time.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    pub steps: VecDeque<Step>,
    pub busy: bool,
    /// Somebody asked for another sync while one was under way.
    pub again: bool,
    /// The agenda's entry for the current step.
    pub step_token: u64,
    /// The newest entry of the work queue; older ones are void.
    pub queue_token: u64,
    /// When the last sync began, unless something has happened since: a second reason at that time is the same look.
    pub looked: Option<Time>,
    pub outcome: Outcome,
}

/// What the sync under way has come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub failed: bool,
    pub started: bool,
    /// The earliest end of a restart back-off that stopped a start.
    pub expiry: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Sandbox,
    SandboxReady,
    Kill {
        container: usize,
        why: Killing,
    },
    Killed {
        container: usize,
        code: i32,
    },
    Start {
        container: usize,
    },
    /// The pull asked for at `asked` is over; it took `took` once its turn had come.
    Pulled {
        container: usize,
        asked: Time,
        took: Span,
    },
    /// All containers of an ending pod have left.
    Gone,
    /// Its sandbox too.
    Over,
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killing {
    Liveness,
    Startup,
    /// The image in the spec is another now.
    Changed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Init,
    /// An init container with restartPolicy Always.
    Sidecar,
    App,
}

#[derive(Clone, Debug)]
pub struct ContainerRun {
    pub role: Role,
    pub name: Name,
    /// Its index among `spec.initContainers` or `spec.containers`.
    pub index: usize,
    pub current: Option<Start>,
    /// The start before the current one.
    pub last: Option<Start>,
    /// Why it waits, as the last sync that tried to start it found (the kubelet's reason cache).
    pub why: Option<(&'static str, String)>,
    pub restart_backoff: Option<Backoff>,
    pub pull_backoff: Option<Backoff>,
    pub pull_error: String,
    /// Its image was changed under it: it is to be restarted.
    pub changed: bool,
    pub probes: Vec<ProbeRun>,
    /// What is kept for logs: the newest two starts, newest last.
    pub kept: Vec<(u32, InstanceId)>,
}

/// One start of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub instance: InstanceId,
    pub restart: u32,
    pub container_id: Name,
    /// `None` if the process could not be started.
    pub started: Option<Time>,
    pub finish: Option<Finish>,
    /// Void when the planned exit has changed.
    pub exit_token: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    pub at: Time,
    pub code: i32,
    pub reason: &'static str,
    pub message: String,
}

impl ContainerRun {
    pub fn running(&self) -> Option<&Start> {
        self.current.as_ref().filter(|start| start.finish.is_none())
    }

    pub fn finish(&self) -> Option<&Finish> {
        self.current.as_ref()?.finish.as_ref()
    }

    /// The newest end of any start of this container.
    pub fn newest_finish(&self) -> Option<&Finish> {
        self.finish().or_else(|| self.last.as_ref()?.finish.as_ref())
    }

    pub fn restarts(&self) -> u32 {
        self.current.as_ref().map_or(0, |start| start.restart)
    }

    /// Whether a startup probe, if any, has succeeded for the running start.
    pub fn started(&self) -> bool {
        self.running().is_some() && self.probe(super::probe::Which::Startup).is_none_or(|probe| probe.good)
    }

    /// Running, started, and its readiness probe, if any, succeeds.
    pub fn ready(&self) -> bool {
        match self.role {
            Role::Init => self.finish().is_some_and(|finish| finish.code == 0),
            Role::Sidecar | Role::App => {
                self.started() && self.probe(super::probe::Which::Readiness).is_none_or(|probe| probe.good)
            }
        }
    }

    pub fn probe(&self, which: super::probe::Which) -> Option<&ProbeRun> {
        self.probes.iter().find(|probe| probe.which == which)
    }

    /// Whether it would be started (again) if nothing held it back.
    pub fn wants_start(&self, policy: Policy) -> bool {
        let Some(current) = &self.current else { return true };
        let Some(finish) = &current.finish else { return false };
        match (self.role, policy) {
            (Role::Sidecar, _) => true,
            (Role::Init, Policy::Never) => false,
            (Role::Init, _) | (Role::App, Policy::OnFailure) => finish.code != 0,
            (Role::App, Policy::Always) => true,
            (Role::App, Policy::Never) => false,
        }
    }
}

impl PodRun {
    /// The container's part of the spec.
    pub fn container_spec(&self, container: &ContainerRun) -> &Value {
        let list = if container.role == Role::App { "containers" } else { "initContainers" };
        &self.spec[list][container.index]
    }

    /// Every init container has done its part.
    pub fn initialized(&self) -> bool {
        self.containers.iter().all(|c| match c.role {
            Role::Init => c.finish().is_some_and(|finish| finish.code == 0) || self.any_app_started(),
            Role::Sidecar => c.started() || self.any_app_started(),
            Role::App => true,
        })
    }

    pub fn any_app_started(&self) -> bool {
        self.containers.iter().any(|c| c.role == Role::App && c.current.is_some())
    }

    pub fn has_init(&self) -> bool {
        self.containers.iter().any(|c| c.role != Role::App)
    }
}
