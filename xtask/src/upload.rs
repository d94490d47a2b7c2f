//! `size --upload`: prints how much wrangler would upload for the demo's worker and for the
//! package's Cloudflare example. wrangler reports these sizes in a dry run.
use crate::npm;
use crate::shell::{self, Result};
use std::env;
use std::path::PathBuf;
use std::process::Command;

pub(crate) fn report() -> Result {
    npm::install_wrangler()?;
    npm::install_newest_node()?;
    let root = env::current_dir()
        .map_err(|error| format!("The current folder is not accessible: {error}."))?;
    let modules = root.join(npm::WRANGLER).join("node_modules");
    // wrangler and the programs that it starts need a newer Node than the other tools.
    let newer = root.join(npm::NEWEST_NODE);
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [newer.clone()]
        .into_iter()
        .filter(|folder| folder.exists())
        .chain(env::split_paths(&path));
    let path =
        env::join_paths(folders).map_err(|error| format!("PATH cannot be extended: {error}."))?;
    let node = if newer.exists() {
        newer.join("node")
    } else {
        PathBuf::from("node")
    };

    for (about, folder) in [
        ("the demo's worker", "www"),
        ("the Cloudflare example", "pkg/examples/cloudflare"),
    ] {
        let mut wrangler = Command::new(&node);
        wrangler
            .arg(modules.join("wrangler/bin/wrangler.js"))
            .args(["deploy", "--dry-run", "--outdir"])
            .arg(root.join("target/upload"));
        wrangler
            .current_dir(folder)
            .env("PATH", &path)
            .env("WRANGLER_SEND_METRICS", "false")
            .env("CI", "true");
        let printed = shell::output(&mut wrangler)?;
        let total = printed
            .lines()
            .find(|line| line.contains("Total Upload"))
            .ok_or("wrangler's dry run printed no size.")?;
        println!("\n{about}: {}", total.trim());
    }
    Ok(())
}
