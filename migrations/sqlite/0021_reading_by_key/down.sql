DROP INDEX agreement_by_target;
DROP INDEX case_judged_by_fault;
DROP INDEX case_judged_by_recheck;
