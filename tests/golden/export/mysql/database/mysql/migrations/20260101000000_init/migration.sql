CREATE TABLE note (id int);
