//! [`DataArguments`]: the arguments of every command that opens the data.

use std::path::PathBuf;

use clap::Args;

/// The data, and the way to open it. Each can also stand in a configuration file and in the environment.
#[derive(Args, Debug)]
pub(super) struct DataArguments {
    /// The configuration file; `iampass-server config example` prints one.
    #[arg(long, value_name = "FILE", env = "IAMPASS_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// The data file; it is made if it is not there.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    pub(super) data: Option<PathBuf>,
    /// The PostgreSQL database instead of a file, for many nodes: postgres://user@host/database.
    #[arg(long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// The file with the master key. Without it: IAMPASS_MASTER_KEY, or the `.key` file beside the data file.
    #[arg(long, value_name = "FILE")]
    pub(super) master_key_file: Option<PathBuf>,
    /// The file with a master key that is being replaced; more than once for more.
    #[arg(long, value_name = "FILE")]
    pub(super) previous_master_key_file: Vec<PathBuf>,
    /// Any setting of the configuration file; more than once for more.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
}
