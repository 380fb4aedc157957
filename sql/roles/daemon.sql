-- The daemon's role, its schema, and the one table that it reads. For a superuser.
GRANT USAGE ON SCHEMA :"source" TO activityd;
GRANT SELECT ON :"source".directus_activity TO activityd;
