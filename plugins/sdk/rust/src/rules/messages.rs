//! What a pack has to say, in both languages: a message's number is its index.

use super::describe::Message;

/// Declares the messages of a pack as an enumeration `Say` with `index()`, and `fixed_messages()` with their texts: a name, a
/// code, the sentence in English, the sentence in Chinese.
#[macro_export]
macro_rules! messages {
    ($($name:ident $code:literal $en:literal $zh:literal)*) => {
        /// The fixed messages.
        #[derive(Debug, Clone, Copy)]
        #[repr(u32)]
        pub(crate) enum Say { $($name),* }

        const FIXED: &[(&str, &str, &str)] = &[$(($code, $en, $zh)),*];

        impl Say {
            /// Its index in `describe`.
            pub(crate) const fn index(self) -> u32 {
                self as u32
            }
        }

        /// The fixed messages, in the order of their numbers.
        fn fixed_messages() -> impl Iterator<Item = $crate::rules::describe::Message> {
            FIXED.iter().map(|&(code, en, zh)| $crate::rules::describe::Message { code: code.into(), en: en.into(), zh: zh.into() })
        }

        /// The fault of the parameter with that number: none of its values is in force. These stand behind the fixed messages.
        pub(crate) const fn no_value(parameter: u32) -> u32 {
            FIXED.len() as u32 + parameter
        }
    };
}

/// The messages of [`no_value`](crate::messages) for parameters of these names; codes begin with the pack's prefix.
pub fn no_values(prefix: &str, names: &[&str]) -> impl Iterator<Item = Message> {
    names.iter().map(move |name| Message {
        code: format!("{prefix}.no_value.{name}"),
        en: format!("No value of `{name}` is in force on {{0}}."),
        zh: format!("参数`{name}`在{{0}}没有有效值。"),
    })
}
