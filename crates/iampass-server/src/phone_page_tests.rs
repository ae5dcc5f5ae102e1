//! stub-by-server-engineer
