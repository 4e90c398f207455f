#!/usr/bin/env bash
# Gets the programs of others that tests and measurements meet, where they are missing, into build/peers/. Called by
# tools/setup.sh test.
#   tools/fetch_peers.sh         those
#   tools/fetch_peers.sh guest   instead a Linux kernel and qemu to boot it in, with boot ROMs, for
#                                tests/interop/guest_test.py and pxe_test.py (100 MB)
#
# They are unpacked there and not installed: nginx's, lighttpd's and webfs's packages enable a service on a port of the
# machine and start it, which nobody asked for who only wants to run our tests. A policy-rc.d of ours would keep them
# from starting now, and not from starting with the machine; and it would stand in the way of others while it is there.
# So no script of a package is run, nothing outside of build/ is written, and no rights are needed. build/peers/bin
# starts each with the libraries that came with it.
# Where that fails (no network, say) it says so, and tests leave out whom they do not find: the end is 0.
set -euo pipefail
cd "$(dirname "$0")/.."

peers=$PWD/build/peers
declare -A packages=([nginx]=nginx-light [lighttpd]=lighttpd [webfsd]=webfs [wget2]=wget2 [aria2c]=aria2 [lftp]=lftp
                     [wrk]=wrk [arping]=iputils-arping [rarpd]=rarpd [slirp]=slirp
                     [smcrouted]=smcroute [tftp]=tftp-hpa [atftp]=atftp [in.tftpd]=tftpd-hpa [atftpd]=atftpd
                     [tnftp]=tnftp [ncftpget]=ncftp [vsftpd]=vsftpd [proftpd]=proftpd-mod-crypto [pure-ftpd]=pure-ftpd
                     [pure-pw]=pure-ftpd [python3-pyftpdlib]=python3-pyftpdlib
                     [dnsmasq]=dnsmasq-base [dhclient]=isc-dhcp-client [dhcpd]=isc-dhcp-server [udhcpc]=udhcpc
                     [udhcpd]=udhcpd [traceroute]=traceroute
                     [rpcinfo]=rpcbind [rpcbind]=rpcbind [showmount]=nfs-common [nmap]=nmap
                     [ganesha.nfsd]=nfs-ganesha-vfs
                     [nfs-ls]=libnfs-utils [nfs-cat]=libnfs-utils [nfs-cp]=libnfs-utils
                     [ovs-vswitchd]=openvswitch-switch
                     [ovsdb-server]=openvswitch-common [ovsdb-tool]=openvswitch-common
                     [ovs-vsctl]=openvswitch-switch [ovs-appctl]=openvswitch-common)
export PATH=$PATH:/usr/sbin:/sbin:$peers/bin

# The packages, and of what they depend on all that is not installed: unpacked below a folder of $peers.
unpack() {
    local root=$peers/$1
    shift
    mkdir -p "$peers/archives/partial" "$root"
    apt-get -qq -o Debug::NoLocking=true -o Dir::Cache::archives="$peers/archives" -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=20 -o APT::Sandbox::User="$(id -un)" --no-install-recommends --download-only \
        -y install "$@" > "$peers/apt.log" 2>&1 || return 1
    local archive
    for archive in "$peers"/archives/*.deb; do
        [[ ! -e $archive ]] || { dpkg-deb -x "$archive" "$root" && rm "$archive"; } || return 1
    done
}

if [[ ${1:-} == guest ]]; then
    unpack guest qemu-system-x86 ipxe-qemu seabios ovmf ipxe linux-image-amd64 busybox-static nfs-kernel-server \
        nfs-common rpcbind
    exit
fi

missing=()
for tool in "${!packages[@]}"; do
    command -v "$tool" > /dev/null || missing+=("$tool")
done
((${#missing[@]})) || exit 0
if ! command -v apt-get > /dev/null || ! command -v dpkg-deb > /dev/null; then
    echo "fetch_peers: tests leave out ${missing[*]}: this is not a Debian system" >&2
    exit 0
fi

# A script that starts a program that lies in our folder.
write_starter() {
    local tool=$1 file folders options=
    [[ -d $peers/root ]] || return 1
    # A module: its starter is a Python that knows it.
    if [[ $tool == python3-pyftpdlib ]]; then
        folders=$peers/root/usr/lib/python3/dist-packages
        [[ -d $folders/pyftpdlib ]] || return 1
        mkdir -p "$peers/bin"
        printf "#!/bin/sh\nPYTHONPATH='%s' exec /usr/bin/python3 \"\$@\"\n" "$folders" > "$peers/bin/$tool"
        chmod 755 "$peers/bin/$tool"
        return
    fi
    file=$(find "$peers/root" -path "*bin/$tool" \( -type f -o -type l \) | head -n 1)
    # Alternatives, which only an installation chooses from, are beside it.
    [[ $tool != traceroute ]] || file=$(find "$peers/root" -path "*bin/$tool.db" -type f | head -n 1)
    [[ $tool != ovs-vswitchd ]] || file=$(find "$peers/root" -path "*/openvswitch-switch/$tool" | head -n 1)
    [[ -n $file ]] || return 1
    folders=$(find "$peers/root" -name '*.so*' -path '*/*-linux-gnu*/*' -printf '%h\n' | sort -u | paste -s -d :)
    folders+=:$peers/root/usr/lib  # of libwget0
    [[ $tool != ganesha.nfsd ]] || folders+=:$peers/root/usr/lib/ganesha
    [[ $tool != lighttpd ]] || options=" -m '$peers/root/usr/lib/lighttpd'"
    mkdir -p "$peers/bin"
    printf "#!/bin/sh\nLD_LIBRARY_PATH='%s' exec '%s'%s \"\$@\"\n" "$folders" "$file" "$options" > "$peers/bin/$tool"
    chmod 755 "$peers/bin/$tool"
}

echo "fetch_peers: unpacking in build/peers: ${missing[*]}"
wanted=()
for tool in "${missing[@]}"; do wanted+=("${packages[$tool]}"); done
# One that this Debian does not have keeps nobody from having the others.
mapfile -t known < <(apt-cache show "${wanted[@]}" 2> /dev/null | sed -n 's/^Package: //p' | sort -u)
# Servers of one port cannot be installed beside each other (atftpd, tftpd-hpa; those of FTP), but unpacked.
conflicting=(atftpd vsftpd proftpd-mod-crypto pure-ftpd)
for package in "${conflicting[@]}"; do
    [[ " ${known[*]} " != *" $package "* ]] || unpack root "$package" || true
    for i in "${!known[@]}"; do [[ ${known[i]} != "$package" ]] || unset "known[i]"; done
done
((${#known[@]} == 0)) || unpack root "${known[@]}" || true
left_out=()
for tool in "${missing[@]}"; do write_starter "$tool" || left_out+=("$tool"); done
if ((${#left_out[@]})); then
    echo "fetch_peers: tests leave out ${left_out[*]}: no packages of theirs could be had;" \
        "'apt-get update' may help" >&2
fi
