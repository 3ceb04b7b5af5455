"""PostgreSQL 14 to 18, through psycopg 3; COPY in text format carries the rows."""
