//! SNS: topics, subscriptions, filters, deliveries and their retries. Does not know who consumes.

mod attributes;
mod counts;
mod delivery;
mod envelope;
mod filter;
mod operations;
pub mod places;
mod records;
mod retry;
mod topic;

use super::arn;
use super::call::{Answer, Call, Fault};
pub use super::message::{Attribute, Draft, Principal};
use super::service::{Effect, Operation, Service};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use topic::{Notice, Subscription, Topic};

/// CloudFormation types.
pub const TOPIC: &str = "AWS::SNS::Topic";
pub const SUBSCRIPTION: &str = "AWS::SNS::Subscription";

pub static SERVICE: Service = Service {
    name: "sns",
    doc: "topics and subscriptions",
    operations: OPERATIONS,
    metrics: &[counts::SOURCE],
    logs: &[records::SOURCE],
    meters: &[counts::METER],
};

const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    run: fn(&mut World, &Call) -> Result<Answer, Fault>,
) -> Operation {
    Operation { name, doc, effect, run }
}

/// Sorted by name, one a line.
static OPERATIONS: &[Operation] = &[
    row("ConfirmSubscription", "confirm with the token that was sent", Effect::Write, operations::confirm_subscription),
    row("CreateTopic", "make a topic", Effect::Write, operations::create_topic),
    row("DeleteTopic", "delete a topic with its subscriptions", Effect::Write, operations::delete_topic),
    row(
        "GetSubscriptionAttributes",
        "how a subscription is set up",
        Effect::Read,
        operations::get_subscription_attributes,
    ),
    row("GetTopicAttributes", "how a topic is set up", Effect::Read, operations::get_topic_attributes),
    row("ListSubscriptions", "all subscriptions", Effect::Read, operations::list_subscriptions),
    row(
        "ListSubscriptionsByTopic",
        "who gets a topic's messages",
        Effect::Read,
        operations::list_subscriptions_by_topic,
    ),
    row("ListTagsForResource", "a topic's tags", Effect::Read, operations::list_tags_for_resource),
    row("ListTopics", "all topics", Effect::Read, operations::list_topics),
    row("Publish", "publish a message", Effect::Data, operations::publish),
    row("PublishBatch", "up to ten at once", Effect::Data, operations::publish_batch),
    row("SetSubscriptionAttributes", "change a subscription", Effect::Write, operations::set_subscription_attributes),
    row("SetTopicAttributes", "change a topic", Effect::Write, operations::set_topic_attributes),
    row("Subscribe", "have messages delivered", Effect::Write, operations::subscribe),
    row("TagResource", "add tags", Effect::Write, operations::tag_resource),
    row("Unsubscribe", "end a subscription", Effect::Write, operations::unsubscribe),
    row("UntagResource", "remove tags", Effect::Write, operations::untag_resource),
];

/// State of the service, in all regions; what is listed is that of the region looked at.
#[derive(Clone, Debug, Default)]
pub struct Topics {
    /// Empty: all of them.
    region: Arc<str>,
    /// By ARN. There are few, and one of them changes with every message.
    live: BTreeMap<Arc<str>, Arc<Topic>>,
    /// Deleted topics, for what they counted.
    gone: Arc<Vec<Arc<Topic>>>,
}

impl Topics {
    pub fn get(&self, arn: &str) -> Option<&Topic> {
        self.live.get(arn).map(|topic| &**topic)
    }

    fn get_mut(&mut self, arn: &str) -> Option<&mut Topic> {
        self.live.get_mut(arn).map(Arc::make_mut)
    }

    fn insert(&mut self, topic: Topic) {
        self.live.insert(topic.arn.clone(), Arc::new(topic));
    }

    fn remove(&mut self, arn: &str) {
        if let Some(topic) = self.live.remove(arn) {
            Arc::make_mut(&mut self.gone).push(topic);
        }
    }

    /// Looks at a region.
    pub fn look_at(&mut self, region: &Arc<str>) {
        self.region = Arc::clone(region);
    }

    /// Every topic of the region looked at, by ARN.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.live.values().map(|topic| &**topic).filter(|topic| self.here(topic))
    }

    /// Also the deleted ones, those first.
    pub fn ever(&self) -> impl Iterator<Item = &Topic> {
        self.everywhere().filter(|topic| self.here(topic))
    }

    /// The living and the deleted ones of all regions, those first.
    pub fn everywhere(&self) -> impl Iterator<Item = &Topic> {
        self.gone.iter().chain(self.live.values()).map(|topic| &**topic)
    }

    fn here(&self, topic: &Topic) -> bool {
        self.region.is_empty() || *self.region == *arn::region(&topic.arn)
    }

    /// The topic from which a copy came, even if it was deleted and made again since.
    fn owner_mut(&mut self, arn: &str, key: u64) -> Option<&mut Topic> {
        if self.get(arn).is_some_and(|topic| topic.key == key) {
            return self.get_mut(arn);
        }
        Arc::make_mut(&mut self.gone).iter_mut().find(|topic| topic.key == key).map(Arc::make_mut)
    }

    fn of_subscription(&self, arn: &str) -> Option<&Topic> {
        let (topic, _) = arn.rsplit_once(':')?;
        self.get(topic).filter(|topic| topic.subscription(arn).is_some())
    }

    fn of_subscription_mut(&mut self, arn: &str) -> Option<&mut Topic> {
        let (topic, _) = arn.rsplit_once(':')?;
        self.get_mut(topic).filter(|topic| topic.subscription(arn).is_some())
    }
}

/// What is under way here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// An address is asked whether it wants to be subscribed.
    Confirm { topic: Arc<str>, subscription: Arc<str>, attempts: u32 },
    /// A copy is to be delivered.
    Deliver(Box<delivery::Delivery>),
}

pub fn happen(world: &mut World, at: Time, due: Due) {
    match due {
        Due::Confirm { topic, subscription, attempts } => delivery::confirm(world, at, &topic, &subscription, attempts),
        Due::Deliver(delivery) => delivery::deliver(world, at, delivery),
    }
}

/// Publishes at `at` (not before anything that has already happened): the message's id.
pub fn publish(world: &mut World, at: Time, topic: &str, draft: Draft, by: &Principal) -> Result<Arc<str>, Fault> {
    delivery::allowed(world, at, topic, by)?;
    delivery::publish(world, at, topic, draft, by).map(|notice| notice.id.clone())
}

/// The same for a service whose leave was asked for in another way.
pub fn tell(world: &mut World, at: Time, topic: &str, draft: Draft, by: &Principal) -> Result<Arc<str>, Fault> {
    delivery::publish(world, at, topic, draft, by).map(|notice| notice.id.clone())
}

fn absent() -> Fault {
    Fault::new("NotFound", "Topic does not exist").status(404)
}

fn invalid(what: impl AsRef<str>) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: {}", what.as_ref()))
}

/// How long a change of a filter takes to work: up to 15 minutes (SNS Developer Guide, "Filter policies"). Drawn for each
/// change.
fn propagation(seed: u64, subscription: &str, at: Time) -> Span {
    let mut dice = dice::Dice::new(seed).fork("sns propagation").fork(subscription).fork(&at.0.to_string());
    Span::millis(dice.between(30_000, 900_000))
}

/// Topics with their tags, for whoever asks across services.
pub fn tagged(world: &World) -> Vec<super::tagging::Tagged> {
    world.aws.topics.iter().map(tags_of).collect()
}

/// Deleted topics with the tags they had.
pub fn tagged_gone(world: &World) -> Vec<super::tagging::Tagged> {
    let topics = &world.aws.topics;
    topics.gone.iter().filter(|topic| topics.here(topic)).map(|topic| tags_of(topic)).collect()
}

fn tags_of(topic: &Topic) -> super::tagging::Tagged {
    super::tagging::Tagged {
        arn: topic.arn.to_string(),
        kind: "AWS::SNS::Topic",
        name: topic.name.clone(),
        tags: (*topic.setup.tags).clone(),
    }
}
