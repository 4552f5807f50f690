//! Which moves a job's state may make.

use recoup_model::job::{JobKind, JobState};

#[test]
fn what_ended_stays_as_it_is_and_everything_else_can_end() {
    for state in JobState::ALL {
        assert_eq!(JobState::from_word(state.word()), Some(state));
        assert_eq!(state.is_final(), matches!(state, JobState::Done | JobState::Failed | JobState::Cancelled), "{state:?}");
        assert!(state.is_final() || state.may_become(JobState::Cancelled), "{state:?}");
    }
    assert!(!JobState::Queued.may_become(JobState::Done), "nothing is done that no process worked on");
    for kind in [JobKind::Import, JobKind::Evaluation, JobKind::PeriodClose] {
        assert_eq!(JobKind::from_word(kind.word()), Some(kind));
    }
}
