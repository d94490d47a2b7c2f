//! Finds the browsers that tests drive, and installs missing ones on Debian. Installs the newest
//! Node, and reads the versions of engines for the report.
use crate::npm;
use crate::shell::{self, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A browser that tests drive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
    WebKit,
}

/// How to find and to install a browser.
struct Installation {
    /// The environment variable that names the browser's program if it is not at a usual path. The
    /// JavaScript that starts the browser reads the variable too.
    variable: &'static str,
    /// The usual paths of the browser's program.
    programs: &'static [&'static str],
    /// The paths of the other programs that the tests need for this browser.
    helpers: &'static [&'static str],
    /// The Debian packages that install the browser and the other programs.
    packages: &'static [&'static str],
}

impl Browser {
    pub(crate) const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    pub(crate) const fn variable(self) -> &'static str {
        self.installation().variable
    }

    const fn installation(self) -> Installation {
        match self {
            Self::Chromium => Installation {
                variable: "CHROMIUM",
                programs: &[
                    "/usr/bin/chromium",
                    "/usr/bin/chromium-browser",
                    "/usr/bin/google-chrome",
                    "/Applications/Chromium.app/Contents/MacOS/Chromium",
                    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                ],
                helpers: &[],
                packages: &["chromium"],
            },
            Self::Firefox => Installation {
                variable: "FIREFOX",
                programs: &[
                    "/usr/bin/firefox-esr",
                    "/usr/bin/firefox",
                    "/Applications/Firefox.app/Contents/MacOS/firefox",
                ],
                helpers: &[],
                packages: &["firefox-esr"],
            },
            Self::WebKit => Installation {
                variable: "WEBKIT",
                programs: &[
                    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
                    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
                    "/usr/lib64/webkit2gtk-4.1/MiniBrowser",
                    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
                ],
                helpers: &["/usr/bin/WebKitWebDriver", "/usr/bin/Xvfb"],
                packages: &["webkit2gtk-driver", "xvfb", "xauth", "dbus"],
            },
        }
    }

    /// Returns the path of the browser: the value of its variable, or the first usual path that
    /// exists. If the browser or another needed program is missing, first installs the Debian
    /// packages, provided that `apt-get` exists and the user is root.
    pub(crate) fn find(self) -> Result<PathBuf> {
        let Installation {
            variable,
            programs,
            helpers,
            packages,
        } = self.installation();
        let given = env::var_os(variable).map(PathBuf::from);
        if given.as_ref().is_some_and(|path| !path.exists()) {
            return Err(format!("{variable} must be the path of an existing file."));
        }
        let installed = || {
            let program = given.clone().or_else(|| {
                let mut paths = programs.iter().map(PathBuf::from);
                paths.find(|path| path.exists())
            })?;
            helpers
                .iter()
                .all(|helper| Path::new(helper).exists())
                .then_some(program)
        };
        let name = self.name();
        if installed().is_none() && Path::new("/usr/bin/apt-get").exists() && is_root() {
            println!("{name} is missing: installing the packages of Debian.");
            apt_get(&["update"])?;
            let install = ["install", "--yes", "--no-install-recommends"];
            apt_get(&[&install, packages].concat())?;
        }
        installed().ok_or_else(|| {
            format!(
                "{name} or a program that its tests need is missing: run `apt-get install {}` as \
                 root, or set {variable} if the browser is at another path.",
                packages.join(" ")
            )
        })
    }

    /// Returns the version that the browser prints, without the names of the browser and of its
    /// distribution. Returns the version of the Debian package for WebKit, which prints no version
    /// without a display, and `?` if the version is unknown.
    pub(crate) fn version(self, path: &Path) -> String {
        let mut command = match self {
            Self::WebKit => Command::new("dpkg-query"),
            Self::Chromium | Self::Firefox => Command::new(path),
        };
        command.args(match self {
            Self::WebKit => &["--show", "--showformat=${Version}", "webkit2gtk-driver"][..],
            Self::Chromium | Self::Firefox => &["--version"],
        });
        let printed = shell::output(&mut command).unwrap_or_default();
        printed
            .split_whitespace()
            .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
            .unwrap_or("?")
            .into()
    }
}

fn is_root() -> bool {
    shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn apt_get(arguments: &[&str]) -> Result {
    shell::output(
        Command::new("apt-get")
            .arg("--quiet")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null()),
    )
    .map(|_| ())
}

pub(crate) fn node_version() -> String {
    shell::output(shell::node_command().arg("--version")).map_or_else(
        |_| "?".into(),
        |version| version.trim().trim_start_matches('v').into(),
    )
}

/// Returns the version of the npm package in a folder, or `?` if it is unknown.
pub(crate) fn npm_version(folder: &str) -> String {
    let manifest = shell::read_text(Path::new(folder).join("package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    manifest
        .get("version")
        .and_then(|version| version.as_str())
        .unwrap_or("?")
        .into()
}

/// Installs the newest Node from npm and returns a command that runs it. The lock file lists only
/// the npm package for Linux on x64.
pub(crate) fn newest_node_command() -> Result<Command> {
    npm::install_newest_node()?;
    let node = Path::new(npm::NEWEST_NODE).join("node");
    node.exists().then(|| Command::new(node)).ok_or_else(|| {
        "The newest Node can be installed only on Linux on x64: add `--skip node-newest`.".into()
    })
}
