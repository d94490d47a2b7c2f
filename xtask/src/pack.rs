//! `pack`: makes the tarball that npm would publish, and installs it for the tests and the demo.
use crate::build;
use crate::npm::{self, Tools};
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};

pub(crate) const NAME: &str = "social-plus-auth";
const FOLDER: &str = "target/package";
/// The folders in which `import 'social-plus-auth'` finds the installed tarball.
const CONSUMERS: [&str; 2] = ["tests", "www"];

/// Returns the folder of the package that the tests import.
pub(crate) fn installed_folder() -> PathBuf {
    Path::new("tests/node_modules").join(NAME)
}

/// Builds, packs and installs the package, and skips each step whose input has not changed. Returns
/// the path of the tarball.
pub(crate) fn pack(tools: Tools) -> Result<PathBuf> {
    let _lock = build::lock()?;
    build::build_locked(tools)?;
    let tarball = Path::new(FOLDER).join(format!("{NAME}-{}.tgz", build::read_version()?));
    let stamp = Path::new(FOLDER).join("stamp");
    let hash = shell::hash(&read_contents("pkg")?);
    if !tarball.exists() || shell::read_text(&stamp).is_ok_and(|old| old != hash) || !stamp.exists()
    {
        shell::remove(FOLDER)?;
        std::fs::create_dir_all(FOLDER)
            .map_err(|error| format!("{FOLDER} could not be created: {error}."))?;
        shell::output(
            npm::npm_command()
                .args(["pack", "--ignore-scripts", "--pack-destination"])
                .arg(Path::new("..").join(FOLDER))
                .current_dir("pkg"),
        )?;
        shell::write(&stamp, hash)?;
        println!("pack: {}", tarball.display());
    }
    CONSUMERS
        .iter()
        .try_for_each(|consumer| install(consumer, &tarball))?;
    Ok(tarball)
}

/// Installs the tarball in the folder `consumer`, unless the installed package equals pkg/. Removes
/// the installed package first, because npm skips a tarball whose version is already installed.
fn install(consumer: &str, tarball: &Path) -> Result {
    let modules = Path::new(consumer).join("node_modules");
    let wanted = read_contents("pkg")?;
    if read_contents(modules.join(NAME)).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    shell::remove(modules.join(NAME))?;
    shell::remove(modules.join(".package-lock.json"))?;
    let mut command = npm::npm_command();
    command.args([
        "install",
        "--prefix",
        consumer,
        "--no-save",
        "--no-package-lock",
        "--ignore-scripts",
        "--offline",
    ]);
    shell::output(command.arg(tarball))?;
    match read_contents(modules.join(NAME))? == wanted {
        true => Ok(()),
        false => Err(format!(
            "The package in {consumer}/node_modules differs from pkg/: check `files` in \
             pkg-template/package.json."
        )),
    }
}

fn read_contents(folder: impl AsRef<Path>) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = folder.as_ref();
    shell::list_files(folder)?
        .into_iter()
        .map(|path| shell::read(folder.join(&path)).map(|content| (path, content)))
        .collect()
}
