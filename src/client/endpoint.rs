//! The address of the service.

use super::Error;
use crate::protocol::{self, Service};
use std::str::FromStr;

/// A region of the service.
///
/// ```
/// use social_plus_auth::client::Region;
/// assert_eq!("eu".parse::<Region>()?, Region::Eu);
/// # Ok::<(), social_plus_auth::client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// Europe.
    Eu,
    /// Singapore.
    Sg,
    /// The United States.
    Us,
}

impl Region {
    const ALL: [Region; 3] = [Region::Eu, Region::Sg, Region::Us];

    /// Returns the region's name: `eu`, `sg` or `us`.
    ///
    /// ```
    /// assert_eq!(social_plus_auth::client::Region::Sg.name(), "sg");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Region::Eu => "eu",
            Region::Sg => "sg",
            Region::Us => "us",
        }
    }
}

impl FromStr for Region {
    type Err = Error;

    /// Parses the name of a region. Ignores case.
    fn from_str(name: &str) -> Result<Self, Error> {
        let has_name = |region: &Region| region.name().eq_ignore_ascii_case(name);
        Region::ALL.into_iter().find(has_name).ok_or_else(|| {
            // This error lists the valid regions.
            let error = Service::new(Some(name), None).err();
            Error::new(
                error.unwrap_or_else(|| protocol::Error::config("region", "is unknown.")),
                "region",
            )
        })
    }
}

/// The address of the service: a [`Region`], or a URL.
///
/// ```
/// use social_plus_auth::client::{Client, Endpoint, Region};
/// # let transport = social_plus_auth::client::emulated::Emulated::default();
/// let builder = Client::builder(Region::Eu, "api-key");
/// let builder = Client::builder(Endpoint::url("http://127.0.0.1:8080"), "api-key");
/// # builder.transport(transport).build()?;
/// # Ok::<(), social_plus_auth::client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Place);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Region(Region),
    Url(String),
}

impl Endpoint {
    /// Uses a URL: `https:`, or `http:` on a loopback host, without user info, query or fragment.
    /// The paths of the service are appended to the path of the URL. `build` checks the URL.
    ///
    /// ```
    /// use social_plus_auth::client::Endpoint;
    /// let proxy = Endpoint::url("https://proxy.example/social-plus");
    /// ```
    pub fn url(url: impl Into<String>) -> Self {
        Endpoint(Place::Url(url.into()))
    }

    pub(super) fn service(&self) -> Result<Service<'_>, protocol::Error> {
        match &self.0 {
            Place::Region(region) => Service::new(Some(region.name()), None),
            Place::Url(url) => Service::new(None, Some(url)),
        }
    }
}

impl From<Region> for Endpoint {
    fn from(region: Region) -> Self {
        Endpoint(Place::Region(region))
    }
}
