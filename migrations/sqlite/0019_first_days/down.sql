DROP INDEX agreement_by_first_day;
DROP INDEX letter_by_first_day;
