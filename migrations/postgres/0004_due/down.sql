DROP TABLE finding;
DROP TABLE posting;
DROP TABLE line;
DROP TABLE case_judged;
DROP TABLE evaluated;
DROP TABLE policy;
