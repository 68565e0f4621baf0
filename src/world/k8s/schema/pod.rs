//! The fields of pods, whole PodSpec and PodStatus (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{
    Any, Atomic, AtomicMap, Bool, Int32, Int64, IntOrText, Keyed, List, Map, Quantity, Struct, Text, Time,
};
use super::meta::{LABEL_SELECTOR, OBJECT_META};

pub static POD: Fields = Fields {
    go: "Pod",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&POD_SPEC)),
        ("status", Struct(&POD_STATUS)),
    ],
};

pub static POD_TEMPLATE_SPEC: Fields =
    Fields { go: "PodTemplateSpec", fields: &[("metadata", Struct(&OBJECT_META)), ("spec", Struct(&POD_SPEC))] };

pub static POD_SPEC: Fields = Fields {
    go: "PodSpec",
    fields: &[
        ("activeDeadlineSeconds", Int64),
        ("affinity", Struct(&AFFINITY)),
        ("automountServiceAccountToken", Bool),
        ("containers", Keyed(&Struct(&CONTAINER), &["name"])),
        ("dnsConfig", Struct(&POD_DNS_CONFIG)),
        ("dnsPolicy", Text),
        ("enableServiceLinks", Bool),
        ("ephemeralContainers", Keyed(&Struct(&EPHEMERAL_CONTAINER), &["name"])),
        ("hostAliases", Keyed(&Struct(&HOST_ALIAS), &["ip"])),
        ("hostIPC", Bool),
        ("hostNetwork", Bool),
        ("hostPID", Bool),
        ("hostUsers", Bool),
        ("hostname", Text),
        ("hostnameOverride", Text),
        ("imagePullSecrets", Keyed(&Atomic(&LOCAL_OBJECT_REFERENCE), &["name"])),
        ("initContainers", Keyed(&Struct(&CONTAINER), &["name"])),
        ("nodeName", Text),
        ("nodeSelector", AtomicMap(&Text)),
        ("os", Struct(&POD_OS)),
        ("overhead", Map(&Quantity)),
        ("preemptionPolicy", Text),
        ("priority", Int32),
        ("priorityClassName", Text),
        ("readinessGates", List(&Struct(&POD_READINESS_GATE))),
        ("resourceClaims", Keyed(&Struct(&POD_RESOURCE_CLAIM), &["name"])),
        ("resources", Struct(&RESOURCE_REQUIREMENTS)),
        ("restartPolicy", Text),
        ("runtimeClassName", Text),
        ("schedulerName", Text),
        ("schedulingGates", Keyed(&Struct(&POD_SCHEDULING_GATE), &["name"])),
        ("schedulingGroup", Any),
        ("securityContext", Struct(&POD_SECURITY_CONTEXT)),
        ("serviceAccount", Text),
        ("serviceAccountName", Text),
        ("setHostnameAsFQDN", Bool),
        ("shareProcessNamespace", Bool),
        ("subdomain", Text),
        ("terminationGracePeriodSeconds", Int64),
        ("tolerations", List(&Struct(&TOLERATION))),
        (
            "topologySpreadConstraints",
            Keyed(&Struct(&TOPOLOGY_SPREAD_CONSTRAINT), &["topologyKey", "whenUnsatisfiable"]),
        ),
        ("volumes", Keyed(&Struct(&VOLUME), &["name"])),
        ("workloadRef", Any),
    ],
};

pub static POD_OS: Fields = Fields { go: "PodOS", fields: &[("name", Text)] };

pub static POD_READINESS_GATE: Fields = Fields { go: "PodReadinessGate", fields: &[("conditionType", Text)] };

pub static POD_SCHEDULING_GATE: Fields = Fields { go: "PodSchedulingGate", fields: &[("name", Text)] };

pub static POD_RESOURCE_CLAIM: Fields = Fields {
    go: "PodResourceClaim",
    fields: &[("name", Text), ("resourceClaimName", Text), ("resourceClaimTemplateName", Text)],
};

pub static POD_DNS_CONFIG: Fields = Fields {
    go: "PodDNSConfig",
    fields: &[
        ("nameservers", List(&Text)),
        ("options", List(&Struct(&POD_DNS_CONFIG_OPTION))),
        ("searches", List(&Text)),
    ],
};

pub static POD_DNS_CONFIG_OPTION: Fields =
    Fields { go: "PodDNSConfigOption", fields: &[("name", Text), ("value", Text)] };

pub static HOST_ALIAS: Fields = Fields { go: "HostAlias", fields: &[("hostnames", List(&Text)), ("ip", Text)] };

pub static LOCAL_OBJECT_REFERENCE: Fields = Fields { go: "LocalObjectReference", fields: &[("name", Text)] };

pub static TOLERATION: Fields = Fields {
    go: "Toleration",
    fields: &[("effect", Text), ("key", Text), ("operator", Text), ("tolerationSeconds", Int64), ("value", Text)],
};

pub static TOPOLOGY_SPREAD_CONSTRAINT: Fields = Fields {
    go: "TopologySpreadConstraint",
    fields: &[
        ("labelSelector", Atomic(&LABEL_SELECTOR)),
        ("matchLabelKeys", List(&Text)),
        ("maxSkew", Int32),
        ("minDomains", Int32),
        ("nodeAffinityPolicy", Text),
        ("nodeTaintsPolicy", Text),
        ("topologyKey", Text),
        ("whenUnsatisfiable", Text),
    ],
};

pub static AFFINITY: Fields = Fields {
    go: "Affinity",
    fields: &[
        ("nodeAffinity", Struct(&NODE_AFFINITY)),
        ("podAffinity", Struct(&POD_AFFINITY)),
        ("podAntiAffinity", Struct(&POD_ANTI_AFFINITY)),
    ],
};

pub static NODE_AFFINITY: Fields = Fields {
    go: "NodeAffinity",
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", List(&Struct(&PREFERRED_SCHEDULING_TERM))),
        ("requiredDuringSchedulingIgnoredDuringExecution", Atomic(&NODE_SELECTOR)),
    ],
};

pub static PREFERRED_SCHEDULING_TERM: Fields =
    Fields { go: "PreferredSchedulingTerm", fields: &[("preference", Atomic(&NODE_SELECTOR_TERM)), ("weight", Int32)] };

pub static NODE_SELECTOR: Fields =
    Fields { go: "NodeSelector", fields: &[("nodeSelectorTerms", List(&Struct(&NODE_SELECTOR_TERM)))] };

pub static NODE_SELECTOR_TERM: Fields = Fields {
    go: "NodeSelectorTerm",
    fields: &[
        ("matchExpressions", List(&Struct(&NODE_SELECTOR_REQUIREMENT))),
        ("matchFields", List(&Struct(&NODE_SELECTOR_REQUIREMENT))),
    ],
};

pub static NODE_SELECTOR_REQUIREMENT: Fields =
    Fields { go: "NodeSelectorRequirement", fields: &[("key", Text), ("operator", Text), ("values", List(&Text))] };

pub static POD_AFFINITY: Fields = Fields {
    go: "PodAffinity",
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", List(&Struct(&WEIGHTED_POD_AFFINITY_TERM))),
        ("requiredDuringSchedulingIgnoredDuringExecution", List(&Struct(&POD_AFFINITY_TERM))),
    ],
};

pub static POD_ANTI_AFFINITY: Fields = Fields {
    go: "PodAntiAffinity",
    fields: &[
        ("preferredDuringSchedulingIgnoredDuringExecution", List(&Struct(&WEIGHTED_POD_AFFINITY_TERM))),
        ("requiredDuringSchedulingIgnoredDuringExecution", List(&Struct(&POD_AFFINITY_TERM))),
    ],
};

pub static WEIGHTED_POD_AFFINITY_TERM: Fields = Fields {
    go: "WeightedPodAffinityTerm",
    fields: &[("podAffinityTerm", Struct(&POD_AFFINITY_TERM)), ("weight", Int32)],
};

pub static POD_AFFINITY_TERM: Fields = Fields {
    go: "PodAffinityTerm",
    fields: &[
        ("labelSelector", Atomic(&LABEL_SELECTOR)),
        ("matchLabelKeys", List(&Text)),
        ("mismatchLabelKeys", List(&Text)),
        ("namespaceSelector", Atomic(&LABEL_SELECTOR)),
        ("namespaces", List(&Text)),
        ("topologyKey", Text),
    ],
};

pub static POD_SECURITY_CONTEXT: Fields = Fields {
    go: "PodSecurityContext",
    fields: &[
        ("appArmorProfile", Struct(&APP_ARMOR_PROFILE)),
        ("fsGroup", Int64),
        ("fsGroupChangePolicy", Text),
        ("runAsGroup", Int64),
        ("runAsNonRoot", Bool),
        ("runAsUser", Int64),
        ("seLinuxChangePolicy", Text),
        ("seLinuxOptions", Struct(&SE_LINUX_OPTIONS)),
        ("seccompProfile", Struct(&SECCOMP_PROFILE)),
        ("supplementalGroups", List(&Int64)),
        ("supplementalGroupsPolicy", Text),
        ("sysctls", List(&Struct(&SYSCTL))),
        ("windowsOptions", Struct(&WINDOWS_SECURITY_CONTEXT_OPTIONS)),
    ],
};

pub static SECURITY_CONTEXT: Fields = Fields {
    go: "SecurityContext",
    fields: &[
        ("allowPrivilegeEscalation", Bool),
        ("appArmorProfile", Struct(&APP_ARMOR_PROFILE)),
        ("capabilities", Struct(&CAPABILITIES)),
        ("privileged", Bool),
        ("procMount", Text),
        ("readOnlyRootFilesystem", Bool),
        ("runAsGroup", Int64),
        ("runAsNonRoot", Bool),
        ("runAsUser", Int64),
        ("seLinuxOptions", Struct(&SE_LINUX_OPTIONS)),
        ("seccompProfile", Struct(&SECCOMP_PROFILE)),
        ("windowsOptions", Struct(&WINDOWS_SECURITY_CONTEXT_OPTIONS)),
    ],
};

pub static APP_ARMOR_PROFILE: Fields =
    Fields { go: "AppArmorProfile", fields: &[("localhostProfile", Text), ("type", Text)] };

pub static SE_LINUX_OPTIONS: Fields =
    Fields { go: "SELinuxOptions", fields: &[("level", Text), ("role", Text), ("type", Text), ("user", Text)] };

pub static SECCOMP_PROFILE: Fields =
    Fields { go: "SeccompProfile", fields: &[("localhostProfile", Text), ("type", Text)] };

pub static SYSCTL: Fields = Fields { go: "Sysctl", fields: &[("name", Text), ("value", Text)] };

pub static WINDOWS_SECURITY_CONTEXT_OPTIONS: Fields = Fields {
    go: "WindowsSecurityContextOptions",
    fields: &[
        ("gmsaCredentialSpec", Text),
        ("gmsaCredentialSpecName", Text),
        ("hostProcess", Bool),
        ("runAsUserName", Text),
    ],
};

pub static CAPABILITIES: Fields = Fields { go: "Capabilities", fields: &[("add", List(&Text)), ("drop", List(&Text))] };

pub static CONTAINER: Fields = Fields {
    go: "Container",
    fields: &[
        ("args", List(&Text)),
        ("command", List(&Text)),
        ("env", Keyed(&Struct(&ENV_VAR), &["name"])),
        ("envFrom", List(&Struct(&ENV_FROM_SOURCE))),
        ("image", Text),
        ("imagePullPolicy", Text),
        ("lifecycle", Struct(&LIFECYCLE)),
        ("livenessProbe", Struct(&PROBE)),
        ("name", Text),
        ("ports", Keyed(&Struct(&CONTAINER_PORT), &["containerPort", "protocol"])),
        ("readinessProbe", Struct(&PROBE)),
        ("resizePolicy", List(&Struct(&CONTAINER_RESIZE_POLICY))),
        ("resources", Struct(&RESOURCE_REQUIREMENTS)),
        ("restartPolicy", Text),
        ("restartPolicyRules", List(&Struct(&CONTAINER_RESTART_RULE))),
        ("securityContext", Struct(&SECURITY_CONTEXT)),
        ("startupProbe", Struct(&PROBE)),
        ("stdin", Bool),
        ("stdinOnce", Bool),
        ("terminationMessagePath", Text),
        ("terminationMessagePolicy", Text),
        ("tty", Bool),
        ("volumeDevices", Keyed(&Struct(&VOLUME_DEVICE), &["devicePath"])),
        ("volumeMounts", Keyed(&Struct(&VOLUME_MOUNT), &["mountPath"])),
        ("workingDir", Text),
    ],
};

pub static EPHEMERAL_CONTAINER: Fields = Fields {
    go: "EphemeralContainer",
    fields: &[
        ("args", List(&Text)),
        ("command", List(&Text)),
        ("env", Keyed(&Struct(&ENV_VAR), &["name"])),
        ("envFrom", List(&Struct(&ENV_FROM_SOURCE))),
        ("image", Text),
        ("imagePullPolicy", Text),
        ("lifecycle", Struct(&LIFECYCLE)),
        ("livenessProbe", Struct(&PROBE)),
        ("name", Text),
        ("ports", Keyed(&Struct(&CONTAINER_PORT), &["containerPort", "protocol"])),
        ("readinessProbe", Struct(&PROBE)),
        ("resizePolicy", List(&Struct(&CONTAINER_RESIZE_POLICY))),
        ("resources", Struct(&RESOURCE_REQUIREMENTS)),
        ("restartPolicy", Text),
        ("restartPolicyRules", List(&Struct(&CONTAINER_RESTART_RULE))),
        ("securityContext", Struct(&SECURITY_CONTEXT)),
        ("startupProbe", Struct(&PROBE)),
        ("stdin", Bool),
        ("stdinOnce", Bool),
        ("targetContainerName", Text),
        ("terminationMessagePath", Text),
        ("terminationMessagePolicy", Text),
        ("tty", Bool),
        ("volumeDevices", Keyed(&Struct(&VOLUME_DEVICE), &["devicePath"])),
        ("volumeMounts", Keyed(&Struct(&VOLUME_MOUNT), &["mountPath"])),
        ("workingDir", Text),
    ],
};

pub static CONTAINER_RESIZE_POLICY: Fields =
    Fields { go: "ContainerResizePolicy", fields: &[("resourceName", Text), ("restartPolicy", Text)] };

pub static CONTAINER_RESTART_RULE: Fields = Fields {
    go: "ContainerRestartRule",
    fields: &[("action", Text), ("exitCodes", Struct(&CONTAINER_RESTART_RULE_ON_EXIT_CODES))],
};

pub static CONTAINER_RESTART_RULE_ON_EXIT_CODES: Fields =
    Fields { go: "ContainerRestartRuleOnExitCodes", fields: &[("operator", Text), ("values", List(&Int32))] };

pub static ENV_VAR: Fields =
    Fields { go: "EnvVar", fields: &[("name", Text), ("value", Text), ("valueFrom", Struct(&ENV_VAR_SOURCE))] };

pub static ENV_VAR_SOURCE: Fields = Fields {
    go: "EnvVarSource",
    fields: &[
        ("configMapKeyRef", Atomic(&CONFIG_MAP_KEY_SELECTOR)),
        ("fieldRef", Atomic(&OBJECT_FIELD_SELECTOR)),
        ("fileKeyRef", Atomic(&FILE_KEY_SELECTOR)),
        ("resourceFieldRef", Atomic(&RESOURCE_FIELD_SELECTOR)),
        ("secretKeyRef", Atomic(&SECRET_KEY_SELECTOR)),
    ],
};

pub static CONFIG_MAP_KEY_SELECTOR: Fields =
    Fields { go: "ConfigMapKeySelector", fields: &[("key", Text), ("name", Text), ("optional", Bool)] };

pub static SECRET_KEY_SELECTOR: Fields =
    Fields { go: "SecretKeySelector", fields: &[("key", Text), ("name", Text), ("optional", Bool)] };

pub static FILE_KEY_SELECTOR: Fields = Fields {
    go: "FileKeySelector",
    fields: &[("key", Text), ("optional", Bool), ("path", Text), ("volumeName", Text)],
};

pub static OBJECT_FIELD_SELECTOR: Fields =
    Fields { go: "ObjectFieldSelector", fields: &[("apiVersion", Text), ("fieldPath", Text)] };

pub static RESOURCE_FIELD_SELECTOR: Fields = Fields {
    go: "ResourceFieldSelector",
    fields: &[("containerName", Text), ("divisor", Quantity), ("resource", Text)],
};

pub static ENV_FROM_SOURCE: Fields = Fields {
    go: "EnvFromSource",
    fields: &[
        ("configMapRef", Struct(&CONFIG_MAP_ENV_SOURCE)),
        ("prefix", Text),
        ("secretRef", Struct(&SECRET_ENV_SOURCE)),
    ],
};

pub static CONFIG_MAP_ENV_SOURCE: Fields =
    Fields { go: "ConfigMapEnvSource", fields: &[("name", Text), ("optional", Bool)] };

pub static SECRET_ENV_SOURCE: Fields = Fields { go: "SecretEnvSource", fields: &[("name", Text), ("optional", Bool)] };

pub static CONTAINER_PORT: Fields = Fields {
    go: "ContainerPort",
    fields: &[("containerPort", Int32), ("hostIP", Text), ("hostPort", Int32), ("name", Text), ("protocol", Text)],
};

pub static RESOURCE_REQUIREMENTS: Fields = Fields {
    go: "ResourceRequirements",
    fields: &[
        ("claims", Keyed(&Struct(&RESOURCE_CLAIM), &["name"])),
        ("limits", Map(&Quantity)),
        ("requests", Map(&Quantity)),
    ],
};

pub static RESOURCE_CLAIM: Fields = Fields { go: "ResourceClaim", fields: &[("name", Text), ("request", Text)] };

pub static VOLUME_MOUNT: Fields = Fields {
    go: "VolumeMount",
    fields: &[
        ("mountPath", Text),
        ("mountPropagation", Text),
        ("name", Text),
        ("readOnly", Bool),
        ("recursiveReadOnly", Text),
        ("subPath", Text),
        ("subPathExpr", Text),
    ],
};

pub static VOLUME_DEVICE: Fields = Fields { go: "VolumeDevice", fields: &[("devicePath", Text), ("name", Text)] };

pub static LIFECYCLE: Fields = Fields {
    go: "Lifecycle",
    fields: &[("postStart", Struct(&LIFECYCLE_HANDLER)), ("preStop", Struct(&LIFECYCLE_HANDLER)), ("stopSignal", Text)],
};

pub static LIFECYCLE_HANDLER: Fields = Fields {
    go: "LifecycleHandler",
    fields: &[
        ("exec", Struct(&EXEC_ACTION)),
        ("httpGet", Struct(&HTTP_GET_ACTION)),
        ("sleep", Struct(&SLEEP_ACTION)),
        ("tcpSocket", Struct(&TCP_SOCKET_ACTION)),
    ],
};

pub static SLEEP_ACTION: Fields = Fields { go: "SleepAction", fields: &[("seconds", Int64)] };

pub static PROBE: Fields = Fields {
    go: "Probe",
    fields: &[
        ("exec", Struct(&EXEC_ACTION)),
        ("failureThreshold", Int32),
        ("grpc", Struct(&GRPC_ACTION)),
        ("httpGet", Struct(&HTTP_GET_ACTION)),
        ("initialDelaySeconds", Int32),
        ("periodSeconds", Int32),
        ("successThreshold", Int32),
        ("tcpSocket", Struct(&TCP_SOCKET_ACTION)),
        ("terminationGracePeriodSeconds", Int64),
        ("timeoutSeconds", Int32),
    ],
};

pub static EXEC_ACTION: Fields = Fields { go: "ExecAction", fields: &[("command", List(&Text))] };

pub static GRPC_ACTION: Fields = Fields { go: "GRPCAction", fields: &[("port", Int32), ("service", Text)] };

pub static HTTP_GET_ACTION: Fields = Fields {
    go: "HTTPGetAction",
    fields: &[
        ("host", Text),
        ("httpHeaders", List(&Struct(&HTTP_HEADER))),
        ("path", Text),
        ("port", IntOrText),
        ("scheme", Text),
    ],
};

pub static HTTP_HEADER: Fields = Fields { go: "HTTPHeader", fields: &[("name", Text), ("value", Text)] };

pub static TCP_SOCKET_ACTION: Fields = Fields { go: "TCPSocketAction", fields: &[("host", Text), ("port", IntOrText)] };

pub static VOLUME: Fields = Fields {
    go: "Volume",
    fields: &[
        ("awsElasticBlockStore", Any),
        ("azureDisk", Any),
        ("azureFile", Any),
        ("cephfs", Any),
        ("cinder", Any),
        ("configMap", Struct(&CONFIG_MAP_VOLUME_SOURCE)),
        ("csi", Struct(&CSI_VOLUME_SOURCE)),
        ("downwardAPI", Struct(&DOWNWARD_API_VOLUME_SOURCE)),
        ("emptyDir", Struct(&EMPTY_DIR_VOLUME_SOURCE)),
        ("ephemeral", Any),
        ("fc", Any),
        ("flexVolume", Any),
        ("flocker", Any),
        ("gcePersistentDisk", Any),
        ("gitRepo", Any),
        ("glusterfs", Any),
        ("hostPath", Struct(&HOST_PATH_VOLUME_SOURCE)),
        ("image", Struct(&IMAGE_VOLUME_SOURCE)),
        ("iscsi", Any),
        ("name", Text),
        ("nfs", Struct(&NFS_VOLUME_SOURCE)),
        ("persistentVolumeClaim", Struct(&PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE)),
        ("photonPersistentDisk", Any),
        ("portworxVolume", Any),
        ("projected", Struct(&PROJECTED_VOLUME_SOURCE)),
        ("quobyte", Any),
        ("rbd", Any),
        ("scaleIO", Any),
        ("secret", Struct(&SECRET_VOLUME_SOURCE)),
        ("storageos", Any),
        ("vsphereVolume", Any),
    ],
};

pub static CONFIG_MAP_VOLUME_SOURCE: Fields = Fields {
    go: "ConfigMapVolumeSource",
    fields: &[("defaultMode", Int32), ("items", List(&Struct(&KEY_TO_PATH))), ("name", Text), ("optional", Bool)],
};

pub static SECRET_VOLUME_SOURCE: Fields = Fields {
    go: "SecretVolumeSource",
    fields: &[("defaultMode", Int32), ("items", List(&Struct(&KEY_TO_PATH))), ("optional", Bool), ("secretName", Text)],
};

pub static KEY_TO_PATH: Fields = Fields { go: "KeyToPath", fields: &[("key", Text), ("mode", Int32), ("path", Text)] };

pub static CSI_VOLUME_SOURCE: Fields = Fields {
    go: "CSIVolumeSource",
    fields: &[
        ("driver", Text),
        ("fsType", Text),
        ("nodePublishSecretRef", Atomic(&LOCAL_OBJECT_REFERENCE)),
        ("readOnly", Bool),
        ("volumeAttributes", Map(&Text)),
    ],
};

pub static DOWNWARD_API_VOLUME_SOURCE: Fields = Fields {
    go: "DownwardAPIVolumeSource",
    fields: &[("defaultMode", Int32), ("items", List(&Struct(&DOWNWARD_API_VOLUME_FILE)))],
};

pub static DOWNWARD_API_VOLUME_FILE: Fields = Fields {
    go: "DownwardAPIVolumeFile",
    fields: &[
        ("fieldRef", Atomic(&OBJECT_FIELD_SELECTOR)),
        ("mode", Int32),
        ("path", Text),
        ("resourceFieldRef", Atomic(&RESOURCE_FIELD_SELECTOR)),
    ],
};

pub static EMPTY_DIR_VOLUME_SOURCE: Fields =
    Fields { go: "EmptyDirVolumeSource", fields: &[("medium", Text), ("sizeLimit", Quantity)] };

pub static HOST_PATH_VOLUME_SOURCE: Fields =
    Fields { go: "HostPathVolumeSource", fields: &[("path", Text), ("type", Text)] };

pub static IMAGE_VOLUME_SOURCE: Fields =
    Fields { go: "ImageVolumeSource", fields: &[("pullPolicy", Text), ("reference", Text)] };

pub static NFS_VOLUME_SOURCE: Fields =
    Fields { go: "NFSVolumeSource", fields: &[("path", Text), ("readOnly", Bool), ("server", Text)] };

pub static PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE: Fields =
    Fields { go: "PersistentVolumeClaimVolumeSource", fields: &[("claimName", Text), ("readOnly", Bool)] };

pub static PROJECTED_VOLUME_SOURCE: Fields = Fields {
    go: "ProjectedVolumeSource",
    fields: &[("defaultMode", Int32), ("sources", List(&Struct(&VOLUME_PROJECTION)))],
};

pub static VOLUME_PROJECTION: Fields = Fields {
    go: "VolumeProjection",
    fields: &[
        ("clusterTrustBundle", Any),
        ("configMap", Struct(&CONFIG_MAP_PROJECTION)),
        ("downwardAPI", Struct(&DOWNWARD_API_PROJECTION)),
        ("podCertificate", Any),
        ("secret", Struct(&SECRET_PROJECTION)),
        ("serviceAccountToken", Struct(&SERVICE_ACCOUNT_TOKEN_PROJECTION)),
    ],
};

pub static CONFIG_MAP_PROJECTION: Fields = Fields {
    go: "ConfigMapProjection",
    fields: &[("items", List(&Struct(&KEY_TO_PATH))), ("name", Text), ("optional", Bool)],
};

pub static SECRET_PROJECTION: Fields = Fields {
    go: "SecretProjection",
    fields: &[("items", List(&Struct(&KEY_TO_PATH))), ("name", Text), ("optional", Bool)],
};

pub static DOWNWARD_API_PROJECTION: Fields =
    Fields { go: "DownwardAPIProjection", fields: &[("items", List(&Struct(&DOWNWARD_API_VOLUME_FILE)))] };

pub static SERVICE_ACCOUNT_TOKEN_PROJECTION: Fields = Fields {
    go: "ServiceAccountTokenProjection",
    fields: &[("audience", Text), ("expirationSeconds", Int64), ("path", Text)],
};

pub static POD_STATUS: Fields = Fields {
    go: "PodStatus",
    fields: &[
        ("allocatedResources", Map(&Quantity)),
        ("conditions", Keyed(&Struct(&POD_CONDITION), &["type"])),
        ("containerStatuses", List(&Struct(&CONTAINER_STATUS))),
        ("ephemeralContainerStatuses", List(&Struct(&CONTAINER_STATUS))),
        ("extendedResourceClaimStatus", Any),
        ("hostIP", Text),
        ("hostIPs", List(&Struct(&HOST_IP))),
        ("initContainerStatuses", List(&Struct(&CONTAINER_STATUS))),
        ("message", Text),
        ("nodeAllocatableResourceClaimStatuses", Any),
        ("nominatedNodeName", Text),
        ("observedGeneration", Int64),
        ("phase", Text),
        ("podIP", Text),
        ("podIPs", Keyed(&Struct(&POD_IP), &["ip"])),
        ("qosClass", Text),
        ("reason", Text),
        ("resize", Text),
        ("resourceClaimStatuses", Any),
        ("resources", Struct(&RESOURCE_REQUIREMENTS)),
        ("startTime", Time),
    ],
};

pub static HOST_IP: Fields = Fields { go: "HostIP", fields: &[("ip", Text)] };

pub static POD_IP: Fields = Fields { go: "PodIP", fields: &[("ip", Text)] };

pub static POD_CONDITION: Fields = Fields {
    go: "PodCondition",
    fields: &[
        ("lastProbeTime", Time),
        ("lastTransitionTime", Time),
        ("message", Text),
        ("observedGeneration", Int64),
        ("reason", Text),
        ("status", Text),
        ("type", Text),
    ],
};

pub static CONTAINER_STATUS: Fields = Fields {
    go: "ContainerStatus",
    fields: &[
        ("allocatedResources", Map(&Quantity)),
        ("allocatedResourcesStatus", Any),
        ("containerID", Text),
        ("image", Text),
        ("imageID", Text),
        ("lastState", Struct(&CONTAINER_STATE)),
        ("name", Text),
        ("ready", Bool),
        ("resources", Struct(&RESOURCE_REQUIREMENTS)),
        ("restartCount", Int32),
        ("started", Bool),
        ("state", Struct(&CONTAINER_STATE)),
        ("stopSignal", Text),
        ("user", Any),
        ("volumeMounts", Keyed(&Struct(&VOLUME_MOUNT_STATUS), &["mountPath"])),
    ],
};

pub static VOLUME_MOUNT_STATUS: Fields = Fields {
    go: "VolumeMountStatus",
    fields: &[
        ("mountPath", Text),
        ("name", Text),
        ("readOnly", Bool),
        ("recursiveReadOnly", Text),
        ("volumeStatus", Any),
    ],
};

pub static CONTAINER_STATE: Fields = Fields {
    go: "ContainerState",
    fields: &[
        ("running", Struct(&CONTAINER_STATE_RUNNING)),
        ("terminated", Struct(&CONTAINER_STATE_TERMINATED)),
        ("waiting", Struct(&CONTAINER_STATE_WAITING)),
    ],
};

pub static CONTAINER_STATE_RUNNING: Fields = Fields { go: "ContainerStateRunning", fields: &[("startedAt", Time)] };

pub static CONTAINER_STATE_TERMINATED: Fields = Fields {
    go: "ContainerStateTerminated",
    fields: &[
        ("containerID", Text),
        ("exitCode", Int32),
        ("finishedAt", Time),
        ("message", Text),
        ("reason", Text),
        ("signal", Int32),
        ("startedAt", Time),
    ],
};

pub static CONTAINER_STATE_WAITING: Fields =
    Fields { go: "ContainerStateWaiting", fields: &[("message", Text), ("reason", Text)] };
