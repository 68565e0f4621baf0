//! kubectl 1.36 as a client of the API: one file a verb. May import only the API's request and response from the world.
