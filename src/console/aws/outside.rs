//! Requests of outside clients, asked as the built-in command asks: what is answered, and the page that it makes. Does not
//! know wires.

use super::ask::{self, Reply, Target};
use super::show;
use crate::console::page::{Line, Output};
use crate::world::World;
use crate::world::aws::call::{Answer, Fault, Request};
use crate::world::aws::model::Protocol;
use crate::world::aws::service;

/// Asks, and prints the whole answer as JSON: whatever the client makes of it, that is what it was given.
pub fn ask(world: &mut World, request: Request) -> (Result<Answer, Fault>, Output) {
    let row = service::find(&request.service);
    let found = row.and_then(|row| Some((row, row.operation(&request.operation)?, row.model())));
    let operation = found.and_then(|(row, _, model)| Some((row, model, model.operations.get(&request.operation)?)));
    let Some((service, model, operation)) = operation.filter(|_| !world.aws.id.is_empty()) else {
        let say = format!("The action {} is not valid for this endpoint.", request.operation);
        return refused(Fault::new("InvalidAction", &*say), say);
    };
    let target = Target { service, model, operation };
    let region = request.region.clone();
    match ask::carry(world, request, target) {
        Some(Reply::Answer(answer)) => {
            let lines = show::json(&ask::tree(target, &answer));
            let output = Output { lines, coverage: ask::coverage(&answer), ..Output::default() };
            (Ok(*answer), output)
        }
        Some(Reply::Refused(fault)) => {
            let words = ask::words(target, &fault);
            refused(fault, words)
        }
        None => {
            let fault = elsewhere(target, &region, &world.aws.region);
            let words = ask::words(target, &fault);
            refused(fault, words)
        }
    }
}

/// A signature for a region that does not exist, in each service family's words (API references, Common Errors; S3, Error
/// Responses).
fn elsewhere(target: Target, region: &str, home: &str) -> Fault {
    let say = "Credential should be scoped to a valid region.";
    match target.model.protocol {
        Protocol::Query => Fault::new("SignatureDoesNotMatch", say).status(403),
        Protocol::Ec2 => {
            Fault::new("AuthFailure", "AWS was not able to validate the provided access credentials").status(401)
        }
        Protocol::RestXml => {
            let say =
                format!("The authorization header is malformed; the region '{region}' is wrong; expecting '{home}'");
            Fault::new("AuthorizationHeaderMalformed", say)
        }
        Protocol::RestJson => Fault::new("InvalidSignatureException", say).status(403),
        Protocol::Json10 | Protocol::Json11 => Fault::new("InvalidSignatureException", say),
    }
}

/// A refusal as a page of the real client: exit code 255, as its first version has it.
fn refused(fault: Fault, words: String) -> (Result<Answer, Fault>, Output) {
    (Err(fault), Output { lines: vec![Line::err(words)], code: 255, ..Output::default() })
}
