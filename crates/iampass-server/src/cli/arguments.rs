//! The arguments of `iampass-server`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iampass_core::ApplicationId;

use super::admin_key::AdminKeyCommand;
use super::audit_log::LogArguments;
use super::backup::{BackupArguments, MigrateArguments, RestoreArguments};
use super::data_arguments::DataArguments;
use super::events::EventsCommand;
use super::keys::{MasterKeyCommand, PushKeyCommand};
use super::new_app::NewAppArguments;
use super::remote::RemoteArguments;
use super::transfer::{ExportArguments, ImportArguments};
use super::users::{SessionsCommand, UsersCommand};
use crate::PublicUrl;

/// The IAMPASS service, self-hosted.
#[derive(Parser, Debug)]
#[command(name = "iampass-server", version, about, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Try it out: a service with an application ready, its credentials printed, and a page that plays the phone.
    Dev(DevArguments),
    /// Make a small application whose users log in by phone. It runs at once, and its test logs a user in.
    NewApp(NewAppArguments),
    /// Keep it running on a data file.
    Run(RunArguments),
    /// Ask the service on this machine whether it is ready, or with --alive only whether it lives: exit code 0 when it does, 1 when it does not
    /// or cannot be reached.
    Health(HealthArguments),
    /// Add or list applications; a service may be running on the same file. With --server, a running service is asked.
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// The accounts of the Console: get somebody in who has no phone, and list, disable, demote or delete accounts.
    #[command(subcommand)]
    Console(ConsoleCommand),
    /// The keys of the Admin API: make, list and revoke them, or ask a running service what one may do.
    #[command(subcommand)]
    AdminKey(AdminKeyCommand),
    /// The users of an application of a running service: list, add and delete them, and make links that register phones.
    #[command(subcommand)]
    Users(UsersCommand),
    /// The sessions of an application of a running service, and its history of logins.
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Make a master key, or change the one that the secrets are sealed with.
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
    /// The key by which push services of browsers know this service.
    #[command(subcommand)]
    PushKey(PushKeyCommand),
    /// Check the configuration, or print an example of one.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the log of what was done, by whom and to whom, with a search; a service may be running on the same data. With --server, a running service
    /// is asked.
    Log(LogArguments),
    /// Bring data of an older version up to date.
    Migrate(MigrateArguments),
    /// Copy the data to a file, while services run on it.
    Backup(BackupArguments),
    /// Put a backup in the place of the data, while services run on it or not.
    Restore(RestoreArguments),
}

#[derive(Args, Debug)]
pub(super) struct DevArguments {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8089")]
    pub(super) listen: SocketAddr,
    /// The port to listen on, instead of the one in --listen. 0 takes a free one.
    #[arg(long, value_name = "PORT")]
    pub(super) port: Option<u16>,
    /// Where to keep the data. Without it, the data is gone at the end.
    #[arg(long, value_name = "FILE")]
    pub(super) data: Option<PathBuf>,
    /// The id of the application. Without it, the first one of the data file, or a new one.
    #[arg(long, value_name = "ID")]
    pub(super) application_id: Option<ApplicationId>,
    /// The secret of the application.
    #[arg(long, value_name = "SECRET", requires = "application_id")]
    pub(super) application_secret: Option<String>,
    /// The name of the application, as phones show it.
    #[arg(long, value_name = "NAME", default_value = "Development application")]
    pub(super) application_name: String,
    /// The address that clients and phones use, if it is not the one listened on.
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<PublicUrl>,
    /// How long a phone has to answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(super) answer_timeout: u64,
    /// Simulate the methods device and facial: what a phone says of itself is believed. Without it, device is verified by WebAuthn, and logins
    /// that ask for facial are refused, as in production.
    #[arg(long)]
    pub(super) simulate_methods: bool,
    /// Listen without TLS on an address that others can reach: they can read and change what is on the way.
    #[arg(long)]
    pub(super) allow_plain_http: bool,
    /// Print one line of JSON for scripts instead of text.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) data: DataArguments,
    /// The address to listen on: 127.0.0.1:8089 unless set.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The address that clients and phones use: https://host, or https://host/prefix of a proxy in front.
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<String>,
    /// The certificate as a PEM file, to speak TLS without a proxy. It is read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_certificate: Option<PathBuf>,
    /// Its key as a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(super) tls_key: Option<PathBuf>,
    /// A proxy in front, as an address or a network; more than once for more.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) trusted_proxy: Vec<String>,
    /// How long a phone has to answer: 60 s unless set.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(super) answer_timeout: Option<u64>,
    /// Whether there is a Console, and who may make an account in it: off, invited or open.
    #[arg(long, value_name = "WHO", value_parser = ["off", "invited", "open"])]
    pub(super) console: Option<String>,
    /// Listen without TLS on an address that others can reach: they can read and change what is on the way.
    #[arg(long)]
    pub(super) allow_plain_http: bool,
}

/// The settings of the service that is asked: the same file, environment and flags.
#[derive(Args, Debug)]
pub(super) struct HealthArguments {
    #[command(flatten)]
    pub(super) run: Box<RunArguments>,
    /// Ask only whether the process answers (`/healthz`), whatever its store and its clock are like: for a check that starts it again.
    #[arg(long)]
    pub(super) alive: bool,
    /// How long the whole question may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(super) timeout: u64,
}

#[derive(Subcommand, Debug)]
pub(super) enum ConsoleCommand {
    /// Print a link that is good once and for 15 minutes; a service may be running on the same data. It replaces the phone of an account and ends
    /// its sessions, or makes a new administrator.
    Link {
        #[command(flatten)]
        data: DataArguments,
        /// The account whose phone is replaced; without it, the one administrator there is. With --new-administrator: the name of the new account,
        /// which is chosen on the page otherwise.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Make a new account, which sees all applications and may change accounts.
        #[arg(long)]
        new_administrator: bool,
        /// Where the service is reached: what the printed link begins with.
        #[arg(long, value_name = "URL")]
        public_url: Option<PublicUrl>,
    },
    /// List the accounts: the name, and what there is to say about it.
    Accounts {
        #[command(flatten)]
        data: DataArguments,
        #[command(flatten)]
        remote: RemoteArguments,
    },
    /// Let an account do nothing any more, and end its sessions and the links that it made; a service may be running on the same data.
    Disable(AccountArguments),
    /// Let an account that is disabled sign in again.
    Enable(AccountArguments),
    /// Make an administrator an account like others, and end the links that it made.
    Demote(AccountArguments),
    /// End all sessions of an account, and the links that it made in them.
    LogOut(AccountArguments),
    /// Delete an account with its memberships, links, phone and sessions.
    Delete(AccountArguments),
}

/// Which account.
#[derive(Args, Debug)]
pub(super) struct AccountArguments {
    #[command(flatten)]
    pub(super) data: DataArguments,
    #[command(flatten)]
    pub(super) remote: RemoteArguments,
    /// The account.
    #[arg(long, value_name = "NAME")]
    pub(super) name: String,
}

#[derive(Subcommand, Debug)]
pub(super) enum ConfigCommand {
    /// Say what is in force and where it was set, or everything that is wrong with it. With --through: try the running service through whatever
    /// stands in front of it.
    Check {
        #[command(flatten)]
        run: Box<RunArguments>,
        /// The URL that clients call the service by. Requests are sent to it and compared with what arrives: path and query, methods,
        /// streams, silence, the caller's address. It ends with 1 where something has to be changed, and names the change. Run it where the
        /// service runs, with the settings of the service; the service runs meanwhile.
        #[arg(long, value_name = "URL")]
        through: Option<PublicUrl>,
        /// With --through: leave out the silence of 25 s.
        #[arg(long, requires = "through")]
        quick: bool,
        /// Ask the push services that the settings name whether they accept the credentials. Each is told to push to a phone that there is not.
        /// It ends with 1 where one does not accept them, or does not answer.
        #[arg(long, conflicts_with = "through")]
        push: bool,
        /// Send a test by every way that alerts go. It ends with 1 where there is none, or one does not take it.
        #[arg(long, conflicts_with = "through")]
        alerts: bool,
    },
    /// Print a configuration file with all settings, their meaning and their defaults.
    Example,
}

#[derive(Subcommand, Debug)]
pub(super) enum ApplicationCommand {
    /// Add an application and print its id and secret. The secret is shown this once.
    Add {
        #[command(flatten)]
        data: DataArguments,
        #[command(flatten)]
        remote: RemoteArguments,
        /// The name that phones show.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The binding of an approval to the browser that asks: the code that it shows, or nothing (a tap) for clients that can show none.
        #[arg(long, value_enum, default_value = "tap")]
        approval: ApprovalArgument,
        /// Print one line of JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Say what binds an approval to the browser that asks: the code that it shows, or nothing for clients that can show none.
    Approval {
        #[command(flatten)]
        data: DataArguments,
        /// The application's id.
        #[arg(value_name = "APPLICATION_ID")]
        id: String,
        /// `code`, or `tap`, which is below today's standards.
        #[arg(value_enum)]
        approval: ApprovalArgument,
    },
    /// Say which phones may answer for an application, from the next answer on.
    Phones {
        #[command(flatten)]
        data: DataArguments,
        /// The application's id.
        #[arg(value_name = "APPLICATION_ID")]
        id: String,
        /// `any`, `key` (only phones with a key of their own), or `unlock` (of those, only when they are unlocked for the login).
        #[arg(value_enum)]
        phones: PhonesArgument,
    },
    /// Say whether phones of an application say that they are near or away: a session whose phone has promised to be near becomes `walkaway`
    /// when it has not said so again in time.
    Walkaway {
        #[command(flatten)]
        data: DataArguments,
        /// The application's id.
        #[arg(value_name = "APPLICATION_ID")]
        id: String,
        /// `on`, or `off`: promises that phones have given are forgotten, and sessions that are away stay so until their user is back.
        #[arg(value_enum)]
        walkaway: WalkawayArgument,
    },
    /// Where the events of an application go, as signed webhooks, and sending them again.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Write an application to a file, to be taken in by another service.
    Export(ExportArguments),
    /// Take in an application from a file.
    Import(ImportArguments),
    /// List the applications: id and name.
    List {
        #[command(flatten)]
        data: DataArguments,
        #[command(flatten)]
        remote: RemoteArguments,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_secret_needs_an_id() {
        let parse = |arguments: &[&str]| Arguments::try_parse_from(arguments);
        assert!(parse(&["iampass-server", "dev", "--application-secret", "S"]).is_err());
        assert!(
            parse(&["iampass-server", "dev", "--application-id", "A", "--application-secret", "S"]).is_ok()
        );
        assert!(parse(&["iampass-server", "dev", "--application-id", "two words"]).is_err());
        assert!(parse(&["iampass-server", "dev", "--public-url", "https://h/?a"]).is_err());
        assert!(parse(&["iampass-server", "run", "--data", "f", "--database-url", "u"]).is_err());
    }
}

/// [`Approval`](iampass_server_domain::rules::Approval), as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ApprovalArgument {
    /// The phone brings the code that the browser shows.
    Code,
    /// A tap is enough where the client can show no code.
    Tap,
}

impl From<ApprovalArgument> for iampass_server_domain::rules::Approval {
    fn from(argument: ApprovalArgument) -> Self {
        match argument {
            ApprovalArgument::Code => Self::Code,
            ApprovalArgument::Tap => Self::Tap,
        }
    }
}

/// [`AllowedPhones`](iampass_server_domain::rules::AllowedPhones), as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PhonesArgument {
    /// Any phone of the user.
    Any,
    /// Phones with a key of their own.
    Key,
    /// Phones with a key of their own, unlocked for each login.
    Unlock,
}

impl From<PhonesArgument> for iampass_server_domain::rules::AllowedPhones {
    fn from(argument: PhonesArgument) -> Self {
        match argument {
            PhonesArgument::Any => Self::Any,
            PhonesArgument::Key => Self::WithKey,
            PhonesArgument::Unlock => Self::Unlocked,
        }
    }
}

/// [`Walkaway`](iampass_server_domain::rules::Walkaway), as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum WalkawayArgument {
    /// Phones do not say whether they are near.
    Off,
    /// Sessions follow the phone's word.
    On,
}

impl From<WalkawayArgument> for iampass_server_domain::rules::Walkaway {
    fn from(argument: WalkawayArgument) -> Self {
        match argument {
            WalkawayArgument::Off => Self::Off,
            WalkawayArgument::On => Self::On,
        }
    }
}
