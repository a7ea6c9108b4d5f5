INSERT INTO item VALUES ('tea'), ('milk');
