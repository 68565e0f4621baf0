//! Casting: a file, a variant and a seed become a case and a stage that has lived until the page. Does not know the
//! board, and lets nothing of chain, clues or verdict into the world.

use super::estate::{Estate, Manifest};
use super::file::{self, Drawn};
use super::lower::RivalWorld;
use super::problem::Problem;
use super::roles;
use super::shape::{self, Case, Weather};
use super::source::Pack;
use super::stage::{ScriptLine, Stage};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps;
use crate::world::aws;
use crate::world::iac;
use crate::world::iac::code::Prepared;
use crate::world::k8s::api::{self, Accept, Body, Query, Request, Verb};
use crate::world::k8s::kinds;
use crate::world::k8s::object::Object;
use crate::world::partners::{Mood, Refuses};
use crate::world::traffic;
use crate::world::witnesses::{Topic, Witness};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who builds the estate, as the audit would name it.
const BUILDER: &str = "estate-bot";
/// The longest warm-up: what has to be lived before the page costs time at every start.
pub const WARMUP_MAX: Span = Span::hours(24 * 10);

/// Which story the world lives through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// With everything the script says.
    Whole,
    /// The healthy twin: the fault's lines and weather are dropped.
    Healthy,
    /// The world of the rival at this place of the case: its own lines and weather instead of the fault's.
    Rival(usize),
}

impl Telling {
    /// What a rival's telling has besides the healthy twin.
    fn besides(self, drawn: &Drawn) -> Option<&RivalWorld> {
        let Telling::Rival(at) = self else { return None };
        drawn.lowered.worlds.get(&drawn.lowered.case.rivals.get(at)?.id)
    }
}

/// A case and its stage at the page.
pub fn cast(pack: &Pack, variant: &str, seed: u64) -> Result<(Case, Stage), Vec<Problem>> {
    let file = file::read(pack)?;
    let drawn = file::draw(pack, &file, variant, seed)?;
    let stage = stage(&drawn, seed, Telling::Whole)?;
    Ok(bound(drawn, stage))
}

/// The healthy twin's stage at the page: same seed, fault dropped.
pub fn twin(pack: &Pack, variant: &str, seed: u64) -> Result<Stage, Vec<Problem>> {
    let file = file::read(pack)?;
    let drawn = file::draw(pack, &file, variant, seed)?;
    stage(&drawn, seed, Telling::Healthy)
}

/// Binds the roles to the stage at the page, and puts their names into the page's text.
pub fn bound(drawn: Drawn, stage: Stage) -> (Case, Stage) {
    (bind(drawn.lowered.case, &stage), stage)
}

/// The case of such a stage alone.
pub(super) fn bound_case(case: &Case, stage: &Stage) -> Case {
    bind(case.clone(), stage)
}

fn bind(mut case: Case, stage: &Stage) -> Case {
    // A role that means nothing is the checker's to report; the case can still be played.
    let _unbound = roles::bind(&mut case.roles, &stage.world);
    case.drill.page = roles::expand(&case.drill.page, &case.roles, &stage.world);
    case
}

/// Builds the world and lives it until the page.
pub fn stage(drawn: &Drawn, seed: u64, telling: Telling) -> Result<Stage, Vec<Problem>> {
    let mut world = found(drawn, seed)?;
    weather(drawn, telling).into_iter().for_each(|weather| blow(&mut world, weather, start(drawn)));
    iac::prepare(&mut world, &code(drawn, telling));
    hire(&mut world, &drawn.lowered.case.people.witnesses);
    let mut stage = opened(world, script(drawn, telling));
    stage.advance_to(drawn.lowered.case.drill.page_at);
    Ok(stage)
}

/// Several stages of one seed: what they have in common is lived once.
pub fn stages(parts: &[(&Drawn, Telling)], seed: u64) -> Vec<Result<Stage, Vec<Problem>>> {
    super::together::stages(parts, seed)
}

/// All the variants of a file that are named, cast with one seed.
pub fn variants(pack: &Pack, variants: &[String], seed: u64) -> Result<Vec<(Case, Stage)>, Vec<Problem>> {
    let file = file::read(pack)?;
    let drawn: Result<Vec<Drawn>, _> = variants.iter().map(|variant| file::draw(pack, &file, variant, seed)).collect();
    let drawn = drawn?;
    let parts: Vec<(&Drawn, Telling)> = drawn.iter().map(|drawn| (drawn, Telling::Whole)).collect();
    let stages: Result<Vec<Stage>, _> = stages(&parts, seed).into_iter().collect();
    let stages = stages?;
    Ok(drawn.into_iter().zip(stages).map(|(drawn, stage)| bound(drawn, stage)).collect())
}

/// When the warm-up begins.
pub(super) fn start(drawn: &Drawn) -> Time {
    drawn.lowered.case.drill.page_at - Span(drawn.lowered.warmup.0.clamp(0, WARMUP_MAX.0))
}

/// The world as the warm-up begins, before anybody said what will be.
pub(super) fn found(drawn: &Drawn, seed: u64) -> Result<World, Vec<Problem>> {
    let mut problems = Vec::new();
    let world = build(&drawn.estate, &drawn.lowered.images, seed, start(drawn), &mut problems);
    if problems.is_empty() { Ok(world) } else { Err(problems) }
}

/// A world with a script of which nothing has been played.
pub(super) fn opened(world: World, script: Arc<[ScriptLine]>) -> Stage {
    Stage { world, script, cursor: 0, actors: BTreeMap::new(), refused: Vec::new() }
}

/// The weather that a telling has.
pub(super) fn weather(drawn: &Drawn, telling: Telling) -> Vec<&Weather> {
    let own = drawn.lowered.case.weather.iter().filter(|weather| telling == Telling::Whole || !weather.fault);
    own.chain(telling.besides(drawn).into_iter().flat_map(|world| &world.weather)).collect()
}

/// The lines that are played in a telling.
pub(super) fn script(drawn: &Drawn, telling: Telling) -> Arc<[ScriptLine]> {
    let own = drawn.lowered.script.iter().filter(|line| telling == Telling::Whole || !line.fault);
    let besides = telling.besides(drawn).into_iter().flat_map(|world| &world.script);
    let mut lines: Vec<ScriptLine> = own.chain(besides).cloned().collect();
    lines.sort_by_key(|line| line.at);
    lines.into()
}

/// The changes of the account's code that are prepared in a telling.
pub(super) fn code(drawn: &Drawn, telling: Telling) -> Vec<Prepared> {
    let besides = telling.besides(drawn).into_iter().flat_map(|world| &world.iac);
    drawn.lowered.iac.iter().chain(besides).cloned().collect()
}

/// A young world: programs known, nodes and namespaces there, the estate's objects created through the API.
fn build(estate: &Estate, released: &[String], seed: u64, start: Time, problems: &mut Vec<Problem>) -> World {
    let mut world = World::new(seed, start);
    let run = estate.manifests.iter().flat_map(|manifest| run_images(&manifest.value));
    let images = run.chain(estate.images.iter().chain(released).map(String::as_str));
    images.for_each(|image| world.k8s.registry().declare(image));
    let mistakes = apps::describe(&mut world, &super::estate::to_json(&estate.apps.tree));
    problems.extend(mistakes.into_iter().map(|mistake| placed(&estate.apps, mistake)));
    let account = super::estate::to_json(&estate.account.tree);
    let mistakes = aws::describe(&mut world, &account, start - estate.born);
    problems.extend(mistakes.into_iter().map(|mistake| placed(&estate.account, mistake)));
    let (old, young): (Vec<&Manifest>, Vec<&Manifest>) =
        estate.manifests.iter().partition(|m| matches!(m.value["kind"].as_str(), Some("Node" | "Namespace")));
    for manifest in old {
        settle(&mut world, manifest, start - estate.born, problems);
    }
    aws::ec2::instances::adopt(&mut world);
    for manifest in young {
        create(&mut world, manifest, problems);
    }
    world
}

/// The images of all containers in a manifest: what runs has been released.
fn run_images(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => {
            let own = map.get("image").filter(|_| map.contains_key("name")).and_then(Value::as_str);
            own.into_iter().chain(map.values().flat_map(run_images)).collect()
        }
        Value::Array(items) => items.iter().flat_map(run_images).collect(),
        _ => Vec::new(),
    }
}

/// Declares weather ahead: arrivals are a pure function of time, so what is said of the future changes nothing before. A queue has to
/// be there since the `start`.
pub(super) fn blow(world: &mut World, weather: &Weather, start: Time) {
    if weather.kind == "partner" {
        let Some(usual) = world.partners.get(&weather.on).map(|partner| partner.spec.mood.clone()) else { return };
        let mood = Mood {
            takes: weather.mood.takes.unwrap_or(usual.takes),
            jitter: weather.mood.jitter.unwrap_or(usual.jitter),
            fails: weather.mood.fails.unwrap_or(usual.fails),
            refuses: match weather.mood.refuses.is_empty() {
                true => usual.refuses,
                false => Arc::new(Refuses {
                    traits: weather.mood.refuses.iter().map(|name| Arc::from(name.as_str())).collect(),
                    says: weather.mood.says.clone(),
                }),
            },
        };
        world.partners.change(&weather.on, weather.at, Some(mood));
        if let Some(until) = weather.until {
            world.partners.change(&weather.on, until, None);
        }
        return;
    }
    if weather.kind == "queue" {
        return aws::sqs::miss_copies(world, (&weather.on, start), (weather.at, weather.until), weather.repeats);
    }
    let streams: Vec<String> = match weather.on.as_str() {
        "" => world.apps.estate.streams.keys().cloned().collect(),
        one => vec![one.to_string()],
    };
    for stream in streams {
        traffic::set_load(world, &stream, u64::from(weather.percent) * 10, weather.at);
        if let Some(until) = weather.until {
            traffic::set_load(world, &stream, 1_000, until);
        }
    }
}

/// Puts the witnesses into the chat: what they say is the world's, whether it is true is not.
pub(super) fn hire(world: &mut World, witnesses: &[shape::Witness]) {
    let mut people: BTreeMap<&str, Witness> = BTreeMap::new();
    for said in witnesses {
        let person = people.entry(&said.who).or_default();
        if !said.role.is_empty() {
            person.role.clone_from(&said.role);
        }
        person.topics.insert(said.topic.clone(), Topic { words: said.asks.clone(), says: said.say.clone() });
    }
    for (name, person) in people {
        world.witnesses.declare(name, person);
    }
}

/// Puts a node or a namespace there as if it had been for long.
fn settle(world: &mut World, manifest: &Manifest, born: Time, problems: &mut Vec<Problem>) {
    match Object::from_json(&manifest.value) {
        Ok(mut object) => {
            object.meta.created = born;
            let now = world.now;
            world.k8s.store.put(object, now);
            crate::world::k8s::react(world);
        }
        Err(why) => problems.push(complaint(manifest, why)),
    }
}

fn create(world: &mut World, manifest: &Manifest, problems: &mut Vec<Problem>) {
    let text = |key: &str| manifest.value[key].as_str().unwrap_or_default();
    let Some(row) = kinds::by_kind(text("apiVersion"), text("kind")) else {
        let why = format!("this cluster has no kind {:?} in {:?}", text("kind"), text("apiVersion"));
        return problems.push(complaint(manifest, why));
    };
    let namespace = manifest.value["metadata"]["namespace"].as_str().unwrap_or("default");
    let request = Request {
        verb: Verb::Create,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: row.namespaced.then(|| namespace.to_string()),
        name: None,
        subresource: None,
        query: Query { field_manager: "kubectl-client-side-apply".into(), ..Query::default() },
        accept: Accept::Json,
        body: Some(manifest.value.clone()),
        user: BUILDER.into(),
        agent: "kubectl-client-side-apply".into(),
    };
    let response = api::handle(world, &request);
    if response.code >= 300 {
        let why = match &response.body {
            Body::Json(status) => status["message"].as_str().unwrap_or("refused").to_string(),
            _ => format!("the API answered {}", response.code),
        };
        problems.push(complaint(manifest, why));
    }
}

/// Where in `apps.toml` a mistake is: as far as its path can be followed.
fn placed(apps: &super::estate::Programs, mistake: apps::lower::Problem) -> Problem {
    let mut tree = &apps.tree;
    let mut span = 0..0;
    for key in &mistake.path {
        let item = key.parse::<usize>().ok();
        match (&tree.data, item) {
            (super::tree::Data::Array(items), Some(index)) if index < items.len() => {
                tree = &items[index];
                span = tree.span.clone();
            }
            _ => match tree.entries().iter().find(|entry| entry.key == *key) {
                Some(entry) => {
                    span = entry.span.clone();
                    tree = &entry.value;
                }
                None => break,
            },
        }
    }
    let problem = Problem::at(&apps.file, &apps.source, span, "bad-app", mistake.say);
    match mistake.hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

fn complaint(manifest: &Manifest, why: String) -> Problem {
    let name = manifest.value["metadata"]["name"].as_str().unwrap_or_default();
    let kind = manifest.value["kind"].as_str().unwrap_or_default();
    let mut problem = Problem::of_file(&manifest.file, "bad-manifest", format!("{kind}/{name}: {why}"));
    problem.line = manifest.line;
    problem
}
