//! `cargo xtask demo`: the service, a phone and an application, running.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use clap::Args;

use crate::service::Service;
use crate::{Failure, cargo};

/// Where the application is, if nothing else is there.
const USUAL_PORT: u16 = 3000;

/// How the demonstration goes.
#[derive(Args)]
pub(crate) struct Demo {
    /// Lets virtual people and phones use it, so that it runs by itself.
    #[arg(long)]
    auto: bool,
    /// Shows a login step by step in this terminal, without a web application.
    #[arg(long)]
    terminal: bool,
    /// The port of the service; one that is free unless given.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        println!("Building (the first time takes a few minutes) …");
        let mut build = cargo::cargo();
        build.args(["build", "-p", "iampass-server"]);
        build.args(["-p", if self.terminal { "getting-started" } else { "microblog" }]);
        if self.auto && self.terminal {
            build.args(["-p", "iampass-testkit", "--features", "iampass-testkit/command"]);
        }
        cargo::run(&mut build)?;
        if self.auto && !self.terminal {
            cargo::run(cargo::cargo().args(["build", "-p", "microblog", "--example", "walk"]))?;
        }
        // The page says to deny a request that names another application.
        let name = if self.terminal { "Getting started" } else { "Microblog" };
        let service = Service::start(self.port, &["--application-name".to_owned(), name.to_owned()])?;
        if self.terminal { self.in_terminal(&service) } else { self.in_browser(&service) }
    }

    fn in_terminal(&self, service: &Service) -> Result<(), Failure> {
        println!("\nThe service is running at  {}", service.says("server"));
        if !self.auto {
            println!("The phone is this page:    {}", service.says("phone"));
        }
        println!();
        let mut example = Command::new(cargo::built("getting-started")?);
        example.envs(service.environment());
        if self.auto {
            example.arg("--phone").arg(cargo::built("iampass-phone")?);
        }
        cargo::run(&mut example)
    }

    fn in_browser(&self, service: &Service) -> Result<(), Failure> {
        let application = Application::start(service)?;
        println!("\n  The application   {}", application.origin);
        println!("  The phone         {}\n", service.says("phone"));
        if self.auto {
            return cargo::run(Command::new(cargo::built("examples/walk")?).arg(&application.origin));
        }
        println!(
            "Open both, sign up in the application, and open the link that it shows in the phone's page.\n\
             To sign in, type the six digits of the application's page on the phone's page, or scan its QR code there."
        );
        println!(
            "Keep the phone's page open: a closed page hears of nothing here, since browsers take pushes only over https. Nor does it notice\n\
             that you walk away."
        );
        println!("Ctrl-C ends it all. The next demonstration begins anew.");
        application.wait()
    }
}

/// The example application.
struct Application {
    process: Child,
    origin: String,
}

impl Application {
    fn start(service: &Service) -> Result<Self, Failure> {
        let program = cargo::built("microblog")?;
        // The service forgets its users each time, so those of the last time could not sign in.
        let folder = program.with_file_name("demo");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        // Some other program may be there.
        let port = TcpListener::bind(("127.0.0.1", USUAL_PORT)).map_or(0, |_| USUAL_PORT);
        let mut process = Command::new(program)
            .envs(service.environment())
            .env("DATABASE_URL", format!("sqlite://{}", folder.join("microblog.db").display()))
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            // That its keys were made up is no news here.
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let origin = line.split_whitespace().last().unwrap_or_default().to_owned();
        let application = Self { process, origin };
        if application.origin.is_empty() {
            return Err("the application did not start; `cargo run -p microblog` says why".into());
        }
        Ok(application)
    }

    /// Until somebody ends it.
    fn wait(mut self) -> Result<(), Failure> {
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // It may have ended by itself, with the terminal's Ctrl-C.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
