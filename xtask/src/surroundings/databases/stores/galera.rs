//! Three MariaDB nodes of one Galera cluster on loopback.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::{Folder, Running, output, until};
use crate::Failure;
use crate::free_port::free_port;

const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";
const NODES: usize = 3;

struct Node {
    port: u16,
    socket: PathBuf,
    _process: Running,
}

/// The nodes, each of which writes.
pub(super) struct Cluster {
    nodes: Vec<Node>,
}

impl Cluster {
    /// Starts them one after another, with an application's `users` table.
    pub(super) fn start(folder: &Folder) -> Result<Self, Failure> {
        let members = (0..NODES).map(|_| free_port()).collect::<Result<Vec<_>, _>>()?;
        let mut cluster = Self { nodes: Vec::new() };
        for number in 0..NODES {
            let node = Node::start(folder, number, &members)?;
            cluster.nodes.push(node);
        }
        let script = "CREATE DATABASE app; CREATE TABLE app.users (id BIGINT NOT NULL PRIMARY KEY); \
                      INSERT INTO app.users VALUES (1)";
        cluster.nodes.first().ok_or("there is no node")?.sql(script)?;
        Ok(cluster)
    }

    pub(super) fn urls(&self) -> String {
        let urls = self.nodes.iter().map(|node| format!("mysql://root@127.0.0.1:{}/app", node.port));
        urls.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn on_each(&self, script: &str) -> Result<(), Failure> {
        self.nodes.iter().try_for_each(|node| node.sql(script).map(drop))
    }

    /// Kills the last node, and waits until the others serve without it.
    pub(super) fn kill_last(&mut self) -> Result<(), Failure> {
        drop(self.nodes.pop());
        let without = self.nodes.len().to_string();
        until("the nodes notice that one is gone", Duration::from_secs(60), || {
            self.nodes.iter().all(|node| {
                node.status("wsrep_cluster_size") == without && node.status("wsrep_ready") == "ON"
            })
        })
    }
}

impl Node {
    fn start(folder: &Folder, number: usize, members: &[u16]) -> Result<Self, Failure> {
        let data = folder.path(&format!("galera-{number}"));
        // Not root, since rsync gives up root's rights and then cannot write into the folder.
        let user = if super::is_root() { "--user=mysql" } else { "--skip-symbolic-links" };
        std::fs::create_dir_all(&data)?;
        if super::is_root() {
            output(Command::new("chown").args(["mysql:mysql"]).arg(&data))?;
        }
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", user]);
        output(install.arg(format!("--datadir={}", data.display())))?;
        let (port, transfer, missed) = (free_port()?, free_port()?, free_port()?);
        let socket = data.join("socket");
        let addresses: Vec<_> = members.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let own = addresses.get(number).ok_or("there is no such node")?;
        let mut command = Command::new("/usr/sbin/mariadbd");
        command.args(["--no-defaults", user, "--bind-address=127.0.0.1", "--binlog-format=ROW"]);
        command.args(["--innodb-autoinc-lock-mode=2", "--innodb-flush-log-at-trx-commit=0"]);
        command.args(["--innodb-buffer-pool-size=32M", "--wsrep-on=ON", "--wsrep-cluster-name=iampass"]);
        command.args(["--wsrep-sst-method=rsync", "--wsrep-sync-wait=7"]);
        command.arg(format!("--datadir={}", data.display()));
        command.arg(format!("--socket={}", socket.display()));
        command.arg(format!("--pid-file={}", data.join("pid").display()));
        command.arg(format!("--port={port}"));
        command.arg(format!("--wsrep-provider={PROVIDER}"));
        command.arg(format!("--wsrep-node-name=node{number}"));
        command.arg(format!("--wsrep-node-address={own}"));
        command.arg(format!("--wsrep-sst-receive-address=127.0.0.1:{transfer}"));
        command.arg(format!("--wsrep-cluster-address=gcomm://{}", addresses.join(",")));
        command.arg(format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://{own};ist.recv_addr=127.0.0.1:{missed};gcache.size=16M"
        ));
        if number == 0 {
            command.arg("--wsrep-new-cluster");
        }
        let log = folder.path(&format!("galera-{number}.log"));
        let node = Self { port, socket, _process: Running::start(&mut command, &log)? };
        until("a node joins", Duration::from_secs(120), || {
            node.status("wsrep_local_state_comment") == "Synced"
        })?;
        Ok(node)
    }

    fn status(&self, name: &str) -> String {
        let said = self.sql(&format!("SHOW STATUS LIKE '{name}'")).unwrap_or_default();
        said.split_whitespace().nth(1).unwrap_or_default().to_owned()
    }

    fn sql(&self, script: &str) -> Result<String, Failure> {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--user=root", "--skip-column-names"]);
        output(client.arg(format!("--socket={}", self.socket.display())).arg(format!("--execute={script}")))
    }
}
