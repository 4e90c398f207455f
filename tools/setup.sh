#!/usr/bin/env bash
# Installs the Debian packages that are missing: tools/setup.sh [run] [build] [test] [package] [lint] [fuzz] [coverage]
# `run` is what the program alone needs to be built, `build` what everything does, `test` what the tests meet beside;
# servers and clients that they can do without are not installed (tools/fetch_peers.sh).
# With nothing missing it needs no rights and no network. Otherwise it installs as root or through sudo; where neither
# is to be had it prints the one line to run, and fails.
set -euo pipefail

declare -A sets=(
    [run]="g++ make cmake ninja-build ccache
           libboost1.81-dev libssl-dev libcrypt-dev zlib1g-dev libfmt-dev libcli11-dev libpcap-dev libedit-dev
           libqrencode-dev libidn2-dev"
    [build]="libgtest-dev libgmock-dev libbenchmark-dev python3"
    [test]="pkg-config ca-certificates iproute2 iputils-ping iputils-tracepath netcat-openbsd socat procps curl
            wget tcpdump busybox zsh fish mandoc groff-base man-db dpkg-dev file"
    [package]="dpkg-dev file"
    [lint]="clang-19 clang-format-19 clang-tidy-19"
    [fuzz]="clang-19 libclang-rt-19-dev"
    [coverage]="gcovr"
)

# Who builds everything builds the program too, and who tests has built everything.
wanted=()
for set in "${@:-build}"; do
    if [[ -z ${sets[$set]:-} ]]; then
        echo "setup: there is no set '$set'; choose from: ${!sets[*]}" >&2
        exit 2
    fi
    # shellcheck disable=SC2206  # the words of the lists are wanted one by one
    case $set in
        build) wanted+=(${sets[run]} ${sets[build]}) ;;
        test) wanted+=(${sets[run]} ${sets[build]} ${sets[test]}) ;;
        *) wanted+=(${sets[$set]}) ;;
    esac
done

if ! command -v dpkg-query > /dev/null; then
    echo "setup: this is not a Debian system; please install what matches: ${wanted[*]}" >&2
    exit 0
fi

# A package counts as there when dpkg says "installed", also in a name with its architecture.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2> /dev/null |
    sed -n 's/^installed //p' || true)
missing=()
for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<< "$installed" || missing+=("$package")
done
fetch_peers() {
    [[ " $* " != *" test "* ]] || "${BASH_SOURCE[0]%/*}/fetch_peers.sh"
}
if ((${#missing[@]} == 0)); then
    fetch_peers "$@"
    exit 0
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

as_root=()
if ((EUID != 0)); then
    if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
        as_root=(sudo -n)
    elif command -v sudo > /dev/null && [[ -t 0 && -t 2 ]]; then
        echo "setup: installing needs sudo: ${missing[*]}" >&2
        as_root=(sudo)
    else
        echo "setup: these packages are missing and can only be installed by root. Please run:" >&2
        echo "    su -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'" >&2
        exit 1
    fi
fi

echo "setup: installing ${missing[*]}"
# A failed update is not the end: the lists at hand may do.
apt update -qq || echo "setup: apt-get update reported errors; trying with the package lists at hand" >&2
if ! apt install -y -qq --no-install-recommends "${missing[@]}"; then
    echo "setup: apt-get could not install: ${missing[*]}" >&2
    exit 1
fi
fetch_peers "$@"
