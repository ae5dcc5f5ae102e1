//! The texts of IAMPASS's pages in several languages, from one source.
//!
//! Each language has a file in [Fluent](https://projectfluent.org)'s format for each group of pages: `texts/de/login.ftl` and so on. [`Messages`]
//! reads such a file, and [`Languages`] finds the language that a browser asks for.
//!
//! ```
//! use iampass_texts::{Languages, Messages};
//!
//! let german = Messages::parse("de", "greeting = Hallo { $name }")?;
//! assert_eq!(german.text("greeting").as_deref(), Some("Hallo {name}"));
//!
//! let languages = Languages::new(["en", "de"])?;
//! assert_eq!(languages.best("fr;q=0.9, de-AT;q=0.8, en;q=0.1"), 1);
//! # Ok::<(), iampass_texts::TextError>(())
//! ```
//!
//! # What it does not do
//! It knows no page and fills nothing in: a text keeps its variables as `{name}`, and the pages put values in their place and escape them.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod built_in;
mod error;
mod languages;
mod messages;
mod own;
mod plural;

pub use error::TextError;
pub use languages::{Languages, direction};
pub use messages::Messages;
pub use own::{OwnTextProblem, OwnTexts, Pages};
pub use plural::Plural;
