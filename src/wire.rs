//! Defines the macro that declares the numbers that Rust and JavaScript share, and the types of
//! other shared values. `cargo xtask build` writes the constants of JavaScript from these
//! declarations, so that each value is written down once.

/// The codes of one declaration, for the generator of the JavaScript constants.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name of the Rust type, which becomes the prefix of the constants.
    pub name: &'static str,
    /// The name and the number of each code.
    pub codes: &'static [(&'static str, i64)],
}

/// The name and the value of a Rust constant that JavaScript also needs.
#[cfg(not(target_arch = "wasm32"))]
pub type Constant = (&'static str, f64);

/// The name of a list of prefixes that JavaScript also needs, and the prefixes, which consist of
/// letters, digits and `_`.
#[cfg(not(target_arch = "wasm32"))]
pub type Prefixes = (&'static str, &'static [&'static str]);

/// The names of numbers that cross the boundary in a fixed order, for the generator of the
/// JavaScript type that lists them in this order.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The name of the Rust type, from which the name of the JavaScript type is derived.
    pub name: &'static str,
    /// The names of the numbers, in their order.
    pub fields: &'static [&'static str],
}

/// Declares an enum whose discriminants cross the boundary to JavaScript. `from_code` decodes a
/// number, and `TABLE` lists the codes for the generator. A variant may have one `#[cfg]`.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $(#[cfg($cfg:meta)])?
                $variant:ident = $code:literal
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        $vis enum $name {
            $( $(#[doc = $doc])* $(#[cfg($cfg)])? $variant = $code ),*
        }

        #[allow(dead_code, reason = "not every code is decoded in Rust")]
        impl $name {
            /// Lists the codes for the generator of the JavaScript constants.
            #[cfg(not(target_arch = "wasm32"))]
            $vis const TABLE: $crate::wire::Table = $crate::wire::Table {
                name: stringify!($name),
                codes: &[$( $(#[cfg($cfg)])? (stringify!($variant), $code) ),*],
            };

            /// Returns the code with this number, or `None` if no code has it.
            $vis const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $( $(#[cfg($cfg)])? $code => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use codes;
