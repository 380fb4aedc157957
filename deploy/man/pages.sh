#!/usr/bin/env bash
# Manual pages: commands and options from the program, keys and jobs from the tables of README.md, which a test compares
# with the program; the rest is written in the pages beside this file.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'USAGE'
usage: deploy/man/pages.sh PROGRAM VERSION DATE DIRECTORY

Writes activityd.8 and activityd.yaml.5 into DIRECTORY, with VERSION and DATE in their margins.
USAGE
}

main() {
    (($# == 4)) || { usage >&2 && exit 64; }
    local program=$1 directory=$4 parts
    margins=(-e "s/@VERSION@/$2/" -e "s/@DATE@/$3/")
    parts=$(mktemp -d)
    # Not in its own quotes only: the name is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$parts'" EXIT
    "$program" --experimental-dump-help | commands >"$parts/commands"
    keys <"$here/../../README.md" >"$parts/keys"
    jobs_of_daemon <"$here/../../README.md" >"$parts/jobs"
    page activityd.8 COMMANDS "$parts/commands" >"$directory/activityd.8"
    page activityd.yaml.5 KEYS "$parts/keys" JOBS "$parts/jobs" >"$directory/activityd.yaml.5"
}

# A page with lines such as @KEYS@ replaced by what a file holds: page PAGE NAME FILE…
page() {
    local page=$1 edits=("${margins[@]}")
    shift
    while (($#)); do
        [[ -s $2 ]] || { printf 'nothing found for %s\n' "$1" >&2 && exit 1; }
        edits+=(-e "/^@$1@\$/{r $2" -e 'd}')
        shift 2
    done
    sed "${edits[@]}" "$here/$page"
}

# A section for each command, with the options that not every command has.
commands() {
    jq --raw-output '
        # Two hyphens begin an option, a line that begins with a dot or a quote would be a request.
        def roff: gsub("\\\\"; "\\e") | gsub("--"; "\\-\\-") | gsub("(?<start>^|\n)(?<sign>[.'\''])"; "\(.start)\\&\(.sign)");
        def name: "\\fB\(if .kind == "short" then "\\-" else "\\-\\-" end)\(.name)\\fR";
        def value: "\\fI\(.valueName // "value" | ascii_upcase)\\fR";
        def option:
            if .kind == "positional" then value
            else ([.names[] | name] | join(", ")) + (if .kind == "option" then " " + value else "" end) end;
        def isCommon: [.names[]?.name] | any(. == "config" or . == "set" or . == "help" or . == "version");
        def section($path):
            "\($path) \(.commandName)" as $full
            | ([.arguments[]? | select(.shouldDisplay and (isCommon | not))]) as $options
            | ([.subcommands[]? | select(.shouldDisplay and .commandName != "help")]) as $below
            | if ($below | length) > 0 then $below[] | section($full)
              else
                ".SS \($full | ltrimstr(" ")) \([$options[] | select(.kind == "positional") | value] | join(" "))" ,
                (.abstract | roff),
                (.discussion // empty | ".PP\n" + roff),
                ($options[] | ".TP\n\(option)\n\(.abstract // "" | roff)")
              end;
        .command.subcommands[] | select(.shouldDisplay and .commandName != "help") | section("activityd")
    '
}

# Of tables with a key, a variable, a default, what is accepted, and what it is.
keys() {
    awk -F ' *[|] *' '
        function roff(text) {
            # A URL may be broken where an optional part of it begins.
            gsub(/\\/, "\\e", text); gsub(/\]\[/, "]\\:[", text); gsub(/--/, "\\-\\-", text); gsub(/`/, "", text)
            sub(/^[.'\'']/, "\\\\\\&&", text)
            return text
        }
        $2 == "key" && $3 == "variable" { table = 1; next }
        !/^[|]/ { table = 0 }
        table && $2 !~ /^-+$/ {
            printf ".TP\n\\fB%s\\fR, \\fB%s\\fR\n%s.\n", roff($2), roff($3), roff($6)
            printf "Accepted: %s.\n", roff($5)
            if ($4 != "") printf "Default: %s.\n", roff($4)
        }
    '
}

# Of the table with a job, its schedule, its policies, and what it does.
jobs_of_daemon() {
    awk -F ' *[|] *' '
        $2 == "job" && $3 == "schedule" { table = 1; next }
        !/^[|]/ { table = 0 }
        table && $2 !~ /^-+$/ {
            gsub(/`/, "")
            printf ".TP\n\\fB%s\\fR, %s\n%s.\nOverlap %s, catch-up %s, retries %s.\n", $2, $3, $7, $4, $5, $6
        }
    '
}

main "$@"
