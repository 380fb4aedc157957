-- The SQL surface of pg_cron 1.6 without the extension: its tables, its functions, its messages. The daemon reads
-- cron.job, runs each job as its user in its database, and fills cron.job_run_details.
--
-- The functions run as their caller, for they must know who that is. Ordinary roles write through views that show and
-- take their own rows only; superusers write the tables.

-- Operators and types below are PostgreSQL's own, whatever the role that runs this prefers.
SET LOCAL search_path = pg_catalog, pg_temp;

-- As with the extension, who may schedule is for the DBA to say: GRANT USAGE ON SCHEMA cron TO somebody.

CREATE SEQUENCE cron.jobid_seq;
CREATE SEQUENCE cron.runid_seq;
-- A job's number is drawn by whoever makes the job.
GRANT SELECT, USAGE ON SEQUENCE cron.jobid_seq TO PUBLIC;
GRANT SELECT ON SEQUENCE cron.runid_seq TO PUBLIC;

CREATE TABLE cron.job (
    jobid bigint DEFAULT nextval('cron.jobid_seq') CONSTRAINT job_pkey PRIMARY KEY,
    schedule text NOT NULL,
    command text NOT NULL,
    nodename text NOT NULL DEFAULT 'localhost',
    nodeport integer NOT NULL DEFAULT coalesce(inet_server_port(), current_setting('port')::integer),
    database text NOT NULL DEFAULT current_database(),
    username text NOT NULL DEFAULT current_user,
    active boolean NOT NULL DEFAULT true,
    jobname text,
    CONSTRAINT jobname_username_uniq UNIQUE (jobname, username)
);
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_policy ON cron.job USING (username = current_user);
GRANT SELECT ON cron.job TO PUBLIC;
COMMENT ON TABLE cron.job IS 'Jobs, one row each; activityd runs them. Made by cron.schedule.';

CREATE TABLE cron.job_run_details (
    jobid bigint,
    runid bigint DEFAULT nextval('cron.runid_seq') CONSTRAINT job_run_details_pkey PRIMARY KEY,
    job_pid integer,
    database text,
    username text,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
);
ALTER TABLE cron.job_run_details ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_run_details_policy ON cron.job_run_details USING (username = current_user);
GRANT SELECT, DELETE ON cron.job_run_details TO PUBLIC;
COMMENT ON TABLE cron.job_run_details IS
    'Runs, one row for each attempt: starting, running, succeeded, failed. activity.job_run also has what did not run.';

-- What pg_cron has no words for.
CREATE TABLE cron.job_policy (
    jobid bigint CONSTRAINT job_policy_pkey PRIMARY KEY
        CONSTRAINT job_policy_jobid_fkey REFERENCES cron.job ON DELETE CASCADE,
    timezone text,
    overlap text CONSTRAINT job_policy_overlap_check CHECK (overlap IN ('skip', 'queue', 'allow')),
    catch_up text CONSTRAINT job_policy_catch_up_check CHECK (catch_up IN ('none', 'latest', 'all')),
    catch_up_limit integer CONSTRAINT job_policy_catch_up_limit_check CHECK (catch_up_limit BETWEEN 1 AND 10000),
    timeout interval CONSTRAINT job_policy_timeout_check CHECK (timeout BETWEEN '1 ms' AND '31 days'),
    retries integer CONSTRAINT job_policy_retries_check CHECK (retries BETWEEN 0 AND 100),
    jitter interval CONSTRAINT job_policy_jitter_check CHECK (jitter BETWEEN '0' AND '1 day')
);
ALTER TABLE cron.job_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_policy_policy ON cron.job_policy
    USING (EXISTS (SELECT FROM cron.job AS j WHERE j.jobid = job_policy.jobid AND j.username = current_user));
GRANT SELECT ON cron.job_policy TO PUBLIC;
COMMENT ON TABLE cron.job_policy IS 'How a job behaves when things do not go as planned. Written by cron.set_policy.';

CREATE VIEW cron.own_job WITH (security_barrier) AS
    SELECT jobid, schedule, command, nodename, nodeport, database, username, active, jobname
    FROM cron.job WHERE username = current_user
    WITH CASCADED CHECK OPTION;
GRANT SELECT, DELETE ON cron.own_job TO PUBLIC;
GRANT INSERT (schedule, command, database, active, jobname), UPDATE (schedule, command, database, active, jobname)
    ON cron.own_job TO PUBLIC;

CREATE VIEW cron.own_job_policy WITH (security_barrier) AS
    SELECT p.jobid, p.timezone, p.overlap, p.catch_up, p.catch_up_limit, p.timeout, p.retries, p.jitter
    FROM cron.job_policy AS p
    WHERE EXISTS (SELECT FROM cron.job AS j WHERE j.jobid = p.jobid AND j.username = current_user)
    WITH CASCADED CHECK OPTION;
GRANT SELECT, INSERT, UPDATE, DELETE ON cron.own_job_policy TO PUBLIC;

-- What the caller may remove by number: his own, and all where he was granted DELETE on cron.job, as in pg_cron.
CREATE VIEW cron.removable_job WITH (security_barrier) AS
    SELECT jobid FROM cron.job
    WHERE username = current_user OR has_table_privilege(current_user, 'cron.job'::regclass, 'DELETE');
GRANT SELECT, DELETE ON cron.removable_job TO PUBLIC;

-- The values of one field of a schedule; NULL when it is refused. Names count up from the field's lowest value.
CREATE FUNCTION cron.schedule_field(field text, low integer, high integer, names text[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_values integer[] := '{}';
    v_element text;
    v_match text[];
    v_ends integer[];
    v_step integer;
BEGIN
    FOREACH v_element IN ARRAY string_to_array(field, ',') LOOP
        v_match := regexp_match(v_element, '^(?:(\*)|([0-9]+|[A-Za-z]{3})(?:-([0-9]+|[A-Za-z]{3}))?)(?:/([0-9]+))?$');
        -- A step needs a range: 5/15 means different things to different programs.
        IF v_match IS NULL OR v_match[4] IS NOT NULL AND v_match[1] IS NULL AND v_match[3] IS NULL THEN
            RETURN NULL;
        END IF;
        SELECT array_agg(
            CASE
                WHEN number !~ '^[0-9]' THEN low + array_position(names, lower(number COLLATE "C")) - 1
                WHEN length(ltrim(number, '0')) <= 2 THEN number::integer
            END
            ORDER BY position)
        INTO v_ends
        FROM unnest(ARRAY[v_match[2], coalesce(v_match[3], v_match[2]), v_match[4]]) WITH ORDINALITY AS n (number, position)
        WHERE number IS NOT NULL;
        v_step := 1;
        IF v_match[4] IS NOT NULL THEN
            v_step := v_ends[cardinality(v_ends)];
        END IF;
        IF v_match[1] IS NOT NULL THEN
            v_ends := ARRAY[low, high];
        END IF;
        IF v_ends[1] BETWEEN low AND high AND v_ends[2] BETWEEN v_ends[1] AND high AND v_step BETWEEN 1 AND high THEN
            v_values := v_values || ARRAY(SELECT generate_series(v_ends[1], v_ends[2], v_step));
        ELSE
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN nullif(v_values, '{}');
END
$$;

-- Whether a text is a schedule that can ever be due.
CREATE FUNCTION cron.is_schedule(schedule text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_text constant text := btrim(schedule, E' \t\n\r');
    v_seconds constant text := (regexp_match(v_text, '^([0-9]+)[ \t\n\r]*[Ss][Ee][Cc][Oo][Nn][Dd][Ss]?$'))[1];
    v_fields text[];
    v_days integer[];
    v_months integer[];
BEGIN
    IF octet_length(schedule) >= 1000 THEN
        RETURN false;
    ELSIF v_seconds IS NOT NULL THEN
        RETURN CASE WHEN length(ltrim(v_seconds, '0')) IN (1, 2) THEN v_seconds::integer < 60 ELSE false END;
    ELSIF starts_with(v_text, '@') THEN
        RETURN v_text IN ('@reboot', '@restart', '@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly',
            '@annually');
    END IF;
    v_fields := regexp_split_to_array(v_text, '[ \t]+');
    IF cardinality(v_fields) <> 5 THEN
        RETURN false;
    END IF;
    v_days := CASE WHEN v_fields[3] = '$' THEN '{1}' ELSE cron.schedule_field(v_fields[3], 1, 31, '{}') END;
    v_months := cron.schedule_field(
        v_fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
    IF v_days IS NULL OR v_months IS NULL
        OR cron.schedule_field(v_fields[1], 0, 59, '{}') IS NULL
        OR cron.schedule_field(v_fields[2], 0, 23, '{}') IS NULL
        OR cron.schedule_field(v_fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}') IS NULL
    THEN
        RETURN false;
    END IF;
    -- A day of the week that is given suffices. Without it the day must occur in one of the months.
    RETURN NOT starts_with(v_fields[5], '*') OR EXISTS (
        SELECT FROM unnest(v_days) AS day, unnest(v_months) AS month
        WHERE day <= CASE WHEN month = 2 THEN 29 WHEN month IN (4, 6, 9, 11) THEN 30 ELSE 31 END);
END
$$;

-- Whether the caller may write everybody's jobs.
CREATE FUNCTION cron.is_administrator() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user
$$;

-- What ordinary roles write, by a function or through the view, is checked here. Superusers may write anything: a row
-- that cannot be run is reported by the daemon and disturbs no other.
CREATE FUNCTION cron.check_job() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cron.is_administrator() OR pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
    THEN
        RETURN NEW;
    END IF;
    -- What stays is not looked at: a row that has become wrong can still be paused and mended.
    IF NEW.schedule IS DISTINCT FROM (CASE WHEN TG_OP = 'UPDATE' THEN OLD.schedule END)
        AND NOT cron.is_schedule(NEW.schedule)
    THEN
        RAISE EXCEPTION 'invalid schedule: %', NEW.schedule USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
    END IF;
    IF NEW.database <> current_database()
        AND NEW.database IS DISTINCT FROM (CASE WHEN TG_OP = 'UPDATE' THEN OLD.database END)
        AND NOT has_function_privilege('cron.schedule_in_database(text, text, text, text, text, boolean)', 'EXECUTE')
        AND NOT has_function_privilege('cron.alter_job(bigint, text, text, text, text, boolean)', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'permission denied for function schedule_in_database' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_job BEFORE INSERT OR UPDATE ON cron.job FOR EACH ROW EXECUTE FUNCTION cron.check_job();

-- Refuses what a job must not be; the order of the checks is pg_cron's. Without a role it is the caller, who need not
-- be able to log in; without a database none is looked at, so that a job whose database is gone can be paused.
CREATE FUNCTION cron.check_target(p_username text, p_database text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_role record;
BEGIN
    SELECT r.oid, r.rolcanlogin, r.rolsuper INTO v_role
    FROM pg_roles AS r WHERE r.rolname = coalesce(p_username, current_user);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role "%" does not exist', p_username USING ERRCODE = 'undefined_object';
    ELSIF p_username IS NOT NULL AND NOT v_role.rolcanlogin THEN
        RAISE EXCEPTION 'role "%" can not log in', p_username USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'Jobs may only be run by roles that have the LOGIN attribute.';
    ELSIF v_role.rolsuper
        AND lower(current_setting('cron.enable_superuser_jobs', true)) IN ('off', 'false', 'no', '0')
    THEN
        RAISE EXCEPTION 'cannot schedule jobs as superuser' USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = 'Scheduling jobs as superuser is disallowed when cron.enable_superuser_jobs is set to off.';
    END IF;
    IF p_database IS NULL THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM pg_database AS d WHERE d.datname = p_database) THEN
        RAISE EXCEPTION 'database "%" does not exist', p_database USING ERRCODE = 'invalid_catalog_name';
    ELSIF NOT has_database_privilege(v_role.oid, p_database, 'CONNECT') THEN
        RAISE EXCEPTION 'User % does not have CONNECT privilege on %', coalesce(p_username, current_user), p_database USING
            ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- What all ways to schedule share.
CREATE FUNCTION cron.put_job(
    p_name text, p_schedule text, p_command text, p_database text, p_username text, p_active boolean) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_username constant text := coalesce(p_username, current_user);
    v_jobid bigint;
BEGIN
    IF p_schedule IS NULL THEN
        RAISE EXCEPTION 'schedule can not be NULL' USING ERRCODE = 'null_value_not_allowed';
    ELSIF p_command IS NULL THEN
        RAISE EXCEPTION 'command can not be NULL' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT cron.is_schedule(p_schedule) THEN
        RAISE EXCEPTION 'invalid schedule: %', p_schedule USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
    ELSIF v_username <> current_user AND NOT cron.is_administrator() THEN
        RAISE EXCEPTION 'must be superuser to create a job for another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM cron.check_target(p_username, p_database);
    -- Made again under its name, a job keeps its number and whether it is active.
    IF v_username = current_user THEN
        INSERT INTO cron.own_job (schedule, command, database, active, jobname)
        VALUES (p_schedule, p_command, p_database, p_active, p_name)
        ON CONFLICT (jobname, username) DO UPDATE
            SET schedule = excluded.schedule, command = excluded.command, database = excluded.database
        RETURNING jobid INTO v_jobid;
    ELSE
        INSERT INTO cron.job (schedule, command, database, username, active, jobname)
        VALUES (p_schedule, p_command, p_database, v_username, p_active, p_name)
        ON CONFLICT (jobname, username) DO UPDATE
            SET schedule = excluded.schedule, command = excluded.command, database = excluded.database
        RETURNING jobid INTO v_jobid;
    END IF;
    RETURN v_jobid;
END
$$;

CREATE FUNCTION cron.schedule(schedule text, command text) RETURNS bigint
LANGUAGE sql STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT cron.put_job(NULL, schedule, command, current_database()::text, NULL, true)
$$;
COMMENT ON FUNCTION cron.schedule(text, text) IS 'Schedules a command; returns the job''s number.';

CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF job_name IS NULL THEN
        RAISE EXCEPTION 'job_name can not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN cron.put_job(job_name, schedule, command, current_database(), NULL, true);
END
$$;
COMMENT ON FUNCTION cron.schedule(text, text, text) IS
    'Schedules a command under a name, in place of the caller''s job of that name; returns the job''s number.';

CREATE FUNCTION cron.schedule_in_database(
    job_name text, schedule text, command text, database text, username text DEFAULT NULL,
    active boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF job_name IS NULL THEN
        RAISE EXCEPTION 'job_name can not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN cron.put_job(job_name, schedule, command, coalesce(database, current_database()), username, coalesce(active, true));
END
$$;
REVOKE ALL ON FUNCTION cron.schedule_in_database(text, text, text, text, text, boolean) FROM PUBLIC;

-- Whether there is such a job, be it the caller's or not. Row-level security would hide that.
CREATE FUNCTION cron.job_exists(p_jobid bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM cron.job WHERE jobid = p_jobid)
$$;

CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM cron.removable_job WHERE jobid = job_id;
    IF FOUND THEN
        RETURN true;
    ELSIF cron.job_exists(job_id) THEN
        RAISE EXCEPTION 'permission denied for table job' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION 'could not find valid entry for job %', job_id USING ERRCODE = 'no_data_found';
END
$$;

CREATE FUNCTION cron.unschedule(job_name text) RETURNS boolean
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM cron.own_job WHERE jobname = job_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'could not find valid entry for job ''%''', job_name USING ERRCODE = 'no_data_found';
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION cron.alter_job(
    job_id bigint, schedule text DEFAULT NULL, command text DEFAULT NULL, database text DEFAULT NULL,
    username text DEFAULT NULL, active boolean DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_is_administrator constant boolean := cron.is_administrator();
BEGIN
    IF job_id IS NULL THEN
        RAISE EXCEPTION 'job_id can not be NULL' USING ERRCODE = 'null_value_not_allowed';
    ELSIF alter_job.username IS NOT NULL AND NOT v_is_administrator THEN
        RAISE EXCEPTION 'must be superuser to alter username' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM cron.check_target(alter_job.username, alter_job.database);
    IF alter_job.schedule IS NOT NULL AND NOT cron.is_schedule(alter_job.schedule) THEN
        RAISE EXCEPTION 'invalid schedule: %', alter_job.schedule USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
    ELSIF num_nonnulls(alter_job.schedule, alter_job.command, alter_job.database, alter_job.username, alter_job.active) = 0
    THEN
        RAISE EXCEPTION 'no updates specified' USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'You must specify at least one job attribute to change when calling alter_job';
    END IF;
    IF v_is_administrator THEN
        UPDATE cron.job AS j
        SET schedule = coalesce(alter_job.schedule, j.schedule), command = coalesce(alter_job.command, j.command),
            database = coalesce(alter_job.database, j.database), username = coalesce(alter_job.username, j.username),
            active = coalesce(alter_job.active, j.active)
        WHERE j.jobid = job_id;
    ELSE
        UPDATE cron.own_job AS j
        SET schedule = coalesce(alter_job.schedule, j.schedule), command = coalesce(alter_job.command, j.command),
            database = coalesce(alter_job.database, j.database), active = coalesce(alter_job.active, j.active)
        WHERE j.jobid = job_id;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Job % does not exist or you don''t own it', job_id USING ERRCODE = 'no_data_found';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION cron.alter_job(bigint, text, text, text, text, boolean) FROM PUBLIC;

CREATE FUNCTION cron.set_policy(
    job_id bigint, timezone text DEFAULT NULL, overlap text DEFAULT NULL, catch_up text DEFAULT NULL,
    catch_up_limit integer DEFAULT NULL, timeout interval DEFAULT NULL, retries integer DEFAULT NULL,
    jitter interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_refused text;
BEGIN
    v_refused := CASE
        -- Not those that mean another zone on another machine, or count leap seconds.
        WHEN set_policy.timezone ~ '^(posix/|right/|(localtime|posixrules|Factory)$)'
            OR set_policy.timezone IS NOT NULL
                AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = set_policy.timezone)
            THEN format('timezone %L; accepted is a name of pg_timezone_names, such as Europe/Berlin', timezone)
        WHEN set_policy.overlap NOT IN ('skip', 'queue', 'allow')
            THEN format('overlap %L; accepted are skip, queue and allow', overlap)
        WHEN set_policy.catch_up NOT IN ('none', 'latest', 'all')
            THEN format('catch_up %L; accepted are none, latest and all', catch_up)
        WHEN set_policy.catch_up_limit NOT BETWEEN 1 AND 10000
            THEN format('catch_up_limit %s; accepted is 1 to 10000', catch_up_limit)
        WHEN set_policy.timeout NOT BETWEEN '1 ms' AND '31 days'
            THEN format('timeout %s; accepted is 1 ms to 31 days', timeout)
        WHEN set_policy.retries NOT BETWEEN 0 AND 100
            THEN format('retries %s; accepted is 0 to 100', retries)
        WHEN set_policy.jitter NOT BETWEEN '0' AND '1 day'
            THEN format('jitter %s; accepted is 0 to 1 day', jitter)
    END;
    IF v_refused IS NOT NULL THEN
        RAISE EXCEPTION 'invalid %', v_refused USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF cron.is_administrator() AND cron.job_exists(job_id) THEN
        INSERT INTO cron.job_policy (jobid) VALUES (job_id) ON CONFLICT DO NOTHING;
        UPDATE cron.job_policy AS p
        SET timezone = coalesce(set_policy.timezone, p.timezone), overlap = coalesce(set_policy.overlap, p.overlap),
            catch_up = coalesce(set_policy.catch_up, p.catch_up),
            catch_up_limit = coalesce(set_policy.catch_up_limit, p.catch_up_limit),
            timeout = coalesce(set_policy.timeout, p.timeout), retries = coalesce(set_policy.retries, p.retries),
            jitter = coalesce(set_policy.jitter, p.jitter)
        WHERE p.jobid = job_id;
    ELSIF EXISTS (SELECT FROM cron.own_job AS j WHERE j.jobid = job_id) THEN
        INSERT INTO cron.own_job_policy (jobid) VALUES (job_id) ON CONFLICT DO NOTHING;
        UPDATE cron.own_job_policy AS p
        SET timezone = coalesce(set_policy.timezone, p.timezone), overlap = coalesce(set_policy.overlap, p.overlap),
            catch_up = coalesce(set_policy.catch_up, p.catch_up),
            catch_up_limit = coalesce(set_policy.catch_up_limit, p.catch_up_limit),
            timeout = coalesce(set_policy.timeout, p.timeout), retries = coalesce(set_policy.retries, p.retries),
            jitter = coalesce(set_policy.jitter, p.jitter)
        WHERE p.jobid = job_id;
    ELSE
        RAISE EXCEPTION 'Job % does not exist or you don''t own it', job_id USING ERRCODE = 'no_data_found';
    END IF;
END
$$;
COMMENT ON FUNCTION cron.set_policy(bigint, text, text, text, integer, interval, integer, interval) IS
    'Sets a job''s time zone, overlap (skip, queue, allow), catch-up (none, latest, all), time-out, retries and jitter.';

CREATE FUNCTION cron.set_policy(
    job_name text, timezone text DEFAULT NULL, overlap text DEFAULT NULL, catch_up text DEFAULT NULL,
    catch_up_limit integer DEFAULT NULL, timeout interval DEFAULT NULL, retries integer DEFAULT NULL,
    jitter interval DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_jobid bigint := (SELECT j.jobid FROM cron.own_job AS j WHERE j.jobname = job_name);
BEGIN
    IF v_jobid IS NULL THEN
        RAISE EXCEPTION 'could not find valid entry for job ''%''', job_name USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM cron.set_policy(v_jobid, timezone, overlap, catch_up, catch_up_limit, timeout, retries, jitter);
END
$$;

-- The daemons learn of a change as soon as it is committed.
CREATE FUNCTION cron.notify_daemons() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('activityd_jobs', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_daemons AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cron.job
    FOR EACH STATEMENT EXECUTE FUNCTION cron.notify_daemons();
CREATE TRIGGER notify_daemons AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cron.job_policy
    FOR EACH STATEMENT EXECUTE FUNCTION cron.notify_daemons();

-- Said outright, since the owner's default privileges may be others.
GRANT EXECUTE ON FUNCTION
    cron.schedule_field(text, integer, integer, text[]), cron.is_schedule(text), cron.is_administrator(),
    cron.check_target(text, text), cron.put_job(text, text, text, text, text, boolean), cron.job_exists(bigint),
    cron.schedule(text, text), cron.schedule(text, text, text), cron.unschedule(bigint), cron.unschedule(text),
    cron.set_policy(bigint, text, text, text, integer, interval, integer, interval),
    cron.set_policy(text, text, text, text, integer, interval, integer, interval)
TO PUBLIC;
