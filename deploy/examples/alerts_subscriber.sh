#!/usr/bin/env bash
# Prints every alert once and in order, with redis-cli alone, whatever happens to Redis or to this script.
#
#   alerts_subscriber.sh STATE-FILE [URL [PREFIX]]      by default redis://127.0.0.1:6379 and activity:
#
# It reads the stream and not the channel, so nothing can be missed: XREAD BLOCK returns as soon as there is an alert
# after the last one that was handled, whose number is kept in the file. For the password, set REDISCLI_AUTH. Replace
# `handle` by what should be done; it may be called twice for one alert if the machine stops between the two.
set -euo pipefail

state=${1:?a file that keeps the number of the last alert handled}
url=${2:-redis://127.0.0.1:6379}
stream=${3:-activity:}alerts:stream

handle() { printf '%s\n' "$1"; }

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# One line for the id of an entry, one for the name of the field and one for the event: JSON has no line breaks. The
# time limit is for a server that went away without a word.
redis() { timeout 15 redis-cli -u "$url" --raw "$@"; }

save() {
    printf '%s\n' "$1" >"$state.new"
    mv "$state.new" "$state"
}

# The very first start begins with what is new.
begin() {
    local answer
    answer=$(redis XREVRANGE "$stream" + - COUNT 1) || return 1
    case $answer in
        '') save 0 ;;
        [0-9]*-0$'\n'*) save "${answer%%-*}" ;;
        *) note "trying again: $answer"; return 1 ;;
    esac
}

# Handles entries from standard input, as XREAD writes them after the name of the stream.
take() {
    local last=$1 id field event
    while read -r id && read -r field && read -r event; do
        if [[ ! $id =~ ^[0-9]+-0$ || $field != event ]]; then return 1; fi
        if ((${id%-0} > last + 1)); then note "$((last + 1)) to $((${id%-0} - 1)) are not in the stream any more"; fi
        handle "$event"
        last=${id%-0}
        save "$last"
    done
}

until [[ -s $state ]] || begin; do sleep 1; done
while true; do
    last=$(<"$state")
    # With BLOCK the server answers at once when there is something, or nothing after ten seconds.
    if ! answer=$(redis XREAD COUNT 100 BLOCK 10000 STREAMS "$stream" "$last-0"); then
        sleep 1
    elif [[ $answer == "$stream"$'\n'* ]]; then
        take "$last" <<<"${answer#*$'\n'}"
    elif [[ -n $answer ]]; then
        # An error of the server, such as LOADING.
        note "trying again: $answer"
        sleep 1
    fi
done
