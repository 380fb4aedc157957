# shellcheck shell=bash
# What `deploy/quickstart --check` verifies. To be sourced after lib.sh.
# shellcheck disable=SC2154 # $project, $port, $rows, $scratch and $daemon are set by quickstart
# Conditions are chained with &&: `set -e` does not reach into what wait_until calls.

# The naive questions, asked of the raw table. Windows begin on a whole hour and include the hour that is running.
in_window() {
    printf "\"timestamp\" >= date_trunc('hour', now()) - interval '%s' AND \"timestamp\" < date_trunc('hour', now()) + interval '1 hour'" "$1"
}

ask() { sql directus directus --tuples-only --no-align --command="$1"; }

# One line of JSON from the raw table: rows_as_json 'SELECT …'
rows_as_json() { ask "SELECT coalesce(json_agg(answer), '[]') FROM ($1) AS answer"; }

url() { printf 'http://127.0.0.1:%s%s' "$port" "$1"; }

get() { curl --silent --show-error --fail --max-time 20 "$(url "$1")"; }

headers() { curl --silent --show-error --max-time 20 --output /dev/null --dump-header - "$@" | tr -d '\r'; }

# Equal as JSON, whatever the order of keys.
same_json() {
    local left right
    left=$(jq --sort-keys --compact-output . <<<"$1")
    right=$(jq --sort-keys --compact-output . <<<"$2")
    if [[ -n $left && $left == "$right" ]]; then return; fi
    printf 'served:   %.600s\nexpected: %.600s\n' "$left" "$right" >&2
    return 1
}

failures=0
checks=0

# check WHAT COMMAND…: tries for 15 seconds, since windows move with the clock, and shows the last try's reasons.
check() {
    local what=$1
    shift
    checks=$((checks + 1))
    if wait_until 15 "$@" 2>"$scratch/reason"; then
        printf '  ok    %s\n' "$what"
    else
        failures=$((failures + 1))
        printf '  FAIL  %s\n' "$what"
        tail -n 2 "$scratch/reason" | sed 's/^/        /'
    fi
}

check_everything() {
    local since=$SECONDS
    # First feed and first build together: a minute for each million rows is generous.
    if ! wait_until $((120 + rows / 10000)) has_everything; then
        tail -n 40 "$scratch/activityd.out" >&2
        fail "after $((SECONDS - since)) s activityd has not counted $rows rows"
    fi
    say "ready, all $rows rows counted after $((SECONDS - since)) s"
    check_reading
    check_protocol
    check_redis
    check_views
    check "a new row is in the dashboard within 15 s" follows_new_rows "$(total)" "$(trickle_once)"
    check_alerts
    if ((failures)); then
        tail -n 40 "$scratch/activityd.out" >&2
        printf '%d of %d checks failed\n' "$failures" "$checks"
        return 1
    fi
    printf 'all %d checks hold\n' "$checks"
}

has_everything() {
    ! is_gone "$daemon" || { tail -n 40 "$scratch/activityd.out" >&2; fail "activityd ended"; }
    curl --silent --fail --output /dev/null --max-time 5 "$(url /readyz)" && [[ $(total 2>/dev/null) == "$rows" ]]
}

# Rows in the 90-day window, which holds the whole sample.
total() { get '/api/activity/dashboard?days=90' | jq .data.summary.totalActivity; }

check_reading() {
    check "/livez" answers_200 /livez
    check "/readyz" answers_200 /readyz
    check "/api/health" health_is_good
    local days
    for days in 1 7 30 90; do
        check "dashboard?days=$days: summary equals SQL" summary_equals "$days"
    done
    check "dashboard?days=7: parts have their shapes" dashboard_has_its_parts
    check "dashboard?days=13 (on demand): summary equals SQL" summary_equals 13
    check "collections?days=7 equals SQL" list_equals '/api/activity/collections?days=7' "
        SELECT collection, count(*), count(DISTINCT \"user\") AS \"countDistinct_user\",
            count(DISTINCT ip) AS \"countDistinct_ip\"
        FROM directus_activity WHERE $(in_window '7 days')
        GROUP BY collection ORDER BY count(*) DESC, collection COLLATE \"C\""
    check "actions?days=30 equals SQL" list_equals '/api/activity/actions?days=30' "
        SELECT action, count(*), count(DISTINCT \"user\") AS \"countDistinct_user\",
            count(DISTINCT ip) AS \"countDistinct_ip\"
        FROM directus_activity WHERE $(in_window '30 days')
        GROUP BY action ORDER BY count(*) DESC, action COLLATE \"C\""
    check "hourly?hours=48&action=create equals SQL" hourly_equals 48 create
    check "ips?days=7&minActivity=10&limit=50 equals SQL" list_equals '/api/activity/ips?days=7&minActivity=10&limit=50' "
        SELECT ip, count(*), count(DISTINCT collection) AS \"countDistinct_collection\",
            count(DISTINCT \"user\") AS \"countDistinct_user\", count(DISTINCT action) AS \"countDistinct_action\"
        FROM directus_activity WHERE ip IS NOT NULL AND $(in_window '7 days')
        GROUP BY ip HAVING count(*) >= 10 ORDER BY count(*) DESC, ip COLLATE \"C\" LIMIT 50" \
        'map(del(.riskLevel, .activityScore))'
    check "users?days=30&limit=50 equals SQL" list_equals '/api/activity/users?days=30&limit=50' "
        SELECT \"user\" AS \"userId\", count(*), count(DISTINCT collection) AS \"countDistinct_collection\",
            count(DISTINCT ip) AS \"countDistinct_ip\"
        FROM directus_activity WHERE \"user\" IS NOT NULL AND $(in_window '30 days')
        GROUP BY \"user\" ORDER BY count(*) DESC, \"user\" LIMIT 50" \
        'map(del(.lastSeen))'
    check "users/:id?days=30 equals SQL" user_equals
    check "users/:id of nobody is 404" answers 404 '/api/activity/users/00000000-0000-4000-8000-000000000000?days=30'
    check "security/alerts?hours=24&threshold=1 equals SQL" alerts_equal
}

# As a person with psql, by unqualified names.
check_views() {
    check "mv_activity_daily_summary equals SQL" view_equals "
        SELECT date, collection, action, activity_count, unique_users, unique_ips FROM mv_activity_daily_summary" "
        SELECT (\"timestamp\" AT TIME ZONE 'UTC')::date AS date, collection, action, count(*) AS activity_count,
            count(DISTINCT \"user\") AS unique_users, count(DISTINCT ip) AS unique_ips
        FROM directus_activity GROUP BY 1, 2, 3"
    check "mv_activity_hourly_stats equals SQL" view_equals "
        SELECT hour, collection, action, activity_count, last_activity FROM mv_activity_hourly_stats" "
        SELECT date_trunc('hour', \"timestamp\", 'UTC') AS hour, collection, action, count(*) AS activity_count,
            max(\"timestamp\") AS last_activity
        FROM directus_activity WHERE $(in_window '30 days') GROUP BY 1, 2, 3"
}

# view_equals OURS NAIVE
view_equals() {
    same_json "$(sql activity_reader directus --tuples-only --no-align --command="
        SELECT json_agg(answer ORDER BY answer::text COLLATE \"C\") FROM ($1) AS answer")" "$(ask "
        SELECT json_agg(answer ORDER BY answer::text COLLATE \"C\") FROM ($2) AS answer")"
}

answers_200() { answers 200 "$1"; }

answers() {
    local status
    status=$(curl --silent --max-time 20 --output /dev/null --write-out '%{http_code}' "$(url "$2")") || true
    [[ $status == "$1" ]] || { echo "status $status, not $1" >&2; return 1; }
}

health_is_good() {
    get /api/health | jq --exit-status '.success and (.timestamp | type == "string")
        and (.components.feed.lastBatch | has("rows") and has("seconds"))
        and (.components.precompute.lastRefresh | has("total") and has("documents"))
        and .components.precompute.generation >= 1 and .process.residentBytes > 0' >/dev/null
}

summary_equals() {
    same_json "$(get "/api/activity/dashboard?days=$1" | jq '.data.summary | del(.period)')" "$(ask "
        SELECT json_build_object('totalActivity', count(*), 'uniqueUsers', count(DISTINCT \"user\"),
            'uniqueIPs', count(DISTINCT ip))
        FROM directus_activity WHERE $(in_window "$1 days")")"
}

dashboard_has_its_parts() {
    get '/api/activity/dashboard?days=7' | jq --exit-status '.success and (.data |
        .summary.period == "7 days" and (.collections | length >= 20) and (.actions | length >= 5) and (.hourly | length <= 168)
        and (.topIPs | length == 10) and (.topUsers | length == 10))
        and (.meta | has("generation") and has("computedAt") and has("dataThrough") and has("from") and has("to"))' >/dev/null
}

# list_equals PATH SQL [FILTER]: the document's data, after the filter, is what SQL says, in the same order.
list_equals() {
    same_json "$(get "$1" | jq ".data | ${3:-.}")" "$(rows_as_json "$2")"
}

hourly_equals() {
    same_json "$(get "/api/activity/hourly?hours=$1&action=$2" | jq '[.data[] | select(.total > 0) | {total, uniqueUsers}]')" \
        "$(rows_as_json "
            SELECT count(*) AS total, count(DISTINCT \"user\") AS \"uniqueUsers\"
            FROM directus_activity WHERE action = '$2' AND $(in_window "$1 hours")
            GROUP BY date_trunc('hour', \"timestamp\") ORDER BY date_trunc('hour', \"timestamp\")")"
}

user_equals() {
    local user
    user=$(get '/api/activity/users?days=30&limit=5' | jq --raw-output '.data[4].userId')
    same_json "$(get "/api/activity/users/$user?days=30" | jq '.data | [.userId, .summary]')" "$(ask "
        SELECT json_build_array('$user', json_build_object('count', count(*),
            'countDistinct_collection', count(DISTINCT collection), 'countDistinct_ip', count(DISTINCT ip)))
        FROM directus_activity WHERE \"user\" = '$user' AND $(in_window '30 days')")"
}

# The window's bounds are taken from the document, because they are exact to the second.
alerts_equal() {
    local served bounds
    served=$(get '/api/activity/security/alerts?hours=24&threshold=1')
    bounds=$(jq --raw-output '"\"timestamp\" >= '"'\(.meta.from)'"' AND \"timestamp\" < '"'\(.meta.to)'"'"' <<<"$served")
    same_json "$(jq '[.count, (.data | map([.ip, .count]))]' <<<"$served")" "$(ask "
        WITH address AS (
            SELECT ip, count(*) AS events,
                (count(*) > 500)::int + (count(*) > 200)::int + (count(*) > 100)::int
                    + (count(DISTINCT collection) > 10)::int + (count(DISTINCT collection) > 5)::int
                    + (count(DISTINCT action) > 4)::int AS points
            FROM directus_activity WHERE ip IS NOT NULL AND $bounds GROUP BY ip
        )
        SELECT json_build_array(count(*), coalesce(
            json_agg(json_build_array(ip, events) ORDER BY events DESC, ip COLLATE \"C\"), '[]'))
        FROM address WHERE points >= 2")"
}

check_protocol() {
    check "ETag and If-None-Match: 304 without a body" revalidates '/api/activity/collections?days=7'
    check "gzip says and holds the same" gzip_equals '/api/activity/dashboard?days=7'
    check "HEAD answers as GET, without a body" head_equals '/api/activity/collections?days=7'
    check "days=0 is 400 and names the parameter" refuses '/api/activity/dashboard?days=0' days
    check "an unknown parameter is 400 and named" refuses '/api/activity/dashboard?daze=7' daze
}

revalidates() {
    local etag answer
    etag=$(headers "$(url "$1")" | sed -n 's/^[Ee][Tt][Aa][Gg]: //p')
    [[ -n $etag ]] || { echo "no ETag" >&2; return 1; }
    answer=$(curl --silent --max-time 20 --output /dev/null --write-out '%{http_code} %{size_download}' \
        --header "If-None-Match: $etag" "$(url "$1")")
    [[ $answer == "304 0" ]] || { echo "status and size: $answer" >&2; return 1; }
}

gzip_equals() {
    headers --header 'Accept-Encoding: gzip' "$(url "$1")" | grep --quiet --ignore-case '^content-encoding: gzip$' \
        || { echo "no Content-Encoding: gzip" >&2; return 1; }
    same_json "$(curl --silent --fail --max-time 20 --compressed "$(url "$1")" | jq .data)" "$(get "$1" | jq .data)"
}

head_equals() {
    local head body
    head=$(headers --head "$(url "$1")")
    body=$(get "$1" | wc -c)
    if [[ $head != 'HTTP/1.1 200'* ]] || ! grep --quiet --ignore-case "^content-length: $body\$" <<<"$head"; then
        printf 'GET has %s bytes, HEAD says: %s\n' "$body" "${head//$'\n'/ | }" >&2
        return 1
    fi
}

refuses() {
    answers 400 "$1" || return 1
    headers "$(url "$1")" | grep --quiet --ignore-case '^content-type: application/problem+json' \
        || { echo "not application/problem+json" >&2; return 1; }
    curl --silent --max-time 20 "$(url "$1")" | jq --exit-status --arg name "$2" '.status == 400 and .success == false
        and has("type") and has("title") and has("requestId") and has("error") and (.detail | contains($name))' >/dev/null
}

check_redis() {
    check "Redis: activity:dashboard:7d is what HTTP serves" redis_equals activity:dashboard:7d '/api/activity/dashboard?days=7'
    check "Redis: activity:hourly:24h:create is what HTTP serves" redis_equals activity:hourly:24h:create '/api/activity/hourly?hours=24&action=create'
    check "Redis: activity:generation has its fields" generation_is_complete
}

redis_equals() { same_json "$(redis --raw GET "$1")" "$(get "$2")"; }

generation_is_complete() {
    local field value
    for field in generation computedAt dataThrough fence; do
        value=$(redis --raw HGET activity:generation "$field")
        [[ -n $value ]] || { echo "no field $field" >&2; return 1; }
    done
    [[ $(redis --raw HGET activity:generation generation) =~ ^[0-9]+$ ]]
}

check_alerts() {
    delete_many
    check "25 deletions are one alert in the stream of Redis" is_alert MASS_DELETE
    check "reported sign-ins are accepted" reports_failures
    check "5 of them are one alert in the stream of Redis" is_alert BRUTE_FORCE
}

delete_many() {
    sql directus directus --command="INSERT INTO directus_activity (action, \"user\", ip, collection, item)
        SELECT 'delete', 'dddddddd-0000-4000-8000-000000000000', '198.51.100.9', 'articles', n::text
        FROM generate_series(1, 25) AS n"
}

reports_failures() {
    local events
    events=$(jq --null-input '[range(5) | {ip: "203.0.113.99", email: "ann@example.com", outcome: "failure", id: "check \(.)"}]')
    curl --silent --show-error --fail --max-time 20 --header 'Content-Type: application/json' --data "$events" \
        "$(url /api/activity/auth-events)" | jq --exit-status '.success and .accepted + .duplicates == 5' >/dev/null
}

# Whether the stream has exactly one firing event of a type, with the sequence of its entry.
is_alert() {
    redis --raw XRANGE activity:alerts:stream - + | grep '^{' | jq --slurp --exit-status --arg type "$1" \
        '[.[] | select(.type == "activityd.alert.firing" and .data.alertType == $type)]
            | length == 1 and (.[0].sequence | tonumber > 0)' >/dev/null \
        || { echo "the stream has no such alert, or more than one" >&2; return 1; }
}

# Inserts a few rows and prints how many.
trickle_once() {
    local before
    before=$(ask 'SELECT count(*) FROM directus_activity')
    sql directus directus --set=rows=7 --file="$project/sql/sample/trickle.sql"
    ask "SELECT count(*) - $before FROM directus_activity"
}

follows_new_rows() {
    local now
    now=$(total)
    ((now == $1 + $2)) || { echo "total $now, not $1 + $2" >&2; return 1; }
}
