//! IPv4 addresses and ranges as numbers. Does not know who has them.

/// A range in CIDR notation: the network's first address and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    pub first: u32,
    pub bits: u8,
}

impl Range {
    /// `10.0.0.0/16`; host bits are dropped, as EC2 does.
    pub fn parse(text: &str) -> Option<Range> {
        let (address, bits) = text.split_once('/')?;
        let bits: u8 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Range { first: parse(address)? & mask(bits), bits })
    }

    pub fn holds(self, address: u32) -> bool {
        address & mask(self.bits) == self.first
    }

    /// Whether all of `other` lies in this one.
    pub fn covers(self, other: Range) -> bool {
        self.bits <= other.bits && self.holds(other.first)
    }

    /// How many addresses there are.
    pub fn size(self) -> u64 {
        1_u64 << (32 - u64::from(self.bits))
    }

    /// The address at an offset, which wraps within the range.
    pub fn at(self, offset: u64) -> u32 {
        self.first | ((offset % self.size()) as u32)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", show(self.first), self.bits)
    }
}

fn mask(bits: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)
}

/// Four decimal numbers with dots, none with a needless zero in front.
pub fn parse(text: &str) -> Option<u32> {
    let mut parts = text.split('.');
    let mut address = 0_u32;
    for _ in 0..4 {
        let part = parts.next()?;
        let plain = !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
        let number = part.parse::<u8>().ok().filter(|_| plain && (part == "0" || !part.starts_with('0')))?;
        address = address << 8 | u32::from(number);
    }
    parts.next().is_none().then_some(address)
}

pub fn show(address: u32) -> String {
    let [a, b, c, d] = address.to_be_bytes();
    format!("{a}.{b}.{c}.{d}")
}
