# shellcheck shell=bash
# Functions shared by deploy/quickstart, Tests/run and Benchmarks/run. To be sourced, by a script that has set -euo pipefail.

# Where Debian's postgresql-15 puts the server's programs.
postgres_bin=/usr/lib/postgresql/15/bin

say() { printf '==> %s\n' "$*"; }

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}

is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs those of the given Debian packages that are missing, and starts none of their services.
need_packages() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || fail "missing: ${missing[*]} (and this is no Debian, so install them by hand)"
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail "missing: ${missing[*]}; run as root or install sudo"
    fi
    say "installing with apt: ${missing[*]}"
    as_root apt-get update --quiet=2
    as_root bash -s -- "${missing[@]}" <<'INSTALL'
set -euo pipefail
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.conf
undo=()
trap 'for step in "${undo[@]}"; do eval "$step"; done' EXIT
# Debian starts what it installs; we want the programs and nothing running.
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    undo+=('rm -f "$policy"')
fi
export DEBIAN_FRONTEND=noninteractive
for package in "$@"; do
    if [[ $package == postgresql-15 && ! -e $clusters ]]; then
        apt-get install --yes --quiet=2 --no-install-recommends postgresql-common </dev/null >/dev/null
        cp -p "$clusters" "$clusters.before"
        undo+=('mv "$clusters.before" "$clusters"')
        echo 'create_main_cluster = false' >>"$clusters"
    fi
done
apt-get install --yes --quiet=2 --no-install-recommends "$@" </dev/null >/dev/null
for service in redis-server nginx webdis prometheus; do
    if [[ " $* " == *" $service "* && -d /run/systemd/system ]]; then systemctl disable --quiet "$service"; fi
done
INSTALL
}

# What building needs, beside Swift itself.
need_build_packages() {
    command -v swift >/dev/null || fail "swift is not on the PATH; see https://www.swift.org/install/linux/"
    need_packages ca-certificates libpq-dev libhiredis-dev libsystemd-dev zlib1g-dev
}

# Sets $activityd to the release build of the project, the same for all who build one.
build_activityd() {
    local build=(
        # shellcheck disable=SC2154 # the script that sources this sets it
        --package-path "$project" --configuration release --product activityd
        # The package holds Swift's runtime; nothing is looked for beside the program.
        --static-swift-stdlib --disable-local-rpath
        # All addresses of libraries are looked up at the start, and cannot be overwritten later.
        -Xlinker -z -Xlinker now
    )
    need_build_packages
    say "building activityd (the first time takes some minutes)"
    swift build "${build[@]}"
    # shellcheck disable=SC2034 # for the script that sources this
    activityd=$(swift build "${build[@]}" --show-bin-path)/activityd
}

need_servers() {
    need_packages postgresql-15 redis-server
}

is_port_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port tries
    for tries in {1..50}; do
        port=$((20000 + RANDOM % 12000))
        if is_port_free "$port"; then
            echo "$port"
            return
        fi
    done
    fail "no free port found in $tries tries"
}

# Polls a command until it succeeds, for at most so many seconds: wait_until SECONDS COMMAND…
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# A private directory for everything throw-away; sets $scratch. Short, because a socket's path may have 107 bytes.
make_scratch() {
    scratch=$(mktemp -d /tmp/activityd.XXXXXX)
    if ((EUID == 0)); then chown postgres: "$scratch"; fi
}

# Starts PostgreSQL on a unix socket in $scratch, with the given settings (name=value…).
start_postgres() {
    local setting
    as_postgres "$postgres_bin/initdb" --pgdata="$scratch/postgres" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >"$scratch/initdb.out"
    for setting in listen_addresses="''" unix_socket_directories="'$scratch'" fsync=off "$@"; do
        printf '%s\n' "$setting"
    done | as_postgres tee -a "$scratch/postgres/postgresql.conf" >/dev/null
    as_postgres "$postgres_bin/pg_ctl" --pgdata="$scratch/postgres" --log="$scratch/postgres.out" --silent --wait start \
        || { tail -n 20 "$scratch/postgres.out" >&2; fail "PostgreSQL does not start"; }
}

# Starts Redis on a unix socket in $scratch, keeping nothing on disk.
start_redis() {
    redis-server --port 0 --unixsocket "$scratch/redis.sock" --unixsocketperm 700 --save '' --appendonly no \
        --dir "$scratch" --daemonize yes --pidfile "$scratch/redis.pid" --logfile "$scratch/redis.out" >/dev/null
    wait_until 10 redis ping >/dev/null 2>&1 || fail "Redis does not start: $(tail -n 3 "$scratch/redis.out")"
}

redis() { redis-cli -s "$scratch/redis.sock" "$@"; }

# psql on the throw-away server: sql ROLE DATABASE ARGUMENTS…
sql() {
    local role=$1 database=$2
    shift 2
    "$postgres_bin/psql" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
        --host="$scratch" --username="$role" --dbname="$database" "$@"
}

# Asks a process to end, insists after 15 seconds.
stop_process() {
    local pid=$1
    kill -TERM "$pid" 2>/dev/null || return 0
    wait_until 15 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Ends the servers and removes the directory; what was never started is no error.
remove_scratch() {
    [[ -n ${scratch:-} && -d $scratch ]] || return 0
    if [[ -s $scratch/redis.pid ]]; then stop_process "$(<"$scratch/redis.pid")"; fi
    if [[ -s $scratch/postgres/postmaster.pid ]]; then
        as_postgres "$postgres_bin/pg_ctl" --pgdata="$scratch/postgres" --mode=immediate --silent --wait stop || true
    fi
    rm -rf "$scratch"
}

# A Directus database as a real installation has it, and a role for the daemon that owns nothing but its own schema.
create_directus() {
    local sample=$1
    sql postgres postgres --command='CREATE ROLE directus LOGIN' --command='CREATE ROLE activityd LOGIN' \
        --command='CREATE DATABASE directus OWNER directus'
    sql postgres directus --command='ALTER SCHEMA public OWNER TO directus'
    sql directus directus --file="$sample/directus_schema.sql"
    sql postgres directus --command='CREATE SCHEMA activity AUTHORIZATION activityd' \
        --command='CREATE SCHEMA cron AUTHORIZATION activityd'
    sql directus directus --command='GRANT USAGE ON SCHEMA public TO activityd' \
        --command='GRANT SELECT ON directus_activity TO activityd'
}
