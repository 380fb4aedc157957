-- Jobs: which slots have been decided, and one row for every nominal time. See Scheduling.md for the proof that each
-- slot is decided exactly once. Only the functions below write, and those that decide hold one advisory lock.

-- The clock that nominal times are compared with. Tests replace it to step it.
CREATE FUNCTION :"schema".scheduler_now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() $$;

-- Nominal times repeat when the clock is set back. Each time that happens a new era begins.
CREATE TABLE :"schema".scheduler_clock (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT scheduler_clock_pkey PRIMARY KEY
        CONSTRAINT scheduler_clock_singleton_check CHECK (singleton),
    era integer NOT NULL DEFAULT 1,
    -- the latest time at which a slot was decided
    latest timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO :"schema".scheduler_clock DEFAULT VALUES;

CREATE TABLE :"schema".job_state (
    job text COLLATE "C" CONSTRAINT job_state_pkey PRIMARY KEY,
    -- schedule and zone; slots are decided by a daemon that has the same only
    definition text NOT NULL,
    -- every slot of this era up to here has its row
    watermark timestamptz NOT NULL,
    -- what earlier eras had come to: a fixed time of day up to here is not run again
    decided_until timestamptz NOT NULL DEFAULT '-infinity',
    -- paused by a person, whatever the definition says
    is_held boolean NOT NULL DEFAULT false,
    -- slots after paused_at and up to resumed_at are not run
    paused_at timestamptz,
    resumed_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE :"schema".job_run (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT job_run_id_key UNIQUE,
    job text COLLATE "C" NOT NULL,
    era integer NOT NULL,
    nominal_at timestamptz NOT NULL,
    -- more than one slot in one row: paused, or missed in great number; slots is NULL where nobody counted them
    last_nominal_at timestamptz NOT NULL,
    slots bigint DEFAULT 1,
    trigger text NOT NULL
        CONSTRAINT job_run_trigger_check CHECK (trigger IN ('schedule', 'catch-up', 'manual')),
    status text NOT NULL
        CONSTRAINT job_run_status_check CHECK (status IN
            ('queued', 'claimed', 'running', 'succeeded', 'failed', 'canceled', 'skipped', 'missed')),
    -- why it did not run or did not succeed
    reason text,
    -- what the command answered
    result text,
    attempt integer NOT NULL DEFAULT 0,
    -- further attempts after a failure
    retries integer NOT NULL DEFAULT 0,
    -- a queued run starts no earlier
    due_at timestamptz,
    owner text,
    -- counts the owner's signs of life
    heartbeat integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    claimed_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    -- of the server's process that runs the command
    pid integer,
    CONSTRAINT job_run_pkey PRIMARY KEY (job, era, nominal_at)
) WITH (fillfactor = 80);
-- What is under way is looked for by every decision and every sweep, and is a handful of many rows.
CREATE INDEX job_run_active_idx ON :"schema".job_run (job) WHERE status IN ('queued', 'claimed', 'running');
-- History is shown and pruned by time.
CREATE INDEX job_run_nominal_at_idx ON :"schema".job_run (nominal_at);

-- Makes everybody who decides wait for each other. A statement after this call sees what the others have decided.
CREATE FUNCTION :"schema".lock_scheduler() RETURNS void
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('activityd scheduler ' || current_schema(), 0));
END
$$;

-- A decision need not wait for the disk: what a run commits afterwards, and its end, flush the decision before them.
CREATE FUNCTION :"schema".commit_without_flush() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.set_config('synchronous_commit', 'off', true);
END
$$;

-- The time and its era, after noticing that the clock was set back. Call it under the lock.
CREATE FUNCTION :"schema".read_clock(OUT now timestamptz, OUT era integer)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_latest timestamptz;
BEGIN
    now := scheduler_now();
    SELECT c.era, c.latest INTO era, v_latest FROM scheduler_clock AS c;
    IF now < v_latest - interval '1 second' THEN
        UPDATE scheduler_clock AS c SET era = c.era + 1, latest = read_clock.now RETURNING c.era INTO era;
        UPDATE job_state AS s
        SET decided_until = greatest(s.decided_until, s.watermark), watermark = least(s.watermark, read_clock.now),
            paused_at = CASE WHEN s.paused_at > read_clock.now THEN read_clock.now ELSE s.paused_at END,
            resumed_at = CASE WHEN s.resumed_at > read_clock.now THEN read_clock.now ELSE s.resumed_at END;
    END IF;
END
$$;

-- Notes since when jobs are paused, and until when they were. Call it under the lock.
CREATE FUNCTION :"schema".note_pauses(p_jobs text[], p_active boolean[], p_now timestamptz) RETURNS void
LANGUAGE sql SET search_path = :"schema", pg_temp AS $$
    UPDATE job_state AS s
    SET paused_at = CASE WHEN r.active AND NOT s.is_held THEN s.paused_at ELSE p_now END,
        resumed_at = CASE WHEN r.active AND NOT s.is_held THEN p_now END
    FROM unnest(p_jobs, p_active) AS r (job, active)
    WHERE s.job = r.job
        AND (r.active AND NOT s.is_held) = (s.paused_at IS NOT NULL AND s.resumed_at IS NULL)
$$;

-- Tells the daemons which jobs are known here, and how far each has come. A job that is new, or whose definition
-- differs and is to be replaced, has no slots before now.
CREATE FUNCTION :"schema".register_jobs(
    p_jobs text[], p_definitions text[], p_active boolean[], p_replaces boolean[])
RETURNS TABLE (
    job text, watermark timestamptz, paused_at timestamptz, resumed_at timestamptz, is_current boolean,
    now timestamptz, era integer, server_started_at timestamptz)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_clock record;
BEGIN
    PERFORM lock_scheduler();
    SELECT c.now, c.era INTO v_clock FROM read_clock() AS c;
    INSERT INTO job_state AS s (job, definition, watermark)
    SELECT DISTINCT ON (r.job) r.job, r.definition, v_clock.now
    FROM unnest(p_jobs, p_definitions) AS r (job, definition)
    ON CONFLICT ON CONSTRAINT job_state_pkey DO NOTHING;
    UPDATE job_state AS s
    SET definition = r.definition, watermark = v_clock.now, decided_until = '-infinity'
    FROM unnest(p_jobs, p_definitions, p_replaces) AS r (job, definition, replaces)
    WHERE s.job = r.job AND r.replaces AND s.definition <> r.definition;
    PERFORM note_pauses(p_jobs, p_active, v_clock.now);
    RETURN QUERY
    SELECT r.job, s.watermark, s.paused_at, s.resumed_at, s.definition = r.definition, v_clock.now, v_clock.era,
        pg_postmaster_start_time()
    FROM unnest(p_jobs, p_definitions) AS r (job, definition) JOIN job_state AS s ON s.job = r.job;
END
$$;

-- Pauses a job, or ends that pause; its definition may still say that it is not active. False for an unknown job.
CREATE FUNCTION :"schema".hold_job(p_job text, p_held boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
BEGIN
    PERFORM lock_scheduler();
    UPDATE job_state AS s SET is_held = p_held WHERE s.job = p_job;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_held THEN
        PERFORM note_pauses(ARRAY[p_job], ARRAY[true], scheduler_now());
    END IF;
    PERFORM pg_notify('activityd_jobs', '');
    RETURN true;
END
$$;

-- Starts what waits and may start: for each job the oldest, unless another run of it is under way.
CREATE FUNCTION :"schema".start_queued(p_owner text)
RETURNS TABLE (id bigint, job text, nominal_at timestamptz, trigger text, attempt integer)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_now constant timestamptz := scheduler_now();
BEGIN
    IF NOT EXISTS (SELECT FROM job_run AS r WHERE r.status = 'queued') THEN
        RETURN;
    END IF;
    PERFORM commit_without_flush();
    PERFORM lock_scheduler();
    RETURN QUERY
    WITH next AS (
        SELECT DISTINCT ON (q.job) q.id
        FROM job_run AS q
        WHERE q.status = 'queued' AND q.due_at <= v_now AND NOT EXISTS (
            SELECT FROM job_run AS other WHERE other.job = q.job AND other.status IN ('claimed', 'running'))
        ORDER BY q.job, q.due_at, q.nominal_at
    )
    UPDATE job_run AS r
    SET status = 'claimed', owner = p_owner, attempt = r.attempt + 1, claimed_at = v_now, started_at = NULL,
        pid = NULL, heartbeat = r.heartbeat + 1
    FROM next WHERE r.id = next.id
    RETURNING r.id, r.job, r.nominal_at, r.trigger, r.attempt;
END
$$;

-- Decides slots. For each job: "after" is the watermark that the caller's decisions start from, and "until" the last
-- slot that they cover. A job whose watermark is another by now was decided by somebody else, and is left alone.
-- Returns one row for each job asked about with its watermark, and with the run that the caller has to start.
--
-- Planning takes several times longer than doing, so it is done once for each connection. Of itself plpgsql would plan
-- at every call, for it takes the lengths of the arrays for worth knowing.
CREATE FUNCTION :"schema".claim_runs(
    p_owner text,
    p_jobs text[], p_definitions text[], p_after timestamptz[], p_until timestamptz[],
    p_overlaps text[], p_retries integer[], p_repeats boolean[],
    p_slot_jobs text[], p_nominal timestamptz[], p_last_nominal timestamptz[], p_slots bigint[],
    p_triggers text[], p_decisions text[], p_reasons text[])
RETURNS TABLE (
    job text, watermark timestamptz, is_current boolean, has_moved boolean, now timestamptz, era integer,
    id bigint, nominal_at timestamptz, trigger text, attempt integer)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_clock record;
    v_moved text[];
BEGIN
    PERFORM commit_without_flush();
    PERFORM lock_scheduler();
    SELECT c.now, c.era INTO v_clock FROM read_clock() AS c;

    WITH asked AS (
        SELECT * FROM unnest(p_jobs, p_definitions, p_after, p_until) AS a (job, definition, after, until)
    ), moved AS (
        UPDATE job_state AS s SET watermark = a.until
        FROM asked AS a
        WHERE s.job = a.job AND s.definition = a.definition AND s.watermark = a.after AND a.until <= v_clock.now
        RETURNING s.job
    )
    SELECT coalesce(array_agg(m.job), '{}') INTO v_moved FROM moved AS m;

    IF v_moved <> '{}' THEN
        UPDATE scheduler_clock AS c SET latest = greatest(c.latest, v_clock.now);

        -- A paused job's row grows instead of being one of many, unless other slots lie between.
        UPDATE job_run AS r
        SET last_nominal_at = s.last_nominal_at, slots = r.slots + s.slots
        FROM (
            SELECT u.*, min(u.nominal_at) OVER (PARTITION BY u.job) AS first_nominal_at
            FROM unnest(p_slot_jobs, p_nominal, p_last_nominal, p_slots, p_decisions, p_reasons)
                AS u (job, nominal_at, last_nominal_at, slots, decision, reason)
        ) AS s
        WHERE s.decision = 'skipped' AND s.reason = 'paused' AND s.nominal_at = s.first_nominal_at
            AND s.job = ANY (v_moved)
            AND r.job = s.job AND r.era = v_clock.era AND r.status = 'skipped' AND r.reason = 'paused'
            AND r.nominal_at = (
                SELECT max(latest.nominal_at) FROM job_run AS latest
                WHERE latest.job = s.job AND latest.era = v_clock.era AND latest.trigger <> 'manual');

        RETURN QUERY
        WITH job AS (
            SELECT a.job, a.overlap, a.retries, a.repeats, s.decided_until,
                EXISTS (
                    SELECT FROM job_run AS r
                    WHERE r.job = a.job AND (r.status IN ('claimed', 'running')
                        OR r.status = 'queued' AND r.trigger = 'catch-up')) AS is_busy
            FROM unnest(p_jobs, p_overlaps, p_retries, p_repeats) AS a (job, overlap, retries, repeats)
            JOIN job_state AS s ON s.job = a.job
            WHERE a.job = ANY (v_moved)
        ), decided AS (
            INSERT INTO job_run AS r (
                job, era, nominal_at, last_nominal_at, slots, trigger, status, reason, attempt, retries,
                due_at, owner, claimed_at, finished_at)
            SELECT s.job, v_clock.era, s.nominal_at, s.last_nominal_at, s.slots, s.trigger, o.status, o.reason,
                (o.status = 'claimed')::integer, j.retries, v_clock.now,
                CASE WHEN o.status = 'claimed' THEN p_owner END,
                CASE WHEN o.status = 'claimed' THEN v_clock.now END,
                CASE WHEN o.status IN ('skipped', 'missed') THEN v_clock.now END
            FROM unnest(p_slot_jobs, p_nominal, p_last_nominal, p_slots, p_triggers, p_decisions, p_reasons)
                AS s (job, nominal_at, last_nominal_at, slots, trigger, decision, reason)
            JOIN job AS j ON j.job = s.job
            CROSS JOIN LATERAL (
                SELECT
                    CASE
                        WHEN s.decision IN ('missed', 'skipped') THEN s.decision
                        WHEN NOT j.repeats AND s.nominal_at <= j.decided_until THEN 'skipped'
                        WHEN s.decision = 'queue' THEN 'queued'
                        WHEN j.is_busy AND j.overlap = 'skip' THEN 'skipped'
                        WHEN j.is_busy AND j.overlap = 'queue' THEN 'queued'
                        ELSE 'claimed'
                    END,
                    CASE
                        WHEN s.decision IN ('missed', 'skipped') THEN s.reason
                        WHEN NOT j.repeats AND s.nominal_at <= j.decided_until THEN 'decided before the clock was set back'
                        WHEN s.decision = 'queue' THEN NULL
                        WHEN j.is_busy AND j.overlap = 'skip' THEN 'the run before was still under way'
                    END
            ) AS o (status, reason)
            WHERE NOT (s.decision = 'skipped' AND s.reason = 'paused' AND EXISTS (
                SELECT FROM job_run AS grown
                WHERE grown.job = s.job AND grown.era = v_clock.era AND grown.last_nominal_at = s.last_nominal_at))
            ON CONFLICT ON CONSTRAINT job_run_pkey DO NOTHING
            RETURNING r.id, r.job, r.nominal_at, r.trigger, r.attempt, r.status
        ), superseded AS (
            -- What waits since an earlier slot gives way to one that runs or waits; what is to be caught up does not.
            UPDATE job_run AS r
            SET status = CASE WHEN r.attempt = 0 THEN 'skipped' ELSE 'failed' END, reason = 'superseded',
                finished_at = v_clock.now
            FROM decided AS d
            WHERE (d.status = 'claimed' OR d.status = 'queued' AND d.trigger = 'schedule')
                AND r.job = d.job AND r.status = 'queued' AND r.trigger = 'schedule'
        )
        SELECT s.job, s.watermark, true, true, v_clock.now, v_clock.era, d.id, d.nominal_at, d.trigger, d.attempt
        FROM job_state AS s LEFT JOIN decided AS d ON d.job = s.job AND d.status = 'claimed'
        WHERE s.job = ANY (v_moved);
    END IF;

    RETURN QUERY
    SELECT a.job, s.watermark, coalesce(s.definition = a.definition, false), false, v_clock.now, v_clock.era,
        NULL::bigint, NULL::timestamptz, NULL::text, NULL::integer
    FROM unnest(p_jobs, p_definitions) AS a (job, definition) LEFT JOIN job_state AS s ON s.job = a.job
    WHERE a.job <> ALL (v_moved);
END
$$;

-- Whether a run that ended so has another attempt.
CREATE FUNCTION :"schema".may_retry(p_run :"schema".job_run, p_status text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_status = 'failed' AND p_run.attempt <= p_run.retries AND NOT p_run.cancel_requested
$$;

-- Writes how runs ended, if the caller still owns them, and returns those that he did, and whether runs of their jobs
-- wait. A failed run that has attempts left waits for its next one. In plpgsql for its plans: see claim_runs.
CREATE FUNCTION :"schema".finish_runs(
    p_owner text, p_ids bigint[], p_jobs text[], p_nominal timestamptz[], p_attempts integer[], p_statuses text[],
    p_reasons text[], p_results text[], p_started_at timestamptz[], p_finished_at timestamptz[], p_pids integer[],
    p_pauses double precision[])
RETURNS TABLE (id bigint, status text, due_at timestamptz, has_queued boolean)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    UPDATE job_run AS r
    SET status = CASE WHEN may_retry(r, f.status) THEN 'queued' ELSE f.status END,
        reason = f.reason, result = f.result, started_at = f.started_at, pid = f.pid,
        finished_at = CASE WHEN NOT may_retry(r, f.status) THEN f.finished_at END,
        due_at = CASE WHEN may_retry(r, f.status) THEN f.finished_at + f.pause * interval '1 second' ELSE r.due_at END
    FROM unnest(p_ids, p_jobs, p_nominal, p_attempts, p_statuses, p_reasons, p_results, p_started_at, p_finished_at,
            p_pids, p_pauses)
        AS f (id, job, nominal_at, attempt, status, reason, result, started_at, finished_at, pid, pause)
    -- A crash of the server may lose a claim and give its number to another.
    WHERE r.id = f.id AND r.job = f.job AND r.nominal_at = f.nominal_at AND r.owner = p_owner AND r.attempt = f.attempt AND r.status IN ('claimed', 'running')
    RETURNING r.id, r.status, r.due_at,
        EXISTS (SELECT FROM job_run AS q WHERE q.job = r.job AND q.status = 'queued');
END
$$;

-- A sign of life for runs that last, and what has become of them: returns those that are still the caller's, and
-- whether somebody wants them ended.
CREATE FUNCTION :"schema".renew_runs(
    p_owner text, p_ids bigint[], p_attempts integer[], p_started_at timestamptz[], p_pids integer[])
RETURNS TABLE (id bigint, cancel_requested boolean)
LANGUAGE sql SET search_path = :"schema", pg_temp AS $$
    SELECT commit_without_flush();
    UPDATE job_run AS r
    SET heartbeat = r.heartbeat + 1, started_at = p.started_at, pid = p.pid,
        status = CASE WHEN p.started_at IS NULL THEN 'claimed' ELSE 'running' END
    FROM unnest(p_ids, p_attempts, p_started_at, p_pids) AS p (id, attempt, started_at, pid)
    WHERE r.id = p.id AND r.owner = p_owner AND r.attempt = p.attempt AND r.status IN ('claimed', 'running')
    RETURNING r.id, r.cancel_requested
$$;

-- Ends runs whose owner gave no sign of life since the caller saw that heartbeat. The sessions of that owner are ended
-- first, where the server allows it, so that what is called failed does not go on.
CREATE FUNCTION :"schema".expire_runs(p_ids bigint[], p_heartbeats integer[])
RETURNS TABLE (id bigint, job text, owner text, status text)
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_owner text;
BEGIN
    FOR v_owner IN
        SELECT DISTINCT r.owner FROM job_run AS r JOIN unnest(p_ids, p_heartbeats) AS e (id, heartbeat)
            ON r.id = e.id AND r.heartbeat = e.heartbeat AND r.status IN ('claimed', 'running')
    LOOP
        BEGIN
            PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity AS a
            WHERE a.application_name = 'activityd job ' || v_owner;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL; -- of other roles: they end when the server finds their client gone
        END;
    END LOOP;
    RETURN QUERY
    UPDATE job_run AS r
    SET status = CASE WHEN may_retry(r, 'failed') THEN 'queued' WHEN r.cancel_requested THEN 'canceled' ELSE 'failed' END,
        reason = 'its daemon gave no more signs of life', due_at = scheduler_now(),
        finished_at = CASE WHEN NOT may_retry(r, 'failed') THEN scheduler_now() END
    FROM unnest(p_ids, p_heartbeats) AS e (id, heartbeat)
    WHERE r.id = e.id AND r.heartbeat = e.heartbeat AND r.status IN ('claimed', 'running')
    RETURNING r.id, r.job, r.owner, r.status;
END
$$;

-- Asks for a run now. It waits for the one that is under way.
CREATE FUNCTION :"schema".request_run(p_job text) RETURNS bigint
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_clock record;
    v_id bigint;
BEGIN
    PERFORM lock_scheduler();
    SELECT c.now, c.era INTO v_clock FROM read_clock() AS c;
    INSERT INTO job_run AS r (job, era, nominal_at, last_nominal_at, trigger, status, due_at)
    VALUES (p_job, v_clock.era, v_clock.now, v_clock.now, 'manual', 'queued', v_clock.now)
    RETURNING r.id INTO v_id;
    PERFORM pg_notify('activityd_jobs', 'run');
    RETURN v_id;
END
$$;

-- Asks the daemons to end what is under way, and returns how many runs that is. What only waits is ended at once.
CREATE FUNCTION :"schema".request_cancel(p_job text) RETURNS bigint
LANGUAGE plpgsql SET search_path = :"schema", pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    PERFORM lock_scheduler();
    UPDATE job_run AS r
    SET cancel_requested = true,
        status = CASE WHEN r.status = 'queued' THEN 'canceled' ELSE r.status END,
        finished_at = CASE WHEN r.status = 'queued' THEN scheduler_now() END
    WHERE r.job = p_job AND r.status IN ('queued', 'claimed', 'running');
    GET DIAGNOSTICS v_count = ROW_COUNT;
    PERFORM pg_notify('activityd_jobs', 'cancel');
    RETURN v_count;
END
$$;

-- The batch of the feed that a materialized view has seen: the view is refreshed when there is a newer one.
CREATE TABLE :"schema".view_refresh (
    view text CONSTRAINT view_refresh_pkey PRIMARY KEY,
    batch bigint NOT NULL,
    refreshed_at timestamptz NOT NULL DEFAULT now()
);

-- Where the recount of old hours goes on, and what it has found.
CREATE TABLE :"schema".reconcile (
    singleton boolean NOT NULL DEFAULT true
        CONSTRAINT reconcile_pkey PRIMARY KEY
        CONSTRAINT reconcile_singleton_check CHECK (singleton),
    next_hour timestamptz,
    checked_hours bigint NOT NULL DEFAULT 0,
    drifted_hours bigint NOT NULL DEFAULT 0,
    -- readers whose data is older than this batch read everything again
    rewritten_batch bigint NOT NULL DEFAULT 0
);
INSERT INTO :"schema".reconcile DEFAULT VALUES;
