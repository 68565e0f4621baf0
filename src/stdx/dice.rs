//! Chance, forked by name from one seed: portable (ChaCha8 and integer arithmetic only), so that a seed means the
//! same on every machine. Does not know what is drawn.

use rand::rand_core::{Rng, SeedableRng};
use rand::rngs::ChaCha8Rng;

/// A stream of chance. Two dice with the same seed and the same chain of fork names roll the same.
pub struct Dice {
    key: u64,
    rng: ChaCha8Rng,
}

impl Clone for Dice {
    /// The generator itself is deliberately not `Clone`; ours goes on from the same place (a world clones whole).
    fn clone(&self) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(self.key);
        rng.set_word_pos(self.rng.get_word_pos());
        Dice { key: self.key, rng }
    }
}

impl std::fmt::Debug for Dice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dice({:#x}@{})", self.key, self.rng.get_word_pos())
    }
}

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice { key: seed, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A die of its own for `name`: rolling it never disturbs this one.
    pub fn fork(&self, name: &str) -> Dice {
        Dice::new(mix(self.key, hash_name(name)))
    }

    pub fn roll(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A number in `0..n`; 0 for `n == 0`. Unbiased (rejection).
    pub fn below(&mut self, n: u64) -> u64 {
        if n <= 1 {
            return 0;
        }
        let zone = u64::MAX - (u64::MAX % n + 1) % n;
        loop {
            let roll = self.roll();
            if roll <= zone {
                return roll % n;
            }
        }
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        low + self.below((high - low) as u64 + 1) as i64
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len() as u64) as usize) }
    }

    /// True `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// A suffix as Kubernetes draws it (apimachinery `rand.String`: no vowels, no confusable digits).
    pub fn suffix(&mut self, len: usize) -> String {
        const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..len).map(|_| char::from(ALPHANUMS[self.below(ALPHANUMS.len() as u64) as usize])).collect()
    }

    /// A random-looking version-4 UUID.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }
}

/// Chance as a pure function of (seed, stream, index), for things too many to roll in order (arrivals).
pub fn at(seed: u64, stream: u64, index: u64) -> u64 {
    mix(mix(seed, stream), index)
}

/// A stable 64-bit hash of a name (FNV-1a).
pub fn hash_name(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// SplitMix64's finaliser over a combination of both.
fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
