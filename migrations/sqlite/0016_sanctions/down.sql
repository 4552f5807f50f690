DROP TABLE sanction;
DROP TABLE false_report;
