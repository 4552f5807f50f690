//! Kinds and states of jobs.

use recoup_model::job::{JobKind, JobState};

#[test]
fn every_state_and_every_kind_is_read_as_it_is_written() {
    for state in JobState::ALL {
        assert_eq!(JobState::from_word(state.word()), Some(state));
    }
    for kind in JobKind::ALL {
        assert_eq!(JobKind::from_word(kind.word()), Some(kind));
    }
}
