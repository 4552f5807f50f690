//! A message with its arguments, as a sentence for the log and for quarantine.

use recoup_model::Currency;
use recoup_model::Money;
use recoup_model::due::Arg;

/// The template with its placeholders filled in.
pub(super) fn render(template: &str, args: &[Arg], currency: Currency) -> String {
    let mut sentence = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        let filled = after.split_once('}').and_then(|(inner, tail)| Some((args.get(inner.parse::<usize>().ok()?)?, tail)));
        if let Some((arg, tail)) = filled {
            sentence.push_str(&word(arg, currency));
            rest = tail;
        } else {
            sentence.push('{');
            rest = after;
        }
    }
    sentence + rest
}

fn word(arg: &Arg, currency: Currency) -> String {
    match arg {
        Arg::Money(minor) => format!("{} {currency}", Money::new(*minor, currency)),
        Arg::Day(day) => day.to_string(),
        Arg::Count(n) => n.to_string(),
        Arg::Decimal(d) => d.to_string(),
        Arg::Person(id) => id.to_string(),
        Arg::Party(id) => id.to_string(),
        Arg::Receivable(id) => id.to_string(),
        Arg::Symbol(word) => word.clone(),
        Arg::Month(month) => month.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let args = [Arg::Count(3), Arg::Money(-6_800_000)];
        assert_eq!(render("{1} after {0} of {0}", &args, Currency::CNY), "-68000.00 CNY after 3 of 3");
        assert_eq!(render("{2} {x} { {", &args, Currency::CNY), "{2} {x} { {");
    }
}
