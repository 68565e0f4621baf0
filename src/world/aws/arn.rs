//! Amazon resource names: made and taken apart. Does not know which exist.

/// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        let head = parts.next()?;
        let [partition, service, region, account, resource] =
            [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        (head == "arn" && !resource.is_empty()).then_some(Arn { partition, service, region, account, resource })
    }
}

/// The region of an ARN; empty if it names none.
pub fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// A name in an account.
pub fn make(service: &str, region: &str, account: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}
