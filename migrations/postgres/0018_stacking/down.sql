DROP TABLE stacking;
