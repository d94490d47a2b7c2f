//! `assure versions`: runs the tests of the tabs with two versions of the package side by side. The
//! other version is built from an earlier commit of this repository.
use super::browsers_named;
use crate::args::Args;
use crate::npm::Tools;
use crate::pack;
use crate::runner;
use crate::shell::{self, Result};
use crate::tally::Tally;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commit before the shared numbers and the messages got a version. Once the package is
/// published, this is the tag of the release before.
const EARLIER: &str = "735a1635f545da10b6e2661864b24510238d615c";
const FOLDER: &str = "target/earlier";

/// Runs the tests of the tabs. Every second tab loads the earlier package.
pub(super) fn versions(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let commit = args.take_value("--commit")?;
    let name = args.take_value("--browser")?;
    let only = args.take_value("--only")?;
    args.finish()?;
    let browsers = browsers_named(name.as_deref())?;
    let earlier = build_package(commit.as_deref().unwrap_or(EARLIER))?;
    let tarball = pack::pack(Tools::All)?;
    let mut total = Tally::default();
    for browser in browsers {
        let mut command = shell::node_command();
        command
            .args(["tests/tabs/run.mjs", browser.name()])
            .args(&only)
            .env("TARBALL", &tarball)
            .env("EARLIER_PACKAGE", &earlier)
            .env(browser.variable(), browser.find()?);
        total += runner::run_script(&mut command)?;
    }
    total.finish()
}

/// Builds the package of a commit in a folder of its own, unless an earlier run has completed that.
/// Returns the path of the package.
fn build_package(commit: &str) -> Result<PathBuf> {
    let find = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    let revision = format!("{commit}^{{commit}}");
    let hash = shell::output(Command::new("git").args(find).arg(revision)).map_err(|_| {
        format!("The history lacks the commit {commit}: run `git fetch --unshallow` and try again.")
    })?;
    let hash = hash.trim();
    let folder = Path::new(FOLDER).join(hash);
    let package = folder.join("pkg");
    // An interrupted build leaves a part of the package.
    let stamp = folder.join("is-built");
    if !stamp.exists() {
        shell::remove(&folder)?;
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{} could not be created: {error}.", folder.display()))?;
        let archive = Path::new(FOLDER).join("source.tar");
        let export = ["archive", "--format=tar", "--output"];
        shell::run(Command::new("git").args(export).arg(&archive).arg(hash))?;
        let unpack = ["-x", "-f", "../source.tar"];
        shell::run(Command::new("tar").args(unpack).current_dir(&folder))?;
        println!("versions: building the package of {hash}");
        shell::run(
            Command::new("cargo")
                .args(["xtask", "build"])
                .current_dir(&folder),
        )?;
        shell::write(&stamp, "")?;
    }
    std::path::absolute(&package)
        .map_err(|error| format!("{} has no absolute path: {error}.", package.display()))
}
