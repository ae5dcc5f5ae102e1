#!/bin/sh
# Says by its exit status whether a device or a network is near: 0 near, 1 away, 2 it cannot be found out.
# For `iampass-phone presence --command`. README.md beside it says how.
#
#   near.sh bluetooth ADDRESS [WEAKEST]   a paired device that is connected to this computer
#   near.sh wifi NAME [WEAKEST]           the network that this computer is in
#
# WEAKEST is the weakest signal that is near, in dBm: -70 unless given. NEAR_TRIES is how many looks make it away: 3 unless set.

set -u

usage() {
    echo "usage: near.sh bluetooth ADDRESS [WEAKEST] | wifi NAME [WEAKEST]" >&2
    exit 2
}

[ $# -ge 2 ] && [ $# -le 3 ] || usage
kind=$1
wanted=$2
weakest=${3:--70}
tries=${NEAR_TRIES:-3}
pause=${NEAR_PAUSE:-2}
case $weakest in
    -[0-9] | -[0-9][0-9] | -1[0-9][0-9]) ;;
    *) usage ;;
esac

# The programs are to answer in English.
LC_ALL=C
export LC_ALL

# Whether a signal in dBm is strong enough.
strong() {
    [ "$1" -ge "$weakest" ]
}

# A device that is connected is near, unless its signal is known and weak. One that is not connected and answers an inquiry has a signal as well.
bluetooth() {
    command -v bluetoothctl >/dev/null || return 2
    # A controller that is missing or off finds nobody: that is no answer.
    bluetoothctl show 2>/dev/null | grep -q '^[[:space:]]*Powered: yes' || return 2
    info=$(bluetoothctl info "$wanted" 2>/dev/null) || info=
    # `RSSI: -60`, or `RSSI: 0xffffffc4 (-60)` in newer versions.
    signal=$(printf '%s\n' "$info" | sed -n 's/^[[:space:]]*RSSI:.*\(-[0-9][0-9]*\))*$/\1/p')
    if [ -n "$signal" ]; then
        strong "$signal"
    else
        printf '%s\n' "$info" | grep -q '^[[:space:]]*Connected: yes'
    fi
}

wifi() {
    if command -v iw >/dev/null; then
        wifi_by_iw
    elif command -v nmcli >/dev/null; then
        wifi_by_nmcli
    else
        return 2
    fi
}

wifi_by_iw() {
    interfaces=$(iw dev 2>/dev/null | sed -n 's/^[[:space:]]*Interface //p') || return 2
    [ -n "$interfaces" ] || return 2
    for interface in $interfaces; do
        link=$(iw dev "$interface" link 2>/dev/null) || continue
        name=$(printf '%s\n' "$link" | sed -n 's/^[[:space:]]*SSID: //p')
        signal=$(printf '%s\n' "$link" | sed -n 's/^[[:space:]]*signal: \(-[0-9][0-9]*\).*/\1/p')
        [ "$name" = "$wanted" ] && [ -n "$signal" ] && strong "$signal" && return 0
    done
    return 1
}

# NetworkManager gives the signal in percent: 100 is -50 dBm and more, 0 is -100 dBm and less.
wifi_by_nmcli() {
    list=$(nmcli -t -f ACTIVE,SIGNAL,SSID device wifi list --rescan no 2>/dev/null) || return 2
    percent=$(printf '%s\n' "$list" | sed -n 's/\\\(.\)/\1/g; s/^yes:\([0-9][0-9]*\):\(.*\)$/\1 \2/p' |
        while read -r signal name; do [ "$name" = "$wanted" ] && echo "$signal" && break; done)
    [ -n "$percent" ] && strong $((percent / 2 - 100))
}

case $kind in
    bluetooth | wifi) ;;
    *) usage ;;
esac

# Signals come and go. It is away when several looks in a row say so.
try=1
while :; do
    "$kind"
    found=$?
    [ "$found" -eq 1 ] && [ "$try" -lt "$tries" ] || exit "$found"
    try=$((try + 1))
    sleep "$pause"
done
