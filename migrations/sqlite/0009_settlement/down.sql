DROP TABLE minimum_wage;
DROP TABLE settlement;
