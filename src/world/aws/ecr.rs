//! ECR: image repositories with their images. Does not know kubelets: what pulls move is in `flows`.

use super::arn;
use super::call::{Answer, Call, Cover, Fault};
use super::policy::{self, Document, Kind};
use super::service::{Effect, Operation, Service};
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::k8s::kubelet::image;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of a layer, and layers of an image, at most (ECR service quotas: 52,000 MiB and 4,200).
const LAYER_MAX: u64 = 52_000 * 1_024 * 1_024;
const LAYERS_MAX: u64 = 4_200;

pub static SERVICE: Service =
    Service { name: "ecr", doc: "image repositories", operations: OPERATIONS, metrics: &[], logs: &[], meters: &[] };

type Run = fn(&mut World, &Call) -> Result<Answer, Fault>;

const fn read(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Read, run }
}

const fn write(name: &'static str, doc: &'static str, run: Run) -> Operation {
    Operation { name, doc, effect: Effect::Write, run }
}

static OPERATIONS: &[Operation] = &[
    write("CreateRepository", "makes a repository", create),
    write("DeleteRepository", "deletes a repository", delete),
    read("DescribeImages", "images with their sizes", describe_images),
    read("DescribeRepositories", "repositories", describe),
    read("GetLifecyclePolicy", "which images expire", get_lifecycle),
    read("GetRepositoryPolicy", "who may pull and push", get_policy),
    read("ListImages", "tags and digests", list_images),
    write("PutImage", "adds an image", put_image),
    write("PutLifecyclePolicy", "says which images expire", put_lifecycle),
    write("SetRepositoryPolicy", "says who may pull and push", set_policy),
];

const KIND: &str = "AWS::ECR::Repository";
/// Images of one repository (ECR quotas: 20,000); the oldest fall out.
const IMAGES_MAX: usize = 1_000;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Repositories {
    rows: Arc<BTreeMap<Arc<str>, Arc<Repository>>>,
}

#[derive(Clone, Debug, Default)]
struct Repository {
    created: Time,
    immutable: bool,
    scans: bool,
    policy: Option<String>,
    lifecycle: Option<String>,
    images: Vec<Image>,
}

#[derive(Clone, Debug, Default)]
struct Image {
    tag: String,
    digest: String,
    bytes: u64,
    pushed: Time,
}

fn find(world: &World, call: &Call) -> Result<(Arc<str>, Arc<Repository>), Fault> {
    let name = call.text("repositoryName").unwrap_or_default();
    named(world, name)
}

fn named(world: &World, name: &str) -> Result<(Arc<str>, Arc<Repository>), Fault> {
    let found = world.aws.repositories.rows.get_key_value(name);
    let message = || {
        let id = &world.aws.id;
        format!("The repository with name '{name}' does not exist in the registry with id '{id}'")
    };
    let found = found.map(|(name, row)| (Arc::clone(name), Arc::clone(row)));
    found.ok_or_else(|| Fault::new("RepositoryNotFoundException", message()))
}

fn shown(world: &World, name: &str, row: &Repository) -> Value {
    let (id, region) = (&world.aws.id, &world.aws.region);
    json!({
        "repositoryArn": arn::make("ecr", region, id, &format!("repository/{name}")), "registryId": **id,
        "repositoryName": name, "repositoryUri": format!("{id}.dkr.ecr.{region}.amazonaws.com/{name}"),
        "createdAt": row.created.0, "imageTagMutability": if row.immutable { "IMMUTABLE" } else { "MUTABLE" },
        "imageScanningConfiguration": {"scanOnPush": row.scans}, "encryptionConfiguration": {"encryptionType": "AES256"},
    })
}

fn change(
    world: &mut World,
    name: &str,
    path: &str,
    after: Option<String>,
    set: impl FnOnce(&mut Repository),
) -> Answer {
    if let Some(row) = Arc::make_mut(&mut world.aws.repositories.rows).get_mut(name) {
        set(Arc::make_mut(row));
    }
    Answer::default().altering(KIND, name, vec![FieldChange { path: path.into(), before: None, after }])
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("repositoryName").unwrap_or_default();
    if world.aws.repositories.rows.contains_key(name) {
        let message =
            format!("The repository with name '{name}' already exists in the registry with id '{}'", world.aws.id);
        return Err(Fault::new("RepositoryAlreadyExistsException", message));
    }
    let row = Repository {
        created: world.now,
        immutable: call.text("imageTagMutability") == Some("IMMUTABLE"),
        scans: call.input()["imageScanningConfiguration"]["scanOnPush"] == true,
        ..Repository::default()
    };
    let body = json!({"repository": shown(world, name, &row)});
    Arc::make_mut(&mut world.aws.repositories.rows).insert(name.into(), Arc::new(row));
    let answer = change(world, name, "repositoryName", Some(name.into()), |_| {});
    Ok(Answer { body, ..answer }.about("/repository", KIND, name))
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, row) = find(world, call)?;
    if !row.images.is_empty() && call.yes("force") != Some(true) {
        let id = &world.aws.id;
        let message = format!(
            "The repository with name '{name}' in registry with id '{id}' cannot be deleted because it still contains images"
        );
        return Err(Fault::new("RepositoryNotEmptyException", message));
    }
    let body = json!({"repository": shown(world, &name, &row)});
    let answer = change(world, &name, "repositoryName", None, |_| {});
    Arc::make_mut(&mut world.aws.repositories.rows).remove(&name);
    Ok(Answer { body, ..answer })
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let names = call.texts("repositoryNames");
    let mut rows = Vec::new();
    if names.is_empty() {
        rows.extend(world.aws.repositories.rows.iter().map(|(name, row)| (Arc::clone(name), Arc::clone(row))));
    }
    for name in &names {
        rows.push(named(world, name)?);
    }
    let mut answer = Answer::default();
    if names.is_empty() {
        answer = answer.covering(Cover::All { kind: KIND.into() });
    }
    for (index, (name, _)) in rows.iter().enumerate() {
        answer = answer.about(format!("/repositories/{index}"), KIND, name);
    }
    let shown: Vec<Value> = rows.iter().map(|(name, row)| shown(world, name, row)).collect();
    answer.body = json!({"repositories": shown});
    Ok(answer)
}

/// The images that a request names; all if it names none.
fn picked(world: &World, call: &Call) -> Result<(Arc<str>, Vec<Image>), Fault> {
    let (name, row) = find(world, call)?;
    let ids = call.list("imageIds");
    let fits = |image: &Image, id: &Value| id["imageTag"] == *image.tag || id["imageDigest"] == *image.digest;
    if let Some(id) = ids.iter().find(|id| !row.images.iter().any(|image| fits(image, id))) {
        let text = |member: &str| id[member].as_str().map_or("null".to_string(), |text| format!("'{text}'"));
        let message = format!(
            "The image with imageId {{imageDigest:{}, imageTag:{}}} does not exist within the repository with name \
             '{name}' in the registry with id '{}'",
            text("imageDigest"),
            text("imageTag"),
            world.aws.id
        );
        return Err(Fault::new("ImageNotFoundException", message));
    }
    let wanted = row.images.iter().filter(|image| ids.is_empty() || ids.iter().any(|id| fits(image, id)));
    Ok((name, wanted.cloned().collect()))
}

fn describe_images(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, images) = picked(world, call)?;
    let rows: Vec<Value> = images
        .iter()
        .map(|image| {
            json!({
                "registryId": *world.aws.id, "repositoryName": *name, "imageDigest": image.digest,
                "imageTags": [image.tag], "imageSizeInBytes": image.bytes, "imagePushedAt": image.pushed.0,
                "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
                "artifactMediaType": "application/vnd.oci.image.config.v1+json"})
        })
        .collect();
    Ok(Answer::of(json!({"imageDetails": rows})).about("", KIND, &name))
}

fn list_images(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, row) = find(world, call)?;
    let images = row.images.iter();
    let rows: Vec<Value> = images.map(|image| json!({"imageDigest": image.digest, "imageTag": image.tag})).collect();
    Ok(Answer::of(json!({"imageIds": rows})).about("", KIND, &name))
}

/// The bytes of an image's layers stand in its manifest (OCI image specification: `size` of each layer).
fn put_image(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, row) = find(world, call)?;
    let manifest: Value = serde_json::from_str(call.text("imageManifest").unwrap_or_default()).map_err(|_| {
        Fault::new(
            "InvalidParameterException",
            "Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
        )
    })?;
    let layers = manifest["layers"].as_array().into_iter().flatten().filter_map(|layer| layer["size"].as_u64());
    let bytes = layers.map(|size| size.min(LAYER_MAX)).fold(0, u64::saturating_add).min(LAYER_MAX * LAYERS_MAX);
    let tag = call.text("imageTag").unwrap_or("latest").to_string();
    if row.immutable && row.images.iter().any(|image| image.tag == tag) {
        let message = format!(
            "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the \
             repository is immutable."
        );
        return Err(Fault::new("ImageTagAlreadyExistsException", message));
    }
    let full = image::image_id(&format!("{name}:{tag}"));
    let digest = full.rsplit('@').next().unwrap_or_default().to_string();
    let made = Image { tag: tag.clone(), digest: digest.clone(), bytes, pushed: world.now };
    let answer = change(world, &name, &format!("images[{tag}]"), Some(digest.clone()), |row| {
        row.images.retain(|image| image.tag != tag);
        if row.images.len() >= IMAGES_MAX {
            row.images.remove(0);
        }
        row.images.push(made);
    });
    let body = json!({"image": {"registryId": *world.aws.id, "repositoryName": *name,
        "imageId": {"imageDigest": digest, "imageTag": tag}, "imageManifest": call.text("imageManifest")}});
    Ok(Answer { body, ..answer })
}

fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, row) = find(world, call)?;
    let id = world.aws.id.clone();
    let message = || {
        format!("Repository policy does not exist for the repository with name '{name}' in the registry with id '{id}'")
    };
    let policy = row.policy.clone().ok_or_else(|| Fault::new("RepositoryPolicyNotFoundException", message()))?;
    let body = json!({"registryId": *id, "repositoryName": *name, "policyText": policy});
    Ok(Answer::of(body).about("", KIND, &name))
}

fn set_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = find(world, call)?;
    let policy = call.text("policyText").unwrap_or_default().to_string();
    let document = policy::parse(&policy, Kind::Repository);
    document.map_err(|flaw| policy::complaint("ecr", &flaw))?;
    let body = json!({"registryId": *world.aws.id, "repositoryName": *name, "policyText": policy});
    let answer = change(world, &name, "policyText", Some(policy.clone()), |row| row.policy = Some(policy));
    Ok(Answer { body, ..answer })
}

/// The policy of a repository.
pub fn policy_of(world: &World, repository: &str) -> Option<Arc<Document>> {
    let text = world.aws.repositories.rows.get(repository)?.policy.as_ref()?;
    policy::parse(text, Kind::Repository).ok().map(Arc::new)
}

fn get_lifecycle(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, row) = find(world, call)?;
    let id = world.aws.id.clone();
    let message = || {
        format!("Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{id}'")
    };
    let policy = row.lifecycle.clone().ok_or_else(|| Fault::new("LifecyclePolicyNotFoundException", message()))?;
    let body = json!({"registryId": *id, "repositoryName": *name, "lifecyclePolicyText": policy});
    Ok(Answer::of(body).about("", KIND, &name))
}

fn put_lifecycle(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = find(world, call)?;
    let policy = call.text("lifecyclePolicyText").unwrap_or_default().to_string();
    let body = json!({"registryId": *world.aws.id, "repositoryName": *name, "lifecyclePolicyText": policy});
    let answer = change(world, &name, "lifecyclePolicyText", Some(policy.clone()), |row| row.lifecycle = Some(policy));
    Ok(Answer { body, ..answer })
}
