//! kubectl 1.36 as a client of the API: one file a verb. May import only the API's request and response from the world.

pub mod describe;
pub mod json;
pub mod sheet;
pub mod subject;
pub mod yaml;
mod yaml_scalar;
