//! The machines through their whole tables, and by random play.
